//! What the rules for a claim come to, with their exceptions: `docs/rules.md`, "Outcome of a rule" and "Status of a claim".

use grounds_core::{Conclusion, Rule, RuleKind, Status, Value};

use crate::evaluate_error::EvaluateError;
use crate::machine::{Halt, LookUp, Machine};
use crate::outcome::{Amount, Computed, Concluded, Outcome, Truth};
use crate::say::shown_statement;
use crate::world::{World, same_value};

/// A rule evaluated for given arguments, with all its exceptions in force.
pub(crate) struct RuleTrace<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) condition: Truth,
    /// What the rule alone comes to, exceptions aside.
    pub(crate) own: Outcome,
    pub(crate) exceptions: Vec<RuleTrace<'a>>,
    /// What it comes to in the end.
    pub(crate) outcome: Outcome,
}

/// All base rules for a claim, and after them its limits, evaluated, and what they come to.
pub(crate) struct ClaimTrace<'a> {
    pub(crate) rules: Vec<RuleTrace<'a>>,
    pub(crate) status: Status,
    /// Ids of the rules that decide the status.
    pub(crate) deciding: Vec<&'a str>,
}

/// [`evaluate_claim`] about entities by their names.
pub(crate) fn evaluate_named<'a>(
    world: &World<'a>,
    claim: &str,
    arguments: &[String],
    lookup: &mut dyn LookUp,
) -> Result<ClaimTrace<'a>, Halt> {
    let unknown = || EvaluateError::Malformed {
        rule: String::new(),
        claim: shown_statement(claim, arguments),
        what: "an argument is no entity of the case",
    };
    evaluate_claim(world, claim, &world.places(arguments).ok_or_else(unknown)?, lookup)
}

/// Evaluates every base rule in force for a claim about the entities at these places.
pub(crate) fn evaluate_claim<'a>(
    world: &World<'a>,
    claim: &str,
    arguments: &[usize],
    lookup: &mut dyn LookUp,
) -> Result<ClaimTrace<'a>, Halt> {
    let mut rules = Vec::new();
    for rule in world.base_rules(claim) {
        rules.push(evaluate_rule(world, rule, arguments, lookup, 0)?);
    }
    let mut limits = Vec::new();
    for rule in world.limits(claim) {
        limits.push(evaluate_rule(world, rule, arguments, lookup, 0)?);
    }
    let status = status(&rules);
    let mut deciding = deciding(&rules, &status);
    let status = limited(world, status, &limits, arguments, &mut deciding)?;
    rules.extend(limits);
    Ok(ClaimTrace { rules, status, deciding })
}

/// What the limits leave of a value, one after the other; those that change it join the deciding rules, and where it cannot be said what
/// they leave, they decide alone.
fn limited<'a>(
    world: &World<'_>,
    status: Status,
    limits: &[RuleTrace<'a>],
    arguments: &[usize],
    deciding: &mut Vec<&'a str>,
) -> Result<Status, EvaluateError> {
    let Status::Holds(mut value) = status else { return Ok(status) };
    for (outcome, status) in [(Outcome::Conflict, Status::Conflict), (Outcome::Unknown, Status::Undetermined)] {
        let in_doubt = limits.iter().filter(|limit| limit.outcome == outcome).map(|limit| limit.rule.id.as_str());
        let in_doubt: Vec<&str> = in_doubt.collect();
        if !in_doubt.is_empty() {
            *deciding = in_doubt;
            return Ok(status);
        }
    }
    for limit in limits {
        let Some(bound) = value_of(&limit.outcome) else { continue };
        let order = Amount::of(&value).zip(Amount::of(&bound)).and_then(|(value, bound)| value.order(&bound));
        let order = order.ok_or_else(|| EvaluateError::Limit {
            rule: limit.rule.id.clone(),
            claim: world.shown(&limit.rule.claim, arguments),
            value: value.to_string(),
            bound: bound.to_string(),
        })?;
        let at_most = matches!(limit.rule.kind, RuleKind::Limit { at_most: true });
        if if at_most { order.is_gt() } else { order.is_lt() } {
            value = bound;
            deciding.push(&limit.rule.id);
        }
    }
    Ok(Status::Holds(value))
}

/// How deep exceptions to exceptions go: far deeper than people write, and few enough for any stack. The compiler refuses more.
pub(crate) const EXCEPTION_DEPTH_MAX: usize = 32;

/// Evaluates one rule and, whatever it comes to, its exceptions.
pub(crate) fn evaluate_rule<'a>(
    world: &World<'a>,
    rule: &'a Rule,
    arguments: &[usize],
    lookup: &mut dyn LookUp,
    depth: usize,
) -> Result<RuleTrace<'a>, Halt> {
    let mut machine = Machine::of_rule(world, rule, arguments, &mut *lookup, depth)?;
    let condition = machine.condition(&rule.condition)?;
    let own = match condition {
        Truth::False => Outcome::NotApplicable,
        Truth::Unknown => Outcome::Unknown,
        Truth::Conflict => Outcome::Conflict,
        Truth::True => conclude(&mut machine, &rule.conclusion)?,
    };
    let mut exceptions = Vec::new();
    for exception in world.exceptions(&rule.id) {
        if depth >= EXCEPTION_DEPTH_MAX {
            let (rule, claim) = (rule.id.clone(), world.shown(&rule.claim, arguments));
            let what = "exceptions are nested too deep, or go in a circle";
            return Err(Halt::Failed(EvaluateError::Malformed { rule, claim, what }));
        }
        exceptions.push(evaluate_rule(world, exception, arguments, lookup, depth + 1)?);
    }
    let outcome = match &own {
        Outcome::Concludes(conclusion) => with_exceptions(world, conclusion, &exceptions),
        other => other.clone(),
    };
    Ok(RuleTrace { rule, condition, own, exceptions, outcome })
}

