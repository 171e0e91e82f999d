//! Rules and facts together, and the model that follows from them.

mod facts;
mod rules;

use super::budget::{Budget, Halt, Halted, Meter};
use super::component::{Rounds, derive};
use super::core_rule::{CompiledRule, CoreRule, Fold, Total};
use super::error::DatalogError;
use super::model::Model;
use super::program::Program;
use super::relation::Relation;
use super::strata::{Edge, Strata};
use super::total::total;
use super::types::check_relations;
use super::value::{Code, ColumnType, Numbers, Value};

/// Rules with facts. What follows is computed by [`Theory::model`], and again only where something has changed since.
#[derive(Clone, Debug)]
pub struct Theory {
    program: Program,
    compiled: Vec<CompiledRule>,
    /// Those of the program, then those of aggregates.
    relations: Vec<Relation>,
    types: Vec<Vec<ColumnType>>,
    /// Places of aggregates' relations that no rule uses any more.
    unused: Vec<usize>,
    numbers: Numbers,
    /// For each relation, what derives it: the rule's number and the place among what it is compiled to.
    rules_of: Vec<Vec<(usize, usize)>>,
    /// For each relation of totals, the rule's number and the place among its totals.
    total_of: Vec<Option<(usize, usize)>>,
    edges: Vec<Vec<Edge>>,
    strata: Strata,
    /// Relations whose facts or rules have changed since they were derived.
    is_stale: Vec<bool>,
    /// Relations whose rows have changed since all that depends on them was derived.
    has_changed: Vec<bool>,
    keeps_provenance: bool,
}

impl Theory {
    /// Compiles a program; there are no facts yet.
    ///
    /// # Errors
    /// A rule that does not fit its relations, leaves a variable unbound, or makes a relation depend on its own absence or total.
    /// The writer of the program can act on each.
    pub fn new(program: Program) -> Result<Self, DatalogError> {
        check_relations(&program)?;
        let types: Vec<Vec<ColumnType>> = program.relations.iter().map(|relation| relation.columns.clone()).collect();
        let mut theory = Self {
            relations: types.iter().map(|columns| Relation::new(columns.len())).collect(),
            is_stale: vec![true; types.len()],
            has_changed: vec![true; types.len()],
            rules_of: vec![Vec::new(); types.len()],
            total_of: vec![None; types.len()],
            edges: vec![Vec::new(); types.len()],
            types,
            compiled: Vec::new(),
            unused: Vec::new(),
            numbers: Numbers::default(),
            strata: Strata::default(),
            keeps_provenance: true,
            program,
        };
        for number in 0..theory.program.rules.len() {
            let compiled = theory.compile(number)?;
            theory.compiled.push(compiled);
            theory.register(number);
        }
        theory.strata = theory.stratify()?;
        Ok(theory)
    }

    /// Leaves out where rows come from: for measuring what keeping it costs. Rows then have no origin and no proof.
    #[must_use]
    pub fn without_provenance(mut self) -> Self {
        self.keeps_provenance = false;
        self
    }

