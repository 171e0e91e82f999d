//! An embedded database that answers with grounds.
//!
//! Documents go in ([`Workspace::add`]), and questions and matters are answered from them ([`ask`], [`assess`]). A draft becomes something a reader
//! sees only through the verifier ([`verify_answer`], [`verify_assessment`]): every sentence then rests on a quotation that equals its source byte for
//! byte, or on a proof that the checker accepted.
//!
//! Modules stand in the order in which data flows.

mod error;
mod workspace;
mod operations;
pub mod ingest;
mod add;
mod unspaced;
mod locate;
mod view;
mod vectors;
mod retrieve;
mod evaluate;
mod labels;
mod train;
mod law;
mod stale;
mod matter;
mod suppose;
mod answer;
mod assess;
mod verify;
mod report;
mod reading;
mod coverage;
mod draft;
#[cfg(feature = "sql")]
pub mod sql;

pub use crate::workspace::Workspace;
pub use add::{AddFailure, AddOutcome, Upload};
pub use answer::{AskRequest, ask};
pub use assess::{
    Assessment, AssessmentDraft, ClaimsByStatus, Goal, MatterText, WouldChange, assess, parse_claim, shown,
};
pub use coverage::{Coverage, DocumentCoverage, ProvisionCoverage, UnexercisedRule, coverage};
pub use draft::draft;
pub use error::GroundsError;
pub use evaluate::{
    ClassificationFigures, ClassificationSet, Estimate, Figures, Oddities, Outcome, RetrievalSet, SetFigures,
};
pub use grounds_store::{BackupReport, EraseRequest, EraseTarget, Erasure, ErasureExtent, ExportReport, Progress};
pub use grounds_store::{GenerationKind, GenerationState, GenerationStatus};
/// Models that are learned, as the embedder of Grounds uses them.
pub mod models {
    #[cfg(feature = "candle")]
    pub use grounds_models::SentenceModel;
    pub use grounds_models::{HeldOut, Memory, Model, Progress, Trained, TrainingReport, TrainingSettings};
}
pub use grounds_models::Progress as TrainingProgress;
pub use grounds_models::{ClassifyReport, ClassifySettings, Prediction, TrainingReport, TrainingSettings};
pub use grounds_store::{ScoreParts, TermPart};
pub use ingest::Overrides;
pub use labels::{RETRIEVAL_TASK, read_labels, resolve_gold};
pub use law::{CitableUnit, LawCopy};
pub use locate::UnitTree;
pub use matter::{Entry, Matter};
pub use reading::{
    CitedWords, ClaimRead, DeclarationRead, Encoding, MarkedWords, ProvisionRead, QuestionRead, ReadingPage, RuleRead,
    days_in_words, read, reading_html,
};
pub use report::html as report_html;
pub use retrieve::{
    CitedInQuestion, HitExplanation, LearnedRanking, PassageCollection, RetrieveParameters, cited_in, collection,
    explain, retrieve, retrieve_by, retrieve_with,
};
pub use stale::{Stale, StaleAnswer, StaleAssessment, StaleQuote, StaleRule, StaleTest};
pub use suppose::{parse_change, would_change};
pub use train::{ClassifierTraining, NewModel, RETRIEVAL_MODEL, RetrievalTraining, TaskClassifier, classifier_name};
pub use vectors::{EmbedStep, TextVectors, VECTORS_MODEL, VectorsOrigin};
pub use verify::{
    AnswerFile, FORMAT, Failure, Refused, Verdict, VerdictName, Verified, check, check_rules, verify_answer,
    verify_assessment,
};
pub use view::{Located, Text, View};

/// The rule language, as the embedder of Grounds uses it; see `docs/rules.md`.
pub mod rules {
    pub use grounds_reason::{
        CitedUnit, Compiled, Diagnostic, Difference, Evaluation, Evaluator, Explanation, ExploreSettings, FactChange,
        FormatError, ItemSource, LOCK_FILE, Lock, LockDifference, LockDifferenceKind, LockError, LockedUnit, Need,
        OutlineItem, ProposedTest, RuleFile, Severity, TestOutcome, ThresholdReport, Unnoticed, VersionReport, WhyNot,
        WordsLine, WrittenCitation, citations_in, compile, evaluate, evaluate_for, exercised, explore_thresholds,
        explore_versions, format_rules, item_sources, outline, questions, run_tests, say, sources_in, supposed,
        unreadable_in, what_if, why, why_not,
    };
}
