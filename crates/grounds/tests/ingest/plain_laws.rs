//! Laws as plain text, whose lines alone tell what is an article.

use grounds::ingest::Overrides;
use grounds_core::SourceKind;

use super::support::{links, of_kind, outline, plan_new, read, read_with, text_of};

const CODE: &str = include_str!("samples/code.txt");

const CODE_OUTLINE: &str = r#"(root)
  preamble
    recital 1
    recital 2
    recital 3
  chapter I "General provisions"
    art. 1 "Definitions"
      art. 1(a)
      art. 1(b)
        art. 1(b)(i)
        art. 1(b)(ii)
      art. 1(c)
    art. 2 "Duties of keepers, of clubs, and of whoever acts on their behalf"
      art. 2(1)
        art. 2(1) subpara. 2
      art. 2(2)
  chapter II "Final provisions"
    art. 2a "Transition"
    art. 3
  annex I "Colours"
    annex I para. 1
    annex I para. 2"#;

#[test]
fn a_law_broken_into_lines_has_the_structure_people_cite() {
    let parsed = read("code.txt", CODE);
    assert_eq!(outline(&parsed), CODE_OUTLINE);
    assert_eq!((parsed.document.kind, parsed.text.as_str()), (SourceKind::Regulation, CODE));
    assert_eq!(text_of(&parsed, "recital 3"), "(3) The duties of this Code should be few.");
    assert_eq!(
        text_of(&parsed, "art. 1(b)(ii)"),
        "(ii) a club of persons who keep bees together, as mentioned in\nArticle 2 of the Code of Clubs; or"
    );
    assert!(text_of(&parsed, "art. 2(2)").ends_with("under\nArticle 7 Rules of Clubs."), "a citation is no article");
    assert!(text_of(&parsed, "art. 1(a)").starts_with("(a)\n\"hive\" means"), "words below their label");
}

#[test]
fn what_a_table_of_contents_lists_is_no_provision() {
    let law = "BEE CODE\n\nCONTENTS\n\nChapter I General\nArticle 1 Definitions\nArticle 2 Duties\nChapter II Final\nArticle 3 Entry into force\n\n\
        The Council, wanting order,\n\nHAS ADOPTED THIS CODE:\n\nChapter I\nGeneral\n\nArticle 1\nDefinitions\n\nA bee is a bee.\n\n\
        Article 2\nDuties\n\nCount.\n\nChapter II\nFinal\n\nArticle 3\nEntry into force\n\nToday.\n";
    let units = ["preamble", "chapter I", "art. 1", "art. 2", "chapter II", "art. 3"];
    assert_eq!(cited(law), units);
    assert!(text_of(&read("a.txt", law), "preamble").ends_with("HAS ADOPTED THIS CODE:"));
}

#[test]
fn paragraphs_on_one_line_each_need_no_empty_lines() {
    // Every paragraph on a line of its own, and no empty lines.
    let mut whole = String::new();
    let code = ["in", "follow", "under"]
        .iter()
        .fold(CODE.to_owned(), |code, last| code.replace(&format!(" {last}\nArticle"), &format!(" {last} Article")));
    for block in code.split("\n\n") {
        let is_flowing = block.lines().count() > 1 && !block.contains("CHAPTER") && !block.contains("Article");
        let is_flowing = is_flowing && !block.contains("CONTENTS") && !block.starts_with("1. Green");
        let text = if is_flowing { block.replace('\n', " ") } else { block.to_owned() };
        whole.push_str(text.trim_end());
        whole.push('\n');
    }
    assert_eq!(outline(&read("code.txt", &whole)), CODE_OUTLINE, "{whole}");
}

#[test]
fn annexes_may_count_their_sections_alike() {
    let mut law = "Article 1\nFirst.\n\nArticle 2\nSecond.\n".to_owned();
    for annex in ["I", "II"] {
        law += &format!("\nANNEX {annex}\n\nSection A\n\n1. Green.\n\nSection B\n\n1. Blue.\n");
    }
    assert_eq!(
        outline(&read("a.txt", &law)),
        "(root)\n  art. 1\n  art. 2\n  annex I\n    annex I section A\n      annex I section A(1)\n    annex I section B\n      \
         annex I section B(1)\n  annex II\n    annex II section A\n      annex II section A(1)\n    annex II section B\n      \
         annex II section B(1)"
    );
}

