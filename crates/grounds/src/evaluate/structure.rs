//! What the titles of a corpus say of its structure: which entries belong to one document, and what stands above each.

use std::collections::{BTreeSet, HashMap};

use super::Entry;

/// From so large a share of titles on that read as a document and a place in it, titles are read so.
const READABLE_SHARE_MIN: f64 = 0.9;
/// So many entries a document has at least, on average, where titles are read so.
const DOCUMENT_ENTRY_COUNT_MIN: usize = 2;
/// So many entries above one count as its headings.
const ANCESTOR_COUNT_MAX: usize = 6;
/// So many words of an entry stand for it as a heading.
const HEADING_WORD_COUNT: usize = 15;

/// The entries of one document, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grouped<'e> {
    pub(crate) title: &'e str,
    /// Position in the corpus, and place in the document as the title has it.
    pub(crate) entries: Vec<(usize, &'e str)>,
}

/// Divides a corpus into documents, in the order of their first entries.
pub(crate) fn documents(entries: &[Entry]) -> Vec<Grouped<'_>> {
    let divided: Vec<Option<(&str, &str)>> = entries.iter().map(|entry| divide(&entry.title)).collect();
    let readable = divided.iter().flatten().count();
    let names: BTreeSet<&str> = divided.iter().flatten().map(|(document, _)| *document).collect();
    let is_readable = readable as f64 >= READABLE_SHARE_MIN * entries.len() as f64
        && readable >= DOCUMENT_ENTRY_COUNT_MIN * names.len();
    let mut documents: Vec<Grouped<'_>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (position, entry) in entries.iter().enumerate() {
        let Some((document, place)) = divided[position].filter(|_| is_readable) else {
            documents.push(Grouped { title: &entry.title, entries: vec![(position, "")] });
            continue;
        };
        let at = *places.entry(document).or_insert_with(|| {
            documents.push(Grouped { title: document, entries: Vec::new() });
            documents.len() - 1
        });
        documents[at].entries.push((position, place));
    }
    documents
}

/// The document and the place that a title names: "7 2.1.(3)" or "民法典第五十四条".
fn divide(title: &str) -> Option<(&str, &str)> {
    if let Some(at) = title.rfind('第').filter(|at| *at > 0 && title[*at..].contains('条')) {
        return Some(title.split_at(at));
    }
    let (document, place) = title.split_once(' ')?;
    let is_number = !document.is_empty() && document.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !place.trim().is_empty()).then_some((document, place.trim()))
}

/// For each entry of a document the number of the one above it, which comes earlier.
///
/// Places are divided at full stops; above an entry stands the last one whose place begins this one's, unless another has come between that does not.
pub(crate) fn parents(document: &Grouped<'_>) -> Vec<Option<usize>> {
    let mut open: Vec<(Vec<&str>, usize)> = Vec::new();
    let mut parents = Vec::with_capacity(document.entries.len());
    for (number, (_, place)) in document.entries.iter().enumerate() {
        let steps: Vec<&str> = place.split('.').filter(|step| !step.is_empty()).collect();
        while open.last().is_some_and(|(above, _)| above.len() >= steps.len() || !steps.starts_with(above)) {
            open.pop();
        }
        parents.push(open.last().map(|(_, above)| *above));
        if !steps.is_empty() {
            open.push((steps, number));
        }
    }
    parents
}

/// For each entry the beginnings of those above it, from the top, joined as headings are.
pub(crate) fn headings(document: &Grouped<'_>, parents: &[Option<usize>], entries: &[Entry]) -> Vec<String> {
    let beginning = |number: usize| {
        let words = entries[document.entries[number].0].text.split_whitespace();
        words.take(HEADING_WORD_COUNT).collect::<Vec<_>>().join(" ")
    };
    let above = |number: usize| {
        let ancestors = std::iter::successors(parents[number], |parent| parents[*parent]).take(ANCESTOR_COUNT_MAX);
        let mut headings: Vec<String> = ancestors.map(beginning).filter(|heading| !heading.is_empty()).collect();
        headings.reverse();
        headings.join(" > ")
    };
    (0..document.entries.len()).map(above).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corpus(lines: &[(&str, &str)]) -> Vec<Entry> {
        let entry = |(title, text): &(&str, &str)| Entry {
            id: String::new(),
            title: (*title).to_owned(),
            text: (*text).to_owned(),
        };
        lines.iter().map(entry).collect()
    }

    #[test]
    fn numbered_places_have_those_above_them_as_headings() {
        let entries = corpus(&[
            ("1 2.", "Duties"),
            ("1 2.1", "Notification"),
            ("1 2.1.(3)", "Within three days."),
            ("2 2.1.(3)", "Elsewhere."),
        ]);
        let documents = documents(&entries);
        assert_eq!(documents.len(), 2);
        let headings = |at: usize| headings(&documents[at], &parents(&documents[at]), &entries);
        assert_eq!(headings(0), ["", "Duties", "Duties > Notification"]);
        assert_eq!(headings(1), [""]);
    }

    #[test]
    fn articles_belong_to_their_law_and_other_titles_are_documents() {
        let laws = corpus(&[
            ("民法典第一条", "a"),
            ("刑法第一百三十三条之一", "b"),
            ("民法典第二条", "c"),
            ("刑法第二条", "d"),
        ]);
        let titles: Vec<&str> = documents(&laws).iter().map(|document| document.title).collect();
        assert_eq!(titles, ["民法典", "刑法"]);
        let papers = corpus(&[("Effects of vitamin D", "a"), ("2 kinds of cells", "b"), ("", "c")]);
        assert_eq!(documents(&papers).len(), 3);
    }
}
