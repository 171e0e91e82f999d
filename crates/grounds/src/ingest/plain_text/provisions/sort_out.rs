//! Lines that begin like provisions and are none: what a table of contents lists, and citations.

use std::collections::HashSet;

use super::super::super::numbering::values;
use super::super::lines::Lines;
use super::Provision;
use super::heading::HEADING_BYTES_MAX;

/// Where more than one of so many articles stands out of order, order tells nothing.
const CITED_PARTS_MIN: usize = 5;

/// Leaves out what a table of contents lists, which comes again: divisions that are followed by the next one, not by what they hold, and articles
/// without words.
pub(super) fn drop_listed(provisions: &mut Vec<Provision>, lines: &Lines<'_>) {
    let mut later: HashSet<String> = HashSet::new();
    let mut next_depth = None;
    let mut is_listed: Vec<bool> = Vec::with_capacity(provisions.len());
    for (provision, path) in provisions.iter().zip(paths(provisions)).rev() {
        let own = &lines.lines[provision.label_line + 1..provision.lines.end];
        let holds_nothing = if provision.is_article() {
            own.iter().all(|line| !line.is_whole() && line.text.len() <= HEADING_BYTES_MAX)
        } else {
            next_depth.is_some_and(|next| next <= provision.depth)
        };
        let comes_again = !later.insert(path);
        let listed = holds_nothing && comes_again;
        is_listed.push(listed);
        next_depth = if listed { next_depth } else { Some(provision.depth) };
    }
    provisions.retain(|_| !is_listed.pop().unwrap_or_default());
}

/// What tells each provision from all others: the divisions around it, too, but for articles, whose numbers go on through all of them.
fn paths(provisions: &[Provision]) -> Vec<String> {
    let mut open: Vec<(usize, String)> = Vec::new();
    let path = |provision: &Provision| {
        while open.last().is_some_and(|(depth, _)| *depth >= provision.depth) {
            open.pop();
        }
        let around = open.last().filter(|_| !provision.is_article()).map_or("", |(_, path)| path);
        let path = format!("{around}/{} {}", provision.kind.prefix(), provision.number);
        open.push((provision.depth, path.clone()));
        path
    };
    provisions.iter().map(path).collect()
}

/// Leaves out articles that stand out of order, where few do: lines that begin with citations. Numbers may begin anew below a division.
pub(super) fn drop_cited(provisions: &mut Vec<Provision>) {
    let mut is_kept = vec![true; provisions.len()];
    let mut articles: Vec<(usize, Order)> = Vec::new();
    let mut is_below_division = true;
    for (at, provision) in provisions.iter().enumerate() {
        if !provision.is_article() {
            is_below_division = true;
            continue;
        }
        let order = order(&provision.number);
        if is_below_division && order.0 == 1 {
            keep_rising(&articles, &mut is_kept);
            articles.clear();
        }
        articles.push((at, order));
        is_below_division = false;
    }
    keep_rising(&articles, &mut is_kept);
    let article_count = provisions.iter().filter(|provision| provision.is_article()).count();
    let cited_count = is_kept.iter().filter(|is_kept| !**is_kept).count();
    if cited_count * CITED_PARTS_MIN <= article_count {
        let mut is_kept = is_kept.into_iter();
        provisions.retain(|_| is_kept.next().unwrap_or_default());
    }
}

/// What orders numbers of articles: "41" is before "41a", "5之2" before "5之10", and "IX" before "X".
type Order = (u32, usize, String);

fn order(number: &str) -> Order {
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    match number[..digits].parse() {
        Ok(value) => (value, number.len() - digits, number[digits..].to_owned()),
        Err(_) => (values(number).last().map_or(0, |(_, value)| *value), 0, String::new()),
    }
}

/// Marks all but the longest rising sequence as not kept. Cost: `n log n`.
fn keep_rising(articles: &[(usize, Order)], is_kept: &mut [bool]) {
    // For each length, the last of the sequence of that length that ends lowest; and for each article the one before it in its sequence.
    let mut lasts: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(articles.len());
    for (at, (_, order)) in articles.iter().enumerate() {
        let length = lasts.partition_point(|last| articles[*last].1 < *order);
        before.push(length.checked_sub(1).map(|shorter| lasts[shorter]));
        if length == lasts.len() {
            lasts.push(at);
        } else {
            lasts[length] = at;
        }
    }
    articles.iter().for_each(|(provision, _)| is_kept[*provision] = false);
    for at in std::iter::successors(lasts.last().copied(), |at| before[*at]) {
        is_kept[articles[at].0] = true;
    }
}
