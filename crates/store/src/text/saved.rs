//! The catalogue as a file of a text generation, so that the first search of a process need not read every head.

use std::sync::Arc;

use grounds_core::{Snapshot, SourceKind};

use crate::StoreError;
use crate::encoding::{decode_date, encode_date};
use crate::extent::Extent;
use crate::text::analyse::Language;
use crate::text::catalogue::{Catalogue, DocumentPiece, PassagePiece, VersionPiece};
use crate::text::document::AnalysedTitle;

/// Its name in the directory of a generation.
pub(crate) const CATALOGUE_FILE: &str = "catalogue";

/// Stands for "until further notice"; greater than every packed date.
const OPEN_DATE: i32 = i32::MAX;

/// The catalogue as it was at `snapshot`: what is later is left out, and what was closed later is open.
pub(crate) fn encode(catalogue: &Catalogue, snapshot: Snapshot) -> Vec<u8> {
    let mut out = Out { bytes: Vec::with_capacity(catalogue.passages.len() * PASSAGE_BYTES + 4096), snapshot };
    out.word(snapshot.0);
    out.count(catalogue.documents.len());
    for (key, pieces) in &catalogue.documents {
        out.text(key);
        out.pieces(pieces, |piece| &piece.extent, Out::document);
    }
    out.count(catalogue.versions.len());
    for (key, pieces) in &catalogue.versions {
        out.text(key);
        out.pieces(
            pieces,
            |piece| &piece.extent,
            |out, piece| {
                out.word(piece.content);
                out.number(piece.document);
                out.word(piece.row);
            },
        );
    }
    out.pieces(
        &catalogue.passages,
        |piece| &piece.extent,
        |out, piece| {
            out.word(piece.content);
            out.number(piece.version);
            out.number(piece.ordinal);
            out.word(piece.row);
        },
    );
    out.bytes
}

const PASSAGE_BYTES: usize = 48;

struct Out {
    bytes: Vec<u8>,
    snapshot: Snapshot,
}

impl Out {
    fn number(&mut self, number: u32) {
        self.bytes.extend(number.to_le_bytes());
    }

    fn word(&mut self, word: u64) {
        self.bytes.extend(word.to_le_bytes());
    }

    fn count(&mut self, count: usize) {
        self.number(crate::text::catalogue::index(count));
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes.extend(text.as_bytes());
    }

    fn extent(&mut self, extent: &Extent) {
        self.bytes.extend(encode_date(extent.from).to_le_bytes());
        self.bytes.extend(extent.to.map_or(OPEN_DATE, encode_date).to_le_bytes());
        self.word(extent.known_from);
        self.word(if extent.known_to <= self.snapshot.0 { extent.known_to } else { u64::MAX });
    }

    fn pieces<T>(&mut self, pieces: &[T], extent: impl Fn(&T) -> &Extent, mut rest: impl FnMut(&mut Self, &T)) {
        let snapshot = self.snapshot;
        let known = || pieces.iter().filter(|piece| extent(piece).is_known_by(snapshot));
        self.count(known().count());
        for piece in known() {
            self.extent(extent(piece));
            rest(self, piece);
        }
    }

    fn document(&mut self, piece: &DocumentPiece) {
        self.text(piece.kind.name());
        self.text(piece.language.name());
        self.count(piece.labels.len());
        piece.labels.iter().for_each(|label| self.text(label));
        self.number(piece.title.length);
        self.count(piece.title.frequencies.len());
        let mut frequencies: Vec<_> = piece.title.frequencies.iter().collect();
        frequencies.sort_unstable();
        for (term, frequency) in frequencies {
            self.text(term);
            self.number(*frequency);
        }
        self.word(piece.row);
    }
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// [`StoreError::Corrupt`]: the generation then counts as damaged.
pub(crate) fn decode(bytes: &[u8]) -> Result<Catalogue, StoreError> {
    In { rest: bytes }
        .catalogue()
        .ok_or_else(|| StoreError::corrupt("the catalogue is not what was written", "the text index"))
}

struct In<'b> {
    rest: &'b [u8],
}

impl<'b> In<'b> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*bytes)
    }

    fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn word(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn text(&mut self) -> Option<&'b str> {
        let length = self.number()? as usize;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        std::str::from_utf8(text).ok()
    }

    /// A list; one that claims more than there are bytes ends early, as damage.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.number()? as usize;
        let mut items = Vec::with_capacity(count.min(self.rest.len()));
        for _ in 0..count {
            items.push(item(self)?);
        }
        Some(items)
    }

    fn extent(&mut self) -> Option<Extent> {
        let from = decode_date(self.take().map(i32::from_le_bytes)?)?;
        let to = match self.take().map(i32::from_le_bytes)? {
            OPEN_DATE => None,
            packed => Some(decode_date(packed)?),
        };
        Some(Extent { from, to, known_from: self.word()?, known_to: self.word()? })
    }

    fn catalogue(&mut self) -> Option<Catalogue> {
        let snapshot = Snapshot(self.word()?);
        let documents = self.list(|from| {
            let key = from.text()?.to_owned();
            Some((key, from.list(Self::document)?))
        })?;
        let versions = self.list(|from| {
            let key = from.text()?.to_owned();
            let pieces = from.list(|from| {
                let (extent, content) = (from.extent()?, from.word()?);
                Some(VersionPiece { extent, content, document: from.number()?, row: from.word()? })
            })?;
            Some((key, pieces))
        })?;
        let passages = self.list(|from| {
            let (extent, content) = (from.extent()?, from.word()?);
            let (version, ordinal) = (from.number()?, from.number()?);
            Some(PassagePiece { extent, content, version, ordinal, row: from.word()? })
        })?;
        let is_whole = self.rest.is_empty()
            && versions.iter().flat_map(|(_, pieces)| pieces).all(|piece| (piece.document as usize) < documents.len())
            && passages.iter().all(|piece| (piece.version as usize) < versions.len());
        is_whole.then(|| Catalogue::from_parts(snapshot, documents, versions, passages))
    }

    fn document(&mut self) -> Option<DocumentPiece> {
        let extent = self.extent()?;
        let kind = SourceKind::from_name(self.text()?)?;
        let language = Language::from_name(self.text()?)?;
        let labels = self.list(|from| from.text().map(str::to_owned))?.into();
        let length = self.number()?;
        let frequencies = self.list(|from| Some((from.text()?.to_owned(), from.number()?)))?;
        let title = Arc::new(AnalysedTitle { frequencies: frequencies.into_iter().collect(), length });
        Some(DocumentPiece { extent, kind, language, labels, title, row: self.word()? })
    }
}
