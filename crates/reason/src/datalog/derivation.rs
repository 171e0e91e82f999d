//! Why a row holds: derivations and proofs, found again from the rule and the height that every row has.

use std::collections::BTreeMap;

use super::core_rule::{CompiledRule, CoreLiteral, CoreRule, Fold, Total};
use super::error::DatalogError;
use super::model::Model;
use super::program::RelationId;
use super::search::{Limit, Lookups, Match};
use super::total::{add, value};
use super::value::{Code, Value};

/// One way in which a rule derives a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// The rule's number.
    pub rule: usize,
    /// The value of each variable of the rule, by its number; `None` for those that stand in an aggregate's conditions alone.
    pub values: Vec<Option<Value>>,
    /// What each condition of the body rests on, in their order.
    pub premises: Vec<Premise>,
}

/// What a condition rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Premise {
    /// A row that holds.
    Row {
        /// The relation.
        relation: RelationId,
        /// The row.
        row: Vec<Value>,
    },
    /// A row that is absent from the model: the condition with the derivation's values.
    Absent,
    /// A comparison or calculation: the condition with the derivation's values.
    Computed,
    /// The choices that an aggregate is over: for a threshold enough of them, else all there are.
    Choices {
        /// What they come to.
        result: i128,
        /// In the order of the values of their rows: where the conditions are one atom its rows, else the values of the variables.
        choices: Vec<Choice>,
    },
}

/// One choice of values at which all conditions of an aggregate hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The value of each variable of the rule, by its number; `None` for those that the conditions do not name.
    pub values: Vec<Option<Value>>,
    /// What each condition rests on, in their order; then the conditions of the rule itself that bind what those leave unbound.
    pub premises: Vec<Premise>,
}

/// A row with all it rests on, each row once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Every row after those that it rests on; the last is the one that is proved.
    pub steps: Vec<ProofStep>,
}

/// A row of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofStep {
    /// The relation.
    pub relation: RelationId,
    /// The row.
    pub row: Vec<Value>,
    /// How it is derived; `None` for a fact.
    pub by: Option<Derivation>,
}

/// Finds derivations of the rows of a model. It keeps the indexes that this takes, so that further rows are found faster.
pub struct Prover<'t> {
    model: Model<'t>,
    lookups: Lookups<'t>,
}

impl<'t> Model<'t> {
    /// What finds derivations in this model.
    pub fn prover(self) -> Prover<'t> {
        Prover { model: self, lookups: Lookups::new(self.theory) }
    }
}

