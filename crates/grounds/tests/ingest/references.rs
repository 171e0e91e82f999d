//! References become links to the units they name.

use grounds::ingest::Overrides;
use grounds_core::{Link, LinkKind, SourceKind};

use super::support::{links, of_kind, plan_new, read, read_with};

const CODE: &str = include_str!("samples/code.md");
const ORDER: &str = include_str!("samples/references.md");
const DECISION: &str = include_str!("samples/decision.md");

/// The links of one document, one a line: where, what is printed, what it names. Several targets of one reference share a line.
pub(super) fn shown(links: &[Link], from: &str, text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for link in links.iter().filter(|link| link.from_document.0 == from) {
        let printed = link.span.of(text).expect("links have their text").replace('\n', " ");
        let line = format!("{} | {printed} |", link.from_unit);
        if lines.last().is_none_or(|last| !last.starts_with(&line)) {
            lines.push(line);
        }
        let target = format!(" {}:{}", link.to_document, link.to_unit);
        lines.last_mut().expect("a line was pushed").push_str(&target);
    }
    lines.join("\n")
}

#[test]
fn references_of_a_law_in_english() {
    let (code, order) = (read("code.md", CODE), read("order.md", ORDER));
    let text = order.text.clone();
    let (batch, reports) = plan_new(vec![code, order]);
    assert_eq!(
        shown(&links(&batch), "order-3", &text),
        "\
art_1__par_1 | paragraphs 2 and 3 of this Article | order-3:art_1__par_2 order-3:art_1__par_3
art_1__par_2 | Articles 1, 2 and 3 | order-3:art_1 order-3:art_2 order-3:art_3
art_1__par_2 | Article 2(1)(a) and (b) | order-3:art_2__par_1__point_a order-3:art_2__par_1__point_b
art_1__par_2 | Chapter I | order-3:chapter_i
art_1__par_2 | Annex I | order-3:annex_i
art_1__par_3 | first subparagraph of paragraph 1 | order-3:art_1__par_1
art_2__par_1__point_b | point (a) | order-3:art_2__par_1__point_a
art_2__par_1__point_c | Articles 1 to 3 | order-3:art_1 order-3:art_2 order-3:art_3
art_2__par_1__point_c | BC art. 2(1) | bee-code:art_2__par_1
art_3 | Article 1(1), point (b), of the Bee Code | bee-code:art_1__par_1__point_b
annex_i__par_1 | Article 2(1), points (a) to (c) | order-3:art_2__par_1__point_a order-3:art_2__par_1__point_b order-3:art_2__par_1__point_c"
    );
    let unresolved: Vec<(&str, usize, &str)> = reports[1]
        .unresolved_references
        .iter()
        .map(|reference| (reference.text.as_str(), reference.line, reference.from.as_str()))
        .collect();
    assert_eq!(
        unresolved,
        [
            ("Points (a) and (b) of Article 2(1) of the Bee Code", 15, "art. 1(1)"),
            ("Article 9(4)", 31, "art. 2(2)"),
            ("recital 7 of that Code", 35, "art. 3"),
        ]
    );
    let external: Vec<(&str, usize)> =
        reports[1].external_references.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(external, [("Directive 95/46", 1), ("GDPR", 1), ("TFEU", 1)]);
}

#[test]
fn a_decision_applies_the_law_it_names() {
    let (code, decision) = (read("code.md", CODE), read("decision.md", DECISION));
    let text = decision.text.clone();
    let (batch, _) = plan_new(vec![decision, code]);
    let links = links(&batch);
    assert_eq!(
        shown(&links, "decision-7", &text),
        "section_2__section_1__par_3 | Article 2(1) of the Code | bee-code:art_2__par_1"
    );
    let link = links.iter().find(|link| link.from_document.0 == "decision-7").expect("a link");
    assert_eq!(link.kind, LinkKind::Applies);
    assert_eq!(link.from_unit.0, "section_2__section_1__par_3");
}

/// The links of a text in front of a small law whose articles 1 and 2 have paragraphs and points.
fn from_text(words: &str, language: &str, kind: SourceKind) -> String {
    let law = "---\ndocument: law\ntitle: Law\nshort: LAW\nin_force: 2020-01-01\n---\n### Article 1\n\n1. A.\n\n2. B:\n\n(a) x;\n\n(b) y.\n\n\
               Second.\n\n### Article 2\n\n1. C.\n\n### Article 3\n\nD.\n\n### Recital 5\n\nE.\n";
    let law = read_with("law.md", law, &of_kind(SourceKind::Regulation));
    let overrides = Overrides { language: Some(language.to_owned()), kind: Some(kind), ..Overrides::default() };
    let text = format!("---\ndocument: text\ninterprets: law\n---\n{words}");
    let parsed = read_with("text.md", &text, &overrides);
    let text = parsed.text.clone();
    let (batch, reports) = plan_new(vec![law, parsed]);
    let mut found: Vec<String> = links(&batch)
        .iter()
        .filter(|link| link.from_document.0 == "text")
        .map(|link| format!("{} -> {}", link.span.of(&text).unwrap_or_default(), link.to_unit))
        .collect();
    found.extend(reports[1].unresolved_references.iter().map(|reference| format!("{} ?", reference.text)));
    found.join("; ")
}

