//! Search hits for a terminal.

use grounds::HitExplanation;
use grounds_core::{FoundBy, Hit};

use crate::render::{explanation, wrapped};

/// How much of a hit's text a list shows, in characters.
const SHOWN_CHARACTERS: usize = 320;

/// A numbered list of hits with how each was found, and why it ranks there where that is explained.
pub(crate) fn list(hits: &[Hit], explanations: &[HitExplanation]) -> String {
    let mut out = String::new();
    for (position, hit) in hits.iter().enumerate() {
        let ways: Vec<String> = hit.found_by.iter().map(way).collect();
        out.push_str(&format!(
            "{}. {}  [{}]  {:.2}  {}\n",
            position + 1,
            hit.pinpoint,
            hit.kind.name(),
            hit.score,
            ways.join("; ")
        ));
        out.push_str(&wrapped(&shortened(&hit.text), "   "));
        out.push('\n');
        if let Some(explanation) = explanations.get(position) {
            out.push_str(&explanation::lines(explanation));
        }
        out.push('\n');
    }
    out
}

/// How a hit was found, in words.
fn way(found_by: &FoundBy) -> String {
    match found_by {
        FoundBy::Text { rank, .. } => format!("text, rank {rank}"),
        FoundBy::Vector { cosine, rank } => format!("vector, rank {rank} ({cosine:.2})"),
        FoundBy::Learned { rank } => format!("trained model, rank {rank}"),
        FoundBy::Pinpoint { cited } => format!("cited as {cited}"),
        FoundBy::Link { from, .. } => format!("linked from {from}"),
    }
}

/// The beginning of a long text, cut between words.
pub(crate) fn shortened(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(SHOWN_CHARACTERS) else { return text.to_owned() };
    let cut = text[..end].rfind(char::is_whitespace).unwrap_or(end);
    format!("{} …", text[..cut].trim_end())
}
