//! Whether a rule fits its relations: places, types, and forms that have a meaning.

use super::error::DatalogError;
use super::program::{Atom, Comparison, Expression, Function, Literal, Program, Rule, Term, Variable};
use super::value::{ColumnType, SYMBOL_END, Value};

/// The most columns of a relation.
pub(crate) const COLUMN_COUNT_MAX: usize = 32;
/// The most variables of a rule.
pub(crate) const VARIABLE_COUNT_MAX: usize = 1024;

/// Checks the columns of all relations.
pub(crate) fn check_relations(program: &Program) -> Result<(), DatalogError> {
    for relation in &program.relations {
        if relation.columns.len() > COLUMN_COUNT_MAX {
            return Err(DatalogError::TooLarge {
                what: format!("columns of `{}`", relation.name),
                found: relation.columns.len(),
                limit: COLUMN_COUNT_MAX,
            });
        }
    }
    Ok(())
}

/// Checks the places and types of a rule; the type of each variable, by its number, where a condition tells it.
pub(crate) fn variable_types(program: &Program, rule: &Rule) -> Result<Vec<Option<ColumnType>>, DatalogError> {
    let mut typing = Typing { program, rule, types: Vec::new() };
    typing.head()?;
    typing.literals(&rule.body, true)?;
    // A second time: a `let` may have come before what tells the type of its variable.
    typing.literals(&rule.body, true)?;
    Ok(typing.types)
}

struct Typing<'p> {
    program: &'p Program,
    rule: &'p Rule,
    types: Vec<Option<ColumnType>>,
}

