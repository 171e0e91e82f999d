//! Markdown with front matter.

use grounds_core::{SourceKind, UnitKind};

use super::support::{of_kind, outline, read, read_with, text_of};

const CODE: &str = include_str!("samples/code.md");
const DECISION: &str = include_str!("samples/decision.md");

#[test]
fn a_law_becomes_readable_text() {
    assert_eq!(
        read("code.md", CODE).text,
        "Bee Code\n\nHaving regard to nature.\n\nChapter I\nHives\n\nArticle 1\nDefinitions\n\n1. For the purposes of this Code:\n\
         (a) \"hive\" means a box;\n(b) \"keeper\" means, as the case may be:\n(i) a person;\n(ii) a club;\n\
         (c) \"swarm\" means what everybody knows.\n\nArticle 2\nDuties\n\n1. A keeper shall count the hives once a month.\n\n\
         The first sentence does not apply to clubs.\n\n2. Paragraph 1 is without prejudice to Article 1(1), point (b).\n\n\
         Article 2a\nOne sentence only\n\nHives are green.\n\nAnnex I\nColours\n\n1. Green is a colour."
    );
}

#[test]
fn a_law_has_the_structure_people_cite() {
    let parsed = read("code.md", CODE);
    assert_eq!(
        outline(&parsed),
        r#"(root)
  preamble
  chapter I "Hives"
    art. 1 "Definitions"
      art. 1(1)
        art. 1(1)(a)
        art. 1(1)(b)
          art. 1(1)(b)(i)
          art. 1(1)(b)(ii)
        art. 1(1)(c)
    art. 2 "Duties"
      art. 2(1)
        art. 2(1) subpara. 2
      art. 2(2)
    art. 2a "One sentence only"
  annex I "Colours"
    annex I para. 1"#
    );
    let subpoint = parsed.units.iter().find(|unit| unit.pinpoint == "art. 1(1)(b)(ii)").expect("the subpoint");
    assert_eq!((subpoint.kind, subpoint.id.0.as_str()), (UnitKind::Subpoint, "art_1__par_1__point_b__subpoint_ii"));
}

#[test]
fn an_indonesian_law_has_the_structure_people_cite() {
    let parsed = read("hives.md", include_str!("samples/hives.id.md"));
    assert_eq!(
        outline(&parsed),
        r#"(root)
  chapter I "Ketentuan Umum"
    art. 1
    art. 2
      art. 2(1)
        art. 2(1)(a)
        art. 2(1)(b)
        art. 2(1)(c)
      art. 2(2)
    art. 3"#
    );
    assert_eq!(text_of(&parsed, "art. 2(1)(b)"), "b. tempat sarang; dan");
    assert_eq!(parsed.document.language, "id");
}

#[test]
fn front_matter_describes_the_document() {
    let parsed = read("code.md", CODE);
    assert_eq!(parsed.document.label(), "BC");
    assert_eq!(parsed.document.title, "Bee Code of the City of Lysborg");
    assert_eq!(parsed.document.short_titles, ["BC", "Bee Code"]);
    assert_eq!(parsed.document.metadata["note"], "Invented for tests.");
    assert_eq!(parsed.valid_from.to_string(), "2020-01-01");
    let dropped: Vec<(&str, usize)> =
        parsed.report.dropped.iter().map(|dropped| (dropped.reason.as_str(), dropped.count)).collect();
    assert_eq!(dropped, [("front matter", 153), ("link addresses", "[](https://example.org/swarm)".len())]);
}

#[test]
fn a_decision_is_cited_by_its_numbered_paragraphs() {
    let parsed = read("decision.md", DECISION);
    assert_eq!(
        outline(&parsed),
        r#"(root)
  section 1 "Facts"
    para. 1
    para. 2
      para. 2(a)
      para. 2(b)
  section 2 "Law"
    section 2 section 1 "First question"
      para. 3"#
    );
    assert_eq!(
        text_of(&parsed, "para. 1"),
        "1 Mr Drone kept three hives. He did not count them.\n\n‘(1) A keeper counts’, he said."
    );
    assert_eq!(parsed.valid_from.to_string(), "2021-05-04");
    assert_eq!(parsed.targets, ["bee-code"]);
}

#[test]
fn i_after_h_is_a_letter() {
    let mut law = "### Article 1\n\nA list:\n\n".to_owned();
    for letter in 'a'..='k' {
        law.push_str(&format!("({letter}) point {letter};\n\n"));
    }
    law.push_str("(i) a sub-point;\n\n(ii) another.\n");
    let parsed = read("law.md", &law);
    let points: Vec<&str> = parsed.units.iter().skip(2).map(|unit| unit.pinpoint.as_str()).collect();
    assert_eq!(points[7..], ["art. 1(h)", "art. 1(i)", "art. 1(j)", "art. 1(k)", "art. 1(k)(i)", "art. 1(k)(ii)"]);
}

#[test]
fn words_after_a_list_belong_to_the_point_around_it() {
    let law = "### Article 1\n\n(a) In general\n\n   A keeper is one who-\n\n   (1) has bees, or\n\n   (2) had bees.\n\n   Wasps do not \
               count.\n\n   (i) hornets neither;\n\n(b) Hives\n\nHives are green.\n";
    let parsed = read("law.md", law);
    let citations: Vec<&str> = parsed.units.iter().skip(2).map(|unit| unit.pinpoint.as_str()).collect();
    assert_eq!(
        citations,
        ["art. 1(a)", "art. 1(a)(1)", "art. 1(a)(2)", "art. 1(a)(i)", "art. 1(b)", "art. 1 subpara. 2"]
    );
    assert_eq!(text_of(&parsed, "art. 1(a)(2)"), "(2) had bees.");
    assert!(text_of(&parsed, "art. 1(a)").contains("Wasps do not count."), "it is the outer point's");
}

#[test]
fn paragraphs_may_be_numbered_in_brackets() {
    let parsed = read("law.md", "### § 4 — Wege\n\n(1) Wege sind frei.\n\n(2) Ausnahmen:\n\n1. Feste;\n\n2. Märkte.\n");
    let citations: Vec<&str> = parsed.units.iter().map(|unit| unit.pinpoint.as_str()).collect();
    assert_eq!(citations, ["", "art. 4", "art. 4(1)", "art. 4(2)", "art. 4(2)(1)", "art. 4(2)(2)"]);
}

#[test]
fn headings_of_a_guideline_are_sections_even_if_they_name_an_article() {
    let text = "# Guide\n\nIntro.\n\n## Article 2 explained\n\n- count\n- name\n\n```\nfn hives() {}\n```\n\n## 7. Scope\n\nWide.\n";
    let parsed = read_with("guide.md", text, &of_kind(SourceKind::Interpretation));
    assert_eq!(outline(&parsed), "(root)\n  preamble\n  section 1 \"Article 2 explained\"\n  section 7 \"7. Scope\"");
    assert_eq!(text_of(&parsed, "section 1"), "Article 2 explained\n\n- count\n- name\n\nfn hives() {}");
}

#[test]
fn markup_is_removed_and_words_are_kept() {
    let text = "A \\*star\\*, `code`, ![image](a.png), <b>bold</b>, &amp; an\n> quoted line  \nthat goes on.\n\nSetext\n======\n";
    let parsed = read_with("a.md", text, &of_kind(SourceKind::Reference));
    assert_eq!(parsed.text, "A *star*, code, image, bold, & an quoted line that goes on.\n\nSetext");
}
