//! Laws as plain text, whose lines alone tell what is an article.

use grounds_core::SourceKind;

use super::support::{of_kind, outline, read, read_with, text_of};

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
fn paragraphs_on_one_line_each_need_no_empty_lines() {
    // Every paragraph on a line of its own, and no empty lines.
    let mut whole = String::new();
    for block in CODE.split("\n\n") {
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

#[test]
fn what_is_no_law_has_no_articles() {
    // A guide that explains articles, and says so; a note that cites two.
    let guide = CODE.replace("CODE OF THE", "GUIDE TO THE");
    assert!(!outline(&read_with("guide.txt", &guide, &of_kind(SourceKind::Interpretation))).contains("art."));
    let note = "We looked at this again and again, and think that it is best to leave it.\n".repeat(9)
        + "Article 5\nArticle 6\n";
    assert_eq!(outline(&read("note.txt", &note)), "(root)");
}
