//! Verification: the only way from a draft to something a reader sees.
//!
//! A draft becomes an [`AnswerFile`], every part of which is checked against the store, the proof checker and, for assessments, a second
//! derivation; then it is sealed. The same checks run again on a saved file, with or without its workspace.

mod file;
mod quotes;
mod readings;
mod proofs;
mod derived;

use grounds_core::{Draft, Reason, Refusal};
use grounds_reason::Compiled;

use crate::assess::AssessmentDraft;
use crate::error::GroundsError;
use crate::view::View;

pub use file::{AnswerFile, FORMAT, VerdictName};

/// An answer or assessment whose every claim was checked. Only this module makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified(AnswerFile);

/// A refusal with its reason; what it says besides was checked as well. Only this module makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused(AnswerFile);

/// The two answers there are.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Every claim is grounded.
    Verified(Verified),
    /// It is not answered, for a reason.
    Refused(Refused),
}

impl Verdict {
    /// The answer as it is saved and shown.
    pub fn file(&self) -> &AnswerFile {
        match self {
            Verdict::Verified(Verified(file)) | Verdict::Refused(Refused(file)) => file,
        }
    }

    /// Whether it is a refusal.
    pub fn is_refused(&self) -> bool {
        matches!(self, Verdict::Refused(_))
    }
}

/// One thing that does not hold in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where: `claims[2].grounds[0]`.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

impl Failure {
    pub(crate) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

/// Checks an answer's draft; claims that fail are dropped, and where none is left the answer is refused.
///
/// # Errors
/// Those of the store.
pub fn verify_answer(view: &View, draft: Draft) -> Result<Verdict, GroundsError> {
    conclude(view, AnswerFile::from_draft(draft, None))
}

/// Checks an assessment's draft. An assessment is one argument: where any part fails, all of it is refused.
///
/// # Errors
/// Those of the store.
pub fn verify_assessment(view: &View, draft: AssessmentDraft) -> Result<Verdict, GroundsError> {
    conclude(view, AnswerFile::from_draft(draft.draft, Some(draft.assessment)))
}

fn conclude(view: &View, mut file: AnswerFile) -> Result<Verdict, GroundsError> {
    file.seal = file.computed_seal()?;
    let failures = check(&file, Some(view))?;
    if !failures.is_empty() {
        drop_failed(&mut file, &failures);
        file.seal = file.computed_seal()?;
    }
    Ok(match file.verdict {
        VerdictName::Verified => Verdict::Verified(Verified(file)),
        VerdictName::Refused => Verdict::Refused(Refused(file)),
    })
}

/// Takes out what failed; what then remains unanswered is said.
fn drop_failed(file: &mut AnswerFile, failures: &[Failure]) {
    let failed = |index: usize| failures.iter().any(|failure| failure.place.starts_with(&format!("claims[{index}]")));
    let only_claims = failures.iter().all(|failure| failure.place.starts_with("claims["));
    let kept: Vec<_> =
        file.claims.iter().enumerate().filter(|(index, _)| !failed(*index)).map(|(_, claim)| claim.clone()).collect();
    let messages: Vec<String> =
        failures.iter().map(|failure| format!("{}: {}", failure.place, failure.message)).collect();
    if only_claims && file.assessment.is_none() && !kept.is_empty() {
        file.claims = kept;
        return;
    }
    file.claims = Vec::new();
    file.assessment = None;
    file.proof = None;
    file.excerpts = Vec::new();
    file.refuse(Refusal {
        reason: Reason::NoSource,
        message: format!("What was drafted did not pass verification: {}.", messages.join("; ")),
    });
}

/// Checks every part of an answer: with a view also against the stored texts and rules. No failure means it holds.
///
/// Without a view, quotations are checked against the excerpts the file carries, and proofs against the rules and facts it carries: that shows that the
/// file is whole and its argument sound, not that its excerpts are the law. With the workspace both are compared with what is stored.
///
/// # Errors
/// Those of the store.
pub fn check(file: &AnswerFile, view: Option<&View>) -> Result<Vec<Failure>, GroundsError> {
    let mut failures = Vec::new();
    file.check_whole(&mut failures)?;
    quotes::check(file, &mut failures);
    readings::check(file, &mut failures);
    if let Some(view) = view {
        quotes::check_stored(file, view, &mut failures)?;
        readings::check_stored(file, view, &mut failures)?;
    }
    proofs::check(file, &mut failures);
    derived::check(file, &mut failures);
    Ok(failures)
}

/// Compares the rules that an answer carries with those stored: a rule that was changed, or never stored, is a failure.
pub fn check_rules(file: &AnswerFile, stored: &Compiled) -> Vec<Failure> {
    let Some(sealed) = &file.proof else { return Vec::new() };
    let carried = &sealed.program;
    let mut failures = Vec::new();
    let mut expect = |place: String, known: bool| {
        if !known {
            failures.push(Failure::new(place, "it is not what is stored"));
        }
    };
    for rule in &carried.rules {
        expect(format!("proof.program.rules.{}", rule.id), stored.program.rules.contains(rule));
    }
    for claim in &carried.claims {
        expect(format!("proof.program.claims.{}", claim.name), stored.program.claims.contains(claim));
    }
    for fact in &carried.facts {
        expect(format!("proof.program.facts.{}", fact.predicate), stored.program.facts.contains(fact));
    }
    for calendar in &carried.calendars {
        expect(format!("proof.program.calendars.{}", calendar.name), stored.program.calendars.contains(calendar));
    }
    let used = |claim: &str| carried.claims.iter().any(|carried| carried.name == claim);
    for rule in &stored.program.rules {
        let left_out = used(&rule.claim) && rule.in_force.contains(file.as_of) && !carried.rules.contains(rule);
        expect(format!("proof.program.rules.{}", rule.id), !left_out);
    }
    failures
}
