//! References in Chinese and Japanese texts: "本法第十三条第一款第二项至第四项", "《民法典》第五条、第六条", "前款".

use std::ops::Range;

use grounds_core::{Pinpoint, Span, UnitKind};

use super::super::parsed::ParsedUnit;
use super::{Names, Reference, References, Step, Target};
use crate::unspaced::may_begin_name;

/// A reference that names more provisions than this is a mistake of the text or of the reader.
const PROVISIONS_MAX: usize = 200;
/// What a law calls itself, where a number follows.
const THIS: [&str; 12] = [
    "本法",
    "本条例",
    "本规定",
    "本办法",
    "本细则",
    "本规则",
    "本解释",
    "本决定",
    "本法律",
    "この法律",
    "この政令",
    "この省令",
];
/// Between two provisions that are named together.
const JOINERS: [&str; 11] = ["以及", "或者", "、", "，", "和", "或", "及び", "及", "又は", "与", "並びに"];
/// Between the first and the last of several.
const RANGES: [&str; 3] = ["至", "到", "から"];
const BEFORE: [(&str, UnitKind); 3] =
    [("前款", UnitKind::Subparagraph), ("前項", UnitKind::Subparagraph), ("前条", UnitKind::Article)];
/// What names of works end with, where no brackets tell them from the words around.
const WORKS: [&str; 35] = [
    "法",
    "法典",
    "法律",
    "条例",
    "條例",
    "规定",
    "規定",
    "办法",
    "辦法",
    "则",
    "則",
    "决定",
    "決定",
    "解释",
    "解釋",
    "公约",
    "公約",
    "协定",
    "協定",
    "条约",
    "條約",
    "議定書",
    "议定书",
    "章程",
    "规约",
    "規約",
    "通知",
    "意见",
    "批复",
    "合同",
    "协议",
    "约定",
    "公告",
    "方案",
    "令",
];
/// The work that was named just before.
const SAME: [&str; 4] = ["该法", "同法", "该条例", "該法"];
/// Before and after these the words for a provision before are parts of others: "目前条件", "支付前款项".
const WORD_BEGINNINGS: [char; 6] = ['目', '以', '之', '此', '提', '付'];
const WORD_ENDS: [char; 4] = ['件', '例', '约', '项'];
/// What stands between two provisions is no longer than this, with what brackets explain.
const BETWEEN_BYTES_MAX: usize = 200;
/// Names without brackets are looked for as far back as this.
const UNMARKED_CHARACTER_COUNT_MAX: usize = 40;
/// Names of works have no more bytes.
const NAME_BYTES_MAX: usize = 300;

/// Whether texts in the language are read here.
pub(super) fn is_read(language: &str) -> bool {
    matches!(language.split('-').next(), Some("zh" | "ja"))
}

/// Adds the references of `range`, which belongs to the unit at `unit`. Cost: linear in its length.
pub(super) fn read(text: &str, range: Range<usize>, unit: usize, context: &Context<'_>, references: &mut References) {
    let mut at = range.start;
    // The reference before, and where it ends.
    let mut last: Option<(Reference, usize)> = None;
    // The work that was named last.
    let mut named = Target::Unclear;
    while at < range.end {
        let rest = &text[at..range.end];
        let Some(next) = rest.find(['第', '前', '《']) else { break };
        at += next;
        let rest = &text[at..range.end];
        if let Some((name, end)) = name_at(rest) {
            context.note(name, references);
            named = context.target(name);
            at += end;
            continue;
        }
        let found = if rest.starts_with('第') {
            cited(
                &text[range.start..range.end],
                at - range.start,
                (unit, range.start),
                context,
                (last.as_ref(), &named),
            )
        } else {
            relative(text, at..range.end, unit, context)
        };
        let Some((reference, end)) = found else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        if matches!(reference.target, Target::Known(_) | Target::External(_)) {
            named = reference.target.clone();
        }
        references.found.push(reference.clone());
        last = Some((reference, end));
        at = end;
    }
}

