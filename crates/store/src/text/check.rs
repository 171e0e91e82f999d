//! Compares a text generation with truth, passage by passage and term by term.

use std::sync::Arc;

use grounds_core::Snapshot;

use crate::error::IoContext;
use crate::store::Inner;
use crate::text::bm25f::PASSAGE_FIELD_COUNT;
use crate::text::catalogue::Catalogue;
use crate::text::document::AnalysedPassage;
use crate::text::generation::{CURRENT_FILE, Generation, is_of_another_format, read_manifest};
use crate::text::places::is_pair;
use crate::text::seal::{sealable, unsealed};
use crate::text::splitter::index_term;
use crate::text::tail::analyse_each;
use crate::{Reader, StoreError};

/// What a comparison found.
#[derive(Default)]
pub(crate) struct GenerationCheck {
    pub(crate) passage_count: usize,
    /// What is wrong, and where.
    pub(crate) findings: Vec<(String, String)>,
}

/// Compares the generation on disk with what `reader` can read. No generation, or one of another
/// version of Grounds, is no finding: it is built when it pays.
pub(crate) fn check_generation(inner: &Arc<Inner>, reader: &Reader) -> Result<GenerationCheck, StoreError> {
    let mut check = GenerationCheck::default();
    let directory = inner.text.directory();
    let current = directory.join(CURRENT_FILE);
    let exists = inner.disk.exists(&current).on("read", &current)?;
    if !exists {
        return Ok(check);
    }
    let Some(manifest) = read_manifest(inner.disk.as_ref(), directory) else {
        if is_of_another_format(inner.disk.as_ref(), directory) {
            return Ok(check);
        }
        check
            .findings
            .push(("the manifest of the text generation cannot be read".to_owned(), current.display().to_string()));
        return Ok(check);
    };
    let generation = match inner.open_generation() {
        Ok(Some(generation)) => generation,
        Ok(None) => {
            let what = "the text generation belongs to another truth file".to_owned();
            check.findings.push((what, current.display().to_string()));
            return Ok(check);
        }
        Err(error) => {
            check.findings.push((error.to_string(), directory.join(&manifest.directory).display().to_string()));
            return Ok(check);
        }
    };
    let catalogue = Catalogue::read(reader)?;
    compare(reader, &catalogue, &generation, &mut check)?;
    Ok(check)
}

fn compare(
    reader: &Reader,
    catalogue: &Catalogue,
    generation: &Generation,
    check: &mut GenerationCheck,
) -> Result<(), StoreError> {
    let sealed_up_to = Snapshot(generation.manifest.snapshot);
    for passage in unsealed(catalogue, Some(generation), sealed_up_to) {
        check.findings.push(("a passage is not in the text generation".to_owned(), passage.key()));
    }
    let digests = generation.digests()?;
    let sealed: Vec<_> = sealable(catalogue, sealed_up_to)
        .into_iter()
        .filter(|passage| generation.place(&passage.text).is_some())
        .collect();
    analyse_each(reader, &sealed, |passage, analysed| {
        let place = generation.place(&passage.text).expect("only those with a place are kept");
        let (segment, document) = (place.segment as usize, place.document as usize);
        check.passage_count += 1;
        let expected = AnalysedDigest::of(&analysed, passage.text.language);
        if generation.segments[segment].lengths[document] != analysed.lengths
            || digests[segment][document] != expected.0
        {
            check.findings.push(("a passage is not indexed as it reads".to_owned(), passage.key()));
        }
        Ok(())
    })
}

/// A sum over a passage's terms that does not depend on their order.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct AnalysedDigest(pub(crate) u64);

impl AnalysedDigest {
    pub(crate) fn add(&mut self, field: usize, index_term: &[u8], frequency: u32) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[u8::try_from(field).unwrap_or(u8::MAX)]);
        hasher.update(&frequency.to_le_bytes());
        hasher.update(index_term);
        let mut first = [0; 8];
        first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        self.0 = self.0.wrapping_add(u64::from_le_bytes(first));
    }

    fn of(analysed: &AnalysedPassage, language: crate::text::analyse::Language) -> Self {
        let mut digest = Self::default();
        // Pairs are no terms of the index.
        for (term, frequencies) in analysed.frequencies.iter().filter(|(name, _)| !is_pair(name)) {
            let stored = index_term(language, term);
            for (field, frequency) in frequencies.iter().enumerate().take(PASSAGE_FIELD_COUNT) {
                if *frequency > 0 {
                    digest.add(field, stored.as_bytes(), *frequency);
                }
            }
        }
        digest
    }
}
