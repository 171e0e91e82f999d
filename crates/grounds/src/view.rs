//! What a reader sees: one snapshot of the workspace, with documents found by the names people use.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use grounds_core::{
    Document, DocumentId, Embed, Link, ModelRow, PassageRow, Pinpoint, Snapshot, SourceKind, Unit, Validity, Version,
    VersionId,
};
use grounds_models::{Memory, Model, ModelsError};
use grounds_store::{Reader, StoreError, Stored};
use jiff::civil::Date;

use crate::error::GroundsError;
use crate::locate::UnitTree;
use crate::retrieve::{Descriptions, LearnedRanking, Nearness, collection_hearing};
use crate::train::RETRIEVAL_MODEL;
use crate::vectors::{QuestionEmbedder, TextVectors};

/// One version with its tree of units and its time in force.
#[derive(Clone, Debug)]
pub struct Text {
    /// The version.
    pub version: Version,
    /// When it is in force.
    pub validity: Validity,
    /// Its units.
    pub tree: Arc<UnitTree>,
}

impl Text {
    /// The words of a unit.
    ///
    /// # Panics
    /// Never for units of this version: the store checks spans when it reads.
    pub fn words(&self, unit: &Unit) -> &str {
        unit.span.of(&self.version.text).unwrap_or_default()
    }
}

/// Where a citation leads on a date.
#[derive(Clone, Debug)]
pub enum Located {
    /// To this unit.
    Found {
        /// The text in force.
        text: Rc<Text>,
        /// The unit.
        unit: Unit,
    },
    /// To a unit that exists in other versions only.
    NotInForce {
        /// The work.
        document: Document,
        /// When it was or will be in force.
        validities: Vec<Validity>,
    },
    /// To no unit that the document ever had.
    UnknownUnit {
        /// The work.
        document: Document,
    },
    /// The document is not in the workspace, or none is named.
    UnknownDocument,
}

/// Vectors with what embeds questions by the model that made them.
#[derive(Clone, Debug)]
pub(crate) struct VectorsInUse {
    pub(crate) vectors: Arc<TextVectors>,
    pub(crate) embedder: Arc<QuestionEmbedder>,
}

/// One snapshot of a workspace.
///
/// Texts are read once and kept for the life of the view.
pub struct View {
    reader: Reader,
    documents: Vec<Document>,
    texts: RefCell<HashMap<VersionId, Rc<Text>>>,
    links: RefCell<RowsByVersion<Link>>,
    passages: RefCell<RowsByVersion<PassageRow>>,
    /// The kept model, bound to the passages of a day.
    learned: RefCell<BTreeMap<Date, Option<Rc<LearnedRanking>>>>,
    /// What describes the provisions in force on a day.
    descriptions: RefCell<BTreeMap<Date, Rc<Descriptions>>>,
    vectors: Option<VectorsInUse>,
    /// These, bound to the passages of a day.
    nearness: RefCell<BTreeMap<Date, Rc<Nearness>>>,
}

impl View {
    /// Opens a view on what `reader` sees.
    ///
    /// # Errors
    /// Those of the store.
    pub fn new(reader: Reader) -> Result<Self, GroundsError> {
        let documents = reader.documents(None)?.into_iter().map(|stored| stored.row).collect();
        Ok(Self {
            reader,
            documents,
            texts: RefCell::default(),
            links: RefCell::default(),
            passages: RefCell::default(),
            learned: RefCell::default(),
            descriptions: RefCell::default(),
            vectors: None,
            nearness: RefCell::default(),
        })
    }

    /// The store's own reader.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The snapshot.
    pub fn known_at(&self) -> Snapshot {
        self.reader.known_at()
    }

    /// All documents, by name.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The document with this name.
    pub fn document(&self, id: &DocumentId) -> Option<&Document> {
        self.documents.iter().find(|document| document.id == *id)
    }

    /// The document people call `name`: by its id, a short title or its title, without regard to case.
    pub fn document_called(&self, name: &str) -> Option<&Document> {
        document_called(&self.documents, name)
    }

    /// As [`View::document_called`], for a name that somebody asks for. Where there is no such document, or the view's principal may not see it, the
    /// error is the same, and the store keeps the denial.
    ///
    /// # Errors
    /// [`GroundsError::UnknownDocument`]; those of the store.
    pub fn find_document(&self, name: &str) -> Result<&Document, GroundsError> {
        if let Some(document) = self.document_called(name) {
            return Ok(document);
        }
        self.note_unknown(name)?;
        Err(GroundsError::UnknownDocument { name: name.to_owned() })
    }

    /// Lets the store keep that somebody asked for `name`, which leads to no document of the view: a denial, where it leads to a hidden one.
    ///
    /// # Errors
    /// Those of the store.
    pub fn note_unknown(&self, name: &str) -> Result<(), GroundsError> {
        Ok(self.reader.note_unknown_document(name, |document| is_called(document, name))?)
    }

