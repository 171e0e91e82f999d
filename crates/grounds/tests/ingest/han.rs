//! Chinese laws: articles, paragraphs and points by their own labels, and what they refer to.

use grounds::UnitTree;
use grounds::ingest::Overrides;
use grounds_core::{DocumentId, Pinpoint, SourceKind, Unit, VersionId};

use super::references::shown;
use super::support::{links, of_kind, outline, plan_new, read, read_with, text_of};

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
      art. 5
      art. 6
      art. 7
        art. 7 subpara. 2"#
    );
    assert_eq!(text_of(&parsed, "art. 2(2)"), "（二） 出售蜂蜜的；");
    assert_eq!(text_of(&parsed, "art. 4"), "第四条 前条规定的检查，不收费。");
    assert!(text_of(&parsed, "preamble").ends_with("为了蜂箱的秩序，制定本条例。"));
    assert_eq!(parsed.document.language, "zh");
}

/// Another one, which is cited without brackets and without the state.
const HONEY: &str = "---\ndocument: honey\ntitle: 中华人民共和国采蜜法\nkind: regulation\nin_force: 2019-01-01\n---
第一条　甲。\n\n第二条　乙。\n\n第三条　丙。\n\n第四条　丁。\n";

/// The law as a text without marks.
fn plain() -> String {
    HIVES
        .lines()
        .skip_while(|line| !line.starts_with('#'))
        .map(|line| format!("{}\n", line.trim_start_matches("# ")))
        .collect()
}

#[test]
fn a_plain_text_has_the_same_structure() {
    let regulation = Overrides { kind: Some(SourceKind::Regulation), ..Overrides::default() };
    let parsed = read_with("hives.txt", &plain(), &regulation);
    assert_eq!(read("hives.txt", &plain()).document.kind, SourceKind::Regulation, "its articles say so");
    // What is said to be a decision quotes articles.
    assert_eq!(outline(&read_with("case.txt", &plain(), &of_kind(SourceKind::Precedent))), "(root)");
    assert_eq!(outline(&parsed), outline(&read("hives.md", HIVES)));
    assert_eq!(text_of(&parsed, "art. 2(2)"), "（二）出售蜂蜜的；");
    assert_eq!(text_of(&parsed, "art. 4"), "第四条\n前条规定的检查，不收费。");
    assert_eq!(parsed.text, plain(), "positions in the file are positions in the text");
    // Lines that end within a sentence go on.
    let broken = plain().replace("\n前款第二项", "\n前款\n第二项").replace("三个以上", "三个\n以上");
    assert_eq!(outline(&read_with("hives.txt", &broken, &regulation)), outline(&parsed));
    // A citation at the beginning of a line is no article.
    let cut = plain().replace("依照采蜜法第二条、", "依照采蜜法\n第二条 、");
    assert_eq!(outline(&read_with("hives.txt", &cut, &regulation)), outline(&parsed));
    // What ends with articles quotes them.
    let judgment = format!("本院认为，不予支持。\n{}", "理由如下。\n".repeat(200)) + &plain();
    assert_eq!(read("case.txt", &judgment).document.kind, SourceKind::Reference);
    // One label is chance.
    assert_eq!(outline(&read("note.txt", "第五条　如下。\n其他。\n")), "(root)");
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
    let honey = read("honey.md", HONEY);
    let text = parsed.text.clone();
    let (batch, reports) = plan_new(vec![parsed, honey]);
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
art_5 | 第二条第二款 | hives-zh:art_2__subpar_2
art_6 | 第二条 | honey:art_2
art_6 | 第三条 | honey:art_3
art_6 | 第四条 | honey:art_4
art_6 | 前条 | hives-zh:art_5
art_7 | 第一条 | honey:art_1
art_7 | 第二条 | honey:art_2
art_7 | 第三条 | honey:art_3
art_7__subpar_2 | 第四条 | honey:art_4
art_7__subpar_2 | 第一款 | honey:art_4"
    );
    let unresolved: Vec<&str> =
        reports[0].unresolved_references.iter().map(|reference| reference.text.as_str()).collect();
    assert_eq!(unresolved, ["第九条"]);
    let external: Vec<&str> = reports[0].external_references.keys().map(String::as_str).collect();
    assert_eq!(external, ["山羊法", "莱斯堡处罚法"]);
}
