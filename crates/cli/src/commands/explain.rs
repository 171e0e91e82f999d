//! `grounds rules why`, `why-not`, `what-if`, `needs` and `explain`

use std::fmt::Display;

use grounds::rules::{self, Compiled, Evaluation, FactChange, Need, WhyNot, evaluate, say};
use grounds::{Goal, GroundsError, Matter, WouldChange, parse_change, parse_claim, would_change};
use grounds_core::{Case, Judgement, Status};
use serde::Serialize;
use serde_json::{Value, json};

use crate::args::{ExplainArguments, FormArgument, GlobalArguments, WhatIfArguments};
use crate::exit::Outcome;
use crate::{clock, render, workspace};

/// A claim of a matter, evaluated under the stored rules.
struct Evaluated {
    compiled: Compiled,
    case: Case,
    evaluation: Evaluation,
    goal: Goal,
}

impl Evaluated {
    fn why(&self) -> grounds::rules::Explanation {
        let Self { compiled, case, evaluation, goal } = self;
        rules::why(&compiled.program, case, evaluation, &goal.predicate, &goal.arguments)
    }

    fn why_not(&self) -> WhyNot {
        let Self { compiled, case, evaluation, goal } = self;
        rules::why_not(&compiled.program, case, evaluation, &goal.predicate, &goal.arguments)
    }

    fn questions(&self) -> Vec<Need> {
        let Self { compiled, case, evaluation, goal } = self;
        rules::questions(&compiled.program, case, evaluation, &goal.predicate, &goal.arguments)
    }

    fn would_change(&self) -> Result<Vec<WouldChange>, GroundsError> {
        would_change(&self.compiled.program, &self.case, &self.evaluation, &self.goal)
    }

    fn status(&self) -> Option<&Status> {
        self.evaluation.status(&self.goal.predicate, &self.goal.arguments)
    }
}

fn evaluated(global: &GlobalArguments, arguments: &ExplainArguments) -> anyhow::Result<Evaluated> {
    let grounds = workspace::open(global)?;
    let view = workspace::view(global, &grounds)?;
    let compiled = grounds.rules(&view)?;
    let name = arguments.matter.display().to_string();
    let matter = Matter::parse(&name, &workspace::read(&arguments.matter)?)?;
    let as_of = global.as_of.or(matter.as_of).unwrap_or_else(clock::today);
    let case = matter.case(&compiled.program, as_of)?;
    let evaluation = evaluate(&compiled.program, &case).map_err(GroundsError::from)?;
    let goal = parse_claim(&arguments.claim, &compiled.program, &case)?;
    Ok(Evaluated { compiled, case, evaluation, goal })
}

pub(crate) fn why(global: &GlobalArguments, arguments: &ExplainArguments) -> anyhow::Result<Outcome> {
    let explanation = evaluated(global, arguments)?.why();
    show(global, arguments.form, &explanation, &explanation.sentences())
}

pub(crate) fn why_not(global: &GlobalArguments, arguments: &ExplainArguments) -> anyhow::Result<Outcome> {
    let explanation = evaluated(global, arguments)?.why_not();
    show(global, arguments.form, &explanation, &explanation.sentences())
}

/// Prints an explanation in the form asked for.
fn show<T: Serialize + Display>(
    global: &GlobalArguments,
    form: FormArgument,
    explanation: &T,
    sentences: &[String],
) -> anyhow::Result<Outcome> {
    if global.json {
        let mut value = serde_json::to_value(explanation)?;
        value["sentences"] = json!(sentences);
        render::print_json(&value)?;
    } else {
        render::print(&in_form(form, explanation, sentences))?;
    }
    Ok(Outcome::Done)
}

fn in_form<T: Display>(form: FormArgument, explanation: &T, sentences: &[String]) -> String {
    match form {
        FormArgument::Tree => explanation.to_string(),
        FormArgument::Sentences => paragraphs(sentences),
    }
}

fn paragraphs(sentences: &[String]) -> String {
    let wrapped: Vec<String> = sentences.iter().map(|paragraph| render::wrapped(paragraph, "")).collect();
    format!("{}\n", wrapped.join("\n\n"))
}

pub(crate) fn needs(global: &GlobalArguments, arguments: &ExplainArguments) -> anyhow::Result<Outcome> {
    let evaluated = evaluated(global, arguments)?;
    let questions = evaluated.questions();
    if global.json {
        let sentences: Vec<Vec<String>> = questions.iter().map(Need::sentences).collect();
        let claim = evaluated.goal.to_string();
        render::print_json(&json!({ "claim": claim, "questions": questions, "sentences": sentences }))?;
        return Ok(Outcome::Done);
    }
    let out = match (questions.as_slice(), evaluated.status()) {
        ([], Some(Status::Conflict)) => "Nothing: facts or rules disagree, which no answer settles.\n".to_owned(),
        ([], _) => "Nothing: the claim is settled.\n".to_owned(),
        (questions, _) => needs_text(arguments.form, questions),
    };
    render::print(&out)?;
    Ok(Outcome::Done)
}

