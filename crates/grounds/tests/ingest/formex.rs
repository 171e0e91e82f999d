//! Formex XML.

use super::support::{outline, read, text_of};

const ACT: &str = include_str!("samples/act.xml");

#[test]
fn an_act_becomes_readable_text() {
    let parsed = read("act.xml", ACT);
    assert_eq!(
        parsed.text,
        "Regulation (EU) 2031/17\nof 2 March 2031\non the keeping of bees in cities (City Bees Keeping Regulation)\n(Text with EEA relevance)\n\n\
         THE COUNCIL OF VARENIA,\n\nHaving regard to the Hive Treaty,\n[1] OJ C 4, 1.1.2031, p. 9.\n\nWhereas:\n\n\
         (1) Bees & cities need each other.\nMore so in spring.\n\n(2) ‘Hives’ should be safe.\n\nHAVE ADOPTED:\n\n\
         CHAPTER I\nGeneral provisions\n\nArticle 1\nDefinitions\n\nFor the purposes of this Regulation:\n\
         (1) ‘hive’ means:\n(a) a box, or\n(b) a basket;\n(2) ‘keeper’ means a person.\n\n\
         Article 2\nDuties\n\n1. A keeper shall, under paragraph 2:\n(a) count the hives;\n(b) name them.\n\n\
         Point (b) of the first subparagraph does not apply to 10000 hives or more.\n\n2. Hives shall be:\n– green;\n– dry.\n\n\
         Done at Lysborg, 2 March 2031."
    );
}

#[test]
fn an_act_has_the_structure_people_cite() {
    let parsed = read("act.xml", ACT);
    assert_eq!(
        outline(&parsed),
        r#"(root)
  preamble
    note 1
    recital 1
    recital 2
  chapter I "General provisions"
    art. 1 "Definitions"
      art. 1(1)
        art. 1(1)(a)
        art. 1(1)(b)
      art. 1(2)
    art. 2 "Duties"
      art. 2(1)
        art. 2(1)(a)
        art. 2(1)(b)
        art. 2(1) subpara. 2
      art. 2(2)
        art. 2(2)(1)
        art. 2(2)(2)
  final"#
    );
    assert_eq!(text_of(&parsed, "art. 2(1)(a)"), "(a) count the hives;");
    let article = parsed.units.iter().find(|unit| unit.pinpoint == "art. 2").expect("article 2");
    assert!(article.body.of(&parsed.text).is_some_and(|body| body.starts_with("1. A keeper")));
    assert_eq!(article.id.0, "art_2");
}

#[test]
fn an_act_names_itself() {
    let parsed = read("act.xml", ACT);
    assert_eq!(parsed.document.id.0, "reg-2031-17");
    assert_eq!(parsed.document.short_titles, ["CBKR", "City Bees Keeping Regulation"]);
    assert_eq!(parsed.document.language, "en");
    assert_eq!(parsed.valid_from.to_string(), "2031-03-02");
    assert_eq!(
        parsed.report.notes,
        ["in force from 2031-03-02, the date of the document: say --valid-from DATE for another"]
    );
    let dropped: Vec<&str> = parsed.report.dropped.iter().map(|dropped| dropped.reason.as_str()).collect();
    assert_eq!(dropped, ["comments", "bibliographic metadata"]);
}

#[test]
fn entities_are_never_fetched() {
    let text =
        "<!DOCTYPE ACT [<!ENTITY secret SYSTEM \"file:///etc/passwd\">]><ACT><P>A &secret; &#228; &lt;b&gt;</P></ACT>";
    assert_eq!(read("a.xml", text).text, "A &secret; ä <b>");
}
