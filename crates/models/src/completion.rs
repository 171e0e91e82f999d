//! The places after the first ones, filled by what past questions were answered with.
//!
//! Rankers learn most from what stands first. Where several passages answer, who stands fourth or tenth they leave nearly to chance; there past
//! questions say more than they are heard: which passages answered questions like this one, and which answered questions together with the first.

/// The first so many stand as they are ranked.
const DECIDED_COUNT: usize = 3;
/// How much the rank in memory of passages counts beside the rank so far, and how much the rank in company of the first.
const MEMORY_SHARE: f32 = 0.1;
const COMPANY_SHARE: f32 = 0.1;
/// What is added to ranks, which begin with 0, before they are inverted.
const RANK_OFFSET: f32 = 10.0;
/// Where fewer than half of so many first ones were asked about before, memory counts as much less: the answer probably was not.
const TOLD_BY: usize = 10;

/// Reorders what comes after the first by reciprocal ranks (Cormack et al., *Reciprocal Rank Fusion*, 2009): the rank so far, that of `memory`, and
/// that of the company of the first, the second half as much as the first and so on, where `together` says how many past questions two answered.
/// Nothing changes where both say 0 of all.
///
/// `order` holds places with scores, best first. Ranks keep their scores, whoever has them.
pub(crate) fn complete(
    order: &mut [(usize, f32)],
    memory: impl Fn(usize) -> f32,
    is_known: impl Fn(usize) -> bool,
    together: impl Fn(usize, usize) -> f32,
) {
    let decided: Vec<usize> = order.iter().take(DECIDED_COUNT).map(|(place, _)| *place).collect();
    let company =
        |place: usize| -> f32 { (1..).zip(&decided).map(|(rank, first)| together(place, *first) / rank as f32).sum() };
    let places: Vec<usize> = order.iter().map(|(place, _)| *place).collect();
    let known_count = places.iter().take(TOLD_BY).filter(|place| is_known(**place)).count();
    let memory_share = MEMORY_SHARE * (2.0 * known_count as f32 / TOLD_BY as f32).min(1.0);
    let mut scores: Vec<f32> = (0..places.len()).map(|rank| 1.0 / (RANK_OFFSET + rank as f32)).collect();
    add_ranks(&mut scores, memory_share, places.iter().map(|place| memory(*place)));
    add_ranks(&mut scores, COMPANY_SHARE, places.iter().map(|place| company(*place)));
    let mut rest: Vec<usize> = (DECIDED_COUNT.min(places.len())..places.len()).collect();
    rest.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    for (one, rank) in order.iter_mut().skip(DECIDED_COUNT).zip(rest) {
        one.0 = places[rank];
    }
}

/// Adds `share` by the reciprocal rank that each has by `values`, of equal ones in the order in which they come; nothing where that is 0.
fn add_ranks(scores: &mut [f32], share: f32, values: impl Iterator<Item = f32>) {
    let mut ranked: Vec<(usize, f32)> = values.enumerate().filter(|(_, value)| *value > 0.0).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (rank, (at, _)) in ranked.into_iter().enumerate() {
        scores[at] += share / (RANK_OFFSET + rank as f32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten places, with scores that fall.
    fn ordered() -> Vec<(usize, f32)> {
        (0..10).map(|place| (place, 10.0 - place as f32)).collect()
    }

    /// How places stand where the first `known_count` were asked about before.
    fn completed(
        known_count: usize,
        memory: impl Fn(usize) -> f32,
        together: impl Fn(usize, usize) -> f32,
    ) -> Vec<usize> {
        let mut order = ordered();
        complete(&mut order, memory, |place| place < known_count, together);
        let scores = |order: &[(usize, f32)]| order.iter().map(|(_, score)| *score).collect::<Vec<_>>();
        assert_eq!(scores(&order), scores(&ordered()), "a rank keeps its score");
        order.into_iter().map(|(place, _)| place).collect()
    }

    #[test]
    fn where_nothing_was_asked_before_nothing_changes() {
        assert_eq!(completed(10, |_| 0.0, |_, _| 0.0), (0..10).collect::<Vec<_>>());
        complete(&mut [], |_| 1.0, |_| true, |_, _| 1.0);
        complete(&mut ordered()[..2], |_| 1.0, |_| true, |_, _| 1.0);
    }

    #[test]
    fn what_answered_similar_questions_moves_up_but_not_among_the_first() {
        let only = |one: usize| move |place: usize| if place == one { 2.0 } else { 0.0 };
        assert_eq!(completed(5, only(4), |_, _| 0.0), [0, 1, 2, 4, 3, 5, 6, 7, 8, 9]);
        assert_eq!(completed(5, only(7), |_, _| 0.0), [0, 1, 2, 3, 4, 7, 5, 6, 8, 9]);
        assert_eq!(completed(5, only(1), |_, _| 0.0), (0..10).collect::<Vec<_>>());
        // Where most was never asked about, memory has less to say; where nothing was, nothing.
        assert_eq!(completed(3, only(7), |_, _| 0.0), [0, 1, 2, 3, 4, 5, 7, 6, 8, 9]);
        assert_eq!(completed(0, only(7), |_, _| 0.0), (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn company_of_the_first_counts_more_than_that_of_the_third() {
        let company = |pairs: [(usize, usize); 2]| {
            move |place: usize, first: usize| if pairs.contains(&(place, first)) { 1.0 } else { 0.0 }
        };
        assert_eq!(completed(10, |_| 0.0, company([(8, 0), (9, 2)])), [0, 1, 2, 3, 4, 5, 8, 6, 9, 7]);
        assert_eq!(completed(10, |_| 0.0, company([(9, 0), (8, 2)])), [0, 1, 2, 3, 4, 5, 8, 9, 6, 7]);
    }
}
