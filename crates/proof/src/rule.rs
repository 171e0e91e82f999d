//! Outcomes of rules with their exceptions, and what they make of a claim.

use std::cmp::Ordering;

use grounds_core::{Conclusion, Rule, RuleKind, Type};

use crate::error::{Cause, Result, refuse};
use crate::evaluation::Evaluation;
use crate::operation::{compare, rounded};
use crate::quantity::{Lack, Quantity, Valuation, strongest};

/// A rule's conclusion, a value (yes where the claim holds) or `none`; or why it has no conclusion, which is
/// `Lack::None` where it is not applicable.
type Outcome<'a> = Result<Option<Quantity<'a>>, Lack>;

impl<'a> Evaluation<'a> {
    /// What a claim is for given arguments, and the rules that decide it.
    pub(crate) fn claim(&mut self, claim: &str, arguments: &[&'a str]) -> Result<(Valuation<'a>, Vec<&'a str>)> {
        let context = self.context;
        let mut outcomes = Vec::new();
        for rule in context.bases.get(claim).into_iter().flatten() {
            outcomes.push((*rule, self.outcome(rule, arguments)?));
        }
        let mut limits = Vec::new();
        for rule in context.limits.get(claim).into_iter().flatten() {
            limits.push((*rule, self.outcome(rule, arguments)?));
        }
        let values: Vec<Quantity<'_>> = outcomes.iter().filter_map(|(_, outcome)| outcome.ok().flatten()).collect();
        let is_settled_by_one = *context.signature(claim)?.value == Type::Bool;
        let is_disputed = values.iter().any(|value| !value.same(values[0]));
        let lack = strongest(outcomes.iter().map(|(_, outcome)| outcome));
        let status = match (values.first(), lack) {
            (Some(value), _) if is_settled_by_one => Ok(*value),
            _ if is_disputed => Err(Lack::Conflict),
            (_, Some(lack)) => Err(lack),
            (Some(value), None) => Ok(*value),
            (None, None) => Err(Lack::None),
        };
        outcomes.retain(|(rule, outcome)| match (status, outcome) {
            (Ok(_), outcome) => matches!(outcome, Ok(Some(_))),
            (Err(Lack::None), _) => rule.only,
            (Err(Lack::Conflict), Ok(Some(_))) => is_disputed,
            (Err(lack), outcome) => *outcome == Err(lack),
        });
        let deciding = outcomes.into_iter().map(|(rule, _)| rule.id.as_str()).collect();
        match status {
            Ok(value) => limited(value, deciding, &limits),
            Err(_) => Ok((status, deciding)),
        }
    }

    fn outcome(&mut self, rule: &'a Rule, arguments: &[&'a str]) -> Result<Outcome<'a>> {
        self.enter()?;
        let context = self.context;
        let own = self.own_outcome(rule, arguments).map_err(|error| error.in_rule(&rule.id))?;
        let mut exceptions = Vec::new();
        for exception in context.exceptions.get(rule.id.as_str()).into_iter().flatten() {
            exceptions.push((exception.id.as_str(), self.outcome(exception, arguments)?));
        }
        self.depth -= 1;
        if own.is_err() {
            return Ok(own);
        }
        let live: Vec<&str> = exceptions.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(id, _)| *id).collect();
        exceptions.retain(|(id, _)| !live.iter().any(|over| context.is_preferred(over, id)));
        let conclusions: Vec<_> = exceptions.iter().filter_map(|(_, outcome)| outcome.ok()).collect();
        let differs = |one: &Option<Quantity<'_>>| match (*one, conclusions[0]) {
            (Some(one), Some(first)) => !one.same(first),
            (one, first) => one.is_some() != first.is_some(),
        };
        if conclusions.iter().any(differs) {
            return Ok(Err(Lack::Conflict));
        }
        let lack = strongest(exceptions.iter().map(|(_, outcome)| outcome));
        Ok(lack.map_or(conclusions.first().map_or(own, |conclusion| Ok(*conclusion)), Err))
    }

    /// The outcome before exceptions.
    fn own_outcome(&mut self, rule: &'a Rule, arguments: &[&'a str]) -> Result<Outcome<'a>> {
        self.bindings.clear();
        self.amended.clear();
        for (variable, name) in rule.variables.iter().zip(arguments) {
            self.bindings.push((&variable.name, self.context.entity(name)?));
        }
        self.strict = 1;
        let mut amended = Vec::new();
        for amendment in rule.amendments.iter().filter(|it| it.in_force.contains(self.context.case.as_of)) {
            let (from, to) = (self.context.quantity(&amendment.from)?, self.context.quantity(&amendment.to)?);
            amended.push((from, to, self.condition(&amendment.condition)?));
        }
        self.amended = amended;
        self.strict = usize::from(rule.kind != RuleKind::Base);
        match self.condition(&rule.condition)? {
            Ok(true) => {}
            Ok(false) => return Ok(Err(Lack::None)),
            Err(lack) => return Ok(Err(lack)),
        }
        let value_type = self.context.signature(&rule.claim)?.value;
        match &rule.conclusion {
            Conclusion::Holds if *value_type == Type::Bool => Ok(Ok(Some(Quantity::Bool(true)))),
            Conclusion::None if matches!(rule.kind, RuleKind::Exception { .. }) => Ok(Ok(None)),
            Conclusion::Value(expression) if *value_type != Type::Bool => match self.expression(expression)? {
                Ok(value) => Ok(Ok(Some(rounded(value)?.expect_type(value_type)?))),
                Err(lack) => Ok(Err(lack)),
            },
            _ => refuse(Cause::Misfit, format_args!("a conclusion for a claim of type {value_type}"), "another"),
        }
    }
}

/// What the limits leave of a value, one after the other; those that change it join the rules that decide, and those of which it cannot be
/// said whether they do decide alone.
fn limited<'a>(
    mut value: Quantity<'a>,
    mut deciding: Vec<&'a str>,
    limits: &[(&'a Rule, Outcome<'a>)],
) -> Result<(Valuation<'a>, Vec<&'a str>)> {
    if let Some(lack) = strongest(limits.iter().map(|(_, outcome)| outcome)) {
        let in_doubt = limits.iter().filter(|(_, outcome)| *outcome == Err(lack));
        return Ok((Err(lack), in_doubt.map(|(rule, _)| rule.id.as_str()).collect()));
    }
    for (rule, outcome) in limits {
        let wanted = if rule.kind == (RuleKind::Limit { at_most: true }) { Ordering::Greater } else { Ordering::Less };
        if let Ok(Some(bound)) = outcome
            && compare([value, *bound])? == wanted
        {
            value = *bound;
            deciding.push(&rule.id);
        }
    }
    Ok((Ok(value), deciding))
}
