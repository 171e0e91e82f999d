//! A rule as it is planned: values are codes, and aggregates are atoms of relations of their own.

use super::program::{Comparison, Function};
use super::value::{Code, ColumnType};

/// A rule for one relation.
#[derive(Clone, Debug)]
pub(crate) struct CoreRule {
    /// The number of the rule of the program that it comes from.
    pub(crate) number: u32,
    pub(crate) head: CoreAtom,
    pub(crate) body: Vec<CoreLiteral>,
    pub(crate) variable_count: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct CoreAtom {
    pub(crate) relation: usize,
    pub(crate) terms: Vec<CoreTerm>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CoreTerm {
    Variable(usize),
    Code(Code),
    Any,
}

#[derive(Clone, Debug)]
pub(crate) enum CoreLiteral {
    Holds(CoreAtom),
    Absent(CoreAtom),
    /// The total of a group that is bound, in the last place; 0 where the group has no row.
    HoldsOrZero(CoreAtom),
    Compare(CoreExpression, Comparison, CoreExpression),
    Let(usize, CoreExpression),
}

#[derive(Clone, Debug)]
pub(crate) enum CoreExpression {
    /// Symbols and numbers alike, by their codes.
    Term(CoreTerm),
    Add(Box<CoreExpression>, Box<CoreExpression>),
    Subtract(Box<CoreExpression>, Box<CoreExpression>),
    Multiply(Box<CoreExpression>, Box<CoreExpression>),
}

/// How the rows of one relation come to those of another, group by group.
#[derive(Clone, Debug)]
pub(crate) struct Total {
    /// The group's columns, then the result; for a threshold the group's alone.
    pub(crate) relation: usize,
    /// A row for each choice.
    pub(crate) input: usize,
    /// The columns of the input that are the group's, in the order of the columns here.
    pub(crate) group: Vec<usize>,
    /// The variable in each column of the input.
    pub(crate) variables: Vec<usize>,
    /// The place of the rule that derives the choices among those of the rule; `None` where they are the rows of a relation as it is.
    pub(crate) conditions: Option<usize>,
    pub(crate) fold: Fold,
    pub(crate) value: CoreValue,
    /// The number of the rule of the program that it comes from.
    pub(crate) number: u32,
}

/// What becomes of a group's choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    /// A row with the result.
    Result(Function),
    /// A row if the sum is at least this.
    Threshold(i128),
}

/// Where the value of a choice stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CoreValue {
    Column(usize),
    Code(Code),
}

/// What a rule of the program becomes.
#[derive(Clone, Debug)]
pub(crate) struct CompiledRule {
    /// The rule itself, then one for the conditions of each aggregate, in the order of the body.
    pub(crate) rules: Vec<CoreRule>,
    /// One for each aggregate, in the order of the body.
    pub(crate) totals: Vec<Total>,
    /// The type of each variable, by its number.
    pub(crate) variable_types: Vec<Option<ColumnType>>,
}

impl CoreTerm {
    pub(crate) fn variable(self) -> Option<usize> {
        match self {
            CoreTerm::Variable(variable) => Some(variable),
            CoreTerm::Code(_) | CoreTerm::Any => None,
        }
    }
}

impl CoreAtom {
    pub(crate) fn variables(&self) -> impl Iterator<Item = usize> {
        self.terms.iter().filter_map(|term| term.variable())
    }
}

impl CoreExpression {
    pub(crate) fn variables(&self, visit: &mut dyn FnMut(usize)) {
        match self {
            CoreExpression::Term(term) => term.variable().into_iter().for_each(visit),
            CoreExpression::Add(left, right)
            | CoreExpression::Subtract(left, right)
            | CoreExpression::Multiply(left, right) => {
                left.variables(visit);
                right.variables(visit);
            }
        }
    }
}

impl CoreLiteral {
    pub(crate) fn atom(&self) -> Option<&CoreAtom> {
        match self {
            CoreLiteral::Holds(atom) | CoreLiteral::Absent(atom) | CoreLiteral::HoldsOrZero(atom) => Some(atom),
            CoreLiteral::Compare(..) | CoreLiteral::Let(..) => None,
        }
    }
}
