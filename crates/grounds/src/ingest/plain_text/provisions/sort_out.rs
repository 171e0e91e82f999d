//! Lines that begin like provisions and are none: what a table of contents lists, and citations.

use std::collections::{HashMap, HashSet};

use grounds_core::article_suffix_place;

use super::super::super::numbering::{roman, values};
use super::super::lines::Lines;
use super::Provision;
use super::heading::HEADING_BYTES_MAX;

/// A table of contents lists at least so many provisions.
const LISTED_COUNT_MIN: usize = 2;
/// Where more than one of so many articles stands out of order, order tells nothing.
const CITED_PARTS_MIN: usize = 5;

/// Leaves out what tables of contents list: runs of provisions without words all of which come again, and the one after such a run that does too, which
/// has the words that follow the table. Tells whether articles were listed.
pub(super) fn drop_listed(provisions: &mut Vec<Provision>, lines: &Lines<'_>) -> bool {
    let bare: Vec<bool> = provisions.iter().map(|provision| is_bare(provision, lines)).collect();
    let comes_again = come_again(provisions, &bare);
    let mut is_kept = vec![true; provisions.len()];
    let mut run_start = 0;
    for at in 0..provisions.len() {
        if bare[at] && comes_again[at] {
            continue;
        }
        if at - run_start >= LISTED_COUNT_MIN {
            let end = if comes_again[at] { at + 1 } else { at };
            is_kept[run_start..end].fill(false);
        }
        run_start = at + 1;
    }
    let lists_articles = provisions.iter().zip(&is_kept).any(|(provision, is_kept)| provision.is_article() && !is_kept);
    retain(provisions, &is_kept);
    lists_articles
}

/// Whether nothing stands below the label of a provision, and beside it, but what may be its heading.
fn is_bare(provision: &Provision, lines: &Lines<'_>) -> bool {
    let label = lines.lines[provision.label_line];
    let beside = &label.text[provision.label_end - label.start..];
    let has_words = provision.is_article() && provision.is_han && !beside.is_empty();
    let below = &lines.lines[provision.label_line + 1..provision.lines.end];
    !has_words
        && (beside.is_empty() || !label.is_whole())
        && below.iter().all(|line| !line.is_whole() && line.text.len() <= HEADING_BYTES_MAX)
}

/// Whether a provision of the same name is further down. Articles are told by their numbers, where no number has words twice, and else by the divisions
/// around them too.
fn come_again(provisions: &[Provision], bare: &[bool]) -> Vec<bool> {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut with_words = provisions.iter().zip(bare).filter(|(provision, bare)| provision.is_article() && !**bare);
    let counts_anew = with_words.any(|(provision, _)| !seen.insert(&provision.number));
    let mut open: Vec<(usize, String)> = Vec::new();
    let path = |provision: &Provision| {
        while open.last().is_some_and(|(depth, _)| *depth >= provision.depth) {
            open.pop();
        }
        let is_alone = provision.is_article() && !counts_anew;
        let around = open.last().filter(|_| !is_alone).map_or("", |(_, path)| path);
        let path = format!("{around}/{} {}", provision.depth, provision.number);
        open.push((provision.depth, path.clone()));
        path
    };
    let paths: Vec<String> = provisions.iter().map(path).collect();
    let last: HashMap<&str, usize> = paths.iter().enumerate().map(|(at, path)| (path.as_str(), at)).collect();
    paths.iter().enumerate().map(|(at, path)| last[path.as_str()] > at).collect()
}

/// Leaves out articles that stand out of order, where few do: lines that begin with citations. Numbers may begin anew below a division, and where the
/// first two follow each other.
pub(super) fn drop_cited(provisions: &mut Vec<Provision>) {
    let numbers = provisions.iter().filter(|provision| provision.is_article()).map(|provision| &provision.number);
    let is_roman = numbers.clone().any(|number| number.len() > 1 && roman(&number.to_lowercase()).is_some());
    let orders: Vec<Order> = numbers.map(|number| order(number, is_roman)).collect();
    let mut is_kept = vec![true; provisions.len()];
    let mut segment: Vec<(usize, &Order)> = Vec::new();
    let (mut is_below_division, mut count) = (true, 0);
    for (at, provision) in provisions.iter().enumerate() {
        if !provision.is_article() {
            is_below_division = true;
            continue;
        }
        let counts_on = orders.get(count + 1).is_some_and(|next| next.is(2));
        if orders[count].is(1) && (is_below_division || counts_on) {
            keep_rising(&segment, &mut is_kept);
            segment.clear();
        }
        segment.push((at, &orders[count]));
        (is_below_division, count) = (false, count + 1);
    }
    keep_rising(&segment, &mut is_kept);
    let cited_count = is_kept.iter().filter(|is_kept| !**is_kept).count();
    if cited_count * CITED_PARTS_MIN <= orders.len() {
        retain(provisions, &is_kept);
    }
}

fn retain(provisions: &mut Vec<Provision>, is_kept: &[bool]) {
    let mut is_kept = is_kept.iter();
    provisions.retain(|_| is_kept.next().copied().unwrap_or_default());
}

/// What orders numbers of articles: "41" is before "41a", "5之2" before "5之10", "IX" before "X", "3-1" before "3-1-1", "2 quinquies" before "2 sexies".
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    /// The letter of a code.
    letter: Option<char>,
    /// Each part's value, and what stands behind it, shorter before longer.
    parts: Vec<(u32, usize, String)>,
    suffix: (usize, String),
}

impl Order {
    fn is(&self, value: u32) -> bool {
        self.parts.first().is_some_and(|first| first.0 == value)
    }
}

fn order(number: &str, is_roman: bool) -> Order {
    let of_code = number
        .strip_prefix(|c: char| c.is_ascii_uppercase())
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let letter = of_code.and_then(|_| number.chars().next());
    let number = of_code.unwrap_or(number);
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        // "C" is the third letter and the hundred.
        let values = values(number);
        let value = if is_roman { values.last() } else { values.first() };
        let parts = vec![(value.map_or(0, |(_, value)| *value), 0, String::new())];
        return Order { letter, parts, ..Order::default() };
    }
    let part = |part: &str| {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        (part[..digits].parse().unwrap_or_default(), part.len() - digits, part[digits..].to_owned())
    };
    let plain = number.split(' ').next().unwrap_or_default();
    Order {
        letter,
        parts: plain.split('-').map(part).collect(),
        suffix: (article_suffix_place(number), number.split(' ').skip(2).collect()),
    }
}

/// Marks all but the longest rising sequence as not kept; of equal ones the first is. Cost: `n log n`.
fn keep_rising(articles: &[(usize, &Order)], is_kept: &mut [bool]) {
    // For each length, the last of the sequence of that length that ends lowest; and for each article the one before it in its sequence.
    let mut lasts: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(articles.len());
    for (at, (_, order)) in articles.iter().enumerate() {
        let length = lasts.partition_point(|last| articles[*last].1 < *order);
        before.push(length.checked_sub(1).map(|shorter| lasts[shorter]));
        match lasts.get_mut(length) {
            None => lasts.push(at),
            Some(last) if articles[*last].1 == *order => {}
            Some(last) => *last = at,
        }
    }
    articles.iter().for_each(|(provision, _)| is_kept[*provision] = false);
    for at in std::iter::successors(lasts.last().copied(), |at| before[*at]) {
        is_kept[articles[at].0] = true;
    }
}
