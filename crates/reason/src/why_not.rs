//! Why a claim does not hold, and what would settle one that is not settled.

use std::fmt;

use grounds_core::{Case, Judgement, Justification, Program, Status};
use serde::Serialize;

use crate::evaluate::Evaluation;
use crate::explain::{RuleExplanation, explain_rule};
use crate::missing::{MissingFact, missing_fact, missing_sets, most_useful};
use crate::outcome::{Concluded, Outcome};
use crate::rule_outcome::{RuleTrace, not_struck};
use crate::say::{say, shown_statement};
use crate::suppose::Supposing;
use crate::why::trace;
use crate::world::World;

/// The reason why a claim does not hold.
///
/// Its `Display` is for a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WhyNot {
    /// The claim and its status.
    pub judgement: Judgement,
    /// As a sentence.
    pub sentence: String,
    /// Which of the reasons.
    pub kind: WhyNotKind,
    /// All rules in force for the claim, with their conditions and exceptions.
    pub rules: Vec<RuleExplanation>,
    /// Whether the search for missing facts stopped at its bounds, so that other sets may do.
    pub bound_hit: bool,
}

/// The reasons why a claim does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNotKind {
    /// It does hold.
    Holds,
    /// No rule's conditions are met, or none is in force.
    NoRuleApplies,
    /// A rule would apply, but exceptions take its conclusion away.
    Defeated {
        /// Their ids.
        by: Vec<String>,
    },
    /// Facts are not known.
    Unknown {
        /// The smallest sets that would settle it.
        missing: Vec<Vec<MissingFact>>,
    },
    /// Rules or facts disagree.
    Conflict {
        /// The rules that decide the conflict.
        rules: Vec<String>,
        /// Facts stated with different values, as "incident.detected_at".
        facts: Vec<String>,
    },
}

/// Says why a claim does not hold; for an undetermined one, what would settle it.
///
/// `evaluation` must be of this program and case. Cost for an undetermined claim: at most 20,000 suppositions, and about 200,000 claims
/// evaluated again for them.
pub fn why_not(
    program: &Program,
    case: &Case,
    evaluation: &Evaluation,
    predicate: &str,
    arguments: &[String],
) -> WhyNot {
    let status = evaluation.status(predicate, arguments).cloned().unwrap_or(Status::DoesNotHold);
    let judgement = Judgement { predicate: predicate.to_owned(), arguments: arguments.to_vec(), status };
    let sentence = say(program, &judgement);
    let (kind, rules, bound_hit) = match World::new(program, case) {
        Ok(world) => reason(&world, evaluation, &judgement),
        Err(_) => (WhyNotKind::NoRuleApplies, Vec::new(), false),
    };
    WhyNot { judgement, sentence, kind, rules, bound_hit }
}

fn reason(
    world: &World<'_>,
    evaluation: &Evaluation,
    judgement: &Judgement,
) -> (WhyNotKind, Vec<RuleExplanation>, bool) {
    let (predicate, arguments) = (judgement.predicate.as_str(), judgement.arguments.as_slice());
    let found = trace(world, evaluation, predicate, arguments);
    let rules = found.rules.iter().map(|rule| explain_rule(world, evaluation, rule, arguments)).collect();
    let mut bound_hit = false;
    let kind = match &judgement.status {
        Status::Holds(_) => WhyNotKind::Holds,
        Status::DoesNotHold => match defeaters(world, &found.rules) {
            by if by.is_empty() => WhyNotKind::NoRuleApplies,
            by => WhyNotKind::Defeated { by },
        },
        Status::Conflict => WhyNotKind::Conflict {
            rules: found.deciding.iter().map(|id| (*id).to_owned()).collect(),
            facts: facts_in_conflict(evaluation, predicate, arguments),
        },
        Status::Undetermined => {
            let missing = match evaluation.node(predicate, arguments) {
                Some(target) => {
                    let supposing = Supposing::new(world, evaluation, target);
                    let missing = missing_sets(&supposing);
                    bound_hit = missing.bound_hit;
                    let facts = |set: Vec<usize>| set.into_iter().map(|fact| missing_fact(&supposing, fact)).collect();
                    missing.sets.into_iter().map(facts).collect()
                }
                None => Vec::new(),
            };
            WhyNotKind::Unknown { missing }
        }
    };
    (kind, rules, bound_hit)
}

