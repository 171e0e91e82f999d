//! From text to what the index holds: terms with their places. Terms at neighbouring places are pairs.

use std::borrow::Cow;

use crate::text::analyse::Language;
use crate::text::words::{Piece, for_each_piece};

/// Stands between the two terms of a pair where it is named by one text. No word has a control character in it.
const PAIR: char = '\u{1c}';

/// The name of a pair.
pub(crate) fn pair(first: &str, second: &str) -> String {
    format!("{first}{PAIR}{second}")
}

/// Whether this is the name of a pair.
pub(crate) fn is_pair(name: &str) -> bool {
    name.contains(PAIR)
}

/// A term at a place of a text.
pub(crate) struct PlacedTerm<'t> {
    pub(crate) term: Cow<'t, str>,
    /// From 1; two terms are neighbours where their places are.
    pub(crate) place: u32,
}

/// Counts places: words follow each other whatever stands between them, but runs of characters that punctuation divides do not.
#[derive(Clone, Copy, Default)]
pub(crate) struct Places {
    place: u32,
    follows_run: bool,
}

impl Places {
    /// The place of a word.
    pub(crate) fn word(&mut self) -> u32 {
        self.place = self.place.wrapping_add(1);
        self.follows_run = false;
        self.place
    }

    /// Begins a run, whose characters take [`Places::character`].
    pub(crate) fn begin_run(&mut self) {
        self.place = self.place.wrapping_add(u32::from(self.follows_run));
        self.follows_run = true;
    }

    /// The place of a character in the run that was begun.
    pub(crate) fn character(&mut self) -> u32 {
        self.place = self.place.wrapping_add(1);
        self.place
    }
}

/// Hands the terms of `text` to `visit`, in order: of each word its term, and every character of scripts written without spaces.
pub(crate) fn for_each_term<'t>(text: &'t str, language: Language, mut visit: impl FnMut(PlacedTerm<'t>)) {
    let mut places = Places::default();
    for_each_piece(text, |piece| match piece {
        Piece::Word(word) => {
            let Some(term) = language.term_of(word) else { return };
            visit(PlacedTerm { term, place: places.word() });
        }
        Piece::Run(run) => {
            places.begin_run();
            run.for_each_character(|from, to| {
                let term = run.normal(&run.text[from..to]);
                visit(PlacedTerm { term, place: places.character() });
            });
        }
    });
}

/// Hands the terms of `text` and the pairs of neighbours to `visit`, by name.
pub(crate) fn for_each_term_and_pair(text: &str, language: Language, mut visit: impl FnMut(&str, bool)) {
    let mut previous: Option<PlacedTerm<'_>> = None;
    for_each_term(text, language, |placed| {
        visit(&placed.term, false);
        if let Some(before) = previous.take().filter(|before| before.place.wrapping_add(1) == placed.place) {
            visit(&pair(&before.term, &placed.term), true);
        }
        previous = Some(placed);
    });
}