/// What a text stands in.
pub(super) struct Context<'c> {
    names: &'c Names,
    units: &'c [ParsedUnit],
    /// By position, the unit that it is part of.
    parents: Vec<Option<usize>>,
}

impl<'c> Context<'c> {
    pub(super) fn new(names: &'c Names, units: &'c [ParsedUnit], children: &[Vec<usize>]) -> Self {
        let mut parents = vec![None; units.len()];
        for (parent, children) in children.iter().enumerate() {
            children.iter().for_each(|child| parents[*child] = Some(parent));
        }
        Self { names, units, parents }
    }

    fn target(&self, name: &str) -> Target {
        self.names.position(name).map_or_else(|| Target::External(name.to_owned()), Target::Known)
    }

    fn note(&self, name: &str, references: &mut References) {
        match self.names.position(name) {
            Some(document) => *references.named.entry(document).or_insert(0) += 1,
            None => *references.named_outside.entry(name.to_owned()).or_insert(0) += 1,
        }
    }

    /// The positions of the units around one, from its own upward.
    fn around(&self, unit: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(unit), |unit| self.parents[*unit])
    }
}

/// The name in 《》 at the beginning of `text`, and where it ends.
fn name_at(text: &str) -> Option<(&str, usize)> {
    let inside = text.strip_prefix('《')?;
    let (end, _) = inside.char_indices().take_while(|(at, _)| *at < NAME_BYTES_MAX).find(|(_, c)| *c == '》')?;
    Some((&inside[..end], '《'.len_utf8() + end + '》'.len_utf8()))
}

/// "前款", "前条": the one before that in which it stands.
fn relative(text: &str, range: Range<usize>, unit: usize, context: &Context<'_>) -> Option<(Reference, usize)> {
    let rest = &text[range.clone()];
    let (name, kind) = BEFORE.iter().find(|(name, _)| rest.starts_with(name))?;
    let is_in_word = text[..range.start].ends_with(WORD_BEGINNINGS) || rest[name.len()..].starts_with(WORD_ENDS);
    (!is_in_word).then_some(())?;
    let own = context.around(unit).find(|around| context.units[*around].kind == *kind)?;
    let number = match kind {
        UnitKind::Article => {
            context.units[..own].iter().rev().find(|unit| unit.kind == UnitKind::Article)?.number.clone()
        }
        _ => context.units[own].number.parse::<u32>().ok()?.checked_sub(1)?.to_string(),
    };
    let mut steps = vec![Step { kind: Some(*kind), number }];
    let mut end = range.start + name.len();
    if let Some((parts, length)) = Pinpoint::counted_at(&rest[name.len()..]) {
        steps.extend(parts.into_iter().map(step));
        end += length;
    }
    Some((reference(unit, range.start..end, Target::Home, vec![steps]), end))
}

/// The provision that is named at `at` of a segment, which belongs to a unit and begins at a place of the text; with those named together with the
/// reference before. `named` is the work named last.
fn cited(
    segment: &str,
    at: usize,
    (unit, offset): (usize, usize),
    context: &Context<'_>,
    (last, named): (Option<&(Reference, usize)>, &Target),
) -> Option<(Reference, usize)> {
    let (steps, length) = Pinpoint::counted_at(&segment[at..])?;
    let steps: Vec<Step> = steps.into_iter().map(step).collect();
    let end = offset + at + length;
    let span = offset + at..end;
    let between = last.map(|(before, before_end)| (before, &segment[*before_end - offset..at]));
    let Some((before, joint)) = between.and_then(|(before, between)| Some((before, joint(between)?))) else {
        // A name stands in the same line.
        let words = segment[..at].trim_end_matches(' ');
        let target =
            if SAME.iter().any(|name| words.ends_with(name)) { named.clone() } else { named_before(words, context) };
        return Some((reference(unit, span, target, vec![steps]), end));
    };
    // What the first of them has above the kind of the second: "第一款第二项至第四项".
    let first = before.provisions.last()?;
    let above = match joint {
        Joint::Part => first.len(),
        Joint::Next | Joint::Range => first.iter().position(|step| step.kind == steps[0].kind)?,
    };
    let with_above = |steps: &[Step]| first[..above].iter().chain(steps).cloned().collect::<Vec<Step>>();
    let numbers = |step: &Step| step.number.parse::<u32>().ok();
    let is_range = joint == Joint::Range && first.len() == above + 1 && steps.len() == 1;
    let from = first.get(above).and_then(numbers).filter(|_| is_range);
    let mut provisions = Vec::new();
    if let (Some(from), Some(to)) = (from, numbers(&steps[0])) {
        let between = (from + 1..to).take(PROVISIONS_MAX);
        provisions.extend(between.map(|number| with_above(&[Step { number: number.to_string(), ..steps[0].clone() }])));
    }
    provisions.push(with_above(&steps));
    Some((Reference { target: before.target.clone(), ..reference(unit, span, Target::Unnamed, provisions) }, end))
}

