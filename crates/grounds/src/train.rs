//! Small models: trained on the workspace's passages and labels, kept as rows with their figures, and found again.

mod gold;

use grounds_core::{AsOf, Batch, Change, Instant, LabelRow, ModelRow, OriginalRow, Row, Snapshot, Validity};
use grounds_models::{
    ClassProbability, Classifier, ClassifySettings, Example, ModelsError, Prediction, Progress, Question,
    RepresentationBuilder, TrainedClassifier, TrainingReport, TrainingSettings, train, train_classifier,
};
use grounds_store::analyse_with_characters;
use serde_json::{Value, json};

use crate::error::GroundsError;
use crate::labels::RETRIEVAL_TASK;
use crate::retrieve::{collection, language};
use crate::train::gold::GoldPassages;
use crate::view::View;
use crate::workspace::Workspace;

/// The name of the model that ranks passages.
pub const RETRIEVAL_MODEL: &str = "retrieval";

/// What the names of classifications' models begin with.
const CLASSIFIER_PREFIX: &str = "classify ";

/// The name of a classification's model.
pub fn classifier_name(task: &str) -> String {
    format!("{CLASSIFIER_PREFIX}{task}")
}

/// A model before it is kept.
#[derive(Clone, Debug)]
pub struct NewModel {
    /// What it does.
    pub name: String,
    /// The model.
    pub bytes: Vec<u8>,
    /// How it was trained.
    pub parameters: Value,
    /// How it did on what it was not trained on.
    pub figures: Value,
    /// What it was made from.
    pub lineage: Value,
}

/// A trained ranking.
#[derive(Clone, Debug)]
pub struct RetrievalTraining {
    /// The model.
    pub model: NewModel,
    /// How it compares with ranking without labels, on questions it was not trained on.
    pub report: TrainingReport,
    /// Labels none of whose places is in force, by name; nothing was learned from them.
    pub left_out: Vec<String>,
}

/// A trained classifier with the model to keep.
#[derive(Clone, Debug)]
pub struct ClassifierTraining {
    /// The model.
    pub model: NewModel,
    /// The classifier and how it did.
    pub trained: TrainedClassifier,
}

impl Workspace {
    /// Learns to rank the passages in force from the labels of retrieval, by their vectors too where the view uses some. Nothing is kept; see
    /// [`Workspace::keep_model`].
    ///
    /// `state` is what an earlier training of the same passages and labels handed to `progress`. Cost: a minute or two for some thousand labels.
    ///
    /// # Errors
    /// [`GroundsError::Models`]: too few labels, stopped, a state of something else; those of the store.
    pub fn train_retrieval(
        &self,
        view: &View,
        at: AsOf,
        settings: &TrainingSettings,
        state: Option<&[u8]>,
        progress: &mut dyn Progress,
    ) -> Result<RetrievalTraining, GroundsError> {
        let passages = collection(view, at.as_of)?;
        let labels = self.labels(view, RETRIEVAL_TASK)?;
        let mut questions = Vec::with_capacity(labels.len());
        let mut texts = Vec::with_capacity(labels.len());
        let mut left_out = Vec::new();
        let places = GoldPassages::new(&passages);
        for label in &labels {
            let gold = places.of(view, at, label)?;
            if gold.is_empty() {
                left_out.push(label.name.clone());
            } else {
                questions.push(Question { terms: passages.question_terms(&label.text), gold, vector: Vec::new() });
                texts.push(label.text.as_str());
            }
        }
        for (question, vector) in questions.iter_mut().zip(passages.question_vectors(&texts, progress)?) {
            question.vector = vector;
        }
        let trained = train(&passages.collection, &questions, settings, state, progress)?;
        let model = NewModel {
            name: RETRIEVAL_MODEL.to_owned(),
            bytes: trained.model.to_bytes(),
            parameters: json!({
                "seed": settings.seed,
                "embeddings": settings.embeddings,
                "embedding_model": trained.model.embedding_model(),
            }),
            figures: retrieval_figures(&trained.report),
            lineage: self.lineage(view, at, RETRIEVAL_MODEL, &labels)?,
        };
        Ok(RetrievalTraining { model, report: trained.report, left_out })
    }

