//! Gradient-boosted trees that score the candidates of a question.

use fearless_simd::{Level, dispatch};

use crate::collection::Lists;
use crate::network::RankedList;
use crate::random::Random;
use crate::walk::Walk;

/// Different values of an input that are told apart.
const BIN_COUNT: usize = 64;
/// Pairs of candidates count where one of them stands so high.
const TRUNCATION: usize = 15;

/// How trees are grown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TreeSettings {
    pub(crate) tree_count: usize,
    pub(crate) leaf_count: usize,
    pub(crate) rate: f32,
    /// A leaf has at least so much of second slopes: so many rows that are in doubt.
    pub(crate) leaf_curve_min: f32,
    /// Pulls the values of leaves towards 0.
    pub(crate) regularisation: f32,
    /// Share of the questions that a tree sees.
    pub(crate) question_share: f32,
    /// Share of the inputs that a tree sees.
    pub(crate) input_share: f32,
}

impl TreeSettings {
    /// For candidates by themselves.
    pub(crate) const FIRST_STAGE: TreeSettings = TreeSettings {
        tree_count: 200,
        leaf_count: 15,
        rate: 0.05,
        leaf_curve_min: 0.1,
        regularisation: 5.0,
        question_share: 0.7,
        input_share: 0.5,
    };

    /// For the best beside each other.
    pub(crate) const SET_STAGE: TreeSettings =
        TreeSettings { tree_count: 150, leaf_count: 7, rate: 0.04, ..Self::FIRST_STAGE };
}

/// An inner node; or a leaf, which leads to itself whatever is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Node {
    /// The input that is looked at.
    pub(crate) input: u32,
    /// Rows with at most this go left, others right.
    pub(crate) bound: f32,
    /// Where the left child stands; the right one follows it.
    pub(crate) left: u32,
    /// What a leaf adds to the score.
    pub(crate) output: f32,
}

impl Node {
    pub(crate) fn leaf(at: usize, output: f32) -> Self {
        Self { input: 0, bound: f32::INFINITY, left: at as u32, output }
    }

    pub(crate) fn is_leaf(&self, at: usize) -> bool {
        self.left as usize == at
    }
}

/// Trees whose outputs are added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Trees {
    /// Where each tree begins.
    roots: Vec<u32>,
    nodes: Vec<Node>,
    walk: Walk,
}

impl Trees {
    /// Trees from their parts, where every path through them ends and looks at one of `input_count` inputs, and none has too many leaves.
    pub(crate) fn from_parts(roots: &[u32], nodes: Vec<Node>, input_count: usize) -> Option<Self> {
        let fits = nodes.iter().enumerate().all(|(at, node)| {
            let leads_on = node.left as usize > at && (node.left as usize) < nodes.len() - 1;
            (node.is_leaf(at) && node.bound == f32::INFINITY || leads_on) && (node.input as usize) < input_count
        });
        let fits = fits && roots.iter().all(|root| (*root as usize) < nodes.len());
        if !fits {
            return None;
        }
        let walk = Walk::new(roots, &nodes, input_count)?;
        Some(Self { roots: roots.to_vec(), nodes, walk })
    }

    /// Where each tree begins.
    pub(crate) fn roots(&self) -> impl ExactSizeIterator<Item = u32> {
        self.roots.iter().copied()
    }

    /// The nodes of all trees.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The scores of rows.
    pub(crate) fn scores(&self, rows: &[&[f32]]) -> Vec<f32> {
        let mut scores = vec![0.0; rows.len()];
        dispatch!(Level::new(), simd => self.walk.add_scores(simd, rows, &mut scores));
        scores
    }

