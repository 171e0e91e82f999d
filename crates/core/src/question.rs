//! What is asked, and what retrieval found.

use serde::{Deserialize, Serialize};

use crate::{AsOf, DocumentId, LinkKind, SourceKind, UnitId, VersionId};

/// A question in words, at a position on both time axes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The words.
    pub text: String,
    /// Which law, known when.
    pub at: AsOf,
    /// Only documents of these kinds; empty means all.
    #[serde(default)]
    pub kinds: Vec<SourceKind>,
    /// Only these documents; empty means all.
    #[serde(default)]
    pub documents: Vec<DocumentId>,
    /// At most this many hits, from 1.
    pub hit_count_max: usize,
}

/// One way in which a hit was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum FoundBy {
    /// Its words match: the BM25F score and the rank by it, from 1.
    Text {
        /// The score.
        score: f64,
        /// The rank.
        rank: usize,
    },
    /// Its vector is near the question's: their cosine, and the rank by it, from 1.
    Vector {
        /// The cosine.
        cosine: f64,
        /// The rank.
        rank: usize,
    },
    /// A trained model ranks it, from 1.
    Learned {
        /// The rank.
        rank: usize,
    },
    /// The question names it.
    Pinpoint {
        /// The citation in the question.
        cited: String,
    },
    /// Another hit is linked with it.
    Link {
        /// The pinpoint of that hit.
        from: String,
        /// What the link means.
        kind: LinkKind,
    },
}

/// One unit that may support an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// The work.
    pub document: DocumentId,
    /// Its title.
    pub title: String,
    /// What the work is.
    pub kind: SourceKind,
    /// The unit.
    pub unit: UnitId,
    /// Its citation with the document: "GDPR art. 33(1)".
    pub pinpoint: String,
    /// The text it is in.
    pub version: VersionId,
    /// The first byte in that version's canonical text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The words at `start..end`.
    pub text: String,
    /// Higher is better; comparable within one result only.
    pub score: f64,
    /// Every way it was found; at least one.
    pub found_by: Vec<FoundBy>,
}

/// Ranked hits for one question, best first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was asked.
    pub question: Question,
    /// Best first.
    pub hits: Vec<Hit>,
    /// How many different words of the question were looked for.
    pub word_count: usize,
    /// The greatest share of these words, weighted by how rare they are, that one passage has: 0 to 1.
    pub coverage: f64,
    /// Words that name a subject and occur in none of the candidates, as the question has them.
    pub unknown_words: Vec<String>,
    /// Abbreviations of the question that were looked for by the words they stand for.
    #[serde(default)]
    pub written_out: Vec<WrittenOut>,
}

/// An abbreviation that no candidate has, and the words that another text explains it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenOut {
    /// As the question has it.
    pub abbreviation: String,
    /// What it stands for.
    pub words: String,
    /// Where that is said.
    pub pinpoint: String,
}
