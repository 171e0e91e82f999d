//! Tokens with the comments and line breaks that stand before them.

use crate::lex::TokenKind;
use crate::parse::SurfaceFile;

/// A comment on a line of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comment<'a> {
    /// From its `--`, without white space at its end.
    pub(super) text: &'a str,
    /// Whether a blank line stands before it.
    pub(super) after_blank: bool,
    /// Whether white space stands before it on its line.
    pub(super) is_indented: bool,
}

/// What is never torn apart: a token, or the tokens of an id or provision.
#[derive(Clone, Debug)]
pub(super) struct Atom<'a> {
    pub(super) text: &'a str,
    /// Of its first token.
    pub(super) kind: TokenKind,
    /// Whether it is written as it stands in the file: an id or provision.
    pub(super) is_verbatim: bool,
    /// Its first byte.
    pub(super) start: usize,
    /// The comment at the end of the line of the atom before it.
    pub(super) trailing: Option<&'a str>,
    /// The comments on lines of their own before it.
    pub(super) comments: Vec<Comment<'a>>,
    /// Whether it is the first of its line.
    pub(super) starts_line: bool,
    /// Whether a blank line stands before it, after the last comment.
    pub(super) after_blank: bool,
}

impl Atom<'_> {
    /// Whether it is this word or sign.
    pub(super) fn is(&self, text: &str) -> bool {
        !self.is_verbatim && self.kind != TokenKind::Text && self.text == text
    }

    /// Whether its line cannot go on before it.
    pub(super) fn follows_comment(&self) -> bool {
        self.trailing.is_some() || !self.comments.is_empty()
    }
}

/// The atoms of a file that was read without mistakes; the last one is the end of the file.
pub(super) fn atoms<'a>(source: &'a str, file: &SurfaceFile<'a>) -> Vec<Atom<'a>> {
    let mut verbatim: Vec<(usize, usize)> = file.verbatim.iter().map(|place| (place.start, place.end)).collect();
    // Outer stretches before the ones inside them; what was read twice stands there twice.
    verbatim.sort_unstable_by_key(|(start, end)| (*start, usize::MAX - end));
    let mut stretches = verbatim.into_iter().peekable();
    let mut atoms: Vec<Atom<'a>> = Vec::with_capacity(file.tokens.len());
    let mut end = source.len() - source.trim_start_matches('\u{feff}').len();
    for token in &file.tokens {
        if token.place.start < end {
            continue;
        }
        while stretches.next_if(|(start, _)| *start < token.place.start).is_some() {}
        let stretch = stretches.peek().filter(|(start, _)| *start == token.place.start);
        let stop = stretch.map_or(token.place.end, |(_, end)| *end);
        let is_first = atoms.is_empty();
        let mut atom = Atom {
            text: &source[token.place.start..stop],
            kind: token.kind,
            is_verbatim: stretch.is_some(),
            start: token.place.start,
            trailing: None,
            comments: Vec::new(),
            starts_line: is_first,
            after_blank: false,
        };
        read_gap(&source[end..token.place.start], is_first, &mut atom);
        atoms.push(atom);
        end = stop;
    }
    atoms
}

/// Reads what stands between two tokens: white space and comments.
fn read_gap<'a>(gap: &'a str, is_first: bool, atom: &mut Atom<'a>) {
    let count = gap.split('\n').count();
    atom.starts_line |= count > 1;
    let mut is_blank = false;
    for (position, line) in gap.split('\n').enumerate() {
        let text = line.trim();
        if text.is_empty() {
            // The first piece is the end of a line, the last one the beginning of the atom's.
            is_blank |= (position > 0 || is_first) && position + 1 < count;
            continue;
        }
        if position == 0 && !is_first {
            atom.trailing = Some(text);
        } else {
            atom.comments.push(Comment { text, after_blank: is_blank, is_indented: !line.starts_with("--") });
        }
        is_blank = false;
    }
    atom.after_blank = is_blank;
}