    /// Learns the classes of a task's labelled texts, with words weighed by the passages in force. Nothing is kept. Texts are taken to be in the language of
    /// most documents. Cost: reads every text in force; see [`grounds_models::train_classifier`].
    ///
    /// # Errors
    /// [`GroundsError::Models`]: too few labels or only one class; those of the store.
    pub fn train_classifier(
        &self,
        view: &View,
        at: AsOf,
        task: &str,
        settings: ClassifySettings,
    ) -> Result<ClassifierTraining, GroundsError> {
        let mut texts = RepresentationBuilder::default();
        for document in view.documents() {
            let Some(text) = view.text_in_force(&document.id, at.as_of)? else { continue };
            for stored in view.reader().passages(&text.version.id)? {
                let words = stored.row.span.of(&text.version.text).unwrap_or_default();
                texts.push(&analyse_with_characters(words, &document.language));
            }
        }
        let labels = self.labels(view, task)?;
        let language = language(view);
        let example = |label: &LabelRow| Example {
            terms: analyse_with_characters(&label.text, &language),
            class: label.gold.first().cloned().unwrap_or_default(),
        };
        let examples: Vec<Example> = labels.iter().map(example).collect();
        let trained = train_classifier(texts, &examples, settings)?;
        let name = classifier_name(task);
        let report = &trained.report;
        let classes: Vec<Value> =
            report.classes.iter().map(|(class, count)| json!({ "class": class, "examples": count })).collect();
        let model = NewModel {
            bytes: trained.classifier.to_bytes(),
            parameters: json!({ "seed": settings.seed, "folds": settings.fold_count, "language": language }),
            figures: json!({
                "examples": report.example_count,
                "classes": classes,
                "accuracy": estimate(report.figures.accuracy),
                "accuracy_of_commonest": report.accuracy_of_commonest,
                "macro_f1": report.figures.macro_f1.mean,
                "calibration_error": report.figures.calibration_error,
            }),
            lineage: self.lineage(view, at, &name, &labels)?,
            name,
        };
        Ok(ClassifierTraining { model, trained })
    }

    /// Keeps a model with its bytes, in one commit; one of the same name stays readable at earlier snapshots.
    ///
    /// # Errors
    /// Those of the store.
    pub fn keep_model(&self, model: &NewModel, at: Instant) -> Result<Snapshot, GroundsError> {
        self.keep_as(model, &format!("train {}", model.name), at)
    }

    /// As [`Workspace::keep_model`], with what the log is to say.
    pub(crate) fn keep_as(&self, model: &NewModel, message: &str, at: Instant) -> Result<Snapshot, GroundsError> {
        let hash = blake3::hash(&model.bytes).to_hex().to_string();
        let row = ModelRow {
            name: model.name.clone(),
            hash: hash.clone(),
            parameters: model.parameters.to_string(),
            figures: model.figures.to_string(),
            lineage: model.lineage.to_string(),
        };
        let batch = Batch {
            message: message.to_owned(),
            changes: vec![Change::Put { row: Row::Model(row), validity: Validity::always() }],
            originals: vec![OriginalRow { hash, bytes: model.bytes.clone() }],
            ..Batch::default()
        };
        Ok(self.store().commit(&batch, at)?)
    }

    /// The classifier of a task.
    ///
    /// # Errors
    /// [`GroundsError::NotFound`]: none was trained. [`GroundsError::Models`]: it was kept by another build. Those of the store.
    pub fn classifier(&self, view: &View, task: &str) -> Result<TaskClassifier, GroundsError> {
        let not_found = || GroundsError::NotFound { what: "classifier", name: task.to_owned() };
        let (row, bytes) = view.model(&classifier_name(task))?.ok_or_else(not_found)?;
        TaskClassifier::of(&row, &bytes)
    }

