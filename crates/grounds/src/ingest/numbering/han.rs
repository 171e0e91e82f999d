//! Headings and labels of Chinese and Japanese provisions: "第五十四条", "第三章 总则", "（一）".

use grounds_core::{Pinpoint, UnitKind, han_number};

use super::Heading;

/// Reads "第五十四条", "第一百三十三条之一　…", "第三章 总则": a number with what it counts, which white space, a bracket or a colon ends.
/// "第五条规定…" is a sentence about an article, and `None`.
pub(crate) fn han_heading(text: &str) -> Option<Heading<'static>> {
    let (steps, label_length) = Pinpoint::counted_at(text)?;
    let [step] = &steps[..] else { return None };
    let kind = step
        .kind
        .unit_kind()
        .filter(|kind| matches!(kind, UnitKind::Article | UnitKind::Section | UnitKind::Chapter | UnitKind::Part))?;
    let after = &text[label_length..];
    let rest = after.trim_start();
    let separated = rest.trim_start_matches(['：', ':']).trim_start();
    let is_ended = rest.len() < after.len() || separated.len() < rest.len() || rest.is_empty();
    let is_heading = is_ended || rest.starts_with(['（', '(', '【', '〔']);
    is_heading.then(|| Heading {
        kind,
        number: step.number.clone().into(),
        label_length,
        rest_start: text.len() - separated.len(),
    })
}

/// Reads "（一）" and "(十二)": the number as printed, and how many bytes number and brackets have.
pub(super) fn bracketed(text: &str) -> Option<(&str, usize)> {
    let inside = text.strip_prefix(['(', '（'])?;
    let (_, length) = han_number(inside)?;
    let after = inside[length..].strip_prefix([')', '）'])?;
    Some((&inside[..length], text.len() - after.len()))
}

/// Signs that count the parts of Japanese items, in their order.
const IROHA: &str = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス";

/// Reads what Japanese laws print before items and their parts, which a wide space follows: "一　氏名", "イ　住所".
pub(super) fn before_wide_space(text: &str) -> Option<&str> {
    let (number, _) = text.split_once('\u{3000}')?;
    (value(number).is_some() || iroha(number).is_some()).then_some(number)
}

/// The place of a sign among those that count the parts of items, from 1.
pub(super) fn iroha(number: &str) -> Option<u32> {
    let mut characters = number.chars();
    let sign = characters.next().filter(|_| characters.next().is_none())?;
    (1..).zip(IROHA.chars()).find(|(_, one)| *one == sign).map(|(place, _)| place)
}

/// The value of a number in Chinese signs alone, such as "十二".
pub(super) fn value(number: &str) -> Option<u32> {
    let is_han = number.starts_with(|first: char| !first.is_ascii());
    han_number(number).filter(|(_, length)| is_han && *length == number.len()).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_told_from_sentences() {
        for (text, number, rest) in [
            ("第五十四条　自然人从事工商业经营", "54", "自然人从事工商业经营"),
            ("第一百三十三条之一 在道路上", "133之1", "在道路上"),
            ("第5条", "5", ""),
            ("第二条【定义】本法所称", "2", "【定义】本法所称"),
            ("第三条：定义", "3", "定义"),
        ] {
            let found = han_heading(text).expect(text);
            assert_eq!((found.kind, &*found.number, &text[found.rest_start..]), (UnitKind::Article, number, rest));
        }
        assert_eq!(han_heading("第三章　总则").map(|found| found.kind), Some(UnitKind::Chapter));
        assert_eq!(han_heading("第一部分 总则").map(|found| found.kind), Some(UnitKind::Part));
        for text in ["第五条规定的行为", "第五条第一款", "第五 条例", "第三方", "条", ""] {
            assert_eq!(han_heading(text), None, "{text}");
        }
    }

    #[test]
    fn labels_stand_in_brackets() {
        assert_eq!(bracketed("（一）姓名"), Some(("一", "（一）".len())));
        assert_eq!(bracketed("(十二)其他"), Some(("十二", "(十二)".len())));
        assert_eq!(bracketed("（一项）"), None);
        assert_eq!(before_wide_space("十二　其他"), Some("十二"));
        assert_eq!(before_wide_space("ロ　住所"), Some("ロ"));
        assert_eq!(before_wide_space("定義　住所"), None);
        assert_eq!((iroha("イ"), iroha("ハ"), iroha("イロ"), iroha("")), (Some(1), Some(3), None, None));
        assert_eq!((value("十二"), value("12"), value("一条")), (Some(12), None, None));
    }
}
