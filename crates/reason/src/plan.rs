//! A program, indexed once for any number of cases.

use std::collections::{BTreeMap, BTreeSet};

use grounds_core::{Calendar, ClaimDeclaration, FactDeclaration, Program, Rule, RuleKind};

use crate::evaluate_error::EvaluateError;
use crate::order::{Group, evaluation_order};

/// Everything in a program by name, and the order in which its claims are evaluated.
pub(crate) struct Plan<'a> {
    pub(crate) program: &'a Program,
    pub(crate) facts: BTreeMap<&'a str, &'a FactDeclaration>,
    pub(crate) claims: BTreeMap<&'a str, &'a ClaimDeclaration>,
    pub(crate) calendars: BTreeMap<&'a str, &'a Calendar>,
    /// By claim, in the program's order.
    pub(crate) base_rules: BTreeMap<&'a str, Vec<&'a Rule>>,
    pub(crate) limits: BTreeMap<&'a str, Vec<&'a Rule>>,
    /// By the id of what they are exceptions to.
    pub(crate) exceptions: BTreeMap<&'a str, Vec<&'a Rule>>,
    /// Pairs of exceptions of which the first wins, directly or through others.
    pub(crate) preferred: BTreeSet<(&'a str, &'a str)>,
    /// Numbers of facts and claims, for those who look them up often.
    pub(crate) numbers: BTreeMap<&'a str, usize>,
    /// The claims in groups, each group after those it depends on.
    pub(crate) order: Vec<Group>,
    /// The position of each claim's group in that order.
    pub(crate) group_of: BTreeMap<&'a str, usize>,
}

impl<'a> Plan<'a> {
    /// Indexes a program.
    ///
    /// # Errors
    /// [`EvaluateError::Recursion`]: a claim depends on itself by more than positive conditions.
    pub(crate) fn new(program: &'a Program) -> Result<Self, EvaluateError> {
        let order =
            evaluation_order(program).map_err(|circle| EvaluateError::Recursion { circle: circle.join(" -> ") })?;
        let groups = order.iter().enumerate();
        let group_of = groups.flat_map(|(position, group)| group.claims.iter().map(move |claim| (*claim, position)));
        let facts = program.facts.iter().map(|fact| fact.predicate.as_str());
        let names = facts.chain(program.claims.iter().map(|claim| claim.name.as_str()));
        let mut plan = Plan {
            program,
            numbers: names.enumerate().map(|(number, name)| (name, number)).collect(),
            facts: program.facts.iter().map(|fact| (fact.predicate.as_str(), fact)).collect(),
            claims: program.claims.iter().map(|claim| (claim.name.as_str(), claim)).collect(),
            calendars: program.calendars.iter().map(|calendar| (calendar.name.as_str(), calendar)).collect(),
            base_rules: BTreeMap::new(),
            limits: BTreeMap::new(),
            exceptions: BTreeMap::new(),
            preferred: preferred(program),
            group_of: group_of.map(|(claim, position)| (program.claims[claim].name.as_str(), position)).collect(),
            order,
        };
        for rule in &program.rules {
            match &rule.kind {
                RuleKind::Base => plan.base_rules.entry(&rule.claim).or_default().push(rule),
                RuleKind::Limit { .. } => plan.limits.entry(&rule.claim).or_default().push(rule),
                RuleKind::Exception { to } => plan.exceptions.entry(to).or_default().push(rule),
            }
        }
        Ok(plan)
    }
}

/// All pairs in the declared order of exceptions, chains included.
fn preferred(program: &Program) -> BTreeSet<(&str, &str)> {
    let declared: Vec<(&str, &str)> =
        program.preferences.iter().map(|preference| (preference.over.as_str(), preference.under.as_str())).collect();
    let mut pairs: BTreeSet<(&str, &str)> = declared.iter().copied().collect();
    loop {
        let longer: Vec<(&str, &str)> = pairs
            .iter()
            .flat_map(|(over, middle)| {
                declared.iter().filter(move |(next, _)| next == middle).map(move |(_, under)| (*over, *under))
            })
            .filter(|pair| !pairs.contains(pair))
            .collect();
        if longer.is_empty() {
            return pairs;
        }
        pairs.extend(longer);
    }
}