    /// Where a model is from.
    fn lineage(&self, view: &View, at: AsOf, name: &str, labels: &[LabelRow]) -> Result<Value, GroundsError> {
        let mut hasher = blake3::Hasher::new();
        for label in labels {
            hasher.update(serde_json::to_string(label)?.as_bytes());
        }
        let before = view.reader().models()?.into_iter().find(|stored| stored.row.name == name);
        Ok(json!({
            "snapshot": view.known_at(),
            "as_of": at.as_of,
            "labels": labels.len(),
            "labels_hash": hasher.finalize().to_hex().as_str(),
            "before": before.map(|stored| stored.row.hash),
            "build": env!("CARGO_PKG_VERSION"),
        }))
    }
}

impl View {
    /// The kept classifiers with the names of their tasks, in order; none that another build kept, and none for a principal: what they learned may
    /// betray what is hidden.
    ///
    /// Cost: reads each whole, some megabytes.
    ///
    /// # Errors
    /// Those of the store; [`GroundsError::Models`]: one is damaged.
    pub fn classifiers(&self) -> Result<Vec<(String, TaskClassifier)>, GroundsError> {
        let mut found = Vec::new();
        for stored in self.reader().models()? {
            let Some(task) = stored.row.name.strip_prefix(CLASSIFIER_PREFIX) else { continue };
            let Some(bytes) = self.reader().model_bytes(&stored.row)? else { continue };
            match TaskClassifier::of(&stored.row, &bytes) {
                Err(GroundsError::Models(ModelsError::ModelVersion { .. })) => {}
                classifier => found.push((task.to_owned(), classifier?)),
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }
}

/// A classifier with the language in which its texts are analysed.
#[derive(Clone, Debug)]
pub struct TaskClassifier {
    /// The classifier.
    pub classifier: Classifier,
    language: String,
}

impl TaskClassifier {
    fn of(row: &ModelRow, bytes: &[u8]) -> Result<Self, GroundsError> {
        let parameters: Value = serde_json::from_str(&row.parameters)?;
        let language = parameters["language"].as_str().unwrap_or("und").to_owned();
        Ok(Self { classifier: Classifier::from_bytes(bytes)?, language })
    }

    /// What class a text is of; see [`Classifier::predict`].
    pub fn predict(&self, text: &str, error_rate: f64) -> Prediction {
        self.classifier.predict(&analyse_with_characters(text, &self.language), error_rate)
    }

    /// How probable each class is; see [`Classifier::class_probabilities`].
    pub(crate) fn class_probabilities(&self, text: &str) -> Vec<ClassProbability> {
        self.classifier.class_probabilities(&analyse_with_characters(text, &self.language))
    }

    /// The texts that are most worth labelling, by their places; see [`Classifier::next_to_label`].
    pub fn next_to_label(&self, texts: &[String], count: usize) -> Vec<usize> {
        let texts: Vec<Vec<String>> = texts.iter().map(|text| analyse_with_characters(text, &self.language)).collect();
        self.classifier.next_to_label(&texts, count)
    }
}

fn estimate(estimate: grounds_models::Estimate) -> Value {
    json!({ "mean": estimate.mean, "low": estimate.low, "high": estimate.high })
}

fn retrieval_figures(report: &TrainingReport) -> Value {
    let of = |figures: &grounds_models::Figures| {
        json!({
            "questions": figures.question_count,
            "recall@10": estimate(figures.recall),
            "map@10": estimate(figures.map),
            "ndcg@10": estimate(figures.ndcg),
            "all_gold@10": estimate(figures.all_gold),
            "all_gold@10_multi": estimate(figures.all_gold_multi),
        })
    };
    let held_out = |held: &grounds_models::HeldOut| json!({ "all": of(&held.all), "unseen": of(&held.unseen) });
    json!({
        "zero_labels": held_out(&report.zero_labels),
        "with_memory": held_out(&report.with_memory),
        "without_memory": held_out(&report.without_memory),
    })
}