fn needs_text(form: FormArgument, questions: &[Need]) -> String {
    let each = |need: &Need| match form {
        FormArgument::Tree => need.to_string(),
        FormArgument::Sentences => format!("{}\n", render::wrapped(&need.sentences().join(" "), "")),
    };
    questions.iter().map(each).collect::<Vec<_>>().join("\n")
}

pub(crate) fn what_if(global: &GlobalArguments, arguments: &WhatIfArguments) -> anyhow::Result<Outcome> {
    let before = evaluated(global, &arguments.explain)?;
    let (program, goal) = (&before.compiled.program, &before.goal);
    let texts = arguments.fact.iter().chain(&arguments.without);
    let changes: Vec<FactChange> =
        texts.map(|text| parse_change(text, program, &before.case)).collect::<Result<_, _>>()?;
    let changed = rules::what_if(program, &before.case, &changes).map_err(GroundsError::from)?;
    let is_goal =
        |judgement: &Judgement| judgement.predicate == goal.predicate && judgement.arguments == goal.arguments;
    let (asked, others): (Vec<_>, Vec<_>) = changed.into_iter().partition(|(now, _)| is_goal(now));
    let case = rules::supposed(&before.case, &changes);
    let evaluation = evaluate(program, &case).map_err(GroundsError::from)?;
    let after = Evaluated { compiled: before.compiled.clone(), case, evaluation, goal: goal.clone() };
    let why = after.why();
    let sentence_of = |judgement: &Judgement| say(program, judgement);
    let sides = |(now, then): &(Judgement, Judgement)| json!({ "now": now, "then": then, "sentences": [sentence_of(now), sentence_of(then)] });
    if global.json {
        let others: Vec<Value> = others.iter().map(sides).collect();
        let mut value = json!({
            "claim": goal.to_string(),
            "changed": asked.first().map(sides),
            "others_changed": others,
            "why_then": why,
        });
        value["sentences"] = json!(why.sentences());
        render::print_json(&value)?;
        return Ok(Outcome::Done);
    }
    let mut out = String::new();
    match asked.first() {
        Some((now, then)) => out.push_str(&format!("now:  {}\nthen: {}\n", sentence_of(now), sentence_of(then))),
        None => out.push_str(&format!("it would stay so: {}\n", why.sentence)),
    }
    out.push_str(&format!("\nwhy, then:\n{}", in_form(arguments.explain.form, &why, &why.sentences())));
    if !others.is_empty() {
        out.push_str("\nalso changed:\n");
    }
    for (now, then) in &others {
        out.push_str(&format!("  {}\n    -> {}\n", sentence_of(now), sentence_of(then)));
    }
    render::print(&out)?;
    Ok(Outcome::Done)
}

pub(crate) fn explain(global: &GlobalArguments, arguments: &ExplainArguments) -> anyhow::Result<Outcome> {
    let evaluated = evaluated(global, arguments)?;
    let (why, why_not, questions) = (evaluated.why(), evaluated.why_not(), evaluated.questions());
    let would_change = evaluated.would_change()?;
    if global.json {
        let mut value = json!({
            "claim": evaluated.goal.to_string(),
            "why": why,
            "why_not": why_not,
            "questions": questions,
            "would_change": would_change,
        });
        value["sentences"] = json!(why.sentences());
        render::print_json(&value)?;
        return Ok(Outcome::Done);
    }
    let mut out = in_form(arguments.form, &why, &why.sentences());
    // What holds has its reason above; of the rest the rules that were tried say more than the tree does.
    if !matches!(evaluated.status(), Some(Status::Holds(_))) {
        out.push_str(&format!("\nWhat stands in the way\n{}", in_form(arguments.form, &why_not, &why_not.sentences())));
    }
    if !questions.is_empty() {
        out.push_str(&format!("\nWhat to ask next\n{}", needs_text(arguments.form, &questions)));
    }
    if !would_change.is_empty() {
        out.push_str("\nWhat would change it\n");
    }
    for change in &would_change {
        let line = format!("if {}: {} (now: {})", change.suppose, change.then, change.now);
        out.push_str(&format!("{}\n", render::wrapped(&line, "  ")));
    }
    render::print(&out)?;
    Ok(Outcome::Done)
}