#[test]
fn what_is_said_to_be_a_law_may_have_sections_only() {
    let act = "BEE ACT\n\nPart 1\nHives\n\nSection 1\nDuties\n\n(1) A keeper shall count:\n(a) hives; and\n(b) swarms.\n\n(2) Clubs need \
        not.\n\nSection 2\n\nWhoever does not count pays.\n";
    assert_eq!(
        outline(&read_with("act.txt", act, &of_kind(SourceKind::Regulation))),
        "(root)\n  preamble\n  part 1 \"Hives\"\n    part 1 section 1 \"Duties\"\n      part 1 section 1(1)\n        \
         part 1 section 1(1)(a)\n        part 1 section 1(1)(b)\n      part 1 section 1(2)\n    \
         part 1 section 2"
    );
    assert!(!outline(&read("report.txt", act)).contains("section"), "reports have sections too");
}

#[test]
fn other_languages_label_alike() {
    let german = "Bienengesetz\n\nErster Teil\n\n§ 1 Anzeige\n(1) Wer Bienen hält, zeigt an:\n1. die Zahl der Stöcke;\n2. ihren Ort.\n\
        (2) Die Anzeige ist frei.\n§ 1a\nVereine zeigen nichts an.\n§ 2 Kosten\n(1) Es gibt keine.\n(2) Satz 1 gilt immer.\n";
    assert_eq!(
        outline(&read("a.txt", german)),
        "(root)\n  preamble\n  art. 1 \"Anzeige\"\n    art. 1(1)\n      art. 1(1)(1)\n      art. 1(1)(2)\n    art. 1(2)\n  \
         art. 1a\n  art. 2 \"Kosten\"\n    art. 2(1)\n    art. 2(2)"
    );
    let french = "TITRE I\nDispositions générales\n\nArticle premier\nL'apiculteur compte :\na) les ruches ;\nb) les essaims.\n\n\
        Article 2\nLe comptage est gratuit.\n\nIl est annuel.\n";
    assert_eq!(
        outline(&read("a.txt", french)),
        "(root)\n  part I \"Dispositions générales\"\n    art. 1\n      art. 1(a)\n      art. 1(b)\n    art. 2\n      \
         art. 2 subpara. 2"
    );
    let indonesian = "BAB I\nKETENTUAN UMUM\nPasal 1\nSarang adalah kotak untuk lebah.\nPasal 2\n(1) Setiap orang melaporkan:\n\
        a. jumlah sarang; dan\nb. tempat sarang.\n(2) Laporan disampaikan setiap tahun.\n";
    assert_eq!(
        outline(&read("a.txt", indonesian)),
        "(root)\n  chapter I \"KETENTUAN UMUM\"\n    art. 1\n    art. 2\n      art. 2(1)\n        art. 2(1)(a)\n        \
         art. 2(1)(b)\n      art. 2(2)"
    );
}

/// As Japanese laws are printed: captions before articles, paragraphs from the second on numbered, items without brackets.
const JAPANESE: &str = "\
蜂箱条例
（目的）
第一条　この条例は、蜂箱の秩序を目的とする。
（定義）
第二条　この条例において、次の各号に掲げる用語の意義は、当該各号に定めるところによる。
一　蜂箱　蜂が住む箱をいう。
二　養蜂者　次に掲げる者をいう。
イ　蜂箱を持つ者
ロ　蜂箱を借りる者
２　前項第一号の箱は、動かすことができる。
第二条の二　市は、次の事務を行う。
一　登録
";

#[test]
fn a_japanese_law_has_captions_paragraphs_and_items() {
    let expected = "(root)
  preamble
  art. 1 \"目的\"
  art. 2 \"定義\"
    art. 2(1)
    art. 2(2)
      art. 2(2)(イ)
      art. 2(2)(ロ)
    art. 2 subpara. 2
  art. 2の2
    art. 2の2(1)";
    let parsed = read("a.txt", JAPANESE);
    assert_eq!(outline(&parsed), expected);
    assert_eq!(parsed.document.language, "ja");
    assert_eq!(text_of(&parsed, "art. 2(1)"), "一　蜂箱　蜂が住む箱をいう。");
    assert!(text_of(&parsed, "art. 2").starts_with("（定義）\n第二条"));
}

/// The citations of the units, without the root and how deep they stand.
fn cited(text: &str) -> Vec<String> {
    let parsed = read("a.txt", text);
    parsed.units.iter().skip(1).map(|unit| unit.pinpoint.clone()).collect()
}

