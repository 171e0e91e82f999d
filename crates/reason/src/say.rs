//! Statements for people: as terms of the rule language, and as sentences.

use grounds_core::{Judgement, Program, Status, Type};

use crate::template::fill;

/// "incident.detected_at" for a fact of one entity, "LateReport(incident)" for everything else.
pub fn shown_statement(predicate: &str, arguments: &[String]) -> String {
    match (predicate.split_once('.'), arguments) {
        (Some((_, attribute)), [entity]) => format!("{entity}.{attribute}"),
        _ => format!("{predicate}({})", arguments.join(", ")),
    }
}

/// The sentence that a judgement comes to, from the claim's `say` and `say not`.
///
/// Facts have no `say`: they are stated as "incident.detected_at is 2021-03-01T09:00Z".
pub fn say(program: &Program, judgement: &Judgement) -> String {
    let claim = program.claims.iter().find(|claim| claim.name == judgement.predicate);
    let Some(claim) = claim else { return say_fact(judgement) };
    let filled = |template: &str, value: &str| fill(template, &claim.parameters, &judgement.arguments, value);
    let noun = noun(&claim.value);
    match &judgement.status {
        Status::Holds(value) => filled(&claim.say, &value.to_string()),
        Status::DoesNotHold => filled(&claim.say_not, &format!("any {noun}")),
        Status::Undetermined if claim.value == Type::Bool => {
            format!("it is not known whether {}", filled(&claim.say, ""))
        }
        Status::Undetermined => {
            format!("it is not known for which {noun} (if any) {}", filled(&claim.say, &format!("that {noun}")))
        }
        Status::Conflict if claim.value == Type::Bool => {
            format!("facts or rules conflict on whether {}", filled(&claim.say, ""))
        }
        Status::Conflict => {
            format!("facts or rules conflict on the {noun} for which {}", filled(&claim.say, &format!("that {noun}")))
        }
    }
}

fn say_fact(judgement: &Judgement) -> String {
    let statement = shown_statement(&judgement.predicate, &judgement.arguments);
    match &judgement.status {
        Status::Holds(value) => format!("{statement} is {value}"),
        Status::DoesNotHold => format!("{statement} has no value"),
        Status::Undetermined => format!("{statement} is not known"),
        Status::Conflict => format!("{statement} is stated with different values"),
    }
}

fn noun(value: &Type) -> &str {
    match value {
        Type::Money => "amount",
        Type::Bool => "value",
        Type::Duration => "length of time",
        Type::Entity(name) => name,
        Type::Number => "number",
        Type::Date => "date",
        Type::Instant => "time",
        Type::Text => "text",
        Type::Provision => "provision",
    }
}