#[test]
fn english_forms() {
    for (words, expected) in [
        ("See Article 1(2)(b).", "Article 1(2)(b) -> art_1__par_2__point_b"),
        ("See Art. 1(2), point (b), there.", "Art. 1(2), point (b) -> art_1__par_2__point_b"),
        ("See point (a) of Article 1(2).", "point (a) of Article 1(2) -> art_1__par_2__point_a"),
        ("See Article 1 (2), second subparagraph.", "Article 1 (2), second subparagraph -> art_1__par_2__subpar_2"),
        ("See LAW Article 3 and 72 hours.", "LAW Article 3 -> art_3"),
        ("Articles 1 to 3", "Articles 1 to 3 -> art_1; Articles 1 to 3 -> art_2; Articles 1 to 3 -> art_3"),
        ("recital 5 of the Law", "recital 5 of the Law -> recital_5"),
        ("Article 2(1) and paragraph 2 of that Article", "Article 2(1) -> art_2__par_1; paragraph 2 of that Article ?"),
        ("Article 1, Article 2 and Article 3 of Directive 95/46/EC", ""),
        ("At that point a person may go to section 2.", ""),
        ("Article 77 LAW", "Article 77 LAW ?"),
        ("under that article. 2. Article 3 says", "Article 3 -> art_3"),
    ] {
        assert_eq!(from_text(words, "en", SourceKind::Interpretation), expected, "{words}");
    }
}

#[test]
fn german_forms() {
    for (words, expected) in [
        ("Siehe Artikel 1 Absatz 2 Buchstabe b.", "Artikel 1 Absatz 2 Buchstabe b -> art_1__par_2__point_b"),
        ("Art. 1 Abs. 2 lit. a LAW", "Art. 1 Abs. 2 lit. a LAW -> art_1__par_2__point_a"),
        ("Artikel 1 Absatz 2 Unterabsatz 2", "Artikel 1 Absatz 2 Unterabsatz 2 -> art_1__par_2__subpar_2"),
        ("Artikel 1, 2 und 3", "Artikel 1, 2 und 3 -> art_1; Artikel 1, 2 und 3 -> art_2; Artikel 1, 2 und 3 -> art_3"),
        ("Artikel 1 bis 3", "Artikel 1 bis 3 -> art_1; Artikel 1 bis 3 -> art_2; Artikel 1 bis 3 -> art_3"),
        ("Artikel 3 der Richtlinie 95/46/EG", ""),
    ] {
        assert_eq!(from_text(words, "de", SourceKind::Interpretation), expected, "{words}");
    }
}

#[test]
fn indonesian_forms() {
    for (words, expected) in [
        ("Lihat Pasal 1 ayat (2) huruf b.", "Pasal 1 ayat (2) huruf b -> art_1__par_2__point_b"),
        ("Pasal 3 Undang-Undang Dasar", ""),
        ("sebagaimana dimaksud dalam Pasal 3 LAW", "Pasal 3 LAW -> art_3"),
        ("Pasal 1, Pasal 2, dan Pasal 3", "Pasal 1 -> art_1; Pasal 2 -> art_2; Pasal 3 -> art_3"),
    ] {
        assert_eq!(from_text(words, "id", SourceKind::Interpretation), expected, "{words}");
    }
}

#[test]
fn french_forms() {
    for (words, expected) in [
        ("l'article 1, paragraphe 2, point b), du texte", "article 1, paragraphe 2, point b) -> art_1__par_2__point_b"),
        (
            "article 1, paragraphe 2, deuxième alinéa",
            "article 1, paragraphe 2, deuxième alinéa -> art_1__par_2__subpar_2",
        ),
        ("les articles 1 à 3", "articles 1 à 3 -> art_1; articles 1 à 3 -> art_2; articles 1 à 3 -> art_3"),
        ("l'article 3 de la directive 95/46/CE", ""),
        (
            "points a) et b) de l'article 1, paragraphe 2",
            "points a) et b) de l'article 1, paragraphe 2 -> art_1__par_2__point_a; points a) et b) de l'article 1, paragraphe 2 -> art_1__par_2__point_b",
        ),
    ] {
        assert_eq!(from_text(words, "fr", SourceKind::Interpretation), expected, "{words}");
    }
}
