// Marks the quoted words of the claim under the pointer, and brings them into view when it is chosen.
for (const link of document.querySelectorAll("[data-quote]")) {
  const quoted = () => document.querySelectorAll(`mark[data-quotes~="${link.dataset.quote}"]`);
  const show = (on) => quoted().forEach((mark) => mark.classList.toggle("chosen", on));
  const card = link.closest(".finding, blockquote, tr") || link;
  card.addEventListener("mouseenter", () => show(true));
  card.addEventListener("mouseleave", () => show(false));
  link.addEventListener("click", (event) => {
    event.preventDefault();
    quoted()[0]?.scrollIntoView({ block: "center", behavior: "smooth" });
  });
}
