//! In which order relations are evaluated: those that depend on each other together, after all that they depend on.

use std::collections::VecDeque;

/// One relation looks at another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    /// The other.
    pub(crate) to: usize,
    pub(crate) look: Look,
}

/// What a relation sees of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Look {
    /// Rows: more of them, and no fewer follow.
    Rows,
    /// That a row is absent: all rows must be known.
    Absence,
    /// What the rows come to: all must be known.
    Total,
}

/// Relations that depend on each other, and where they are evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Strata {
    /// Each after all it depends on; the relations of one ascending.
    pub(crate) components: Vec<Vec<usize>>,
    /// For each relation, its component.
    pub(crate) component_of: Vec<usize>,
}

/// A way from a relation back to itself on which one looks at absence or a total.
pub(crate) type Cycle = Vec<Edge>;

/// Groups the relations; `edges` has for each relation those it looks at.
///
/// The algorithm is Tarjan's, with a stack of our own: chains of rules may be longer than the machine's stack.
///
/// # Errors
/// A shortest cycle through the first edge that makes it no stratified program.
pub(crate) fn strata(edges: &[Vec<Edge>]) -> Result<Strata, Cycle> {
    let mut walk = Walk {
        order: vec![0; edges.len()],
        low: vec![0; edges.len()],
        is_open: vec![false; edges.len()],
        open: Vec::new(),
        next: 1,
        strata: Strata { components: Vec::new(), component_of: vec![0; edges.len()] },
    };
    for start in 0..edges.len() {
        if walk.order[start] == 0 {
            walk.visit(start, edges);
        }
    }
    let strata = walk.strata;
    for (from, looks) in edges.iter().enumerate() {
        for edge in looks.iter().filter(|edge| edge.look != Look::Rows) {
            if strata.component_of[from] == strata.component_of[edge.to] {
                return Err(cycle(edges, from, *edge));
            }
        }
    }
    Ok(strata)
}

struct Walk {
    /// When a relation was first seen, from 1.
    order: Vec<usize>,
    /// The earliest open relation that is reached from it.
    low: Vec<usize>,
    is_open: Vec<bool>,
    open: Vec<usize>,
    next: usize,
    strata: Strata,
}

impl Walk {
    fn visit(&mut self, start: usize, edges: &[Vec<Edge>]) {
        let mut stack = vec![(start, 0)];
        while let Some((relation, at)) = stack.pop() {
            if at == 0 {
                self.order[relation] = self.next;
                self.low[relation] = self.next;
                self.next += 1;
                self.open.push(relation);
                self.is_open[relation] = true;
            } else {
                let below = edges[relation][at - 1].to;
                self.low[relation] = self.low[relation].min(self.low[below]);
            }
            let mut at = at;
            let mut is_suspended = false;
            while let Some(edge) = edges[relation].get(at) {
                at += 1;
                if self.order[edge.to] == 0 {
                    stack.push((relation, at));
                    stack.push((edge.to, 0));
                    is_suspended = true;
                    break;
                }
                if self.is_open[edge.to] {
                    self.low[relation] = self.low[relation].min(self.order[edge.to]);
                }
            }
            if !is_suspended && self.low[relation] == self.order[relation] {
                self.close(relation);
            }
        }
    }

    fn close(&mut self, relation: usize) {
        let mut component = Vec::new();
        while let Some(member) = self.open.pop() {
            self.is_open[member] = false;
            // What is closed lowers nobody.
            self.low[member] = usize::MAX;
            self.strata.component_of[member] = self.strata.components.len();
            component.push(member);
            if member == relation {
                break;
            }
        }
        component.sort_unstable();
        self.strata.components.push(component);
    }
}

/// The shortest way back from where an edge leads to where it begins, after the edge itself.
fn cycle(edges: &[Vec<Edge>], from: usize, first: Edge) -> Cycle {
    let mut came_by: Vec<Option<(usize, Edge)>> = vec![None; edges.len()];
    let mut waiting = VecDeque::from([first.to]);
    while let Some(relation) = waiting.pop_front() {
        if relation == from {
            break;
        }
        for edge in &edges[relation] {
            if edge.to != first.to && came_by[edge.to].is_none() {
                came_by[edge.to] = Some((relation, *edge));
                waiting.push_back(edge.to);
            }
        }
    }
    let mut back = Vec::new();
    let mut at = from;
    while at != first.to {
        let Some((before, edge)) = came_by[at] else { break };
        back.push(edge);
        at = before;
    }
    back.push(first);
    back.reverse();
    back
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(to: usize) -> Edge {
        Edge { to, look: Look::Rows }
    }

    fn absence(to: usize) -> Edge {
        Edge { to, look: Look::Absence }
    }

    #[test]
    fn what_is_depended_on_comes_first() {
        let edges = vec![vec![rows(1), absence(3)], vec![rows(2)], vec![rows(1)], vec![], vec![rows(4), rows(0)]];
        let found = strata(&edges).expect("stratified");
        assert_eq!(found.components, [vec![1, 2], vec![3], vec![0], vec![4]]);
        assert_eq!(found.component_of, [2, 0, 0, 1, 3]);
    }

    #[test]
    fn the_shortest_cycle_through_an_absence_is_told() {
        let edges = vec![vec![rows(1)], vec![absence(2), rows(0)], vec![rows(3), rows(0)], vec![rows(0)]];
        assert_eq!(strata(&edges), Err(vec![absence(2), rows(0), rows(1)]));
        assert_eq!(strata(&[vec![absence(0)]]), Err(vec![absence(0)]));
    }

    #[test]
    fn chains_may_be_long() {
        let edges: Vec<Vec<Edge>> = (0..100_000).map(|it| if it == 0 { vec![] } else { vec![rows(it - 1)] }).collect();
        assert_eq!(strata(&edges).expect("stratified").components.len(), 100_000);
    }
}
