//! From the source of one block to its words: emphasis, links and escapes are taken away.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::super::ledger::Ledger;
use super::blocks::Block;

/// A piece of a block's text and where it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// Its characters; equal to the source's unless `is_resolved`.
    pub(crate) text: String,
    pub(crate) range: Range<usize>,
    /// Whether the characters differ from the source's, as those of an entity do.
    pub(crate) is_resolved: bool,
}

/// The words of a block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    pub(crate) pieces: Vec<Piece>,
    /// How strongly all of it is emphasised: 0 for not, 1 for italics, 2 for bold, 3 for both.
    pub(crate) emphasis: u8,
}

impl Words {
    /// All its words, with white space collapsed.
    pub(crate) fn plain(&self) -> String {
        let joined: String = self.pieces.iter().map(|piece| piece.text.as_str()).collect();
        joined.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// In front of the text, so that nothing at its beginning is taken for a list, a heading or code.
const GUARD: &str = "\u{a0}";

/// Reads one block. Its links' addresses and HTML tags are entered in the ledger as dropped.
pub(crate) fn words(source: &str, block: &Block, ledger: &mut Ledger) -> Words {
    if block.is_code {
        let pieces = block.lines.iter().map(|line| Piece {
            text: source[line.clone()].to_owned(),
            range: line.clone(),
            is_resolved: false,
        });
        return Words { pieces: pieces.collect(), emphasis: 0 };
    }
    let mut joined = GUARD.to_owned();
    // For each line: where it begins in `joined`, and in the source.
    let mut starts = Vec::with_capacity(block.lines.len());
    for (index, line) in block.lines.iter().enumerate() {
        if index > 0 {
            joined.push('\n');
        }
        starts.push((joined.len(), line.start));
        joined.push_str(&source[line.clone()]);
    }
    let point = |position: usize| {
        let line = starts.partition_point(|(start, _)| *start <= position).saturating_sub(1);
        let (start, origin) = starts[line];
        origin + position.saturating_sub(start)
    };
    // The end is mapped by the last byte inside, for the next byte may be on another line.
    let in_source = |range: &Range<usize>| {
        let start = point(range.start);
        start..if range.end > range.start { point(range.end - 1) + 1 } else { start }
    };
    let mut reader = Reader { ledger, words: Words::default(), strong: 0, emphasis: 0, least: u8::MAX };
    for (event, range) in Parser::new_ext(&joined, Options::empty()).into_offset_iter() {
        let range = if range.start < GUARD.len() { GUARD.len()..range.end.max(GUARD.len()) } else { range };
        reader.event(event, &joined, range, &in_source);
    }
    let least = reader.least;
    Words { emphasis: if least == u8::MAX { 0 } else { least }, ..reader.words }
}

struct Reader<'l> {
    ledger: &'l mut Ledger,
    words: Words,
    strong: usize,
    emphasis: usize,
    /// The weakest emphasis of any word so far.
    least: u8,
}

impl Reader<'_> {
    fn event(
        &mut self,
        event: Event<'_>,
        joined: &str,
        range: Range<usize>,
        in_source: &impl Fn(&Range<usize>) -> Range<usize>,
    ) {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => {
                self.drop_lines(joined, range, in_source, "link addresses")
            }
            Event::Start(Tag::Strong) => self.strong += 1,
            Event::End(TagEnd::Strong) => self.strong = self.strong.saturating_sub(1),
            Event::Start(Tag::Emphasis) => self.emphasis += 1,
            Event::End(TagEnd::Emphasis) => self.emphasis = self.emphasis.saturating_sub(1),
            Event::Html(_) | Event::InlineHtml(_) => self.drop_lines(joined, range, in_source, "HTML markup"),
            Event::Text(text) | Event::Code(text) => {
                let raw = &joined[range.clone()];
                let text = text
                    .strip_prefix(GUARD)
                    .filter(|_| !raw.starts_with(GUARD) && range.start == GUARD.len())
                    .unwrap_or(&text);
                self.text(text, raw, range.clone(), in_source);
            }
            Event::SoftBreak | Event::HardBreak => self.push(" ", in_source(&range), true),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, raw: &str, range: Range<usize>, in_source: &impl Fn(&Range<usize>) -> Range<usize>) {
        if !text.trim().is_empty() {
            let strength = 2 * u8::from(self.strong > 0) + u8::from(self.emphasis > 0);
            self.least = self.least.min(strength);
        }
        // Code has its backticks around it in the source, and an entity its name.
        if raw == text {
            return self.push(text, in_source(&range), false);
        }
        match raw.find(text).filter(|_| !text.is_empty()) {
            Some(offset) => {
                let start = range.start + offset;
                self.push(text, in_source(&(start..start + text.len())), false);
            }
            None => self.push(text, in_source(&range), true),
        }
    }

    fn push(&mut self, text: &str, range: Range<usize>, is_resolved: bool) {
        self.words.pieces.push(Piece { text: text.to_owned(), range, is_resolved });
    }

    /// Enters a range that may go over several lines; what is between lines stays structural.
    fn drop_lines(
        &mut self,
        joined: &str,
        range: Range<usize>,
        in_source: &impl Fn(&Range<usize>) -> Range<usize>,
        reason: &'static str,
    ) {
        let mut start = range.start;
        for line in joined[range].split_inclusive('\n') {
            let end = start + line.trim_end_matches('\n').len();
            self.ledger.dropped(in_source(&(start..end)), reason);
            start += line.len();
        }
    }
}
