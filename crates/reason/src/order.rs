//! In which order claims are evaluated: each after all it depends on.

use std::collections::{BTreeMap, BTreeSet};

use grounds_core::{Atom, Conclusion, Condition, Expression, Program, Rule, RuleKind};

/// The claims' positions in the program, in groups that depend on each other, each group after those it depends on; most groups are
/// one claim that does not depend on itself.
///
/// Groups are the strongly connected components of the claims' graph (Tarjan, "Depth-first search and linear graph algorithms", 1972).
///
/// # Errors
/// The names on a circle of dependency that goes through more than positive conditions, beginning and ending with the same claim.
pub(crate) fn evaluation_order(program: &Program) -> Result<Vec<Group>, Vec<String>> {
    let graph = Graph::of(program);
    let groups = graph.components();
    for group in &groups {
        for from in group {
            if let Some(to) = graph.strict[*from].iter().find(|to| group.contains(to)) {
                let name = |claim: &usize| program.claims[*claim].name.clone();
                return Err(std::iter::once(name(from))
                    .chain(graph.path(*to, *from, group).iter().map(name))
                    .collect());
            }
        }
    }
    let is_recursive =
        |group: &[usize]| group.iter().any(|from| group.iter().any(|to| graph.below[*from].contains(to)));
    Ok(groups.into_iter().map(|claims| Group { is_recursive: is_recursive(&claims), claims }).collect())
}

/// Claims that depend on each other.
pub(crate) struct Group {
    /// Their positions in the program, ascending.
    pub(crate) claims: Vec<usize>,
    /// Whether they depend on themselves.
    pub(crate) is_recursive: bool,
}

/// Which claims each claim looks up, by position; `strict` are those it looks up otherwise than as a positive condition.
struct Graph {
    below: Vec<BTreeSet<usize>>,
    strict: Vec<BTreeSet<usize>>,
}

impl Graph {
    fn of(program: &Program) -> Self {
        let position_of: BTreeMap<&str, usize> =
            program.claims.iter().enumerate().map(|(position, claim)| (claim.name.as_str(), position)).collect();
        let positions = |atoms: &BTreeMap<&str, BTreeSet<&str>>, claim: &str| {
            let names = atoms.get(claim).into_iter().flatten();
            names.filter_map(|name| position_of.get(name).copied()).collect()
        };
        let (all, strict) = (dependencies(program), strict_dependencies(program));
        let each = |atoms| program.claims.iter().map(|claim| positions(atoms, &claim.name)).collect();
        Self { below: each(&all), strict: each(&strict) }
    }

    fn components(&self) -> Vec<Vec<usize>> {
        let count = self.below.len();
        let (mut index, mut low) = (vec![usize::MAX; count], vec![usize::MAX; count]);
        let (mut on_stack, mut stack, mut groups, mut next_index) = (vec![false; count], Vec::new(), Vec::new(), 0);
        for start in 0..count {
            // A stack of our own: chains of claims may be longer than the machine's stack.
            let mut visits: Vec<(usize, Vec<usize>)> = Vec::new();
            if index[start] == usize::MAX {
                visits.push((start, self.below[start].iter().rev().copied().collect()));
            }
            while let Some((claim, waiting)) = visits.last_mut() {
                let claim = *claim;
                if index[claim] == usize::MAX {
                    (index[claim], low[claim]) = (next_index, next_index);
                    next_index += 1;
                    stack.push(claim);
                    on_stack[claim] = true;
                }
                if let Some(dependency) = waiting.pop() {
                    if index[dependency] == usize::MAX {
                        visits.push((dependency, self.below[dependency].iter().rev().copied().collect()));
                    } else if on_stack[dependency] {
                        low[claim] = low[claim].min(index[dependency]);
                    }
                    continue;
                }
                visits.pop();
                if let Some((above, _)) = visits.last() {
                    low[*above] = low[*above].min(low[claim]);
                }
                if low[claim] == index[claim] {
                    let from = stack.iter().position(|member| *member == claim).unwrap_or(0);
                    let mut group = stack.split_off(from);
                    group.iter().for_each(|member| on_stack[*member] = false);
                    group.sort_unstable();
                    groups.push(group);
                }
            }
        }
        groups
    }

    /// A shortest way from one claim of a group to another.
    fn path(&self, from: usize, to: usize, group: &[usize]) -> Vec<usize> {
        let mut paths = vec![vec![from]];
        let mut seen = BTreeSet::from([from]);
        let mut next = 0;
        while let Some(path) = paths.get(next).cloned() {
            next += 1;
            let last = path[path.len() - 1];
            if last == to {
                return path;
            }
            for step in self.below[last].iter().filter(|step| group.contains(step)) {
                if seen.insert(*step) {
                    paths.push(path.iter().copied().chain([*step]).collect());
                }
            }
        }
        Vec::new()
    }
}

