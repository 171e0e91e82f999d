//! Outcomes of rules with their exceptions, and what they make of a claim.

use grounds_core::{Conclusion, Rule, RuleKind, Type};

use crate::error::{Cause, Result, refuse};
use crate::evaluation::Evaluation;
use crate::operation::rounded;
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
            outcomes.push((rule.id.as_str(), self.outcome(rule, arguments)?));
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
        outcomes.retain(|(_, outcome)| match (status, outcome) {
            (Ok(_), outcome) => matches!(outcome, Ok(Some(_))),
            (Err(Lack::None), _) => false,
            (Err(Lack::Conflict), Ok(Some(_))) => is_disputed,
            (Err(lack), outcome) => *outcome == Err(lack),
        });
        Ok((status, outcomes.into_iter().map(|(rule, _)| rule).collect()))
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
        for (variable, name) in rule.variables.iter().zip(arguments) {
            self.bindings.push((&variable.name, self.context.entity(name)?));
        }
        match self.condition(&rule.condition)? {
            Ok(true) => {}
            Ok(false) => return Ok(Err(Lack::None)),
            Err(lack) => return Ok(Err(lack)),
        }
        let value_type = self.context.signature(&rule.claim)?.value;
        match &rule.conclusion {
            Conclusion::Holds if *value_type == Type::Bool => Ok(Ok(Some(Quantity::Bool(true)))),
            Conclusion::None if rule.kind != RuleKind::Base => Ok(Ok(None)),
            Conclusion::Value(expression) if *value_type != Type::Bool => match self.expression(expression)? {
                Ok(value) => Ok(Ok(Some(rounded(value)?.expect_type(value_type)?))),
                Err(lack) => Ok(Err(lack)),
            },
            _ => refuse(Cause::Misfit, format_args!("a conclusion for a claim of type {value_type}"), "another"),
        }
    }
}