/// How two provisions are named together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joint {
    Next,
    Range,
    /// The second is a part of the first: "第五条的第二款".
    Part,
}

/// How what stands between two provisions joins them; `None` where it does not.
fn joint(between: &str) -> Option<Joint> {
    (between.len() <= BETWEEN_BYTES_MAX).then_some(())?;
    let mut rest = between.trim_start();
    // What brackets explain: "第二百三十二条（故意杀人罪）、第二百三十四条".
    while let Some(inside) = rest.strip_prefix('（') {
        rest = inside[inside.find('）')? + '）'.len_utf8()..].trim_start();
    }
    let rest = rest.trim_end();
    match rest {
        "的" | "の" => Some(Joint::Part),
        _ if RANGES.contains(&rest) => Some(Joint::Range),
        _ => JOINERS.contains(&rest).then_some(Joint::Next),
    }
}

/// The work that the words before a citation name.
fn named_before(before: &str, context: &Context<'_>) -> Target {
    let before = without_explanation(before).trim_end_matches(['的', '中', 'の']);
    let before = without_explanation(before);
    if let Some(inside) = before.strip_suffix('》') {
        let start = inside.char_indices().rev().take_while(|(at, _)| inside.len() - at < NAME_BYTES_MAX);
        let name = start.into_iter().find(|(_, c)| *c == '《').map(|(at, c)| &inside[at + c.len_utf8()..]);
        return name.map_or(Target::Unclear, |name| context.target(name));
    }
    if THIS.iter().any(|name| before.ends_with(name)) {
        return Target::Home;
    }
    if !WORKS.iter().any(|name| before.ends_with(name)) {
        return Target::Unnamed;
    }
    // The longest name that these words end with.
    let starts = before.char_indices().rev().take(UNMARKED_CHARACTER_COUNT_MAX).map(|(start, _)| start);
    let starts = starts.filter(|start| may_begin_name(before, *start));
    let known = starts.filter_map(|start| context.names.position(&before[start..])).last();
    known.map_or(Target::Unclear, Target::Known)
}

/// Words without what brackets at their end explain: "《刑法》（以下简称本法）", "労働基準法（昭和二十二年法律第四十九号）".
fn without_explanation(words: &str) -> &str {
    let Some(inside) = words.strip_suffix('）') else { return words };
    let open = inside.char_indices().rev().take_while(|(at, _)| inside.len() - at < NAME_BYTES_MAX);
    let open = open.into_iter().find(|(_, c)| *c == '（');
    open.map_or(words, |(at, _)| &words[..at])
}

fn reference(unit: usize, span: Range<usize>, target: Target, provisions: Vec<Vec<Step>>) -> Reference {
    let span = Span::new(span.start, span.end);
    Reference { unit, span, target, named_before: None, provisions, anchor: None, points_here: false }
}

fn step(step: grounds_core::Step) -> Step {
    Step { kind: step.kind.unit_kind(), number: step.number }
}
