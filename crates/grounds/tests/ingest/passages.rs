//! What search sees.

use grounds_core::SourceKind;

use super::support::{of_kind, passages, plan_new, read, read_with};

/// The passages of a file, one a line: citation, headings, size or text.
fn shown(name: &str, text: &str) -> String {
    let parsed = read_with(name, text, &of_kind(SourceKind::Regulation));
    let text = parsed.text.clone();
    let (batch, _) = plan_new(vec![parsed]);
    let show = |passage: &grounds_core::PassageRow| {
        let words = passage.span.of(&text).expect("inside");
        let words = if words.len() > 60 { format!("{} bytes", words.len()) } else { words.replace('\n', " ") };
        format!("{} [{}] {words}", passage.pinpoint, passage.headings)
    };
    passages(&batch).iter().map(show).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_paragraph_is_a_passage_with_its_points() {
    assert_eq!(
        shown("code.md", include_str!("samples/code.md")),
        "\
BC preamble [] Having regard to nature.
BC art. 1(1) [Hives > Definitions] 164 bytes
BC art. 2(1) [Hives > Duties] 92 bytes
BC art. 2(2) [Hives > Duties] 63 bytes
BC art. 2a [Hives > One sentence only] Hives are green.
BC annex I para. 1 [Colours] 1. Green is a colour."
    );
}

#[test]
fn long_paragraphs_are_divided_at_points_and_definitions_always() {
    let long = "word ".repeat(200);
    let law = format!(
        "### Article 1 — Lists\n\n1. Introduction:\n\n(a) {long};\n\n(b) {long}.\n\n### Article 2 — Definitions\n\n\
         For the purposes of this Law:\n\n(1) a is b;\n\n(2) c is d;\n\n(3) e is f;\n\n(4) g is h.\n"
    );
    assert_eq!(
        shown("law.md", &law),
        "\
law art. 1(1) [Lists] 1. Introduction:
law art. 1(1)(a) [Lists] 1005 bytes
law art. 1(1)(b) [Lists] 1005 bytes
law art. 2 [Definitions] For the purposes of this Law:
law art. 2(1) [Definitions] (1) a is b;
law art. 2(2) [Definitions] (2) c is d;
law art. 2(3) [Definitions] (3) e is f;
law art. 2(4) [Definitions] (4) g is h."
    );
}

#[test]
fn running_text_is_joined_and_divided_at_sentences() {
    let text =
        format!("{}\n\nShort.\n\nAlso short.\n\n{}", "A sentence of some words. ".repeat(100), "No end ".repeat(300));
    let parsed = read("text.txt", &text);
    let text = parsed.text.clone();
    let (batch, _) = plan_new(vec![parsed]);
    let pieces: Vec<&str> = passages(&batch).iter().map(|passage| passage.span.of(&text).unwrap_or_default()).collect();
    assert!(pieces.iter().all(|piece| piece.len() <= 1_800));
    assert!(pieces[0].ends_with("words."));
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&pieces.join(" ")), words(&text), "nothing is lost");
}