    /// Grows trees on lists, each of which has a gold candidate and another.
    ///
    /// LambdaMART: Burges, *From RankNet to LambdaRank to LambdaMART*, 2010, with the gain of NDCG among the first 15; trees
    /// grow best leaf first on histograms, as in Ke et al., *LightGBM*, 2017.
    pub(crate) fn fit(
        input_count: usize,
        lists: &[&RankedList<'_>],
        is_used: &dyn Fn(usize) -> bool,
        settings: &TreeSettings,
        seed: u64,
    ) -> Self {
        let used: Vec<usize> = (0..input_count).filter(|input| is_used(*input)).collect();
        let binned = Binned::new(input_count, lists);
        let mut random = Random::new(seed);
        let mut roots = Vec::with_capacity(settings.tree_count);
        let mut nodes = Vec::new();
        let mut scores = vec![0.0f32; binned.row_count];
        let mut slopes = vec![(0.0f32, 0.0f32); binned.row_count];
        let mut grower = Grower::new(&binned, settings);
        for _ in 0..settings.tree_count {
            let mut inputs = used.clone();
            random.shuffle(&mut inputs);
            inputs.truncate(((used.len() as f32 * settings.input_share).ceil() as usize).max(1));
            inputs.sort_unstable();
            let mut rows = Vec::with_capacity(binned.row_count);
            let mut start = 0;
            for list in lists {
                let end = start + list.is_gold.len();
                if random.uniform() < settings.question_share {
                    add_lambdas(&list.is_gold, &scores[start..end], &mut slopes[start..end]);
                    rows.extend(start as u32..end as u32);
                }
                start = end;
            }
            let root = nodes.len();
            roots.push(root as u32);
            grower.grow(rows, &inputs, &slopes, &mut nodes);
            for (row, score) in scores.iter_mut().enumerate() {
                *score += binned.output(&nodes, root, row);
            }
        }
        for (_, node) in nodes.iter_mut().enumerate().filter(|(at, node)| !node.is_leaf(*at)) {
            node.bound = binned.cuts.of(node.input as usize)[node.bound as usize];
        }
        Self::from_parts(&roots, nodes, input_count).unwrap_or_default()
    }
}

/// First and second slopes of the loss of one list, for each candidate.
fn add_lambdas(is_gold: &[bool], scores: &[f32], slopes: &mut [(f32, f32)]) {
    slopes.fill((0.0, 0.0));
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    let gold_count = is_gold.iter().filter(|is_gold| **is_gold).count();
    let ideal: f32 = (0..gold_count.min(TRUNCATION)).map(discount).sum();
    let spread = scores[order[0]] - scores[order[order.len() - 1]];
    let mut total = 0.0;
    for (rank, gold) in order.iter().enumerate().filter(|(_, at)| is_gold[**at]) {
        let others = if rank < TRUNCATION { order.len() } else { TRUNCATION };
        for (other_rank, other) in order[..others].iter().enumerate().filter(|(_, at)| !is_gold[**at]) {
            let mut gain = (discount(rank) - discount(other_rank)).abs() / ideal;
            let lead = scores[*gold] - scores[*other];
            if spread > 0.0 {
                gain /= 0.01 + lead.abs();
            }
            let doubt = 1.0 / (1.0 + lead.exp());
            let (slope, curve) = (gain * doubt, gain * doubt * (1.0 - doubt));
            slopes[*gold].0 -= slope;
            slopes[*gold].1 += curve;
            slopes[*other].0 += slope;
            slopes[*other].1 += curve;
            total += 2.0 * slope;
        }
    }
    // Questions with many hopeless pairs shall not outweigh the others.
    if total > 0.0 {
        let scale = (1.0 + total).log2() / total;
        slopes.iter_mut().for_each(|one| *one = (one.0 * scale, one.1 * scale));
    }
}

fn discount(rank: usize) -> f32 {
    1.0 / (rank as f32 + 2.0).log2()
}

/// Rows whose inputs are numbers of bins.
struct Binned {
    input_count: usize,
    row_count: usize,
    bins: Vec<u8>,
    /// For each input, the highest value of each bin but the last.
    cuts: Lists<f32>,
}

impl Binned {
    fn new(input_count: usize, lists: &[&RankedList<'_>]) -> Self {
        let row_count: usize = lists.iter().map(|list| list.is_gold.len()).sum();
        let mut bins = vec![0u8; row_count * input_count];
        let mut cuts = Lists::default();
        let mut column = Vec::with_capacity(row_count);
        for input in 0..input_count {
            column.clear();
            column.extend(lists.iter().flat_map(|list| list.rows.iter().map(|row| row[input])));
            let own = quantiles(&column);
            for (row, value) in column.iter().enumerate() {
                bins[row * input_count + input] = own.partition_point(|cut| cut < value) as u8;
            }
            cuts.push(own);
        }
        Self { input_count, row_count, bins, cuts }
    }

    fn bin(&self, row: u32, input: usize) -> u8 {
        self.bins[row as usize * self.input_count + input]
    }

    /// What a tree whose nodes still compare bins adds to a row's score.
    fn output(&self, nodes: &[Node], root: usize, row: usize) -> f32 {
        let mut at = root;
        while !nodes[at].is_leaf(at) {
            let bin = f32::from(self.bin(row as u32, nodes[at].input as usize));
            at = nodes[at].left as usize + usize::from(bin > nodes[at].bound);
        }
        nodes[at].output
    }
}

/// Values that cut a column into parts about equally long, the last value not among them.
fn quantiles(column: &[f32]) -> Vec<f32> {
    let mut sorted = column.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let mut cuts: Vec<f32> = (1..BIN_COUNT).map(|at| sorted[at * (sorted.len() - 1) / BIN_COUNT]).collect();
    cuts.dedup();
    let last = sorted.last().copied();
    cuts.retain(|cut| Some(*cut) < last);
    cuts
}

/// Sums over the rows of a leaf: slopes, second slopes.
type Sum = [f32; 2];

/// A leaf that may be split.
struct Leaf {
    node: usize,
    rows: Vec<u32>,
    histogram: Vec<Sum>,
    split: Option<Split>,
}

#[derive(Clone, Copy)]
struct Split {
    gain: f32,
    input: usize,
    bin: u8,
}

/// Grows one tree after the other.
struct Grower<'b> {
    binned: &'b Binned,
    settings: &'b TreeSettings,
}

impl<'b> Grower<'b> {
    fn new(binned: &'b Binned, settings: &'b TreeSettings) -> Self {
        Self { binned, settings }
    }

