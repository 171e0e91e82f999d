//! What a moved threshold said before and what it says now, as people read it.

use grounds_core::{Case, Conclusion, Condition, Expression, Program, Rule};
use jiff::civil::Date;

use crate::machine::{LookUp, Machine, Result};
use crate::outcome::Computed;
use crate::render::{Renderer, shown_value};
use crate::world::World;

/// A part of a rule.
enum Part<'p> {
    Condition(&'p Condition),
    Value(&'p Expression),
}

/// The smallest comparison, value or amendment that is not the same in two forms of a rule; `None` where they do not differ in that way.
pub(super) fn shown_change(program: &Program, written: &Rule, moved: &Rule) -> Option<(String, String)> {
    let (one, other) = match (&written.conclusion, &moved.conclusion) {
        (Conclusion::Value(one), Conclusion::Value(other)) if one != other => (Part::Value(one), Part::Value(other)),
        _ if written.condition != moved.condition => innermost(&written.condition, &moved.condition),
        _ => {
            let mut amendments = written.amendments.iter().zip(&moved.amendments);
            let (one, other) = amendments.find(|(one, other)| one != other)?;
            if one.condition == other.condition {
                return Some((shown_value(&one.to), shown_value(&other.to)));
            }
            innermost(&one.condition, &other.condition)
        }
    };
    Some((shown(program, written, &one)?, shown(program, written, &other)?))
}

/// The innermost part in which two conditions of one shape differ.
fn innermost<'c>(one: &'c Condition, other: &'c Condition) -> (Part<'c>, Part<'c>) {
    match (one, other) {
        (Condition::All(ones), Condition::All(others)) | (Condition::Any(ones), Condition::Any(others)) => {
            let differing = ones.iter().zip(others).find(|(one, other)| one != other);
            let (one, other) = differing.unwrap_or((one, other));
            innermost(one, other)
        }
        (Condition::Not(one), Condition::Not(other))
        | (Condition::Exists { condition: one, .. }, Condition::Exists { condition: other, .. }) => {
            innermost(one, other)
        }
        _ => (Part::Condition(one), Part::Condition(other)),
    }
}

/// A part of a rule with the rule's variables by their names.
fn shown(program: &Program, rule: &Rule, part: &Part<'_>) -> Option<String> {
    let case = Case { as_of: Date::MIN, entities: Vec::new(), facts: Vec::new() };
    let bare = Rule { amendments: Vec::new(), ..rule.clone() };
    let world = World::new(program, &case).ok()?;
    let mut nothing = Nothing;
    let mut machine = Machine::of_rule(&world, &bare, &[], &mut nothing, 0).ok()?;
    let mut renderer = Renderer { machine: &mut machine, with_values: false };
    Some(match part {
        Part::Condition(condition) => renderer.condition(condition),
        Part::Value(value) => renderer.side(value),
    })
}

/// Knows nothing: what is shown has no values.
struct Nothing;

impl LookUp for Nothing {
    fn look_up(&mut self, _: &str, _: &[usize], _: usize) -> Result<Computed> {
        Ok(Computed::Unknown)
    }
}
