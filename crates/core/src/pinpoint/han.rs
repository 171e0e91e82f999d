//! Citations that count: "第五十四条第二款".

use super::{Step, StepKind};
use crate::han_number;

/// What follows a number in Chinese and Japanese citations, as in "第五十四条第二款", and what it names. Where paragraphs are called 項, 款 are their
/// points.
const HAN_KINDS: &[(&str, StepKind)] = &[
    ("条", StepKind::Article),
    ("條", StepKind::Article),
    ("部分", StepKind::Part),
    ("编", StepKind::Part),
    ("編", StepKind::Part),
    ("章", StepKind::Chapter),
    ("节", StepKind::Section),
    ("節", StepKind::Section),
    ("款", StepKind::Subparagraph),
    ("項", StepKind::Subparagraph),
    ("项", StepKind::Point),
    ("号", StepKind::Point),
    ("號", StepKind::Point),
    ("目", StepKind::Point),
];

/// Whether the text ends with what a number counts.
pub(super) fn ends_counted(text: &str) -> bool {
    HAN_KINDS.iter().any(|(name, _)| text.ends_with(name))
}

/// The step as it is meant after `steps`: what is named like a paragraph within one is a point.
pub(super) fn below(steps: &[Step], step: Step) -> Step {
    let is_point = step.kind == StepKind::Subparagraph && steps.last().is_some_and(|last| last.kind == step.kind);
    Step { kind: if is_point { StepKind::Point } else { step.kind }, ..step }
}

/// Whether it is only cited after what it is part of.
pub(super) fn is_part(kind: StepKind) -> bool {
    matches!(kind, StepKind::Subparagraph | StepKind::Point)
}

/// "第五十四条", "第一百三十三条之一", "第（三）项", "第 2 款": the step and what follows.
pub(super) fn han_step(text: &str) -> Option<(Step, &str)> {
    let rest = text.strip_prefix('第')?.trim_start_matches(' ');
    let opened = rest.strip_prefix(['(', '（']);
    let (value, length) = han_number(opened.unwrap_or(rest))?;
    let mut rest = &opened.unwrap_or(rest)[length..];
    if opened.is_some() {
        rest = rest.strip_prefix([')', '）'])?;
    }
    rest = rest.trim_start_matches(' ');
    let (name, kind) = HAN_KINDS.iter().find(|(name, _)| rest.starts_with(name))?;
    rest = &rest[name.len()..];
    let mut number = value.to_string();
    // An article put in later: "之一", "の二".
    if let Some(inserted) = rest.strip_prefix(['之', 'の'])
        && let Some((value, length)) = han_number(inserted)
    {
        number.extend(rest.chars().next());
        number.push_str(&value.to_string());
        rest = &inserted[length..];
    }
    Some((Step { kind: *kind, number }, rest))
}

#[cfg(test)]
mod tests {
    use crate::Pinpoint;

    fn shown(text: &str) -> String {
        Pinpoint::parse(text).map_or_else(|error| error.to_string(), |pinpoint| pinpoint.to_string())
    }

    #[test]
    fn chinese_and_japanese_citations_name_the_same() {
        for (text, pinpoint) in [
            ("第五十四条", "art. 54"),
            ("民法典第五十四条第二款第（三）项", "民法典 art. 54 subpara. 2(3)"),
            ("《民法典》第54条第2款", "《民法典》 art. 54 subpara. 2"),
            ("刑法第一百三十三条之一第一款", "刑法 art. 133之1 subpara. 1"),
            ("第五条第一項第二款", "art. 5 subpara. 1(2)"),
            ("会社法 第五条の二第３項第一号", "会社法 art. 5の2 subpara. 3(1)"),
            ("第 12 條", "art. 12"),
            ("第九条（二）", "art. 9(2)"),
            ("第九条(十二)", "art. 9(12)"),
            ("第三章第一节", "chapter 3 section 1"),
        ] {
            assert_eq!(shown(text), pinpoint, "{text}");
            // What is written back is read as the same.
            assert_eq!(shown(pinpoint), pinpoint, "{text}");
        }
        for text in ["第二款", "第一", "第百条", "第条"] {
            assert!(shown(text).contains("names no provision"), "{text}");
        }
        assert_eq!(
            Pinpoint::all_in("第二条（定义）是什么").iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["art. 2"]
        );
        let found = Pinpoint::all_in("违反民法典第五条规定的，适用本法第六条第一款、第七条吗？");
        let found: Vec<String> = found.iter().map(|found| found.relative().to_string()).collect();
        assert_eq!(found, ["art. 5", "art. 6 subpara. 1", "art. 7"]);
    }
}