/// The live exceptions of rules that would conclude something without them.
fn defeaters(world: &World<'_>, rules: &[RuleTrace<'_>]) -> Vec<String> {
    let nothing = Outcome::Concludes(Concluded::None);
    let defeated = rules.iter().filter(|rule| rule.outcome == nothing && rule.own != nothing);
    let live = |rule: &RuleTrace<'_>| {
        let exceptions = not_struck(world, &rule.exceptions).into_iter();
        let live = exceptions.filter(|exception| exception.outcome == nothing);
        live.map(|exception| exception.rule.id.clone()).collect::<Vec<_>>()
    };
    defeated.flat_map(live).collect()
}

/// The facts stated with different values that a claim rests on.
fn facts_in_conflict(evaluation: &Evaluation, predicate: &str, arguments: &[String]) -> Vec<String> {
    let proof = evaluation.proof_of(&[(predicate, arguments)]);
    let is_torn = |node: &&grounds_core::Node| {
        node.judgement.status == Status::Conflict && matches!(node.by, Justification::Given { .. })
    };
    let shown = |node: &grounds_core::Node| shown_statement(&node.judgement.predicate, &node.judgement.arguments);
    proof.nodes.iter().filter(is_torn).map(shown).collect()
}

/// The single most useful question about an undetermined claim; `None` where the claim is settled, in conflict, or not evaluated.
pub fn needs(
    program: &Program,
    case: &Case,
    evaluation: &Evaluation,
    predicate: &str,
    arguments: &[String],
) -> Option<MissingFact> {
    let target = evaluation.node(predicate, arguments)?;
    let judgement = &evaluation.nodes()[target].judgement;
    let world = World::new(program, case).ok()?;
    if judgement.status != Status::Undetermined || !world.claims.contains_key(predicate) {
        return None;
    }
    let supposing = Supposing::new(&world, evaluation, target);
    let fact = most_useful(&supposing, &missing_sets(&supposing))?;
    Some(missing_fact(&supposing, fact))
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.sentence)?;
        match &self.kind {
            WhyNotKind::Holds => writeln!(f, "it does hold")?,
            WhyNotKind::NoRuleApplies if self.rules.is_empty() => writeln!(f, "no rule for it is in force")?,
            WhyNotKind::NoRuleApplies => writeln!(f, "no rule applies")?,
            WhyNotKind::Defeated { by } => writeln!(f, "defeated by {}", by.join(", "))?,
            WhyNotKind::Conflict { rules, facts } => {
                let both: Vec<&str> = rules.iter().chain(facts).map(String::as_str).collect();
                writeln!(f, "conflict: {}", both.join(", "))?;
            }
            WhyNotKind::Unknown { missing } => {
                for (number, set) in (1..).zip(missing) {
                    writeln!(f, "it would be settled by ({number} of {}):", missing.len())?;
                    set.iter().try_for_each(|fact| write_fact(f, fact))?;
                }
            }
        }
        if self.bound_hit {
            writeln!(f, "the search stopped at its bounds: other facts may do as well")?;
        }
        self.rules.iter().try_for_each(|rule| rule.write(f, 2, "rule"))
    }
}

fn write_fact(f: &mut fmt::Formatter<'_>, fact: &MissingFact) -> fmt::Result {
    let mut cites: Vec<&str> = fact.cites.iter().map(|citation| citation.pinpoint.as_str()).collect();
    cites.dedup();
    let cites = if cites.is_empty() { String::new() } else { format!(" [{}]", cites.join(", ")) };
    writeln!(f, "  {}: {}{cites}", shown_statement(&fact.predicate, &fact.arguments), fact.ask)
}