    /// The workspace's regulation, where it has exactly one: a citation that names no document can only mean that.
    pub fn only_regulation(&self) -> Option<&Document> {
        let mut regulations = self.documents.iter().filter(|document| document.kind == SourceKind::Regulation);
        let first = regulations.next()?;
        regulations.next().is_none().then_some(first)
    }

    /// The versions of a document on every valid date, by the date from which they are in force.
    ///
    /// # Errors
    /// Those of the store.
    pub fn versions(&self, document: &DocumentId) -> Result<Vec<Stored<Version>>, GroundsError> {
        Ok(self.reader.versions(document)?)
    }

    /// One version with its units; `None` where it is not visible.
    ///
    /// # Errors
    /// Those of the store.
    pub fn text(&self, id: &VersionId) -> Result<Option<Rc<Text>>, GroundsError> {
        if let Some(text) = self.texts.borrow().get(id) {
            return Ok(Some(Rc::clone(text)));
        }
        let Some(stored) = self.reader.version(id)? else { return Ok(None) };
        let units = self.reader.units(id)?.into_iter().map(|stored| stored.row).collect();
        let text =
            Rc::new(Text { version: stored.row, validity: stored.validity, tree: Arc::new(UnitTree::new(units)) });
        self.texts.borrow_mut().insert(id.clone(), Rc::clone(&text));
        Ok(Some(text))
    }

    /// The links out of a version, in order; read once and kept for the life of the view.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn links_from(&self, version: &VersionId) -> Result<Rc<Vec<Link>>, GroundsError> {
        kept(&self.links, version, || self.reader.links_from(version))
    }

    /// The passages of a version, in order; read once and kept for the life of the view.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn passages(&self, version: &VersionId) -> Result<Rc<Vec<PassageRow>>, GroundsError> {
        kept(&self.passages, version, || self.reader.passages(version))
    }

    /// The text of a document in force on a date.
    ///
    /// # Errors
    /// Those of the store.
    pub fn text_in_force(&self, document: &DocumentId, as_of: Date) -> Result<Option<Rc<Text>>, GroundsError> {
        match self.reader.version_in_force(document, as_of)? {
            Some(stored) => self.text(&stored.row.id),
            None => Ok(None),
        }
    }

    /// The kept model of this name with its bytes; `None` where there is none, its bytes were erased, or a principal looks.
    ///
    /// # Errors
    /// Those of the store.
    pub fn model(&self, name: &str) -> Result<Option<(ModelRow, Vec<u8>)>, GroundsError> {
        let Some(stored) = self.reader.models()?.into_iter().find(|stored| stored.row.name == name) else {
            return Ok(None);
        };
        Ok(self.reader.model_bytes(&stored.row)?.map(|bytes| (stored.row, bytes)))
    }

    /// The model that was trained to rank passages, ready for those of a day; `None` where none is kept, another version of Grounds kept it, or it hears
    /// an embedding model whose vectors are not in use. A principal has none: what it learned may betray what is hidden.
    ///
    /// Cost: the first call for a day reads and divides every text in force.
    ///
    /// # Errors
    /// Those of the store; [`GroundsError::Models`]: the model is damaged.
    pub fn learned(&self, as_of: Date) -> Result<Option<Rc<LearnedRanking>>, GroundsError> {
        if let Some(kept) = self.learned.borrow().get(&as_of) {
            return Ok(kept.clone());
        }
        let model = match self.model(RETRIEVAL_MODEL)?.map(|(_, bytes)| Model::from_bytes(&bytes)) {
            None | Some(Err(ModelsError::ModelVersion { .. })) => None,
            Some(model) => Some(model?),
        };
        let in_use = self.vectors_in_use();
        let heard = |model: &str| in_use.filter(|in_use| in_use.vectors.model() == model);
        let learned = match model {
            Some(model) => match (model.embedding_model(), model.embedding_model().and_then(heard)) {
                // It was not trained to do without.
                (Some(_), None) => None,
                (_, heard) => {
                    let passages = Arc::new(collection_hearing(self, as_of, heard)?);
                    Some(Rc::new(LearnedRanking::new(passages, &model, Memory::On)?))
                }
            },
            None => None,
        };
        self.learned.borrow_mut().insert(as_of, learned.clone());
        Ok(learned)
    }

    /// What describes the provisions in force on a day; nothing where no decision or interpretation is visible.
    ///
    /// Cost: the first call for a day reads the passages of regulations, and the links and passages of what cites them.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn descriptions(&self, as_of: Date) -> Result<Rc<Descriptions>, GroundsError> {
        if let Some(kept) = self.descriptions.borrow().get(&as_of) {
            return Ok(Rc::clone(kept));
        }
        let descriptions = Rc::new(Descriptions::of(self, as_of)?);
        self.descriptions.borrow_mut().insert(as_of, Rc::clone(&descriptions));
        Ok(descriptions)
    }

    /// Lets what is asked of this view be found by vectors too: by a trained ranking that hears them, or beside words where no trained ranking is at hand.
    /// Each question is embedded by `model`.
    ///
    /// # Errors
    /// [`GroundsError::OtherEmbedding`]: another model made the vectors.
    pub fn use_vectors(&mut self, vectors: Arc<TextVectors>, model: Arc<dyn Embed>) -> Result<(), GroundsError> {
        vectors.check(&*model)?;
        self.vectors = Some(VectorsInUse { vectors, embedder: Arc::new(QuestionEmbedder::new(model)) });
        self.nearness.borrow_mut().clear();
        self.learned.borrow_mut().clear();
        Ok(())
    }

    /// The vectors in use.
    pub(crate) fn vectors_in_use(&self) -> Option<&VectorsInUse> {
        self.vectors.as_ref()
    }

    /// The vectors in use, bound to the passages in force on a day; `None` where none are in use.
    ///
    /// Cost: the first call for a day reads every text in force.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn nearness(&self, as_of: Date) -> Result<Option<Rc<Nearness>>, GroundsError> {
        let Some(VectorsInUse { vectors, embedder }) = &self.vectors else { return Ok(None) };
        if let Some(kept) = self.nearness.borrow().get(&as_of) {
            return Ok(Some(Rc::clone(kept)));
        }
        let nearness = Rc::new(Nearness::of(self, as_of, vectors, Arc::clone(embedder))?);
        self.nearness.borrow_mut().insert(as_of, Rc::clone(&nearness));
        Ok(Some(nearness))
    }

    /// Follows a citation that names its document.
    ///
    /// # Errors
    /// Those of the store.
    pub fn locate(&self, pinpoint: &Pinpoint, as_of: Date) -> Result<Located, GroundsError> {
        let Some(name) = pinpoint.document.as_deref() else { return Ok(Located::UnknownDocument) };
        let document = match self.find_document(name) {
            Err(GroundsError::UnknownDocument { .. }) => return Ok(Located::UnknownDocument),
            found => found?,
        };
        if let Some(text) = self.text_in_force(&document.id, as_of)?
            && let Some(unit) = text.tree.find(pinpoint).filter(|unit| !is_repealed(text.words(unit)))
        {
            let unit = unit.clone();
            return Ok(Located::Found { text, unit });
        }
        let mut validities = Vec::new();
        for stored in self.versions(&document.id)? {
            let Some(text) = self.text(&stored.row.id)? else { continue };
            if text.tree.find(pinpoint).is_some_and(|unit| !is_repealed(text.words(unit))) {
                validities.push(stored.validity);
            }
        }
        let document = document.clone();
        if validities.is_empty() {
            return Ok(Located::UnknownUnit { document });
        }
        Ok(Located::NotInForce { document, validities })
    }
}

