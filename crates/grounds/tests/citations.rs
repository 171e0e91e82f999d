//! Questions that name provisions, in the languages people write them in.

use grounds::cited_in;
use jiff::civil::date;

use crate::descriptions::workspace_of;

const HIVES: &str = include_str!("ingest/samples/hives.zh.md");
const HONEY: &str =
    "---\ndocument: honey\ntitle: 中华人民共和国采蜜法\nshort: 采蜜法\nkind: regulation\nin_force: 2019-01-01\n---
第一条　甲。\n\n第二条　乙。\n";
const INDONESIAN: &str = include_str!("ingest/samples/hives.id.md");
const GERMAN: &str =
    "---\ndocument: imkg\ntitle: Imkergesetz\nshort: ImkG\nkind: regulation\nlanguage: de\nin_force: 2019-01-01\n---
# Imkergesetz

### § 1 Zweck

(1) Das Gesetz dient den Bienen.

(2) Es gilt für

a) Imker und

b) Gärtner.
";

#[test]
fn questions_name_provisions_in_many_languages() {
    let files = [("hives", HIVES), ("honey", HONEY), ("id", INDONESIAN), ("de", GERMAN)];
    let (grounds, _folder) = workspace_of(&files);
    let view = grounds.view(None).expect("readable");
    for (question, units) in [
        ("蜂箱条例第二条第一款第（二）项是什么意思？", &["蜂箱条例 art. 2 subpara. 1(2)"][..]),
        ("根据莱斯堡蜂箱管理条例第三条之一，多久检查一次？", &["蜂箱条例 art. 3之1"]),
        ("按照《采蜜法》第二条和蜂箱条例第五条，怎么办？", &["采蜜法 art. 2", "蜂箱条例 art. 5"]),
        ("第二条适用吗？采蜜法里写的。", &["采蜜法 art. 2"]),
        ("Apa isi Perlebah Pasal 2 ayat (1) huruf b?", &["Perlebah art. 2(1)(b)"]),
        ("Was regelt § 1 Abs. 2 Buchst. b ImkG?", &["ImkG section 1 para. 2(b)"]),
        ("劳动采蜜法第一条、《山羊采蜜法》第一条适用吗？", &[]),
        ("What does section 1 of the Imkergesetz say?", &["ImkG section 1"]),
        ("谁要登记？", &[]),
    ] {
        let cited = cited_in(&view, question, date(2024, 1, 1)).expect("readable");
        let shown: Vec<String> = cited.iter().map(|cited| cited.pinpoint.to_string()).collect();
        assert_eq!(shown, units, "{question}");
        for cited in cited {
            assert!(matches!(cited.located, grounds::Located::Found { .. }), "{question}: {:?}", cited.located);
        }
    }
}
