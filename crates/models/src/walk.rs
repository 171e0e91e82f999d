//! Trees made ready to score rows: every test of a tree rules out leaves, for many rows at once.

use fearless_simd::{Simd, f32x16, prelude::*, u32x16};

use crate::collection::Lists;
use crate::trees::Node;

/// Rows that are scored side by side.
const LANES: usize = 16;
/// A tree has at most so many leaves: each is a bit.
const LEAF_COUNT_MAX: usize = 32;

/// An inner node of a tree.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Test {
    input: u32,
    /// Rows with more than this cannot end in the leaves on the left.
    bound: f32,
    /// The leaves that are left then, each a bit.
    left: u32,
}

/// The tests and leaves of trees.
///
/// A row ends in the first leaf, from the left, that no test rules out; so tests need no order, and no processor has to guess
/// where a row goes (Lucchese et al., *QuickScorer: a Fast Algorithm to Rank Documents with Additive Ensembles of Regression
/// Trees*, 2015, section 3).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Walk {
    input_count: usize,
    tests: Lists<Test>,
    /// What each leaf of a tree adds, from the left.
    leaves: Lists<f32>,
}

impl Walk {
    /// Of trees whose every path ends; none where one has more leaves than fit.
    pub(crate) fn new(roots: &[u32], nodes: &[Node], input_count: usize) -> Option<Self> {
        let mut walk = Self { input_count, ..Self::default() };
        for root in roots {
            let (mut tests, mut leaves) = (Vec::new(), Vec::new());
            add(nodes, *root as usize, LEAF_COUNT_MAX, &mut tests, &mut leaves)?;
            walk.tests.push(tests);
            walk.leaves.push(leaves);
        }
        Some(walk)
    }

    /// Adds to `scores` what the trees say of `rows`, tree by tree.
    #[inline(always)]
    pub(crate) fn add_scores<S: Simd>(&self, simd: S, rows: &[&[f32]], scores: &mut [f32]) {
        let mut columns = vec![[0.0f32; LANES]; self.input_count];
        for (rows, scores) in rows.chunks(LANES).zip(scores.chunks_mut(LANES)) {
            for (lane, row) in rows.iter().enumerate() {
                for (column, value) in columns.iter_mut().zip(*row) {
                    column[lane] = *value;
                }
            }
            for tree in 0..self.tests.count() {
                let mut possible = u32x16::splat(simd, u32::MAX);
                for test in self.tests.of(tree) {
                    let column = f32x16::simd_from(simd, columns[test.input as usize]);
                    let is_more = column.simd_gt(f32x16::splat(simd, test.bound));
                    possible = is_more.select(possible & u32x16::splat(simd, test.left), possible);
                }
                let leaves = self.leaves.of(tree);
                for (score, possible) in scores.iter_mut().zip(<[u32; LANES]>::from(possible)) {
                    *score += leaves[possible.trailing_zeros() as usize];
                }
            }
        }
    }
}

/// Adds the tests and the leaves below a node, in order from the left; none where they are too many, or more than `depth` steps down.
fn add(nodes: &[Node], at: usize, depth: usize, tests: &mut Vec<Test>, leaves: &mut Vec<f32>) -> Option<()> {
    let (node, depth) = (&nodes[at], depth.checked_sub(1)?);
    if node.is_leaf(at) {
        leaves.push(node.output);
        return (leaves.len() <= LEAF_COUNT_MAX).then_some(());
    }
    let first = leaves.len();
    add(nodes, node.left as usize, depth, tests, leaves)?;
    let ruled_out = ((1u64 << leaves.len()) - (1u64 << first)) as u32;
    tests.push(Test { input: node.input, bound: node.bound, left: !ruled_out });
    add(nodes, node.left as usize + 1, depth, tests, leaves)
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};

    use super::*;
    use crate::random::Random;

    /// A tree with so many leaves, grown at random.
    fn grown(leaf_count: usize, input_count: usize, nodes: &mut Vec<Node>, random: &mut Random) -> u32 {
        let root = nodes.len();
        nodes.push(Node::leaf(root, random.normal()));
        let mut leaves = vec![root];
        while leaves.len() < leaf_count {
            let at = leaves.swap_remove(random.below(leaves.len()));
            let left = nodes.len();
            nodes[at] = Node {
                input: random.below(input_count) as u32,
                bound: random.normal(),
                left: left as u32,
                output: 0.0,
            };
            for child in [left, left + 1] {
                nodes.push(Node::leaf(child, random.normal()));
                leaves.push(child);
            }
        }
        root as u32
    }

    #[test]
    fn rows_end_where_they_end_going_down_node_by_node() {
        let mut random = Random::new(11);
        for input_count in [1, 2, 7] {
            let mut nodes = Vec::new();
            let roots: Vec<u32> =
                (0..40).map(|tree| grown(1 + tree % LEAF_COUNT_MAX, input_count, &mut nodes, &mut random)).collect();
            let walk = Walk::new(&roots, &nodes, input_count).unwrap_or_default();
            let rows: Vec<Vec<f32>> = (0..37).map(|_| (0..input_count).map(|_| random.normal()).collect()).collect();
            let mut scores = vec![0.0; rows.len()];
            let slices: Vec<&[f32]> = rows.iter().map(|row| &row[..]).collect();
            dispatch!(Level::new(), simd => walk.add_scores(simd, &slices, &mut scores));
            for (row, score) in rows.iter().zip(scores) {
                let mut expected = 0.0;
                for root in &roots {
                    let mut at = *root as usize;
                    while !nodes[at].is_leaf(at) {
                        at = nodes[at].left as usize + usize::from(row[nodes[at].input as usize] > nodes[at].bound);
                    }
                    expected += nodes[at].output;
                }
                assert_eq!(score.to_bits(), f32::to_bits(expected), "{score}, {expected}");
            }
        }
    }

    #[test]
    fn a_tree_with_more_leaves_than_bits_is_refused() {
        let mut nodes = Vec::new();
        let root = grown(LEAF_COUNT_MAX + 1, 2, &mut nodes, &mut Random::new(12));
        assert_eq!(Walk::new(&[root], &nodes, 2), None);
    }

    #[test]
    fn a_chain_without_end_is_refused_before_the_stack_is_full() {
        let chain = (0..1_000_000).map(|at| Node { input: 0, bound: 0.0, left: at + 1, output: 0.0 });
        let nodes: Vec<Node> = chain.chain([Node::leaf(1_000_000, 1.0), Node::leaf(1_000_001, 2.0)]).collect();
        assert_eq!(Walk::new(&[0], &nodes, 1), None);
    }
}