impl Prover<'_> {
    /// A derivation of least height by the first rule that has one: of those by this rule the first, in the order of the values of
    /// premises. `None` for a fact, and for a row that does not hold.
    ///
    /// Cost: the rule's body joined once for this row, and for each choice of an aggregate the aggregate's conditions.
    ///
    /// # Errors
    /// The row does not fit the relation. The caller can act on it.
    pub fn derivation(&mut self, relation: RelationId, row: &[Value]) -> Result<Option<Derivation>, DatalogError> {
        self.model.theory.check_row(relation, row)?;
        Ok(self.model.theory.codes(row).and_then(|codes| self.derived(relation.0, &codes)))
    }

    /// The ways in which rules derive a row, by the rule's number and then in the order of the values of premises; at most this many, and
    /// whether these are all. A premise may be as high as the row, or be the row itself: not each of them is a step of a proof.
    ///
    /// # Errors
    /// The row does not fit the relation. The caller can act on it.
    pub fn derivations(
        &mut self,
        relation: RelationId,
        row: &[Value],
        count_max: usize,
    ) -> Result<(Vec<Derivation>, bool), DatalogError> {
        let theory = self.model.theory;
        theory.check_row(relation, row)?;
        let Some(codes) = theory.codes(row) else { return Ok((Vec::new(), true)) };
        let mut derivations = Vec::new();
        for number in theory.rule_numbers(relation.0) {
            let compiled = theory.compiled(number);
            let left = (count_max + 1).saturating_sub(derivations.len());
            for found in self.lookups.matches(&compiled.rules[0], &codes, Limit::None, left) {
                derivations.extend(self.made(number, compiled, &found));
            }
        }
        let are_all = derivations.len() <= count_max;
        derivations.truncate(count_max);
        Ok((derivations, are_all))
    }

    /// A proof of a row: by [`Prover::derivation`] down to the facts. `None` for a row that does not hold.
    ///
    /// # Errors
    /// The row does not fit the relation. The caller can act on it.
    pub fn proof(&mut self, relation: RelationId, row: &[Value]) -> Result<Option<Proof>, DatalogError> {
        self.model.theory.check_row(relation, row)?;
        let is_there = |codes: &Vec<Code>| self.model.theory.relation(relation.0).rows.find(codes).is_some();
        let Some(codes) = self.model.theory.codes(row).filter(is_there) else { return Ok(None) };
        let mut steps: Vec<ProofStep> = Vec::new();
        let mut is_proved: BTreeMap<(usize, Vec<Code>), bool> = BTreeMap::new();
        // A stack of our own: proofs may be deeper than the machine's. A row is pushed before its premises and met again after them.
        let mut open: Vec<(usize, Vec<Code>, Option<ProofStep>)> = vec![(relation.0, codes, None)];
        while let Some((relation, codes, step)) = open.pop() {
            if let Some(step) = step {
                is_proved.insert((relation, codes), true);
                steps.push(step);
                continue;
            }
            if is_proved.contains_key(&(relation, codes.clone())) {
                continue;
            }
            let by = self.derived(relation, &codes);
            let row = self.model.values(relation, &codes);
            let mut premises = Vec::new();
            by.iter().for_each(|by| rows_of(&by.premises, &mut premises));
            is_proved.insert((relation, codes.clone()), false);
            open.push((relation, codes, Some(ProofStep { relation: RelationId(relation), row, by })));
            for (relation, row) in premises.into_iter().rev() {
                let codes = self.model.theory.codes(&row).unwrap_or_default();
                if !is_proved.contains_key(&(relation.0, codes.clone())) {
                    open.push((relation.0, codes, None));
                }
            }
        }
        Ok(Some(Proof { steps }))
    }

    /// The derivation of a row by its rule and height.
    fn derived(&mut self, relation: usize, codes: &[Code]) -> Option<Derivation> {
        let theory = self.model.theory;
        let known = theory.relation(relation);
        let run = known.origin(known.rows.find(codes)?)?;
        let compiled = theory.compiled(run.rule as usize);
        let limit = Limit::Below { component: theory.component_of(relation), height: run.round };
        let found = self.lookups.matches(&compiled.rules[0], codes, limit, 1).pop()?;
        self.made(run.rule as usize, compiled, &found)
    }

    fn made(&mut self, rule: usize, compiled: &CompiledRule, found: &Match) -> Option<Derivation> {
        let premises = self.premises(compiled, &compiled.rules[0], found)?;
        Some(Derivation { rule, values: self.bindings(rule, &found.registers), premises })
    }

    fn bindings(&self, rule: usize, registers: &[Option<Code>]) -> Vec<Option<Value>> {
        let types = self.model.theory.variable_types(rule);
        let value = |(code, column): (&Option<Code>, &Option<_>)| Some(self.model.theory.value((*code)?, (*column)?));
        registers.iter().zip(types).map(value).collect()
    }

    fn premises(&mut self, compiled: &CompiledRule, rule: &CoreRule, found: &Match) -> Option<Vec<Premise>> {
        let mut premises = Vec::with_capacity(rule.body.len());
        for (literal, row) in rule.body.iter().zip(&found.rows) {
            premises.push(match literal {
                CoreLiteral::Absent(_) => Premise::Absent,
                CoreLiteral::Compare(..) | CoreLiteral::Let(..) => Premise::Computed,
                CoreLiteral::Holds(atom) | CoreLiteral::HoldsOrZero(atom) => {
                    match (compiled.totals.iter().find(|total| total.relation == atom.relation), row) {
                        (Some(total), Some(row)) => self.choices(compiled, total, row)?,
                        (Some(_), None) => Premise::Choices { result: 0, choices: Vec::new() },
                        (None, Some(row)) => {
                            let row = self.model.values(atom.relation, row);
                            Premise::Row { relation: RelationId(atom.relation), row }
                        }
                        (None, None) => return None,
                    }
                }
            });
        }
        Some(premises)
    }

    /// A row of a relation that is a choice as it is.
    fn row_as_choice(&self, total: &Total, variable_count: usize, row: &[Code]) -> Choice {
        let mut registers = vec![None; variable_count];
        total.variables.iter().zip(row).for_each(|(variable, code)| registers[*variable] = Some(*code));
        let row = self.model.values(total.input, row);
        let premises = vec![Premise::Row { relation: RelationId(total.input), row }];
        Choice { values: self.bindings(total.number as usize, &registers), premises }
    }

    /// The choices that make a group's row.
    fn choices(&mut self, compiled: &CompiledRule, total: &Total, group: &[Code]) -> Option<Premise> {
        let theory = self.model.theory;
        let mut key: Vec<(usize, Code)> = total.group.iter().copied().zip(group.iter().copied()).collect();
        key.sort_unstable();
        let (columns, key): (Vec<usize>, Vec<Code>) = key.into_iter().unzip();
        let component = theory.component_of(total.input);
        let passed_at = match total.fold {
            Fold::Threshold(_) if theory.component_of(total.relation) == component => {
                self.lookups.height(total.relation, group)?
            }
            _ => u32::MAX,
        };
        let mut choices = Vec::new();
        let mut result: Option<i128> = None;
        for row in self.lookups.rows(total.input, &columns, &key) {
            let height = self.lookups.height(total.input, &row)?;
            if height >= passed_at {
                continue;
            }
            let part = value(total, &row, theory.numbers());
            result = match result {
                None => Some(part),
                Some(sum) => Some(add(total.fold, sum, part)?),
            };
            choices.push(match total.conditions {
                Some(place) => {
                    let conditions = compiled.rules.get(place)?;
                    let limit = Limit::Below { component, height };
                    let found = self.lookups.matches(conditions, &row, limit, 1).pop()?;
                    let premises = self.premises(compiled, conditions, &found)?;
                    Choice { values: self.bindings(total.number as usize, &found.registers), premises }
                }
                None => self.row_as_choice(total, compiled.variable_types.len(), &row),
            });
            if matches!(total.fold, Fold::Threshold(least) if result >= Some(least)) {
                break;
            }
        }
        Some(Premise::Choices { result: result?, choices })
    }
}

/// The rows among premises, those of choices too.
fn rows_of(premises: &[Premise], rows: &mut Vec<(RelationId, Vec<Value>)>) {
    for premise in premises {
        match premise {
            Premise::Row { relation, row } => rows.push((*relation, row.clone())),
            Premise::Choices { choices, .. } => choices.iter().for_each(|choice| rows_of(&choice.premises, rows)),
            Premise::Absent | Premise::Computed => {}
        }
    }
}