fn conclude<'a>(machine: &mut Machine<'_, 'a>, conclusion: &'a Conclusion) -> Result<Outcome, Halt> {
    let expression = match conclusion {
        Conclusion::Holds => return Ok(Outcome::Concludes(Concluded::Holds)),
        Conclusion::None => return Ok(Outcome::Concludes(Concluded::None)),
        Conclusion::Value(expression) => expression,
    };
    Ok(match machine.expression(expression)? {
        Computed::Unknown => Outcome::Unknown,
        Computed::Conflict => Outcome::Conflict,
        Computed::None => Outcome::NotApplicable,
        Computed::Value(amount) => {
            let value = machine.world.value_of(amount).ok_or_else(|| EvaluateError::Malformed {
                rule: machine.rule.to_owned(),
                claim: machine.world.shown(machine.claim, machine.arguments),
                what: "money is concluded that was not rounded",
            })?;
            Outcome::Concludes(Concluded::Value(value))
        }
    })
}

/// The exceptions that are not struck out because a live one is preferred over them.
pub(crate) fn not_struck<'t, 'a>(world: &World<'_>, exceptions: &'t [RuleTrace<'a>]) -> Vec<&'t RuleTrace<'a>> {
    let is_live = |trace: &RuleTrace<'_>| matches!(trace.outcome, Outcome::Concludes(_));
    let is_struck = |trace: &RuleTrace<'_>| {
        exceptions.iter().any(|other| is_live(other) && world.is_preferred(&other.rule.id, &trace.rule.id))
    };
    exceptions.iter().filter(|trace| !is_struck(trace)).collect()
}

/// Step 3: what the exceptions leave of a conclusion.
fn with_exceptions(world: &World<'_>, own: &Concluded, exceptions: &[RuleTrace<'_>]) -> Outcome {
    let left = not_struck(world, exceptions);
    if left.iter().any(|trace| trace.outcome == Outcome::Conflict) {
        return Outcome::Conflict;
    }
    let mut live: Option<&Concluded> = None;
    for trace in &left {
        let Outcome::Concludes(conclusion) = &trace.outcome else { continue };
        match live {
            None => live = Some(conclusion),
            Some(first) if !same_conclusion(first, conclusion) => return Outcome::Conflict,
            Some(_) => {}
        }
    }
    if left.iter().any(|trace| trace.outcome == Outcome::Unknown) {
        return Outcome::Unknown;
    }
    Outcome::Concludes(live.unwrap_or(own).clone())
}

fn same_conclusion(left: &Concluded, right: &Concluded) -> bool {
    match (left, right) {
        (Concluded::Value(left), Concluded::Value(right)) => same_value(left, right),
        _ => left == right,
    }
}

/// The value that an outcome gives its claim.
fn value_of(outcome: &Outcome) -> Option<Value> {
    match outcome {
        Outcome::Concludes(Concluded::Holds) => Some(Value::Bool(true)),
        Outcome::Concludes(Concluded::Value(value)) => Some(value.clone()),
        _ => None,
    }
}

/// For yes-or-no claims all values are yes: so one `holds` wins over doubt, while values must agree and nothing be in doubt.
fn status(rules: &[RuleTrace<'_>]) -> Status {
    let values: Vec<Value> = rules.iter().filter_map(|trace| value_of(&trace.outcome)).collect();
    if values.first() == Some(&Value::Bool(true)) {
        return Status::Holds(Value::Bool(true));
    }
    let has = |outcome: &Outcome| rules.iter().any(|trace| trace.outcome == *outcome);
    let differ = values.iter().any(|value| !same_value(value, &values[0]));
    if has(&Outcome::Conflict) || differ {
        return Status::Conflict;
    }
    if has(&Outcome::Unknown) {
        return Status::Undetermined;
    }
    values.into_iter().next().map_or(Status::DoesNotHold, Status::Holds)
}

fn deciding<'a>(rules: &[RuleTrace<'a>], status: &Status) -> Vec<&'a str> {
    let values: Vec<Value> = rules.iter().filter_map(|trace| value_of(&trace.outcome)).collect();
    let differ = values.iter().any(|value| !same_value(value, &values[0]));
    let decides = |trace: &&RuleTrace<'a>| match status {
        Status::Holds(_) => value_of(&trace.outcome).is_some(),
        Status::Conflict => trace.outcome == Outcome::Conflict || (differ && value_of(&trace.outcome).is_some()),
        Status::Undetermined => trace.outcome == Outcome::Unknown,
        Status::DoesNotHold => trace.rule.only,
    };
    rules.iter().filter(decides).map(|trace| trace.rule.id.as_str()).collect()
}
