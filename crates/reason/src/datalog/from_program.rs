//! Rules of the program become rules of the core: every variable is bound, aggregates become relations.

use std::collections::BTreeSet;

use super::core_rule::{
    CompiledRule, CoreAtom, CoreExpression, CoreLiteral, CoreRule, CoreTerm, CoreValue, Fold, Total,
};
use super::error::DatalogError;
use super::program::{Atom, Expression, Function, Literal, Program, Rule, Term, Variable};
use super::types::{COLUMN_COUNT_MAX, variable_types};
use super::value::{Code, ColumnType, Numbers, Value};

/// Where a compiled rule gets codes and relations of its own.
pub(crate) struct Workshop<'w> {
    pub(crate) numbers: &'w mut Numbers,
    /// Makes a relation with these columns; its place.
    pub(crate) new_relation: &'w mut dyn FnMut(Vec<ColumnType>) -> usize,
}

/// Compiles one rule.
///
/// # Errors
/// The rule does not fit its relations, leaves a variable unbound, or has a form without meaning.
pub(crate) fn compile_rule(
    program: &Program,
    number: usize,
    workshop: &mut Workshop<'_>,
) -> Result<CompiledRule, DatalogError> {
    let rule = &program.rules[number];
    let types = variable_types(program, rule)?;
    let modes = Binding::of(rule)?;
    let mut compiler = Compiler { rule, types, number: number as u32, workshop, rules: Vec::new(), totals: Vec::new() };
    let mut body = Vec::with_capacity(rule.body.len());
    for (place, literal) in rule.body.iter().enumerate() {
        body.push(match literal {
            Literal::Aggregate(aggregate) => {
                let fold = Fold::Result(aggregate.function);
                let (relation, mut terms) = compiler.aggregate(&aggregate.over, aggregate.value, fold, place)?;
                terms.push(CoreTerm::Variable(aggregate.result.0));
                let atom = CoreAtom { relation, terms };
                match aggregate.function {
                    Function::Count | Function::Sum if modes.is_looked_up[place] => CoreLiteral::HoldsOrZero(atom),
                    _ => CoreLiteral::Holds(atom),
                }
            }
            Literal::Reaches(threshold) => {
                let fold = Fold::Threshold(threshold.least);
                let (relation, terms) = compiler.aggregate(&threshold.over, threshold.value, fold, place)?;
                CoreLiteral::Holds(CoreAtom { relation, terms })
            }
            plain => compiler.plain(plain)?,
        });
    }
    let head = compiler.atom(&rule.head)?;
    let main = CoreRule { number: number as u32, head, body, variable_count: compiler.types.len() };
    let mut rules = vec![main];
    rules.append(&mut compiler.rules);
    Ok(CompiledRule { rules, totals: compiler.totals, variable_types: compiler.types })
}

/// Which variables are bound, and by what.
struct Binding {
    bound: BTreeSet<Variable>,
    /// For each literal, whether it is an aggregate whose group the other conditions bind.
    is_looked_up: Vec<bool>,
}

impl Binding {
    /// Finds an order in which every variable gets its value.
    fn of(rule: &Rule) -> Result<Self, DatalogError> {
        let mut binding = Self { bound: BTreeSet::new(), is_looked_up: vec![false; rule.body.len()] };
        let mut waiting: Vec<usize> = Vec::new();
        for (place, literal) in rule.body.iter().enumerate() {
            match literal {
                Literal::Holds(atom) => binding.bound.extend(atom.terms.iter().filter_map(|term| term.variable())),
                Literal::Let(..) | Literal::Aggregate(_) | Literal::Reaches(_) => waiting.push(place),
                Literal::Absent(_) | Literal::Compare(..) => {}
            }
        }
        while !waiting.is_empty() {
            let ready = waiting.iter().position(|place| binding.is_ready(rule, *place));
            // Nothing binds the group of the first aggregate that waits: it ranges over the groups there are.
            let is_aggregate = |place: &usize| over(&rule.body[*place]).is_some();
            let Some(next) = ready.or_else(|| waiting.iter().position(is_aggregate)) else { break };
            let place = waiting.remove(next);
            binding.is_looked_up[place] = ready.is_some() && is_aggregate(&place);
            match &rule.body[place] {
                Literal::Let(variable, _) => drop(binding.bound.insert(*variable)),
                Literal::Aggregate(aggregate) => {
                    binding.bound.extend(group(rule, place, &aggregate.over));
                    binding.bound.insert(aggregate.result);
                }
                Literal::Reaches(threshold) => binding.bound.extend(group(rule, place, &threshold.over)),
                _ => {}
            }
        }
        binding.check(rule)?;
        Ok(binding)
    }

