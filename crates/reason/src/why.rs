//! Why a claim has its status: the rules that decide it, and what they rest on, down to the facts.

use std::collections::BTreeSet;
use std::fmt;

use grounds_core::{Case, Citation, Element, Fact, FactGrounds, FactMode, Judgement, Justification, Program, Status};
use serde::Serialize;

use crate::evaluate::Evaluation;
use crate::explain::{Reading, RuleExplanation, elements_of, explain_rule};
use crate::rule_outcome::{ClaimTrace, evaluate_named, evaluate_rule};
use crate::say::{say, shown_statement};
use crate::world::World;

/// How many claims deep an explanation goes; few enough for any stack, and more than a reader follows.
const DEPTH_MAX: usize = 100;

/// A judgement with its reasons, as a tree. What has been explained once is not explained again.
///
/// Its `Display` is for a terminal, one step a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What is explained.
    pub judgement: Judgement,
    /// "LateReport(incident)"
    pub statement: String,
    /// As a sentence.
    pub sentence: String,
    /// Why.
    pub because: Because,
    /// What the rules shown rest on, in order of first use.
    pub premises: Vec<Explanation>,
}

/// The immediate reason of a judgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// The case states it.
    Stated {
        /// All statements about it.
        facts: Vec<Fact>,
    },
    /// The case does not state it.
    NotStated {
        /// What that means.
        mode: FactMode,
        /// Whether it is for a human to judge.
        judgement: bool,
        /// The question that would settle it.
        ask: String,
        /// The provisions whose words it renders.
        cites: Vec<Citation>,
    },
    /// These rules decide; where none does, these are all rules in force for the claim.
    Rules {
        /// In the program's order.
        rules: Vec<RuleExplanation>,
    },
    /// It has been explained before, elsewhere in the tree.
    Above,
    /// It lies deeper than an explanation goes; it can be asked about by itself.
    Deeper,
    /// It is not part of the evaluation.
    NotEvaluated,
}

/// Explains the status of a claim or fact.
///
/// `evaluation` must be of this program and case; what it does not hold is [`Because::NotEvaluated`].
pub fn why(
    program: &Program,
    case: &Case,
    evaluation: &Evaluation,
    predicate: &str,
    arguments: &[String],
) -> Explanation {
    match World::new(program, case) {
        Ok(world) => {
            let mut teller = Teller { world: &world, evaluation, told: BTreeSet::new() };
            teller.explain(predicate, arguments, 0)
        }
        Err(_) => bare(program, predicate, arguments, Status::Undetermined, Because::NotEvaluated),
    }
}

/// The conditions of the rules and exceptions in force for a claim, with the case's values; one element for each part of an `and`.
pub fn elements(
    program: &Program,
    case: &Case,
    evaluation: &Evaluation,
    predicate: &str,
    arguments: &[String],
) -> Vec<Element> {
    let mut found = Vec::new();
    let Ok(world) = World::new(program, case) else { return found };
    let claim = shown_statement(predicate, arguments);
    for rule in trace(&world, evaluation, predicate, arguments).rules {
        elements_of(&claim, &explain_rule(&world, evaluation, &rule, arguments), &mut found);
    }
    found
}

/// The claim's rules, evaluated once more; none where that fails, which it cannot for what has been evaluated.
pub(crate) fn trace<'a>(
    world: &World<'a>,
    evaluation: &Evaluation,
    predicate: &str,
    arguments: &[String],
) -> ClaimTrace<'a> {
    let nothing = ClaimTrace { rules: Vec::new(), status: Status::DoesNotHold, deciding: Vec::new() };
    if evaluation.node(predicate, arguments).is_none() {
        return nothing;
    }
    let mut reading = Reading::new(world, evaluation);
    evaluate_named(world, predicate, arguments, &mut reading).unwrap_or(nothing)
}

fn bare(program: &Program, predicate: &str, arguments: &[String], status: Status, because: Because) -> Explanation {
    let judgement = Judgement { predicate: predicate.to_owned(), arguments: arguments.to_vec(), status };
    Explanation {
        statement: shown_statement(predicate, arguments),
        sentence: say(program, &judgement),
        judgement,
        because,
        premises: Vec::new(),
    }
}

struct Teller<'t, 'a> {
    world: &'t World<'a>,
    evaluation: &'t Evaluation,
    told: BTreeSet<(String, Vec<String>)>,
}

