//! Relations that depend on each other, evaluated together: round by round until nothing new follows.

use super::budget::{Halt, Halted, Meter};
use super::core_rule::{CoreLiteral, CoreRule, Total};
use super::join::Join;
use super::plan::{Plan, Step, plan};
use super::relation::{Relation, Run};
use super::rows::{RowNumber, Rows};
use super::total::Groups;
use super::value::Numbers;

/// What the rounds work on.
pub(crate) struct Rounds<'r, 'm, 'c> {
    pub(crate) relations: &'r mut [Relation],
    pub(crate) numbers: &'r mut Numbers,
    pub(crate) meter: &'r mut Meter<'m, 'c>,
    /// For each relation, the first row that came in the last round; as long as `relations`.
    pub(crate) recent_from: &'r mut [RowNumber],
    pub(crate) keeps_provenance: bool,
}

/// The rows of one relation that are new in a round.
struct Fresh {
    relation: usize,
    rows: Rows,
    origins: Vec<Run>,
}

/// Derives all that follows for the relations of `members` (ascending), which hold their facts and nothing else.
///
/// Semi-naive evaluation: after the first round a rule looks only for choices of which a row came in the round before. A row that is new in
/// a round is seen from the next round on, so that the round in which it is derived is the least height of its derivations within the
/// component, and its rule the first that derives it at that height.
///
/// # Errors
/// The budget is used up, or a number too large. The relations are then incomplete.
pub(crate) fn derive(
    members: &[usize],
    rules: &[&CoreRule],
    thresholds: &[&Total],
    rounds: &mut Rounds<'_, '_, '_>,
) -> Result<(), Halted> {
    let (once, repeated) = plans(members, rules, rounds.relations);
    let index_bytes = once.iter().chain(&repeated).map(|plan| plan.index_bytes).sum();
    let unplanned = |halt| Halted { halt, relation: members[0], rule: None };
    rounds.meter.resized(0, index_bytes).map_err(unplanned)?;
    let mut fresh: Vec<Fresh> = Vec::new();
    for member in members {
        let rows = Rows::new(rounds.relations[*member].rows.width());
        fresh.push(Fresh { relation: *member, rows, origins: Vec::new() });
        rounds.recent_from[*member] = 0;
    }
    let mut groups: Vec<Groups<'_>> = thresholds.iter().map(|threshold| Groups::new(threshold)).collect();
    let mut round = 1;
    loop {
        // Plans stand in the order of their rules, those that run once among the others: the first to derive a row is recorded.
        let mut plans: Vec<&Plan> = repeated.iter().collect();
        if round == 1 {
            plans.extend(&once);
            plans.sort_by_key(|plan| plan.rule);
        }
        for plan in plans {
            let halted = |halt| Halted { halt, relation: plan.head_relation, rule: Some(plan.rule) };
            run(plan, round, &mut fresh, rounds).map_err(halted)?;
        }
        for groups in &mut groups {
            let total = groups.total();
            let is_growing = members.binary_search(&total.input).is_ok();
            let halted = |halt| Halted { halt, relation: total.relation, rule: Some(total.number) };
            pass(groups, is_growing, round, &mut fresh, rounds).map_err(halted)?;
        }
        if fresh.iter().all(|fresh| fresh.rows.len() == 0) {
            return Ok(());
        }
        for Fresh { relation, rows, origins } in &mut fresh {
            let grown = &mut rounds.relations[*relation];
            let before = grown.bytes();
            rounds.recent_from[*relation] = grown.rows.len();
            grown.append(rows, origins);
            let after = grown.bytes();
            rounds.meter.resized(before, after).map_err(|halt| Halted { halt, relation: *relation, rule: None })?;
        }
        if repeated.is_empty() {
            return Ok(());
        }
        round += 1;
    }
}

/// The plans that run once, and those that run every round.
fn plans(members: &[usize], rules: &[&CoreRule], relations: &mut [Relation]) -> (Vec<Plan>, Vec<Plan>) {
    let is_growing = |relation: usize| members.binary_search(&relation).is_ok();
    let (mut once, mut repeated) = (Vec::new(), Vec::new());
    for rule in rules {
        let grows = |literal: &CoreLiteral| {
            matches!(literal, CoreLiteral::Holds(_)) && literal.atom().is_some_and(|atom| is_growing(atom.relation))
        };
        let growing: Vec<usize> = (0..rule.body.len()).filter(|place| grows(&rule.body[*place])).collect();
        if growing.is_empty() {
            once.push(plan(rule, None, &is_growing, relations));
        }
        for place in growing {
            repeated.push(plan(rule, Some(place), &is_growing, relations));
        }
    }
    (once, repeated)
}

fn run(plan: &Plan, round: u32, fresh: &mut [Fresh], rounds: &mut Rounds<'_, '_, '_>) -> Result<(), Halt> {
    if let Some(Step::Recent { relation, .. }) = plan.steps.first()
        && rounds.recent_from[*relation] == rounds.relations[*relation].rows.len()
    {
        return Ok(());
    }
    let Some(target) = fresh.iter_mut().find(|fresh| fresh.relation == plan.head_relation) else { return Ok(()) };
    let start = target.rows.len();
    let mut join = Join {
        plan,
        relations: rounds.relations,
        recent_from: rounds.recent_from,
        numbers: rounds.numbers,
        meter: rounds.meter,
        fresh: &mut target.rows,
        registers: vec![0; plan.register_count],
    };
    join.run(&plan.steps)?;
    if rounds.keeps_provenance && target.rows.len() > start {
        target.origins.push(Run { start, rule: plan.rule, round });
    }
    Ok(())
}

/// Adds to groups what came in the last round, or all where the input is complete; those that pass their threshold are new rows.
fn pass(
    groups: &mut Groups<'_>,
    is_growing: bool,
    round: u32,
    fresh: &mut [Fresh],
    rounds: &mut Rounds<'_, '_, '_>,
) -> Result<(), Halt> {
    let total = groups.total();
    let Some(target) = fresh.iter_mut().find(|fresh| fresh.relation == total.relation) else { return Ok(()) };
    let input = &rounds.relations[total.input].rows;
    let from = if is_growing { rounds.recent_from[total.input] } else { 0 };
    let before = groups.bytes();
    groups.add(input, from, rounds.numbers, rounds.meter, |group| {
        target.rows.insert(group);
    })?;
    rounds.meter.resized(before, groups.bytes())?;
    (0..target.rows.len()).try_for_each(|_| rounds.meter.derived())?;
    if target.rows.len() > 0 {
        target.origins.push(Run { start: 0, rule: total.number, round });
    }
    Ok(())
}
