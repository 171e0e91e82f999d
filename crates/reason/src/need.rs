//! Which question to ask next: the facts that would settle a claim, by what their values would do to it.

use std::fmt;

use grounds_core::{Case, Judgement, NodeId, Program, Status, Value};
use serde::Serialize;

use crate::candidate::Thresholds;
use crate::evaluate::Evaluation;
use crate::missing::{MissingFact, missing_fact, missing_sets};
use crate::render::shown_value;
use crate::say::{say, shown_statement};
use crate::suppose::Supposing;
use crate::world::World;

/// A question, with what its answers would do.
///
/// Its `Display` is for a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Need {
    /// The fact and the question.
    pub fact: MissingFact,
    /// How many of the values tried settle the claim by themselves.
    pub settled: usize,
    /// How many values were tried: as the rules tell them apart, see [`why_not`](crate::why_not).
    pub tried: usize,
    /// In how many of the smallest sets that settle the claim it is.
    pub set_count: usize,
    /// What each value tried would come to, in rising order.
    pub effects: Vec<Effect>,
}

/// What an answer would do to a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// The value, as "yes" or "VRC 5 000 000".
    pub value: String,
    /// The claim's status then.
    pub status: Status,
    /// The same as a sentence.
    pub sentence: String,
}

/// The questions about an undetermined claim, the most useful first: the one that by itself settles it for the largest share of the values
/// tried; among equals, the one in most of the smallest sets that would settle it, then the one looked up first.
///
/// None where the claim is settled, in conflict, or not evaluated. The first is what [`needs`](crate::needs) gives. Cost: that of
/// [`why_not`](crate::why_not).
pub fn questions(
    program: &Program,
    case: &Case,
    evaluation: &Evaluation,
    predicate: &str,
    arguments: &[String],
) -> Vec<Need> {
    let Some(target) = evaluation.node(predicate, arguments) else { return Vec::new() };
    let Ok(world) = World::new(program, case) else { return Vec::new() };
    let judgement = &evaluation.nodes()[target].judgement;
    if judgement.status != Status::Undetermined || !world.claims.contains_key(predicate) {
        return Vec::new();
    }
    let supposing = Supposing::new(&world, evaluation, target);
    let missing = missing_sets(&supposing);
    let thresholds = Thresholds::of(&supposing);
    let mut facts: Vec<NodeId> = missing.sets.iter().flatten().copied().collect();
    facts.sort_unstable();
    facts.dedup();
    let mut found: Vec<Need> = Vec::new();
    for fact in facts {
        let of = missing_fact(&supposing, fact);
        let effect = |value: Value| {
            let status = supposing.status(&[(fact, value.clone())])?;
            let then = Judgement { status: status.clone(), ..judgement.clone() };
            Some(Effect { value: shown_value(&value), status, sentence: say(program, &then) })
        };
        let candidates = thresholds.candidates(&supposing, fact);
        let tried = candidates.len();
        let effects: Vec<Effect> = candidates.into_iter().filter_map(effect).collect();
        let is_settled = |effect: &&Effect| matches!(effect.status, Status::Holds(_) | Status::DoesNotHold);
        let settled = effects.iter().filter(is_settled).count();
        let set_count = missing.sets.iter().filter(|set| set.contains(&fact)).count();
        found.push(Need { fact: of, settled, tried, set_count, effects });
    }
    // A stable sort: equals keep the order in which they were looked up.
    found.sort_by_key(|need| std::cmp::Reverse((need.settled * 1_000 / need.tried.max(1), need.set_count)));
    found
}

impl Need {
    /// The answers tried and what they come to, those beside each other with one outcome taken together: "incident.hours = 1 to 3".
    pub(crate) fn outcomes(&self) -> Vec<(String, &str)> {
        let fact = shown_statement(&self.fact.predicate, &self.fact.arguments);
        let alike = self.effects.chunk_by(|left, right| left.sentence == right.sentence);
        let outcome = |group: &'_ [Effect]| match group {
            [first, .., last] => format!("{fact} = {} to {} ({} values tried)", first.value, last.value, group.len()),
            [only] => format!("{fact} = {}", only.value),
            [] => fact.clone(),
        };
        alike.filter_map(|group| Some((outcome(group), group.first()?.sentence.as_str()))).collect()
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cites: Vec<&str> = self.fact.cites.iter().map(|citation| citation.pinpoint.as_str()).collect();
        cites.dedup();
        let cites = if cites.is_empty() { String::new() } else { format!(" [{}]", cites.join(", ")) };
        let fact = shown_statement(&self.fact.predicate, &self.fact.arguments);
        writeln!(f, "{fact}: {}{cites}", self.fact.ask)?;
        writeln!(f, "  settles it for {} of {} values tried", self.settled, self.tried)?;
        self.outcomes().iter().try_for_each(|(answers, sentence)| writeln!(f, "  {answers}: {sentence}"))
    }
}
