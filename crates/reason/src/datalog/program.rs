//! What is evaluated: relations, and rules over them.

use super::value::{ColumnType, Value};

/// A relation's place in [`Program::relations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelationId(pub usize);

/// A variable's number; each rule has its own. Tables are as long as the largest number, so number them densely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable(pub usize);

/// Relations and rules. A rule's number is its place among the rules; of two rules that derive a row in the same round, the lower
/// number is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// The relations; a relation may have facts, rules, or both.
    pub relations: Vec<RelationDeclaration>,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// A relation: a set of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationDeclaration {
    /// For messages; names need not differ.
    pub name: String,
    /// The type of each column; none at all for a proposition.
    pub columns: Vec<ColumnType>,
}

/// The head follows from every choice of values at which the whole body holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// For messages.
    pub name: String,
    /// What follows. Its terms are variables and values; no [`Term::Any`].
    pub head: Atom,
    /// What must hold, in any order: the order of evaluation is planned.
    pub body: Vec<Literal>,
}

/// A row of a relation, with places left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atom {
    /// The relation.
    pub relation: RelationId,
    /// One for each column.
    pub terms: Vec<Term>,
}

/// What stands in one place of an atom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// The same value wherever the variable stands in the rule.
    Variable(Variable),
    /// This value.
    Value(Value),
    /// Some value, no matter which.
    Any,
}

/// A condition of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// There is such a row. This is what binds variables.
    Holds(Atom),
    /// There is no such row. Its variables are bound elsewhere.
    Absent(Atom),
    /// Two expressions compare so. Symbols are equal or not, and have no order. Its variables are bound elsewhere.
    Compare(Expression, Comparison, Expression),
    /// Binds a variable to a number or symbol, or compares it with one where it is bound already.
    Let(Variable, Expression),
    /// Binds a variable to what many rows come to.
    Aggregate(Aggregate),
    /// Many rows come to so much at least.
    Reaches(Threshold),
}

/// A sum that reaches a bound: over the distinct choices of values for the variables of `over` at which all of `over` holds.
///
/// No value may be negative. Then more rows never make it false, and a relation may depend on itself through it: whoever holds more than
/// half of a company's shares, also through the companies controlled so, controls it. Its group is as that of an [`Aggregate`], and is
/// bound by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// The number added for each choice. A variable of `over`, or a value.
    pub value: Term,
    /// What the sum is at least; more than 0.
    pub least: i128,
    /// The conditions. Aggregates do not nest.
    pub over: Vec<Literal>,
}

/// A number out of many: over the distinct choices of values for the variables of `over` at which all of `over` holds.
///
/// Variables of `over` that also stand in the rest of the rule are its *group*: the aggregate is taken for each choice of them. Where
/// another condition binds the group, count and sum of nothing are 0; least and greatest of nothing are no value, and the condition
/// fails. A group that nothing else binds ranges over the groups that have a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// Bound to the result, or compared with it where another condition binds it too.
    pub result: Variable,
    /// What is computed, exactly.
    pub function: Function,
    /// The number taken of each choice; not used by count. A variable of `over`, or a value.
    pub value: Term,
    /// The conditions. Aggregates do not nest: define a relation instead.
    pub over: Vec<Literal>,
}

/// What an aggregate computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// How many choices.
    Count,
    /// The sum of the values.
    Sum,
    /// The least value.
    Least,
    /// The greatest value.
    Greatest,
}

/// A number computed exactly, or a symbol as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// A variable or a value; not [`Term::Any`].
    Term(Term),
    /// A sum.
    Add(Box<Expression>, Box<Expression>),
    /// A difference.
    Subtract(Box<Expression>, Box<Expression>),
    /// A product.
    Multiply(Box<Expression>, Box<Expression>),
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// The same.
    Equal,
    /// Not the same.
    NotEqual,
    /// Smaller.
    Less,
    /// Smaller or the same.
    AtMost,
    /// Larger.
    More,
    /// Larger or the same.
    AtLeast,
}

impl Program {
    /// Declares a relation.
    pub fn relation(&mut self, name: &str, columns: &[ColumnType]) -> RelationId {
        self.relations.push(RelationDeclaration { name: name.to_owned(), columns: columns.to_vec() });
        RelationId(self.relations.len() - 1)
    }

    /// Adds a rule; its number.
    pub fn rule(&mut self, name: &str, head: Atom, body: Vec<Literal>) -> usize {
        self.rules.push(Rule { name: name.to_owned(), head, body });
        self.rules.len() - 1
    }
}

impl RelationId {
    /// An atom of this relation.
    pub fn atom(self, terms: impl IntoIterator<Item = Term>) -> Atom {
        Atom { relation: self, terms: terms.into_iter().collect() }
    }

    /// The condition that there is such a row.
    pub fn holds(self, terms: impl IntoIterator<Item = Term>) -> Literal {
        Literal::Holds(self.atom(terms))
    }

    /// The condition that there is no such row.
    pub fn absent(self, terms: impl IntoIterator<Item = Term>) -> Literal {
        Literal::Absent(self.atom(terms))
    }
}

impl From<Variable> for Term {
    fn from(variable: Variable) -> Self {
        Term::Variable(variable)
    }
}

impl From<Value> for Term {
    fn from(value: Value) -> Self {
        Term::Value(value)
    }
}

impl<T: Into<Term>> From<T> for Expression {
    fn from(term: T) -> Self {
        Expression::Term(term.into())
    }
}

impl Comparison {
    /// Whether two values that are ordered so compare so.
    pub fn accepts(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Equal => ordering.is_eq(),
            Comparison::NotEqual => ordering.is_ne(),
            Comparison::Less => ordering.is_lt(),
            Comparison::AtMost => ordering.is_le(),
            Comparison::More => ordering.is_gt(),
            Comparison::AtLeast => ordering.is_ge(),
        }
    }
}

impl Term {
    pub(crate) fn variable(self) -> Option<Variable> {
        match self {
            Term::Variable(variable) => Some(variable),
            Term::Value(_) | Term::Any => None,
        }
    }
}

impl Expression {
    /// Visits the terms, left to right.
    pub(crate) fn terms(&self, visit: &mut dyn FnMut(Term)) {
        match self {
            Expression::Term(term) => visit(*term),
            Expression::Add(left, right) | Expression::Subtract(left, right) | Expression::Multiply(left, right) => {
                left.terms(visit);
                right.terms(visit);
            }
        }
    }
}

impl Literal {
    /// Visits the variables as often as they stand there, those of an aggregate's conditions too.
    pub(crate) fn variables(&self, visit: &mut dyn FnMut(Variable)) {
        let mut visit_term = |term: Term| {
            if let Term::Variable(variable) = term {
                visit(variable);
            }
        };
        match self {
            Literal::Holds(atom) | Literal::Absent(atom) => atom.terms.iter().for_each(|term| visit_term(*term)),
            Literal::Compare(left, _, right) => {
                left.terms(&mut visit_term);
                right.terms(&mut visit_term);
            }
            Literal::Let(variable, expression) => {
                visit_term(Term::Variable(*variable));
                expression.terms(&mut visit_term);
            }
            Literal::Aggregate(aggregate) => {
                visit(aggregate.result);
                aggregate.over.iter().for_each(|literal| literal.variables(visit));
            }
            Literal::Reaches(threshold) => threshold.over.iter().for_each(|literal| literal.variables(visit)),
        }
    }
}