    fn is_ready(&self, rule: &Rule, place: usize) -> bool {
        match &rule.body[place] {
            Literal::Let(_, expression) => {
                let mut is_bound = true;
                expression.terms(&mut |term| is_bound &= term.variable().is_none_or(|it| self.bound.contains(&it)));
                is_bound
            }
            literal => over(literal).is_none_or(|over| group(rule, place, over).is_subset(&self.bound)),
        }
    }

    fn check(&self, rule: &Rule) -> Result<(), DatalogError> {
        let mut unbound = None;
        let mut look = |variable: Variable| {
            if unbound.is_none() && !self.bound.contains(&variable) {
                unbound = Some(variable);
            }
        };
        rule.head.terms.iter().filter_map(|term| term.variable()).for_each(&mut look);
        for literal in rule.body.iter().filter(|literal| over(literal).is_none()) {
            literal.variables(&mut look);
        }
        match unbound {
            None => Ok(()),
            Some(variable) => Err(DatalogError::Unbound { rule: rule.name.clone(), variable: variable.0 }),
        }
    }
}

/// The conditions of an aggregate.
fn over(literal: &Literal) -> Option<&[Literal]> {
    match literal {
        Literal::Aggregate(aggregate) => Some(&aggregate.over),
        Literal::Reaches(threshold) => Some(&threshold.over),
        Literal::Holds(_) | Literal::Absent(_) | Literal::Compare(..) | Literal::Let(..) => None,
    }
}

/// The variables of an aggregate's conditions that also stand in the rest of its rule.
fn group(rule: &Rule, place: usize, over: &[Literal]) -> BTreeSet<Variable> {
    let mut inside = BTreeSet::new();
    over.iter().for_each(|literal| {
        literal.variables(&mut |variable| {
            inside.insert(variable);
        })
    });
    let mut outside: BTreeSet<Variable> = rule.head.terms.iter().filter_map(|term| term.variable()).collect();
    for (_, literal) in rule.body.iter().enumerate().filter(|(other, _)| *other != place) {
        literal.variables(&mut |variable| {
            outside.insert(variable);
        });
    }
    inside.intersection(&outside).copied().collect()
}

/// The relation of the only condition, and its variables, if no two places have the same and none has a value.
fn rows_as_they_are(over: &[Literal]) -> Option<(usize, Vec<Variable>)> {
    let [Literal::Holds(atom)] = over else { return None };
    let variables: Vec<Variable> = atom.terms.iter().filter_map(|term| term.variable()).collect();
    let distinct: BTreeSet<Variable> = variables.iter().copied().collect();
    (distinct.len() == atom.terms.len()).then_some((atom.relation.0, variables))
}

struct Compiler<'c, 'w> {
    rule: &'c Rule,
    types: Vec<Option<ColumnType>>,
    number: u32,
    workshop: &'c mut Workshop<'w>,
    rules: Vec<CoreRule>,
    totals: Vec<Total>,
}

impl Compiler<'_, '_> {
    fn plain(&mut self, literal: &Literal) -> Result<CoreLiteral, DatalogError> {
        Ok(match literal {
            Literal::Holds(atom) => CoreLiteral::Holds(self.atom(atom)?),
            Literal::Absent(atom) => CoreLiteral::Absent(self.atom(atom)?),
            Literal::Compare(left, comparison, right) => {
                CoreLiteral::Compare(self.expression(left)?, *comparison, self.expression(right)?)
            }
            Literal::Let(variable, expression) => CoreLiteral::Let(variable.0, self.expression(expression)?),
            Literal::Aggregate(_) | Literal::Reaches(_) => {
                let what = "an aggregate stands within an aggregate";
                return Err(DatalogError::Form { rule: self.rule.name.clone(), what });
            }
        })
    }

    /// The relation that stands for an aggregate, and the terms for its group's columns.
    fn aggregate(
        &mut self,
        over: &[Literal],
        value: Term,
        fold: Fold,
        place: usize,
    ) -> Result<(usize, Vec<CoreTerm>), DatalogError> {
        let group = group(self.rule, place, over);
        let mut columns: Vec<Variable> = group.iter().copied().collect();
        for literal in over {
            literal.variables(&mut |variable| {
                if !columns.contains(&variable) {
                    columns.push(variable);
                }
            });
        }
        let group_count = group.len();
        if columns.len() >= COLUMN_COUNT_MAX {
            let what = format!("variables of an aggregate of rule `{}`", self.rule.name);
            return Err(DatalogError::TooLarge { what, found: columns.len(), limit: COLUMN_COUNT_MAX - 1 });
        }
        // One atom with a variable of its own in each place: its rows are the choices, and need not be copied.
        let alone = rows_as_they_are(over);
        let (input, conditions, inner) = match &alone {
            Some((relation, variables)) => (*relation, None, variables.clone()),
            None => (self.input(over, &columns)?, Some(self.rules.len()), columns.clone()),
        };
        let column_of = |variable: &Variable| inner.iter().position(|column| column == variable).unwrap_or(0);
        let mut types = self.column_types(&columns[..group_count])?;
        types.extend(matches!(fold, Fold::Result(_)).then_some(ColumnType::Number));
        let relation = (self.workshop.new_relation)(types);
        let value = match value {
            Term::Value(value) => CoreValue::Code(self.code(value)?),
            Term::Variable(variable) => CoreValue::Column(column_of(&variable)),
            Term::Any => CoreValue::Column(0),
        };
        let group = columns[..group_count].iter().map(column_of).collect();
        let variables = inner.iter().map(|variable| variable.0).collect();
        self.totals.push(Total { relation, input, group, variables, conditions, fold, value, number: self.number });
        let terms = columns[..group_count].iter().map(|variable| CoreTerm::Variable(variable.0)).collect();
        Ok((relation, terms))
    }

