//! `grounds rules why` and `grounds rules why-not`

use grounds::rules::{self, Compiled, Evaluation, evaluate};
use grounds::{Goal, Matter, parse_claim};
use grounds_core::Case;

use crate::args::{ExplainArguments, GlobalArguments};
use crate::exit::Outcome;
use crate::{clock, render, workspace};

/// A claim of a matter, evaluated under the stored rules.
struct Evaluated {
    compiled: Compiled,
    case: Case,
    evaluation: Evaluation,
    goal: Goal,
}

fn evaluated(global: &GlobalArguments, arguments: &ExplainArguments) -> anyhow::Result<Evaluated> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let compiled = grounds.rules(&view)?;
    let name = arguments.matter.display().to_string();
    let matter = Matter::parse(&name, &workspace::read(&arguments.matter)?)?;
    let as_of = global.as_of.or(matter.as_of).unwrap_or_else(clock::today);
    let case = matter.case(&compiled.program, as_of)?;
    let evaluation = evaluate(&compiled.program, &case).map_err(grounds::GroundsError::from)?;
    let goal = parse_claim(&arguments.claim, &compiled.program, &case)?;
    Ok(Evaluated { compiled, case, evaluation, goal })
}

pub(crate) fn why(global: &GlobalArguments, arguments: &ExplainArguments) -> anyhow::Result<Outcome> {
    let Evaluated { compiled, case, evaluation, goal } = evaluated(global, arguments)?;
    let explanation = rules::why(&compiled.program, &case, &evaluation, &goal.predicate, &goal.arguments);
    if global.json {
        render::print_json(&explanation)?;
    } else {
        render::print(&explanation.to_string())?;
    }
    Ok(Outcome::Done)
}

pub(crate) fn why_not(global: &GlobalArguments, arguments: &ExplainArguments) -> anyhow::Result<Outcome> {
    let Evaluated { compiled, case, evaluation, goal } = evaluated(global, arguments)?;
    let explanation = rules::why_not(&compiled.program, &case, &evaluation, &goal.predicate, &goal.arguments);
    if global.json {
        render::print_json(&explanation)?;
    } else {
        render::print(&explanation.to_string())?;
    }
    Ok(Outcome::Done)
}
