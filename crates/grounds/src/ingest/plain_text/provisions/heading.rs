//! The headings of provisions: beside the label, in the lines below, or in a caption above.

use grounds_core::UnitKind;

use super::super::super::numbering;
use super::super::lines::Lines;
use super::Provision;

/// Longer headings are words.
pub(super) const HEADING_BYTES_MAX: usize = 200;
/// What words end with, and headings do not.
pub(super) const WORD_ENDS: [char; 7] = ['.', ';', ':', ',', '。', '；', '：'];

/// Finds where provisions end, and their headings.
pub(super) fn find(provisions: &mut [Provision], lines: &Lines<'_>) {
    for at in 0..provisions.len() {
        let end = provisions.get(at + 1).map_or(lines.lines.len(), |next| next.lines.start);
        let provision = &mut provisions[at];
        provision.lines.end = end;
        (provision.next_line, provision.body) = (provision.label_line + 1, provision.label_end);
        provision.heading = match provision.label_line.checked_sub(1) {
            Some(caption) if provision.lines.start == caption => caption_of(lines.lines[caption].text),
            _ => String::new(),
        };
        if provision.is_han && provision.is_article() {
            continue;
        }
        let (heading, next_line) = heading(lines, provision);
        // An article that is nothing but a heading has words.
        let is_nothing_else = provision.is_article() && next_line == end;
        if !heading.is_empty() && !is_nothing_else {
            (provision.heading, provision.next_line) = (heading, next_line);
            provision.body = lines.lines[next_line - 1].end();
        }
    }
}

/// The heading of a provision after its label, if there is one, and the first line after it.
fn heading(lines: &Lines<'_>, provision: &Provision) -> (String, usize) {
    let label = lines.lines[provision.label_line];
    let mut heading = label.text[provision.label_end - label.start..].to_owned();
    let mut next = provision.label_line + 1;
    // Where words are not spaced, a heading stands beside its label.
    let end = if provision.is_han { next } else { provision.lines.end };
    while next < end && heading.len() <= HEADING_BYTES_MAX {
        let line = lines.lines[next];
        let begins_list = numbering::label(line.text)
            .is_some_and(|label| numbering::values(label.number).iter().any(|(_, value)| *value == 1));
        if begins_list || (!heading.is_empty() && !lines.goes_on_with_heading(next)) {
            break;
        }
        if !heading.is_empty() {
            heading.push(' ');
        }
        heading.push_str(line.text);
        next += 1;
    }
    let is_heading = heading.len() <= HEADING_BYTES_MAX
        && !heading.ends_with(WORD_ENDS)
        && !heading.starts_with(char::is_lowercase)
        && numbering::label(&heading).is_none();
    (if is_heading { heading } else { String::new() }, next)
}

/// Whether the line at `at` stands below the label of a division, as its heading does.
pub(super) fn is_below_division(lines: &Lines<'_>, at: usize) -> bool {
    let label = at.checked_sub(1).and_then(|before| numbering::heading(lines.lines[before].text).zip(Some(before)));
    label.is_some_and(|(label, before)| {
        label.kind != UnitKind::Article && label.rest_start == lines.lines[before].text.len()
    })
}

/// Whether a line is the caption of the article below, as Japanese laws print it: "（定義）".
pub(super) fn is_caption(lines: &Lines<'_>, at: usize) -> bool {
    let text = lines.lines[at].text;
    let is_bracketed = text.starts_with('（') && text.find('）') == Some(text.len() - '）'.len_utf8());
    is_bracketed && text.len() <= HEADING_BYTES_MAX && numbering::label(text).is_none()
}

fn caption_of(text: &str) -> String {
    text.trim_start_matches('（').trim_end_matches('）').to_owned()
}