    /// The relation of an aggregate's choices, and the rule that derives them.
    fn input(&mut self, over: &[Literal], columns: &[Variable]) -> Result<usize, DatalogError> {
        let mut body = over.to_vec();
        // What a condition leaves unbound, the rule's other conditions bind.
        let mut bound: BTreeSet<Variable> = BTreeSet::new();
        let bind = |bound: &mut BTreeSet<Variable>, body: &[Literal]| {
            for literal in body {
                match literal {
                    Literal::Holds(atom) => bound.extend(atom.terms.iter().filter_map(|term| term.variable())),
                    Literal::Let(variable, _) => drop(bound.insert(*variable)),
                    _ => {}
                }
            }
        };
        bind(&mut bound, &body);
        for literal in &self.rule.body {
            let Literal::Holds(atom) = literal else { continue };
            let helps = |term: &Term| {
                term.variable().is_some_and(|variable| columns.contains(&variable) && !bound.contains(&variable))
            };
            if atom.terms.iter().any(helps) {
                body.push(literal.clone());
                bind(&mut bound, std::slice::from_ref(literal));
            }
        }
        let terms = columns.iter().map(|variable| Term::Variable(*variable)).collect();
        let head = Atom { relation: self.rule.head.relation, terms };
        let conditions = Rule { name: self.rule.name.clone(), head, body };
        Binding::of(&conditions)?;
        let types = self.column_types(columns)?;
        let relation = (self.workshop.new_relation)(types);
        let terms = columns.iter().map(|variable| CoreTerm::Variable(variable.0)).collect();
        let body = conditions.body.iter().map(|literal| self.plain(literal)).collect::<Result<_, _>>()?;
        self.rules.push(CoreRule {
            number: self.number,
            head: CoreAtom { relation, terms },
            body,
            variable_count: self.types.len(),
        });
        Ok(relation)
    }

    fn column_types(&self, columns: &[Variable]) -> Result<Vec<ColumnType>, DatalogError> {
        let unbound =
            |variable: &Variable| DatalogError::Unbound { rule: self.rule.name.clone(), variable: variable.0 };
        let known = |variable: &Variable| self.types.get(variable.0).copied().flatten();
        columns.iter().map(|variable| known(variable).ok_or_else(|| unbound(variable))).collect()
    }

    fn atom(&mut self, atom: &Atom) -> Result<CoreAtom, DatalogError> {
        let terms = atom.terms.iter().map(|term| self.term(*term)).collect::<Result<_, _>>()?;
        Ok(CoreAtom { relation: atom.relation.0, terms })
    }

    fn term(&mut self, term: Term) -> Result<CoreTerm, DatalogError> {
        Ok(match term {
            Term::Variable(variable) => CoreTerm::Variable(variable.0),
            Term::Value(value) => CoreTerm::Code(self.code(value)?),
            Term::Any => CoreTerm::Any,
        })
    }

    fn code(&mut self, value: Value) -> Result<Code, DatalogError> {
        match value {
            Value::Symbol(symbol) => Ok(symbol),
            Value::Number(number) => {
                let too_many = || DatalogError::Overflow { rule: self.rule.name.clone() };
                self.workshop.numbers.code(number).ok_or_else(too_many)
            }
        }
    }

    fn expression(&mut self, expression: &Expression) -> Result<CoreExpression, DatalogError> {
        Ok(match expression {
            Expression::Term(term) => CoreExpression::Term(self.term(*term)?),
            Expression::Add(left, right) => {
                CoreExpression::Add(Box::new(self.expression(left)?), Box::new(self.expression(right)?))
            }
            Expression::Subtract(left, right) => {
                CoreExpression::Subtract(Box::new(self.expression(left)?), Box::new(self.expression(right)?))
            }
            Expression::Multiply(left, right) => {
                CoreExpression::Multiply(Box::new(self.expression(left)?), Box::new(self.expression(right)?))
            }
        })
    }
}
