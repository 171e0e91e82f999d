//! The sources: every excerpt with its quoted stretches marked.

use grounds_core::{Excerpt, Grounds};

use crate::report::escape;
use crate::verify::AnswerFile;

/// A quoted stretch of an excerpt, numbered through the report.
pub(crate) struct Mark {
    /// From 1.
    pub(crate) number: usize,
    /// The position of its excerpt.
    pub(crate) excerpt: usize,
    /// Within the excerpt's text.
    pub(crate) start: usize,
    /// Within the excerpt's text.
    pub(crate) end: usize,
}

/// Every different quotation of the answer as a mark, in order of first use.
pub(crate) fn marks(file: &AnswerFile) -> Vec<Mark> {
    let precedents = file.assessment.iter().flat_map(|assessment| &assessment.precedents);
    let grounds = file.claims.iter().flat_map(|claim| &claim.grounds).chain(precedents.flat_map(|one| &one.grounds));
    let mut marks: Vec<Mark> = Vec::new();
    for ground in grounds {
        if let Some((excerpt, start, end)) = place(file, ground) {
            let known = marks.iter().any(|mark| (mark.excerpt, mark.start, mark.end) == (excerpt, start, end));
            if !known {
                marks.push(Mark { number: marks.len() + 1, excerpt, start, end });
            }
        }
    }
    marks
}

/// The number of the mark that `grounds` is.
pub(crate) fn number(file: &AnswerFile, marks: &[Mark], grounds: &Grounds) -> Option<usize> {
    let (excerpt, start, end) = place(file, grounds)?;
    marks.iter().find(|mark| (mark.excerpt, mark.start, mark.end) == (excerpt, start, end)).map(|mark| mark.number)
}

fn place(file: &AnswerFile, grounds: &Grounds) -> Option<(usize, usize, usize)> {
    let Grounds::Quote { version, unit, start, end, .. } = grounds else { return None };
    let carries = |excerpt: &Excerpt| {
        excerpt.version == *version && excerpt.unit == *unit && excerpt.start <= *start && *end <= excerpt.end
    };
    let position = file.excerpts.iter().position(carries)?;
    let offset = file.excerpts[position].start;
    Some((position, (start - offset) as usize, (end - offset) as usize))
}

/// The right-hand column.
pub(crate) fn render(file: &AnswerFile, marks: &[Mark]) -> String {
    let mut out = String::from("<h2>Sources</h2>\n");
    for (position, excerpt) in file.excerpts.iter().enumerate() {
        let own: Vec<&Mark> = marks.iter().filter(|mark| mark.excerpt == position).collect();
        if own.is_empty() {
            continue;
        }
        out.push_str(&format!(
            "<article class=\"source\"><h3>{}</h3><p class=\"where\">{} · in force {} · <code>{}</code></p>\n<div class=\"text\">{}</div></article>\n",
            escape(&excerpt.pinpoint),
            escape(&excerpt.title),
            escape(&excerpt.in_force),
            escape(&excerpt.version.0),
            marked(&excerpt.text, &own)
        ));
    }
    out
}

/// The text with its marks. Marks may overlap: the text is cut at every boundary, and each piece belongs to all marks around it.
fn marked(text: &str, marks: &[&Mark]) -> String {
    let mut cuts: Vec<usize> = marks.iter().flat_map(|mark| [mark.start, mark.end]).chain([0, text.len()]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut out = String::new();
    for pair in cuts.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        let Some(piece) = text.get(start..end) else { continue };
        let around: Vec<&&Mark> = marks.iter().filter(|mark| mark.start <= start && end <= mark.end).collect();
        let piece = escape(piece);
        if around.is_empty() {
            out.push_str(&piece);
            continue;
        }
        for mark in around.iter().filter(|mark| mark.start == start) {
            out.push_str(&format!("<a class=\"number\" id=\"quote-{0}\" href=\"#claim-{0}\">{0}</a>", mark.number));
        }
        let numbers: Vec<String> = around.iter().map(|mark| mark.number.to_string()).collect();
        out.push_str(&format!("<mark data-quotes=\"{}\">{piece}</mark>", numbers.join(" ")));
    }
    out
}
