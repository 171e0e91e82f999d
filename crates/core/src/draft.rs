//! Answers before they are verified, and the parts they are made of.

use serde::{Deserialize, Serialize};

use crate::{AsOf, Case, DocumentId, Hit, NodeId, Program, Proof, Status, UnitId, VersionId, WrittenOut};

/// What a claim rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Grounds {
    /// Words of a stored version: `text` is byte-identical to its canonical text at `start..end`.
    Quote {
        /// The work.
        document: DocumentId,
        /// The text.
        version: VersionId,
        /// The unit that contains the words.
        unit: UnitId,
        /// Its citation with the document.
        pinpoint: String,
        /// The first byte.
        start: u32,
        /// One past the last byte.
        end: u32,
        /// The words.
        text: String,
    },
    /// A node of the answer's proof.
    Proof {
        /// The statement: "LateReport(incident)".
        claim: String,
        /// The rules that decide it; empty where none applies.
        rule: String,
        /// What is proved.
        status: Status,
        /// Where in the proof.
        node: NodeId,
    },
}

/// What a claim does in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers the question.
    Answer,
    /// A definition that the answer uses.
    Definition,
    /// An exception or condition that the answer is subject to.
    Exception,
    /// A provision that the answer refers to.
    Reference,
    /// An official reading of the provision.
    Interpretation,
    /// A conclusion from rules and facts.
    Conclusion,
}

/// One sentence of an answer with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The sentence.
    pub text: String,
    /// What it does.
    pub role: Role,
    /// At least one.
    pub grounds: Vec<Grounds>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nothing visible to the question is stored.
    NoSource,
    /// What is stored is about something else, or the question names nothing to look for.
    OutOfScope,
    /// A fact that decides is unknown.
    MissingFact,
    /// Rules or facts disagree and no declared order settles it.
    Conflict,
    /// The provision exists, but not on that date.
    NotInForce,
}

/// A refusal: which of the reasons, and in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The code.
    pub reason: Reason,
    /// What was missing, as a sentence.
    pub message: String,
}

/// A question whose answer would change the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenQuestion {
    /// What it would settle: a fact such as "incident.reported_at", or "scope", "date".
    pub fact: String,
    /// The question.
    pub text: String,
}

/// A stretch of stored text carried along, so that quotations can be checked without the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The work.
    pub document: DocumentId,
    /// Its title.
    pub title: String,
    /// The text.
    pub version: VersionId,
    /// The unit.
    pub unit: UnitId,
    /// Its citation with the document.
    pub pinpoint: String,
    /// When this version of the unit is in force, for people.
    pub in_force: String,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The words.
    pub text: String,
    /// BLAKE3 of `text`.
    pub hash: String,
}

/// Everything that a proof is checked against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedProof {
    /// The rules.
    pub program: Program,
    /// The facts.
    pub case: Case,
    /// The derivation.
    pub proof: Proof,
}

/// Whether an element of a provision is made out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ElementStatus {
    /// It is.
    Met,
    /// It is not.
    NotMet,
    /// A fact is missing.
    Unknown,
    /// Facts or rules disagree.
    Conflict,
}

/// One condition of a rule, applied to the facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// The claim whose rule it belongs to: "LateReport(incident)".
    pub claim: String,
    /// The rule or exception.
    pub rule: String,
    /// The provision the rule encodes.
    pub pinpoint: String,
    /// The condition with the case's values in it.
    pub text: String,
    /// Whether it is met.
    pub status: ElementStatus,
    /// The facts it looks at, as "incident.detected_at = 2021-03-01T09:00Z".
    pub facts: Vec<String>,
    /// The words that the rule quotes.
    pub quote: String,
}

/// A claim of an assessment with its status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssessedClaim {
    /// The statement: "LateReport(incident)".
    pub claim: String,
    /// As a sentence.
    pub text: String,
    /// The value, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The provisions that its deciding rules cite; of all its rules where none decides.
    pub provisions: Vec<String>,
    /// Whether it is a violation, a sanction or a step.
    pub kind: crate::ClaimKind,
}

/// What the law allows as a sanction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sanction {
    /// Sanction claims that hold, with their values.
    pub allowed: Vec<AssessedClaim>,
    /// The sanctions of similar decisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<SanctionSpread>,
}

/// How sanctions of similar decisions are spread: only those in the currency that most of them have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SanctionSpread {
    /// How many decisions.
    pub count: usize,
    /// The least.
    pub least: String,
    /// The one in the middle; the lower of two.
    pub median: String,
    /// The greatest.
    pub greatest: String,
}

/// A similar decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Precedent {
    /// The work.
    pub document: DocumentId,
    /// Its title.
    pub title: String,
    /// When it was decided, as its source says.
    pub decided: String,
    /// The sanction, as its source says; empty where none.
    pub sanction: String,
    /// How similar, 0 to 1.
    pub similarity: f64,
    /// What makes it similar: provisions both are about.
    pub shared_provisions: Vec<String>,
    /// What makes it similar: the class that a classifier of the workspace finds most probable of both, such as "outcome: fine".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared_classes: Vec<String>,
    /// Quotations: the passage that matches best, and the words that state the sanction where its text has them.
    pub grounds: Vec<Grounds>,
}

/// An answer before verification. Only the verifier turns it into something a reader sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// What was asked: the question, or the matter's title.
    pub question: String,
    /// Which law, known when.
    pub at: AsOf,
    /// In reading order.
    pub claims: Vec<Claim>,
    /// Abbreviations of the question that were read by what they stand for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written_out: Vec<WrittenOut>,
    /// What retrieval found.
    pub evidence: Vec<Hit>,
    /// What would settle what is open.
    pub questions: Vec<OpenQuestion>,
    /// Set where the answer is a refusal.
    pub refusal: Option<Refusal>,
    /// The texts around every quotation.
    pub excerpts: Vec<Excerpt>,
    /// The proof, where rules were used.
    pub proof: Option<SealedProof>,
}