#[test]
fn articles_may_count_anew() {
    let four = "Article 1. This is first.\nArticle 2. This is second.\nArticle 3. This is third.\nArticle 4. This is fourth.\n";
    let parts = cited(&format!("PART I\n{four}PART II\n{four}"));
    assert_eq!(parts.iter().filter(|unit| unit.starts_with("art. ")).count(), 8, "{parts:?}");
    let twelve: String = (1..=12).map(|number| format!("Article {number}\n\nRule {number} holds.\n\n")).collect();
    let protocol = cited(&format!("{twelve}PROTOCOL\n\nArticle 1\n\nIt holds.\n\nArticle 2\n\nSo does this.\n"));
    assert_eq!(protocol.iter().filter(|unit| unit.starts_with("art. ")).count(), 15, "{protocol:?}");
    let chinese: String = ["一", "二", "三", "四", "五"].map(|number| format!("第{number}条　甲乙。\n")).concat();
    let rules = cited(&format!("{chinese}附：登记办法\n第一条　丙。\n第二条　丁。\n"));
    assert_eq!(rules.iter().filter(|unit| unit.starts_with("art. ")).count(), 8, "{rules:?}");
    let form = cited(&format!("{twelve}ANNEX\n\nForm\n\nArticle 3. Declaration of hives.\n"));
    assert!(form.contains(&"art. 3".to_owned()) && form.contains(&"annex 1".to_owned()), "{form:?}");
    assert_eq!(cited("Article A\nOne.\nArticle B\nTwo.\nArticle C\nThree.\nArticle D\nFour.\n").len(), 4);
    assert_eq!(cited("Article I\nOne.\nArticle II\nTwo.\nArticle V\nThree.\nArticle X\nFour.\n").len(), 4);
}

#[test]
fn lists_stand_within_points() {
    let text = "Article 1\nDuties\nThe keeper shall:\n(a) count:\n1. hives;\n2. swarms;\n3. queens;\n(b) tell.\nArticle 2\nEnd.\n";
    let listed = ["art. 1", "art. 1(a)", "art. 1(a)(1)", "art. 1(a)(2)", "art. 1(a)(3)", "art. 1(b)", "art. 2"];
    assert_eq!(cited(text), listed);
    let marked = text.replace("Article 1\nDuties", "# Article 1 — Duties").replace("Article 2", "# Article 2");
    let parsed = read("a.md", &marked.replace('\n', "\n\n"));
    let cited: Vec<&str> = parsed.units.iter().skip(1).map(|unit| unit.pinpoint.as_str()).collect();
    assert_eq!(cited, listed);
}

#[test]
fn numbers_are_read_as_laws_print_them() {
    let german = "§ 1 Zweck\n(1) Das Gesetz regelt Bienen (siehe Anlage 1)\n§ 2 Kosten\nEs gibt keine «Kosten»\n§ 3 (weggefallen)\n§ 4 Ende\nSchluß.\n";
    let parsed = read("a.txt", german);
    assert_eq!(
        outline(&parsed),
        "(root)\n  art. 1 \"Zweck\"\n    art. 1(1)\n  art. 2 \"Kosten\"\n  art. 3\n  art. 4 \"Ende\""
    );
    assert_eq!(text_of(&parsed, "art. 3"), "§ 3 (weggefallen)");
    let french = "Article 1\nUn.\nArticle 2\nDeux, malgré l'article 3-1.\nArticle 3\nTrois.\nArticle 3-1\nTrois et un.\nArticle 4\nQuatre.\n";
    assert_eq!(cited(french), ["art. 1", "art. 2", "art. 3", "art. 3-1", "art. 4"]);
    assert_eq!(cited("Article 1. 3 bees make a hive.\nArticle 2. 4 hives make a yard.\n"), ["art. 1", "art. 2"]);
    let suffixes = ["", " bis", " ter", " quater", " quinquies", " sexies", " septies", " octies", "-1", "-1-1", "-2"];
    let many: String = suffixes.map(|suffix| format!("Article 2{suffix}\nLa loi dit cela.\n")).concat();
    let expected = suffixes.map(|suffix| format!("art. 2{suffix}"));
    assert_eq!(cited(&format!("Article 1er bis\nUn.\n{many}"))[1..].to_vec(), expected, "put in one after the other");
    let code = "Article L. 121-1\nUn.\nArticle L121-2\nDeux, malgré l'article R. 12-3.\nArticle L. 121-2 bis\nTrois.\nArticle L. 121-3\nQuatre.\nArticle R. 12-3\nEnfin, malgré les articles L. 121-1 à L. 121-3.\n";
    assert_eq!(cited(code), ["art. L121-1", "art. L121-2", "art. L121-2 bis", "art. L121-3", "art. R12-3"]);
    let french = Overrides { language: Some("fr".to_owned()), ..Overrides::default() };
    let (batch, _) = plan_new(vec![read_with("a.txt", code, &french)]);
    let found: Vec<String> = links(&batch).iter().map(|link| link.to_unit.to_string()).collect();
    assert_eq!(found, ["art_r12_3", "art_l121_1", "art_l121_2", "art_l121_3"]);
    // In German "bis" is "to", also where a line ends with it.
    let german = "Artikel 1\nEins.\nArtikel 2\nZwei.\nArtikel 3\nDrei.\nArtikel 4\nVier.\nDas gilt nach den Artikeln 1 bis\n3 dieses Gesetzes auch für andere.\n";
    let (batch, _) = plan_new(vec![read_with(
        "a.txt",
        german,
        &Overrides { language: Some("de".to_owned()), ..Overrides::default() },
    )]);
    let found: Vec<String> = links(&batch).iter().map(|link| link.to_unit.to_string()).collect();
    assert_eq!(found, ["art_1", "art_2", "art_3"]);
}