    /// Adds the nodes of a tree, whose inner nodes compare numbers of bins.
    fn grow(&mut self, rows: Vec<u32>, inputs: &[usize], slopes: &[(f32, f32)], nodes: &mut Vec<Node>) {
        let histogram = self.histogram(&rows, inputs, slopes);
        let mut leaves = vec![self.leaf(nodes.len(), rows, histogram, inputs)];
        nodes.push(Node::leaf(nodes.len(), 0.0));
        while leaves.len() < self.settings.leaf_count {
            let gain = |leaf: &Leaf| leaf.split.map_or(0.0, |split| split.gain);
            let best =
                (0..leaves.len()).reduce(|best, at| if gain(&leaves[at]) > gain(&leaves[best]) { at } else { best });
            let Some((best, split)) = best.and_then(|at| Some((at, leaves[at].split?))) else { break };
            let leaf = leaves.swap_remove(best);
            let left_node = nodes.len();
            let (input, bound) = (split.input as u32, f32::from(split.bin));
            nodes[leaf.node] = Node { input, bound, left: left_node as u32, output: 0.0 };
            nodes.extend([Node::leaf(left_node, 0.0), Node::leaf(left_node + 1, 0.0)]);
            let (left, right): (Vec<u32>, Vec<u32>) =
                leaf.rows.iter().partition(|row| self.binned.bin(**row, split.input) <= split.bin);
            let is_left_smaller = left.len() <= right.len();
            let smaller = self.histogram(if is_left_smaller { &left } else { &right }, inputs, slopes);
            let mut larger = leaf.histogram;
            for (sum, other) in larger.iter_mut().zip(&smaller) {
                *sum = [sum[0] - other[0], sum[1] - other[1]];
            }
            let (left_sums, right_sums) = if is_left_smaller { (smaller, larger) } else { (larger, smaller) };
            leaves.push(self.leaf(left_node, left, left_sums, inputs));
            leaves.push(self.leaf(left_node + 1, right, right_sums, inputs));
        }
        for leaf in &leaves {
            let (slope, curve) = leaf.rows.iter().fold((0.0, 0.0), |sum: (f32, f32), row| {
                let one = slopes[*row as usize];
                (sum.0 + one.0, sum.1 + one.1)
            });
            nodes[leaf.node].output = -self.settings.rate * slope / (curve + self.settings.regularisation);
        }
    }

    fn leaf(&self, node: usize, rows: Vec<u32>, histogram: Vec<Sum>, inputs: &[usize]) -> Leaf {
        let split = self.best_split(&histogram, inputs);
        Leaf { node, rows, histogram, split }
    }

