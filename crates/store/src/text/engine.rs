//! What an open store keeps for search: the catalogue, the generation, the tail, and the last few visible sets.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use grounds_core::{Disk, Snapshot, VersionId};
use jiff::civil::Date;

use crate::commit::Effects;
use crate::disk::remove_file_if_there;
use crate::error::contain;
use crate::log::StoredEntry;
use crate::parallel::thread_count;
use crate::store::{Inner, lock};
use crate::text::TextQuery;
use crate::text::build::Place;
use crate::text::catalogue::Catalogue;
use crate::text::explain::ScoreParts;
use crate::text::generation::{CURRENT_FILE, Generation, Manifest, read_manifest};
use crate::text::prepare::Prepared;
use crate::text::saved;
use crate::text::seal::{SealPoint, build, unsealed};
use crate::text::search::{Rankings, explain, rank};
use crate::text::tail::Tail;
use crate::text::visible::Visible;
use crate::text::word_places::{WordPlaces, passage_places, word_places};
use crate::{Principal, Reader, StoreError};

/// A first commit with fewer rows is not followed: nobody may ever search.
const FOLLOWED_ROW_COUNT_MIN: usize = 1_024;

/// How many points of the two time axes keep their visible set: an assessment looks at a handful of dates.
const VISIBLE_COUNT_MAX: usize = 4;

/// The memory of a store's searches.
pub(crate) struct TextEngine {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    state: Mutex<State>,
    /// Held while a generation is built, so that two are not built at once; with what a commit has prepared for the next one.
    pub(crate) sealing: Mutex<Option<Prepared>>,
}

/// What decides which passages are visible: the date, the snapshot, and the labels held (`None` for the owner).
type Point = (Date, Snapshot, Option<Arc<[String]>>);

#[derive(Default)]
struct State {
    catalogue: Option<Catalogue>,
    generation: LoadedGeneration,
    tail: Tail,
    /// The most recently used last.
    visible: Vec<(Point, Arc<Visible>)>,
}

impl State {
    /// The catalogue up to the reader's snapshot: the one in memory, else the one that the generation carries, else read from every head.
    fn catch_up(&mut self, reader: &Reader, generation: Option<&Generation>) -> Result<&Catalogue, StoreError> {
        let catalogue = match self.catalogue.take().or_else(|| generation.and_then(Generation::take_catalogue)) {
            Some(mut catalogue) => {
                if catalogue.snapshot < reader.known_at() {
                    catalogue.catch_up(reader)?;
                }
                catalogue
            }
            None => Catalogue::read(reader)?,
        };
        Ok(self.catalogue.insert(catalogue))
    }
}

#[derive(Default)]
enum LoadedGeneration {
    /// Not looked for yet.
    #[default]
    Unknown,
    /// None on disk that can be used.
    Absent,
    Open(Arc<Generation>),
}

impl TextEngine {
    pub(crate) fn new(disk: Arc<dyn Disk>, directory: PathBuf) -> Self {
        Self { disk, directory, state: Mutex::default(), sealing: Mutex::default() }
    }

    /// The directory of generations.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// How many passages the generation on disk lacks at most, after the commit of `entry`.
    pub(crate) fn tail_passage_count(&self, entry: &StoredEntry) -> u64 {
        let sealed =
            read_manifest(self.disk.as_ref(), &self.directory).map_or(0, |manifest| manifest.passage_content_count);
        entry.passage_content_count.saturating_sub(sealed)
    }

    /// Lets the catalogue follow a commit that is durable.
    ///
    /// A search that comes between the commit and this reads the catalogue anew: slower, and as exact.
    pub(crate) fn follow(&self, effects: &Effects, read: impl FnOnce() -> Result<Reader, StoreError>) {
        let mut state = lock(&self.state);
        if state.catalogue.is_none()
            && effects.snapshot == Snapshot(1)
            && effects.opened.len() >= FOLLOWED_ROW_COUNT_MIN
        {
            // Everything there is: the seal that comes next need not read it.
            state.catalogue = Some(Catalogue::empty());
        }
        let followed = match &mut state.catalogue {
            None => true,
            // Not being able to read back what is durable is no failure of the commit; the next search reports it.
            Some(catalogue) => read().and_then(|reader| catalogue.follow(&reader, effects)).unwrap_or(false),
        };
        if !followed {
            state.catalogue = None;
        }
    }

    /// Removes the generation on disk, and forgets everything kept in memory.
    pub(crate) fn discard(&self) -> Result<(), StoreError> {
        let mut sealing = lock(&self.sealing);
        *sealing = None;
        remove_file_if_there(self.disk.as_ref(), &self.directory.join(CURRENT_FILE))?;
        *lock(&self.state) = State::default();
        Ok(())
    }
}

impl Inner {
    /// Ranks what is visible to `reader` on `as_of`, for each query.
    pub(crate) fn rank(
        self: &Arc<Self>,
        reader: &Reader,
        queries: &[TextQuery],
        as_of: Date,
    ) -> Result<Rankings, StoreError> {
        let (visible, generation) = self.visible(reader, as_of)?;
        contain("the text index", || rank(queries, visible, generation.as_deref()))
    }

    /// What the scores of `passages` are made of.
    pub(crate) fn explain(
        self: &Arc<Self>,
        reader: &Reader,
        query: &TextQuery,
        as_of: Date,
        passages: &[(VersionId, u32)],
    ) -> Result<Vec<Option<ScoreParts>>, StoreError> {
        let (visible, generation) = self.visible(reader, as_of)?;
        contain("the text index", || explain(query, &visible, generation.as_deref(), passages))
    }