/// Rows of versions that were read.
type RowsByVersion<R> = BTreeMap<VersionId, Rc<Vec<R>>>;

/// The rows of a version: those kept, or those read now, which are kept from then on.
fn kept<R>(
    rows: &RefCell<RowsByVersion<R>>,
    version: &VersionId,
    read: impl FnOnce() -> Result<Vec<Stored<R>>, StoreError>,
) -> Result<Rc<Vec<R>>, GroundsError> {
    if let Some(kept) = rows.borrow().get(version) {
        return Ok(Rc::clone(kept));
    }
    let read = Rc::new(read()?.into_iter().map(|stored| stored.row).collect());
    rows.borrow_mut().insert(version.clone(), Rc::clone(&read));
    Ok(read)
}

/// The document people call `name`, among these: by its id, else by a short title or its title, without regard to case.
pub(crate) fn document_called<'d>(documents: &'d [Document], name: &str) -> Option<&'d Document> {
    let by_id = documents.iter().find(|document| is_same_name(&document.id.0, name));
    by_id.or_else(|| documents.iter().find(|document| is_called(document, name)))
}

/// Whether people may call the document `name`: by its id, a short title or its title.
fn is_called(document: &Document, name: &str) -> bool {
    let mut names = [&document.id.0, &document.title].into_iter().chain(&document.short_titles);
    names.any(|candidate| is_same_name(candidate, name))
}

/// Whether `name` means `candidate`, without regard to case.
fn is_same_name(candidate: &str, name: &str) -> bool {
    candidate.to_lowercase() == folded_name(name)
}

/// A name as somebody writes it, without regard to case and to an article before it.
pub(crate) fn folded_name(name: &str) -> String {
    name.trim().trim_start_matches("the ").trim().to_lowercase()
}

/// Whether a unit's text says no more than that it was repealed.
pub(crate) fn is_repealed(words: &str) -> bool {
    let last_line = words.trim_end().lines().last().unwrap_or_default();
    let bare = last_line.trim().trim_start_matches('(').trim_end_matches([')', '.']);
    ["repealed", "deleted", "(weggefallen", "aufgehoben", "abrogé"].iter().any(|word| bare.eq_ignore_ascii_case(word))
}
