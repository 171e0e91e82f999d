//! The saved form of an answer, documented in `docs/reference/json.md`.

use grounds_core::{Claim, Draft, Excerpt, Hit, OpenQuestion, Reason, Refusal, SealedProof, Snapshot, WrittenOut};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::assess::Assessment;
use crate::error::GroundsError;
use crate::verify::Failure;

/// The format written; the only one so far.
pub const FORMAT: &str = "grounds-answer-1";

/// The verdict as JSON has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictName {
    /// Every claim is grounded.
    Verified,
    /// It is not answered.
    Refused,
}

/// An answer or assessment, with all that is needed to check it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerFile {
    /// [`FORMAT`].
    pub format: String,
    /// Verified or refused.
    pub verdict: VerdictName,
    /// Why it is refused.
    pub reason: Option<Reason>,
    /// The same in words.
    pub message: Option<String>,
    /// What was asked.
    pub question: String,
    /// The snapshot it was answered at.
    pub snapshot: Snapshot,
    /// The date whose law applies.
    pub as_of: Date,
    /// The sentences of the answer, in reading order.
    pub claims: Vec<Claim>,
    /// Abbreviations of the question that were read by what texts in force say they stand for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written_out: Vec<WrittenOut>,
    /// What retrieval found.
    pub evidence: Vec<Hit>,
    /// What would settle what is open.
    pub questions: Vec<OpenQuestion>,
    /// The parts of an assessment, at the same level in JSON.
    #[serde(flatten)]
    pub assessment: Option<Assessment>,
    /// The texts around every quotation.
    pub excerpts: Vec<Excerpt>,
    /// Rules, facts and derivation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<SealedProof>,
    /// BLAKE3 of this file as compact JSON with an empty seal, 64 hexadecimal digits.
    pub seal: String,
}

impl AnswerFile {
    /// Reads a saved answer.
    ///
    /// # Errors
    /// [`GroundsError::AnswerFile`] where the text is not JSON of this shape, or has parts that the seal would not cover.
    pub fn parse(name: &str, json: &str) -> Result<Self, GroundsError> {
        let fail = |message: String| GroundsError::AnswerFile { file: name.to_owned(), message };
        let value: serde_json::Value = serde_json::from_str(json).map_err(|error| fail(error.to_string()))?;
        let file = Self::deserialize(&value).map_err(|error| fail(error.to_string()))?;
        // The seal covers what is read: a part that is not read must not be there.
        if serde_json::to_value(&file)? != value {
            return Err(fail("it has parts that no saved answer has, or writes values in another way".to_owned()));
        }
        Ok(file)
    }

    /// The file of a draft, unsealed.
    pub(crate) fn from_draft(draft: Draft, assessment: Option<Assessment>) -> Self {
        let mut file = Self {
            format: FORMAT.to_owned(),
            verdict: VerdictName::Verified,
            reason: None,
            message: None,
            question: draft.question,
            snapshot: draft.at.known_at,
            as_of: draft.at.as_of,
            claims: draft.claims,
            written_out: draft.written_out,
            evidence: draft.evidence,
            questions: draft.questions,
            assessment,
            excerpts: draft.excerpts,
            proof: draft.proof,
            seal: String::new(),
        };
        if let Some(refusal) = draft.refusal {
            file.refuse(refusal);
        }
        file
    }

    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        self.verdict = VerdictName::Refused;
        self.reason = Some(refusal.reason);
        self.message = Some(refusal.message);
    }

    /// The seal that these contents have.
    ///
    /// # Errors
    /// [`GroundsError::Json`] never happens for a value that was read or made here.
    pub fn computed_seal(&self) -> Result<String, GroundsError> {
        let unsealed = Self { seal: String::new(), ..self.clone() };
        Ok(blake3::hash(serde_json::to_string(&unsealed)?.as_bytes()).to_hex().to_string())
    }

    /// Checks the format, the seal, and that verdict, reason and claims fit each other.
    pub(crate) fn check_whole(&self, failures: &mut Vec<Failure>) -> Result<(), GroundsError> {
        if self.format != FORMAT {
            failures.push(Failure::new("format", format!("`{}` is not {FORMAT}", self.format)));
        }
        if self.seal != self.computed_seal()? {
            failures.push(Failure::new("seal", "the contents were changed after they were sealed"));
        }
        let refused = self.verdict == VerdictName::Refused;
        if refused != self.reason.is_some() || refused != self.message.is_some() {
            failures.push(Failure::new("verdict", "a refusal has a reason and a message, and nothing else has"));
        }
        if !refused && self.claims.is_empty() {
            failures.push(Failure::new("claims", "an answer without a claim says nothing"));
        }
        Ok(())
    }
}