#[test]
fn divisions_stand_as_the_law_holds_them() {
    let code = "LIVRE I\nDes personnes\nTITRE I\nDes droits\nArticle 1\nUn.\nTITRE II\nDes actes\nArticle 2\nDeux.\nLIVRE II\nDes biens\nTITRE I\n\
        De la distinction\nArticle 3\nTrois.\n";
    assert_eq!(
        outline(&read("a.txt", code)),
        "(root)\n  part I \"Des personnes\"\n    part I part I \"Des droits\"\n      art. 1\n    part I part II \"Des \
         actes\"\n      art. 2\n  part II \"Des biens\"\n    part II part I \"De la distinction\"\n      art. 3"
    );
    let german = "Buch 1\nAllgemeines\nAbschnitt 1\nPersonen\nTitel 1\nMenschen\n§ 1 Beginn\nEin Mensch ist, wer Bienen hält, und wer keine hält, ist auch einer.\nTitel 2\nVereine\n§ 2 Sitz\nEin Verein sitzt, wo er sagt, daß er sitzt, und sonst nirgends.\n";
    let parsed = read("a.txt", german);
    let depth: Vec<usize> = outline(&parsed).lines().map(|line| line.len() - line.trim_start().len()).collect();
    assert_eq!(depth, [0, 2, 4, 6, 8, 6, 8], "{}", outline(&parsed));
}

#[test]
fn chinese_laws_may_be_broken_to_fit_a_page() {
    let law = [
        "　　第一条　本条例所称蜂箱，是指供蜜蜂居住的箱子，包括木箱、草",
        "编的箱子和其他材料制成的箱子，但是不包括空的箱子和已经废弃的箱",
        "子。",
        "　　养蜂人应当按照本条例的规定，对蜂箱进行登记，并且每年向市政",
        "府报告一次。",
        "　　第二条　本条例自二〇二〇年一月一日起施行，以前的规定同时废",
        "止，不再适用。",
    ];
    assert_eq!(cited(&law.join("\n")), ["art. 1", "art. 1 subpara. 2", "art. 2"]);
}

#[test]
fn what_is_no_law_has_no_articles() {
    // A guide that explains articles, and says so; a note that cites two.
    let guide = CODE.replace("CODE OF THE", "GUIDE TO THE");
    assert!(!outline(&read_with("guide.txt", &guide, &of_kind(SourceKind::Interpretation))).contains("art."));
    let note = "We looked at this again and again, and think that it is best to leave it.\n".repeat(9)
        + "Article 5\nArticle 6\n";
    assert_eq!(outline(&read("note.txt", &note)), "(root)");
    // A judgment that sets out the law first, and a report with chapters that quotes it at the end.
    let paragraphs: String = (1..=30).map(|number| format!("{number}. The court found this again.\n\n")).collect();
    let quoted = "Article 5\n\nKeepers count.\n\nArticle 6\n\nClubs need not.\n\n";
    let judgment = read("judgment.txt", &format!("Legal context\n\n{quoted}The dispute\n\n{paragraphs}"));
    assert_eq!((judgment.document.kind, judgment.units.len()), (SourceKind::Reference, 32));
    let report = read("report.txt", &format!("Chapter 1 Introduction\n\n{paragraphs}Appendix A\n\n{quoted}"));
    assert_eq!(report.document.kind, SourceKind::Reference);
    // What is said to be a law may have long recitals.
    let recitals: String = (1..=9).map(|number| format!("({number}) Bees are of use, again and again.\n\n")).collect();
    let act = read("act.txt", &format!("Whereas:\n\n{recitals}Article 1\n\nCount.\n\nArticle 2\n\nTell.\n"));
    assert_eq!((act.document.kind, act.units.len()), (SourceKind::Regulation, 13));
}
