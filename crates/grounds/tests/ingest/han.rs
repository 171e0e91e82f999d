//! Chinese laws: articles, paragraphs and points by their own labels, and what they refer to.

use grounds::UnitTree;
use grounds_core::{DocumentId, Pinpoint, Unit, VersionId};

use super::references::shown;
use super::support::{links, outline, plan_new, read, text_of};

const HIVES: &str = include_str!("samples/hives.zh.md");

#[test]
fn a_chinese_law_has_the_structure_people_cite() {
    let parsed = read("hives.md", HIVES);
    assert_eq!(
        outline(&parsed),
        r#"(root)
  preamble
  chapter 1 "总则"
    art. 1
  chapter 2 "养蜂人"
    chapter 2 section 1 "登记"
      art. 2
        art. 2(1)
        art. 2(2)
        art. 2(3)
        art. 2 subpara. 2
        art. 2 subpara. 3
    chapter 2 section 2 "检查"
      art. 3
      art. 3之1
      art. 4
      art. 5"#
    );
    assert_eq!(text_of(&parsed, "art. 2(2)"), "（二） 出售蜂蜜的；");
    assert_eq!(text_of(&parsed, "art. 4"), "第四条 前条规定的检查，不收费。");
    assert!(text_of(&parsed, "preamble").ends_with("为了蜂箱的秩序，制定本条例。"));
    assert_eq!(parsed.document.language, "zh");
}

#[test]
fn citations_as_chinese_jurists_write_them_lead_to_units() {
    let parsed = read("hives.md", HIVES);
    let units = parsed.units.iter().map(|unit| Unit {
        document: DocumentId("hives-zh".to_owned()),
        version: VersionId("hives-zh@1".to_owned()),
        id: unit.id.clone(),
        parent: unit.parent.clone(),
        ordinal: 0,
        kind: unit.kind,
        number: unit.number.clone(),
        heading: unit.heading.clone(),
        pinpoint: unit.pinpoint.clone(),
        span: unit.span,
        body: unit.body,
        hash: unit.hash.clone(),
    });
    let tree = UnitTree::new(units.collect());
    let found = |text: &str| {
        let pinpoint = Pinpoint::parse(text).expect("a citation");
        tree.find(&pinpoint).map_or("none", |unit| unit.pinpoint.as_str())
    };
    for (text, unit) in [
        ("第二条", "art. 2"),
        ("第二条第一款第（三）项", "art. 2(3)"),
        ("第2条第3款", "art. 2 subpara. 3"),
        ("第三条之一", "art. 3之1"),
        ("第一条第一款", "art. 1"),
        ("第二章第二节", "chapter 2 section 2"),
        ("art. 2 subpara. 1(2)", "art. 2(2)"),
        ("第二条第四款", "none"),
        ("第十条", "none"),
    ] {
        assert_eq!(found(text), unit, "{text}");
    }
}

#[test]
fn references_of_a_law_in_chinese() {
    let parsed = read("hives.md", HIVES);
    let text = parsed.text.clone();
    let (batch, reports) = plan_new(vec![parsed]);
    assert_eq!(
        shown(&links(&batch), "hives-zh", &text),
        "\
preamble_1 | 第一章 | hives-zh:chapter_1
preamble_1 | 第二章 | hives-zh:chapter_2
preamble_1 | 第一节 | hives-zh:chapter_2__section_1
preamble_1 | 第二节 | hives-zh:chapter_2__section_2
art_2__subpar_2 | 前款第二项 | hives-zh:art_2__point_2
art_2__subpar_3 | 第四条 | hives-zh:art_4
art_2__subpar_3 | 第五条 | hives-zh:art_5
art_3 | 第二条第一款第一项 | hives-zh:art_2__point_1
art_3 | 第三项 | hives-zh:art_2__point_2 hives-zh:art_2__point_3
art_3之1 | 第三条 | hives-zh:art_3
art_4 | 前条 | hives-zh:art_3之1
art_5 | 第二条第二款 | hives-zh:art_2__subpar_2"
    );
    let unresolved: Vec<&str> =
        reports[0].unresolved_references.iter().map(|reference| reference.text.as_str()).collect();
    assert_eq!(unresolved, ["第九条"]);
    let external: Vec<&str> = reports[0].external_references.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(external, ["莱斯堡处罚法"]);
}