/// For each claim, what its rules and their exceptions look up other than as a positive condition of a rule.
fn strict_dependencies(program: &Program) -> BTreeMap<&str, BTreeSet<&str>> {
    look_ups(program, |rule, visit| match rule.kind {
        RuleKind::Base => strict_atoms(&rule.condition, visit),
        _ => atoms_of_condition(&rule.condition, visit),
    })
}

/// For each claim, the atoms that `visit_condition` finds in the conditions of its rules and their exceptions, and all of their amendments and
/// values.
fn look_ups<'p>(
    program: &'p Program,
    visit_condition: impl Fn(&'p Rule, &mut dyn FnMut(&'p Atom)),
) -> BTreeMap<&'p str, BTreeSet<&'p str>> {
    let mut below: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for rule in &program.rules {
        let names = below.entry(rule.claim.as_str()).or_default();
        let mut visit = |atom: &'p Atom| {
            names.insert(atom.predicate.as_str());
        };
        visit_condition(rule, &mut visit);
        for amendment in &rule.amendments {
            atoms_of_condition(&amendment.condition, &mut visit);
        }
        if let Conclusion::Value(value) = &rule.conclusion {
            atoms_of_expression(value, &mut visit);
        }
    }
    below
}

/// Visits the atoms of a condition whose growing truth could make it less true, or whose values it uses.
fn strict_atoms<'p>(condition: &'p Condition, visit: &mut dyn FnMut(&'p Atom)) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| strict_atoms(part, visit)),
        Condition::Exists { condition: inner, .. } => strict_atoms(inner, visit),
        Condition::Holds(atom) => atom.arguments.iter().for_each(|argument| atoms_of_expression(argument, visit)),
        _ => atoms_of_condition(condition, visit),
    }
}

/// For each claim, the facts and claims that its rules and their exceptions look up.
pub(crate) fn dependencies(program: &Program) -> BTreeMap<&str, BTreeSet<&str>> {
    look_ups(program, |rule, visit| atoms_of_condition(&rule.condition, visit))
}

/// Visits every atom of a condition, arguments before the atom they belong to, left to right.
pub(crate) fn atoms_of_condition<'p>(condition: &'p Condition, visit: &mut dyn FnMut(&'p Atom)) {
    match condition {
        Condition::Always => {}
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| atoms_of_condition(part, visit));
        }
        Condition::Not(inner) | Condition::Exists { condition: inner, .. } => atoms_of_condition(inner, visit),
        Condition::Holds(atom) | Condition::Has(atom) => atoms_of_atom(atom, visit),
        Condition::Compare { left, right, .. } => {
            atoms_of_expression(left, visit);
            atoms_of_expression(right, visit);
        }
        Condition::In { value, choices } => {
            atoms_of_expression(value, visit);
            choices.iter().for_each(|choice| atoms_of_expression(choice, visit));
        }
    }
}

fn atoms_of_atom<'p>(atom: &'p Atom, visit: &mut dyn FnMut(&'p Atom)) {
    atom.arguments.iter().for_each(|argument| atoms_of_expression(argument, visit));
    visit(atom);
}

/// Visits every atom of an expression, arguments before the atom they belong to, left to right.
pub(crate) fn atoms_of_expression<'p>(expression: &'p Expression, visit: &mut dyn FnMut(&'p Atom)) {
    match expression {
        Expression::Literal(_) | Expression::Variable(_) | Expression::AsOf => {}
        Expression::Atom(atom) => atoms_of_atom(atom, visit),
        Expression::Add(left, right)
        | Expression::Subtract(left, right)
        | Expression::Multiply(left, right)
        | Expression::Divide(left, right)
        | Expression::YearsBetween(left, right)
        | Expression::DaysBetween(left, right) => {
            atoms_of_expression(left, visit);
            atoms_of_expression(right, visit);
        }
        Expression::Round(inner, _)
        | Expression::DateOf(inner)
        | Expression::YearOf(inner)
        | Expression::MonthOf(inner)
        | Expression::DayOf(inner)
        | Expression::DayOfYear { year: inner, .. }
        | Expression::Shift { start: inner, .. } => atoms_of_expression(inner, visit),
        Expression::Brackets { value, slices } => {
            atoms_of_expression(value, visit);
            for slice in slices {
                atoms_of_expression(&slice.rate, visit);
                slice.to.iter().for_each(|to| atoms_of_expression(to, visit));
            }
        }
        Expression::Row { keys: parts, .. } | Expression::Greatest(parts) | Expression::Least(parts) => {
            parts.iter().for_each(|part| atoms_of_expression(part, visit));
        }
        Expression::Sum { value, condition, .. } | Expression::Extreme { value, condition, .. } => {
            atoms_of_condition(condition, visit);
            atoms_of_expression(value, visit);
        }
        Expression::Count { condition, .. } => atoms_of_condition(condition, visit),
    }
}