impl Teller<'_, '_> {
    fn explain(&mut self, predicate: &str, arguments: &[String], depth: usize) -> Explanation {
        let program = self.world.program;
        let is_claim = self.world.claims.contains_key(predicate);
        let known = self.evaluation.status(predicate, arguments).cloned();
        let status = match known {
            Some(status) => status,
            None if is_claim || !self.world.facts.contains_key(predicate) => {
                return bare(program, predicate, arguments, Status::Undetermined, Because::NotEvaluated);
            }
            None => self.world.fact(predicate, arguments).0,
        };
        if depth > DEPTH_MAX {
            return bare(program, predicate, arguments, status, Because::Deeper);
        }
        if !self.told.insert((predicate.to_owned(), arguments.to_vec())) {
            return bare(program, predicate, arguments, status, Because::Above);
        }
        if !is_claim {
            let because = self.of_fact(predicate, arguments);
            return bare(program, predicate, arguments, status, because);
        }
        let (rules, premises) = self.of_claim(predicate, arguments);
        let mut explanation = bare(program, predicate, arguments, status, Because::Rules { rules });
        explanation.premises = premises.iter().map(|(name, of)| self.explain(name, of, depth + 1)).collect();
        explanation
    }

    fn of_fact(&self, predicate: &str, arguments: &[String]) -> Because {
        match (self.world.fact(predicate, arguments).1, self.world.facts.get(predicate)) {
            (Justification::Given { facts }, _) => Because::Stated {
                facts: facts.iter().map(|position| self.world.case.facts[*position].clone()).collect(),
            },
            (_, Some(fact)) => Because::NotStated {
                mode: fact.mode.clone(),
                judgement: fact.judgement,
                ask: crate::template::fill(&fact.ask, &fact.parameters, arguments, ""),
                cites: fact.cites.clone(),
            },
            (_, None) => Because::NotEvaluated,
        }
    }

    /// The rules that decide (or all), and what just these look up.
    fn of_claim(&self, predicate: &str, arguments: &[String]) -> (Vec<RuleExplanation>, Vec<(String, Vec<String>)>) {
        let found = trace(self.world, self.evaluation, predicate, arguments);
        let decides = |id: &str| found.deciding.is_empty() || found.deciding.contains(&id);
        let mut reading = Reading::new(self.world, self.evaluation);
        let mut rules = Vec::new();
        for rule in found.rules.iter().filter(|rule| decides(&rule.rule.id)) {
            rules.push(explain_rule(self.world, self.evaluation, rule, arguments));
            // Evaluated again only to see what it looks up; it has not failed before.
            let places = self.world.places(arguments).unwrap_or_default();
            let _ = evaluate_rule(self.world, rule.rule, &places, &mut reading, 0);
        }
        (rules, reading.seen)
    }
}

impl Explanation {
    fn write(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        let margin = " ".repeat(indent);
        write!(f, "{margin}{}", self.sentence)?;
        match &self.because {
            Because::Stated { facts } => {
                let by: Vec<String> = facts.iter().map(|fact| grounds(&fact.grounds)).collect();
                writeln!(f, ", says {}", by.join(" and "))?;
            }
            Because::NotStated { mode: FactMode::Open, ask, .. } => writeln!(f, " (to be asked: {ask})")?,
            Because::NotStated { mode: FactMode::Closed, .. } => writeln!(f, " (none is stated)")?,
            Because::NotStated { mode: FactMode::Presumed { burden, .. }, .. } => {
                writeln!(f, " (presumed; the burden is on {burden})")?;
            }
            Because::Above => writeln!(f, " (see above)")?,
            Because::Deeper => writeln!(f, " (ask about it by itself)")?,
            Because::NotEvaluated => writeln!(f, " (it is not part of the evaluation)")?,
            Because::Rules { rules } if rules.is_empty() => writeln!(f, " (no rule for it is in force)")?,
            Because::Rules { rules } => {
                writeln!(f)?;
                for rule in rules {
                    rule.write(f, indent + 2, "rule")?;
                }
            }
        }
        self.premises.iter().try_for_each(|premise| premise.write(f, indent + 4))
    }
}

fn grounds(grounds: &FactGrounds) -> String {
    match grounds {
        FactGrounds::Narrative { quote, .. } => format!("the matter: \"{quote}\""),
        FactGrounds::Author { author } => author.clone(),
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}
