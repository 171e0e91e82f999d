//! Rules are put in, and others in their place.

use super::Theory;
use crate::datalog::core_rule::{CompiledRule, CoreLiteral, Fold};
use crate::datalog::error::DatalogError;
use crate::datalog::from_program::{Workshop, compile_rule};
use crate::datalog::program::Rule;
use crate::datalog::relation::Relation;
use crate::datalog::strata::{Edge, Look, Strata, strata};
use crate::datalog::value::ColumnType;

impl Theory {
    /// Puts another rule in the place of one, under the same number.
    ///
    /// # Errors
    /// As [`Theory::new`], or there is no such rule. The old rule stays then.
    pub fn replace_rule(&mut self, number: usize, rule: Rule) -> Result<(), DatalogError> {
        if number >= self.program.rules.len() {
            return Err(DatalogError::UnknownRule { rule: number });
        }
        let old_rule = std::mem::replace(&mut self.program.rules[number], rule);
        let compiled = match self.compile(number) {
            Ok(compiled) => compiled,
            Err(error) => {
                self.program.rules[number] = old_rule;
                return Err(error);
            }
        };
        let old_edges = self.edges_of(&self.compiled[number]);
        self.unregister(number);
        let old = std::mem::replace(&mut self.compiled[number], compiled);
        self.register(number);
        // Most amendments look at the same relations as before: the order stays.
        if self.edges_of(&self.compiled[number]) != old_edges {
            match self.stratify() {
                Ok(strata) => self.regroup(strata),
                Err(error) => {
                    self.unregister(number);
                    let refused = std::mem::replace(&mut self.compiled[number], old);
                    self.discard(&refused);
                    self.register(number);
                    self.program.rules[number] = old_rule;
                    self.strata = self.stratify()?;
                    return Err(error);
                }
            }
        }
        self.discard(&old);
        Ok(())
    }

    /// Takes another grouping of the relations. Heights count within a group: where it has other members, its rows are derived again.
    fn regroup(&mut self, strata: Strata) {
        let old = std::mem::replace(&mut self.strata, strata);
        for members in old.components {
            let now = members.first().map(|first| self.strata.component_of[*first]);
            if now.is_some_and(|now| self.strata.components[now] != members) {
                members.iter().for_each(|member| self.is_stale[*member] = true);
            }
        }
    }

    pub(super) fn compile(&mut self, number: usize) -> Result<CompiledRule, DatalogError> {
        let Self {
            program, numbers, relations, types, unused, rules_of, total_of, edges, is_stale, has_changed, ..
        } = self;
        let mut new_relation = |columns: Vec<ColumnType>| {
            let place = unused.pop().unwrap_or(relations.len());
            if place == relations.len() {
                relations.push(Relation::new(columns.len()));
                types.push(columns);
                rules_of.push(Vec::new());
                total_of.push(None);
                edges.push(Vec::new());
                is_stale.push(true);
                has_changed.push(true);
            } else {
                relations[place] = Relation::new(columns.len());
                types[place] = columns;
                is_stale[place] = true;
                has_changed[place] = true;
            }
            place
        };
        compile_rule(program, number, &mut Workshop { numbers, new_relation: &mut new_relation })
    }

    pub(super) fn register(&mut self, number: usize) {
        let compiled = &self.compiled[number];
        for (place, rule) in compiled.rules.iter().enumerate() {
            self.rules_of[rule.head.relation].push((number, place));
            self.is_stale[rule.head.relation] = true;
        }
        for (place, total) in compiled.totals.iter().enumerate() {
            self.total_of[total.relation] = Some((number, place));
            self.is_stale[total.relation] = true;
        }
        for (from, edge) in self.edges_of(&self.compiled[number]) {
            self.edges[from].push(edge);
        }
    }

    pub(super) fn unregister(&mut self, number: usize) {
        for (from, edge) in self.edges_of(&self.compiled[number]) {
            if let Some(place) = self.edges[from].iter().position(|other| *other == edge) {
                self.edges[from].remove(place);
            }
        }
        let compiled = &self.compiled[number];
        for rule in &compiled.rules {
            self.rules_of[rule.head.relation].retain(|(other, _)| *other != number);
            self.is_stale[rule.head.relation] = true;
        }
        for total in &compiled.totals {
            self.total_of[total.relation] = None;
        }
    }

    /// Frees the relations of a rule that is no longer there.
    pub(super) fn discard(&mut self, compiled: &CompiledRule) {
        for total in &compiled.totals {
            // The choices may be the rows of a relation of the program.
            let input = total.conditions.map(|_| total.input);
            for place in input.into_iter().chain([total.relation]) {
                self.relations[place] = Relation::new(0);
                self.unused.push(place);
            }
        }
    }

    /// What the relations of a rule look at, with the relation that looks.
    pub(super) fn edges_of(&self, compiled: &CompiledRule) -> Vec<(usize, Edge)> {
        let mut edges = Vec::new();
        for rule in &compiled.rules {
            for literal in &rule.body {
                let look = if matches!(literal, CoreLiteral::Absent(_)) { Look::Absence } else { Look::Rows };
                edges.extend(literal.atom().map(|atom| (rule.head.relation, Edge { to: atom.relation, look })));
            }
        }
        for total in &compiled.totals {
            // A threshold that is passed stays so.
            let look = if matches!(total.fold, Fold::Threshold(_)) { Look::Rows } else { Look::Total };
            edges.push((total.relation, Edge { to: total.input, look }));
        }
        edges
    }

    pub(super) fn stratify(&self) -> Result<Strata, DatalogError> {
        strata(&self.edges).map_err(|mut cycle| {
            // Edges lead from a relation to what it looks at; an aggregate's own relations are not named.
            let named = cycle.iter().rposition(|edge| edge.to < self.program.relations.len());
            let length = cycle.len();
            cycle.rotate_right(named.map_or(0, |place| length - 1 - place));
            let mut text = cycle.last().map(|edge| self.name(edge.to)).unwrap_or_default();
            let mut totals = false;
            for edge in &cycle {
                totals |= edge.look == Look::Total;
                if edge.to >= self.program.relations.len() {
                    continue;
                }
                let word = if edge.look == Look::Absence {
                    "not "
                } else if totals {
                    "total of "
                } else {
                    ""
                };
                totals = false;
                text = format!("{text} -> {word}{}", self.name(edge.to));
            }
            DatalogError::NotStratified { cycle: text }
        })
    }
}