    /// Where the words of `query` stand in what is visible.
    pub(crate) fn word_places(
        self: &Arc<Self>,
        reader: &Reader,
        query: &TextQuery,
        as_of: Date,
    ) -> Result<Vec<WordPlaces>, StoreError> {
        let (visible, generation) = self.visible(reader, as_of)?;
        contain("the text index", || word_places(query, &visible, generation.as_deref()))
    }

    /// The positions of `passages` in what is visible.
    pub(crate) fn passage_places(
        self: &Arc<Self>,
        reader: &Reader,
        as_of: Date,
        passages: &[(VersionId, u32)],
    ) -> Result<Vec<Option<u32>>, StoreError> {
        let (visible, _) = self.visible(reader, as_of)?;
        Ok(passage_places(&visible, passages))
    }

    fn visible(
        self: &Arc<Self>,
        reader: &Reader,
        as_of: Date,
    ) -> Result<(Arc<Visible>, Option<Arc<Generation>>), StoreError> {
        let point: Point = (as_of, reader.known_at(), reader.principal().map(Principal::label_set));
        let mut may_seal = true;
        loop {
            let mut state = lock(&self.text.state);
            let generation = self.generation(&mut state);
            if let Some(at) = state.visible.iter().position(|(key, _)| *key == point) {
                let entry = state.visible.remove(at);
                state.visible.push(entry);
                let visible = Arc::clone(&state.visible[state.visible.len() - 1].1);
                return Ok((visible, generation));
            }
            state.catch_up(reader, generation.as_deref())?;
            let State { catalogue, tail, visible: kept, .. } = &mut *state;
            let catalogue = catalogue.as_ref().expect("set just above");
            let mut visible = Visible::list(catalogue, as_of, reader.known_at(), point.2.as_deref());
            let missing = visible.missing(generation.as_deref());
            if missing.len() > self.config.tail_passage_count_max && may_seal {
                // The generation was deleted, damaged, or never built. Where it cannot be built (a read-only disk), the
                // passages are analysed in memory, which takes as long but lasts only for this process.
                may_seal = false;
                drop(state);
                let _ = self.seal();
                continue;
            }
            tail.add(reader, &missing)?;
            visible.locate(generation.as_deref(), tail);
            visible.is_divided = visible.passages.len() >= self.config.divided_passage_count_min && thread_count() > 1;
            let visible = Arc::new(visible);
            if kept.len() == VISIBLE_COUNT_MAX {
                kept.remove(0);
            }
            kept.push((point, Arc::clone(&visible)));
            return Ok((visible, generation));
        }
    }

    /// As [`Inner::generation`], for who does not hold the state.
    pub(crate) fn current_generation(&self) -> Option<Arc<Generation>> {
        self.generation(&mut lock(&self.text.state))
    }

    /// The generation in use, opened when it is first needed. One that is damaged or of another truth counts as absent.
    fn generation(&self, state: &mut State) -> Option<Arc<Generation>> {
        if matches!(state.generation, LoadedGeneration::Unknown) {
            state.generation = match self.open_generation() {
                Ok(Some(generation)) => LoadedGeneration::Open(Arc::new(generation)),
                Ok(None) | Err(_) => LoadedGeneration::Absent,
            };
        }
        match &state.generation {
            LoadedGeneration::Open(generation) => Some(Arc::clone(generation)),
            _ => None,
        }
    }

    /// Opens the generation on disk; `None` where there is none for this truth.
    pub(crate) fn open_generation(&self) -> Result<Option<Generation>, StoreError> {
        let Some(manifest) = read_manifest(self.disk.as_ref(), &self.text.directory) else { return Ok(None) };
        if self.log_hash(manifest.snapshot)?.as_ref() != Some(&manifest.log_hash) {
            return Ok(None);
        }
        let pair_bytes_max = self.config.pair_cache_bytes_max;
        let open = || Generation::open(&self.disk, &self.text.directory, manifest, pair_bytes_max);
        contain("the text index", open).map(Some)
    }

    /// See [`Store::seal`](crate::Store::seal).
    pub(crate) fn seal(self: &Arc<Self>) -> Result<(), StoreError> {
        let mut sealing = lock(&self.text.sealing);
        let prepared = sealing.take().and_then(Prepared::committed);
        let reader = self.read_latest()?;
        let snapshot = reader.known_at();
        let Some(entry) = self.log_entry(snapshot)? else { return Ok(()) };
        let (wanted, catalogue, previous) = {
            let mut state = lock(&self.text.state);
            let previous = self.generation(&mut state);
            if previous.as_ref().is_some_and(|previous| previous.manifest.snapshot == snapshot.0) {
                return Ok(());
            }
            let catalogue = state.catch_up(&reader, previous.as_deref())?;
            (unsealed(catalogue, previous.as_deref(), snapshot), saved::encode(catalogue, snapshot), previous)
        };
        let point = SealPoint {
            snapshot: snapshot.0,
            log_hash: entry.hash,
            passage_content_count: entry.passage_content_count,
        };
        let generation = contain("the text index", || {
            let files = Place { disk: &self.disk, directory: &self.text.directory };
            let manifest: Manifest =
                build(&reader, files, previous.as_deref(), &wanted, &catalogue, (point, prepared))?;
            Generation::open(&self.disk, &self.text.directory, manifest, self.config.pair_cache_bytes_max)
        })?;
        // What it holds is in memory already.
        drop(generation.take_catalogue());
        let mut state = lock(&self.text.state);
        state.generation = LoadedGeneration::Open(Arc::new(generation));
        state.tail.clear();
        // They hold positions in the generation before.
        state.visible.clear();
        Ok(())
    }
}
