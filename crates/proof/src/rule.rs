//! Outcomes of rules with their exceptions, and what they make of a claim.

use std::cmp::Ordering;

use grounds_core::{Conclusion, Rule, RuleKind, Type};

use crate::context::Key;
use crate::error::{Cause, Result, refuse};
use crate::evaluation::Evaluation;
use crate::operation::{compare, rounded};
use crate::quantity::{Lack, Quantity, Valuation, strongest};

/// A rule's conclusion, a value (yes where the claim holds) or `none`; or why it has no conclusion, which is
/// `Lack::None` where it is not applicable.
type Outcome<'a> = Result<Option<Quantity<'a>>, Lack>;

impl<'a> Evaluation<'_, 'a> {
    /// What a claim is, and the rules that decide it.
    pub(crate) fn claim(&mut self, key: &Key) -> Result<(Valuation<'a>, Vec<&'a str>)> {
        let context = self.context;
        let mut outcomes = self.outcomes(context.bases.get(context.name(key)), key)?;
        let limits = self.outcomes(context.limits.get(context.name(key)), key)?;
        let values: Vec<Quantity<'_>> = outcomes.iter().filter_map(|(_, outcome)| outcome.ok().flatten()).collect();
        let is_settled_by_one = *context.signature(context.name(key))?.value == Type::Bool;
        let is_disputed = values.iter().any(|value| !value.same(values[0]));
        let lack = strongest(outcomes.iter().map(|(_, outcome)| outcome));
        let status = match (values.first(), lack) {
            (Some(value), _) if is_settled_by_one => Ok(*value),
            _ if is_disputed => Err(Lack::Conflict),
            (_, Some(lack)) => Err(lack),
            (first, None) => first.copied().ok_or(Lack::None),
        };
        outcomes.retain(|(rule, outcome)| match (status, outcome) {
            (Ok(_), outcome) => matches!(outcome, Ok(Some(_))),
            (Err(Lack::None), _) => rule.only,
            (Err(Lack::Conflict), Ok(Some(_))) => is_disputed,
            (Err(lack), outcome) => *outcome == Err(lack),
        });
        let deciding = outcomes.into_iter().map(|(rule, _)| rule.id.as_str()).collect();
        if let Ok(value) = status { limited(value, deciding, &limits) } else { Ok((status, deciding)) }
    }

    /// The outcomes of some rules, one after the other.
    fn outcomes(&mut self, rules: Option<&Vec<&'a Rule>>, key: &Key) -> Result<Vec<(&'a Rule, Outcome<'a>)>> {
        rules.into_iter().flatten().map(|rule| Ok((*rule, self.outcome(rule, key)?))).collect()
    }

    fn outcome(&mut self, rule: &'a Rule, key: &Key) -> Result<Outcome<'a>> {
        self.enter()?;
        let context = self.context;
        let own = self.own_outcome(rule, key).map_err(|error| error.in_rule(&rule.id))?;
        let mut exceptions = self.outcomes(context.exceptions.get(rule.id.as_str()), key)?;
        self.depth -= 1;
        let live: Vec<_> = exceptions.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(it, _)| *it).collect();
        exceptions.retain(|(it, _)| !live.iter().any(|over| context.is_preferred(&over.id, &it.id)));
        let conclusions: Vec<_> = exceptions.iter().filter_map(|(_, outcome)| outcome.ok()).collect();
        let differs = |one: &Option<Quantity<'_>>| match (*one, conclusions[0]) {
            (Some(one), Some(first)) => !one.same(first),
            (one, first) => one.is_some() != first.is_some(),
        };
        let lack = strongest(exceptions.iter().map(|(_, outcome)| outcome));
        Ok(match (own, lack) {
            (Err(lack), _) => Err(lack),
            _ if conclusions.iter().any(differs) => Err(Lack::Conflict),
            (_, Some(lack)) => Err(lack),
            (own, None) => conclusions.first().map_or(own, |conclusion| Ok(*conclusion)),
        })
    }

    /// The outcome before exceptions.
    fn own_outcome(&mut self, rule: &'a Rule, key: &Key) -> Result<Outcome<'a>> {
        let context = self.context;
        let entities = key.1.iter().map(|place| (*place, &context.case.entities[*place]));
        self.bindings = rule.variables.iter().map(|variable| variable.name.as_str()).zip(entities).collect();
        self.amended.clear();
        self.strict = 1;
        let mut amended = Vec::new();
        for amendment in rule.amendments.iter().filter(|it| it.in_force.contains(context.case.as_of)) {
            let (from, to) = (context.quantity(&amendment.from)?, context.quantity(&amendment.to)?);
            amended.push((from, to, self.condition(&amendment.condition)?));
        }
        self.amended = amended;
        self.strict = usize::from(rule.kind != RuleKind::Base);
        match self.condition(&rule.condition)? {
            Ok(true) => {}
            truth => return Ok(Err(truth.err().unwrap_or(Lack::None))),
        }
        let value_type = context.signature(&rule.claim)?.value;
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