    fn histogram(&self, rows: &[u32], inputs: &[usize], slopes: &[(f32, f32)]) -> Vec<Sum> {
        let mut sums = vec![[0.0; 2]; inputs.len() * BIN_COUNT];
        let width = self.binned.input_count;
        for row in rows {
            let (slope, curve) = slopes[*row as usize];
            let bins = &self.binned.bins[*row as usize * width..(*row as usize + 1) * width];
            for (input, sums) in inputs.iter().zip(sums.chunks_exact_mut(BIN_COUNT)) {
                let sum: &mut Sum = &mut sums[usize::from(bins[*input]) % BIN_COUNT];
                *sum = [sum[0] + slope, sum[1] + curve];
            }
        }
        sums
    }

    /// The split that lowers the loss most; none where no split lowers it.
    fn best_split(&self, histogram: &[Sum], inputs: &[usize]) -> Option<Split> {
        let regularisation = self.settings.regularisation;
        let quality = |sum: Sum| sum[0] * sum[0] / (sum[1] + regularisation);
        let add = |sum: Sum, one: &Sum| [sum[0] + one[0], sum[1] + one[1]];
        let mut best: Option<Split> = None;
        for (input, sums) in inputs.iter().zip(histogram.chunks_exact(BIN_COUNT)) {
            let total = sums.iter().fold([0.0; 2], add);
            let mut left: Sum = [0.0; 2];
            for (bin, sum) in sums[..self.binned.cuts.of(*input).len()].iter().enumerate() {
                left = add(left, sum);
                let right = [total[0] - left[0], total[1] - left[1]];
                if left[1].min(right[1]) < self.settings.leaf_curve_min {
                    continue;
                }
                let gain = quality(left) + quality(right) - quality(total);
                if gain > best.map_or(1e-6, |best| best.gain) {
                    best = Some(Split { gain, input: *input, bin: bin as u8 });
                }
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_learn_what_no_line_can_tell() {
        // Gold is the row whose two inputs have different signs.
        let mut random = Random::new(9);
        let mut draw = |_| {
            let mut rows: Vec<[f32; 3]> = (0..6)
                .map(|_| {
                    let sign = if random.uniform() < 0.5 { 1.0 } else { -1.0 };
                    [sign * random.uniform(), sign * random.uniform(), random.normal()]
                })
                .collect();
            let gold = random.below(6);
            rows[gold][0] *= -1.0;
            (rows, gold)
        };
        let train: Vec<_> = (0..400).map(&mut draw).collect();
        let test: Vec<_> = (0..100).map(&mut draw).collect();
        let mut lists = Vec::new();
        for (rows, gold) in &train {
            let is_gold = (0..rows.len()).map(|at| at == *gold).collect();
            lists.push(RankedList { rows: rows.iter().map(|row| &row[..]).collect(), is_gold });
        }
        let lists: Vec<&RankedList<'_>> = lists.iter().collect();
        let settings = TreeSettings { input_share: 1.0, ..TreeSettings::FIRST_STAGE };
        let trees = Trees::fit(3, &lists, &|_| true, &settings, 1);
        let right = test.iter().filter(|(rows, gold)| {
            let scores = trees.scores(&rows.iter().map(|row| &row[..]).collect::<Vec<_>>());
            (0..6).max_by(|a, b| scores[*a].total_cmp(&scores[*b])) == Some(*gold)
        });
        let right = right.count();
        assert!(right > 85, "{right}");
        assert_eq!(trees, Trees::fit(3, &lists, &|_| true, &settings, 1));
        let kept = Trees::from_parts(&trees.roots().collect::<Vec<_>>(), trees.nodes().to_vec(), 3);
        assert_eq!(kept, Some(trees));
    }

    #[test]
    fn trees_that_lead_nowhere_are_refused() {
        let inner = |left| Node { input: 0, bound: 0.0, left, output: 0.0 };
        let leaf = |at| Node::leaf(at, 1.0);
        let cases = [
            (vec![inner(1), leaf(1), leaf(2)], vec![0], true),
            (vec![inner(1), inner(0), leaf(2)], vec![0], false),
            (vec![inner(2), leaf(1), leaf(2)], vec![0], false),
            (vec![leaf(0)], vec![1], false),
            (vec![Node { input: 9, ..inner(1) }, leaf(1), leaf(2)], vec![0], false),
        ];
        for (nodes, roots, fits) in cases {
            assert_eq!(Trees::from_parts(&roots, nodes.clone(), 2).is_some(), fits, "{nodes:?}");
        }
    }
}