    /// The program, as it is now.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// All that follows. What has not changed since the last call, and rests on nothing that has, is not derived again; the model is the
    /// one that a new theory would have, rules and rounds included.
    ///
    /// # Errors
    /// The budget is used up, or a number is too large. There is no model then; a later call may have a larger budget.
    pub fn model(&mut self, budget: &mut Budget<'_>) -> Result<Model<'_>, DatalogError> {
        let bytes = self.numbers.bytes() + self.relations.iter().map(Relation::bytes).sum::<usize>();
        let mut meter = Meter::new(budget, self.derived_count(), bytes);
        let mut recent_from = vec![0; self.relations.len()];
        for component in 0..self.strata.components.len() {
            let members = std::mem::take(&mut self.strata.components[component]);
            let outcome = self.renew(&members, &mut recent_from, &mut meter);
            self.strata.components[component] = members;
            outcome.map_err(|halted| self.error(halted, meter.limits()))?;
        }
        self.has_changed.fill(false);
        Ok(Model { theory: self })
    }

    /// Derives the relations of a component again, if they or what they rest on have changed.
    fn renew(&mut self, members: &[usize], recent_from: &mut [u32], meter: &mut Meter<'_, '_>) -> Result<(), Halted> {
        let rests_on_change = |member: &usize| self.edges[*member].iter().any(|edge| self.has_changed[edge.to]);
        if !members.iter().any(|member| self.is_stale[*member] || rests_on_change(member)) {
            return Ok(());
        }
        let mut old = Vec::with_capacity(members.len());
        for member in members {
            // Until it is derived to the end.
            self.is_stale[*member] = true;
            let relation = &mut self.relations[*member];
            if relation.rows.len() > relation.fact_count {
                meter.undone(relation.derived_count());
                let facts = relation.facts();
                old.push(Some(std::mem::replace(relation, facts)));
            } else {
                old.push(None);
            }
        }
        let outcome = self.derive(members, recent_from, meter);
        for (member, old) in members.iter().zip(old) {
            let new = &self.relations[*member];
            let is_same = old.map_or(new.derived_count() == 0, |old| old.has_same_rows(new));
            self.has_changed[*member] |= !is_same || outcome.is_err();
            self.is_stale[*member] = outcome.is_err();
        }
        outcome
    }

    fn derive(&mut self, members: &[usize], recent_from: &mut [u32], meter: &mut Meter<'_, '_>) -> Result<(), Halted> {
        if let &[member] = members
            && let Some((rule, place)) = self.total_of[member]
        {
            let folded = &self.compiled[rule].totals[place];
            if let Fold::Result(_) = folded.fold {
                let relation = total(folded, &self.relations[folded.input].rows, &mut self.numbers, meter);
                let halted = |halt| Halted { halt, relation: member, rule: Some(folded.number) };
                self.relations[member] = relation.map_err(halted)?;
                return meter.resized(0, self.relations[member].bytes()).map_err(halted);
            }
        }
        let mut places: Vec<(usize, usize)> =
            members.iter().flat_map(|member| self.rules_of[*member].iter().copied()).collect();
        let thresholds: Vec<&Total> = members
            .iter()
            .filter_map(|member| self.total_of[*member])
            .map(|(rule, place)| &self.compiled[rule].totals[place])
            .collect();
        if places.is_empty() && thresholds.is_empty() {
            return Ok(());
        }
        places.sort_unstable();
        let rules: Vec<&CoreRule> = places.iter().map(|(rule, place)| &self.compiled[*rule].rules[*place]).collect();
        let mut rounds = Rounds {
            relations: &mut self.relations,
            numbers: &mut self.numbers,
            meter,
            recent_from,
            keeps_provenance: self.keeps_provenance,
        };
        derive(members, &rules, &thresholds, &mut rounds)
    }

    fn error(&self, halted: Halted, (fact_count_max, memory_bytes_max): (usize, usize)) -> DatalogError {
        let relation = self.name(halted.relation);
        let rule = halted.rule.and_then(|rule| self.program.rules.get(rule as usize));
        match halted.halt {
            Halt::Overflow => DatalogError::Overflow { rule: rule.map(|rule| rule.name.clone()).unwrap_or_default() },
            Halt::Negative(value) => {
                DatalogError::Negative { rule: rule.map(|rule| rule.name.clone()).unwrap_or_default(), value }
            }
            Halt::Facts => DatalogError::FactBudget { limit: fact_count_max, relation },
            Halt::Memory => DatalogError::MemoryBudget { limit: memory_bytes_max, relation },
            Halt::Stopped => DatalogError::Stopped { relation },
        }
    }
}

/// What the model reads.
impl Theory {
    pub(crate) fn relation(&self, relation: usize) -> &Relation {
        &self.relations[relation]
    }

    pub(crate) fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// How many rows follow from rules, those of aggregates included.
    pub(crate) fn derived_count(&self) -> usize {
        self.relations.iter().map(Relation::derived_count).sum()
    }

    pub(crate) fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    pub(crate) fn compiled(&self, rule: usize) -> &CompiledRule {
        &self.compiled[rule]
    }

    pub(crate) fn component_of(&self, relation: usize) -> usize {
        self.strata.component_of[relation]
    }

    /// The numbers of the rules for a relation, ascending.
    pub(crate) fn rule_numbers(&self, relation: usize) -> Vec<usize> {
        let mut numbers: Vec<usize> = self.rules_of[relation].iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        numbers
    }

    /// The type of each variable of a rule, by its number.
    pub(crate) fn variable_types(&self, rule: usize) -> &[Option<ColumnType>] {
        &self.compiled[rule].variable_types
    }

    pub(crate) fn values(&self, relation: usize, codes: &[Code]) -> Vec<Value> {
        let value = |(code, column): (&Code, &ColumnType)| self.value(*code, *column);
        codes.iter().zip(self.types(relation)).map(value).collect()
    }

    pub(crate) fn value(&self, code: Code, column: ColumnType) -> Value {
        match column {
            ColumnType::Symbol => Value::Symbol(code),
            ColumnType::Number => Value::Number(self.numbers.number(code)),
        }
    }

    pub(crate) fn types(&self, relation: usize) -> &[ColumnType] {
        &self.types[relation]
    }

    /// The name of a relation; for one of an aggregate, what it is.
    fn name(&self, relation: usize) -> String {
        match self.program.relations.get(relation) {
            Some(declaration) => declaration.name.clone(),
            None => "an aggregate".to_owned(),
        }
    }
}