impl Typing<'_> {
    fn head(&mut self) -> Result<(), DatalogError> {
        if self.rule.head.terms.contains(&Term::Any) {
            return Err(self.form("the head leaves a place open"));
        }
        self.atom(&self.rule.head)
    }

    fn literals(&mut self, literals: &[Literal], is_outermost: bool) -> Result<(), DatalogError> {
        for literal in literals {
            match literal {
                Literal::Holds(atom) | Literal::Absent(atom) => self.atom(atom)?,
                Literal::Compare(left, comparison, right) => self.compare(left, *comparison, right)?,
                Literal::Let(variable, expression) => {
                    let found = self.expression(expression)?;
                    let known = self.variable(*variable, found)?;
                    // A variable on the right may be told by the left.
                    if let (Expression::Term(Term::Variable(right)), Some(known)) = (expression, known) {
                        self.variable(*right, Some(known))?;
                    }
                }
                Literal::Aggregate(_) | Literal::Reaches(_) if !is_outermost => {
                    return Err(self.form("an aggregate stands within an aggregate"));
                }
                Literal::Aggregate(aggregate) => {
                    self.variable(aggregate.result, Some(ColumnType::Number))?;
                    let value = (aggregate.function != Function::Count).then_some(aggregate.value);
                    self.aggregate(&aggregate.over, value, Some(aggregate.result))?;
                }
                Literal::Reaches(threshold) if threshold.least <= 0 => {
                    return Err(self.form("a sum of nothing reaches its bound"));
                }
                Literal::Reaches(threshold) => self.aggregate(&threshold.over, Some(threshold.value), None)?,
            }
        }
        Ok(())
    }

    fn atom(&mut self, atom: &Atom) -> Result<(), DatalogError> {
        let Some(declaration) = self.program.relations.get(atom.relation.0) else {
            return Err(DatalogError::UnknownRelation { place: self.place(), relation: atom.relation.0 });
        };
        if declaration.columns.len() != atom.terms.len() {
            return Err(DatalogError::ColumnCount {
                place: self.place(),
                relation: declaration.name.clone(),
                expected: declaration.columns.len(),
                found: atom.terms.len(),
            });
        }
        for (term, expected) in atom.terms.iter().zip(&declaration.columns) {
            match term {
                Term::Variable(variable) => drop(self.variable(*variable, Some(*expected))?),
                Term::Value(value) => {
                    check_symbol(*value)?;
                    self.same(format!("the value {value}"), *expected, value.column_type())?;
                }
                Term::Any => {}
            }
        }
        Ok(())
    }

    fn aggregate(
        &mut self,
        over: &[Literal],
        value: Option<Term>,
        result: Option<Variable>,
    ) -> Result<(), DatalogError> {
        self.literals(over, false)?;
        let mut names_result = false;
        let mut names_value = false;
        for literal in over {
            literal.variables(&mut |variable| {
                names_result |= Some(variable) == result;
                names_value |= Some(Term::Variable(variable)) == value;
            });
        }
        if names_result {
            return Err(self.form("an aggregate's conditions name its result"));
        }
        match value {
            None => Ok(()),
            Some(Term::Variable(_)) if !names_value => {
                Err(self.form("an aggregate's value is no variable of its conditions"))
            }
            Some(Term::Variable(variable)) => self.variable(variable, Some(ColumnType::Number)).map(drop),
            Some(Term::Value(value)) => {
                self.same(format!("the value {value}"), ColumnType::Number, value.column_type())
            }
            Some(Term::Any) => Err(self.form("an aggregate's value is left open")),
        }
    }

    fn compare(&mut self, left: &Expression, comparison: Comparison, right: &Expression) -> Result<(), DatalogError> {
        let (found_left, found_right) = (self.expression(left)?, self.expression(right)?);
        if let (Some(expected), Some(found)) = (found_left, found_right) {
            self.same("the right side of a comparison".to_owned(), expected, found)?;
        }
        let is_ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if is_ordered && [found_left, found_right].contains(&Some(ColumnType::Symbol)) {
            return Err(self.form("symbols have no order"));
        }
        Ok(())
    }

    /// The type of an expression, where it is known.
    fn expression(&mut self, expression: &Expression) -> Result<Option<ColumnType>, DatalogError> {
        match expression {
            Expression::Term(Term::Any) => Err(self.form("an expression leaves a place open")),
            Expression::Term(Term::Variable(variable)) => self.variable(*variable, None),
            Expression::Term(Term::Value(value)) => {
                check_symbol(*value)?;
                Ok(Some(value.column_type()))
            }
            Expression::Add(left, right) | Expression::Subtract(left, right) | Expression::Multiply(left, right) => {
                for side in [left, right] {
                    let found = self.expression(side)?.unwrap_or(ColumnType::Number);
                    self.same("a side of a calculation".to_owned(), ColumnType::Number, found)?;
                }
                Ok(Some(ColumnType::Number))
            }
        }
    }

    /// Notes the type of a variable, where it is known; what is known afterwards.
    fn variable(&mut self, variable: Variable, known: Option<ColumnType>) -> Result<Option<ColumnType>, DatalogError> {
        if variable.0 >= VARIABLE_COUNT_MAX {
            let what = format!("variables of {}", self.place());
            return Err(DatalogError::TooLarge { what, found: variable.0 + 1, limit: VARIABLE_COUNT_MAX });
        }
        if self.types.len() <= variable.0 {
            self.types.resize(variable.0 + 1, None);
        }
        match (self.types[variable.0], known) {
            (Some(found), Some(expected)) => self.same(format!("variable {}", variable.0), expected, found)?,
            (None, Some(known)) => self.types[variable.0] = Some(known),
            (_, None) => {}
        }
        Ok(self.types[variable.0])
    }

    fn same(&self, what: String, expected: ColumnType, found: ColumnType) -> Result<(), DatalogError> {
        if expected == found {
            return Ok(());
        }
        Err(DatalogError::Type { place: self.place(), what, expected, found })
    }

    fn form(&self, what: &'static str) -> DatalogError {
        DatalogError::Form { rule: self.rule.name.clone(), what }
    }

    fn place(&self) -> String {
        format!("rule `{}`", self.rule.name)
    }
}

/// Whether the tables have a place for a value.
pub(crate) fn check_symbol(value: Value) -> Result<(), DatalogError> {
    match value {
        Value::Symbol(symbol) if symbol == SYMBOL_END => Err(DatalogError::Symbol { symbol }),
        Value::Symbol(_) | Value::Number(_) => Ok(()),
    }
}
