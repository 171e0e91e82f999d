//! From surface terms to typed conditions and expressions: names are looked up, types checked.

mod condition;
mod atom;
mod arithmetic;

use grounds_core::{Condition, Expression, Variable};

use crate::cite::Citations;
use crate::diagnostic::{Place, Problem};
use crate::kind::Kind;
use crate::surface::{Name, Range, Term, TermKind};

/// An expression and its type. `None` in results below means that the mistake has been reported.
pub(crate) type Typed = (Expression, Kind);

/// Resolves the terms of one rule.
pub(crate) struct Resolver<'a, 'b> {
    pub(crate) citations: &'a Citations<'b>,
    pub(crate) problems: &'a mut Vec<Problem>,
    /// The variables that can be used here, innermost last.
    pub(crate) scope: Vec<Variable>,
    /// All variables of the rule so far, and whether they were used.
    pub(crate) bound: Vec<(String, bool)>,
}

impl Resolver<'_, '_> {
    pub(super) fn problem<T>(
        &mut self,
        code: &'static str,
        place: Place,
        message: String,
        hint: impl Into<String>,
    ) -> Option<T> {
        self.problems.push(Problem::new(code, place, message, hint));
        None
    }

    /// Makes `name` stand for entities of a type from here on.
    pub(crate) fn bind(&mut self, name: &Name, entity_type: &str) -> Variable {
        if self.bound.iter().any(|(bound, _)| *bound == name.text) {
            let message = format!("`{}` already stands for another entity of this rule", name.text);
            let hint = "every variable of a rule has a name of its own";
            self.problems.push(Problem::new("duplicate-variable", name.place, message, hint));
        }
        let variable = Variable { name: name.text.clone(), entity_type: entity_type.to_owned() };
        self.bound.push((name.text.clone(), false));
        self.scope.push(variable.clone());
        variable
    }

    pub(super) fn expressions(&mut self, parts: &[Term]) -> Option<Vec<Typed>> {
        let read: Vec<Option<Typed>> = parts.iter().map(|part| self.expression(part)).collect();
        read.into_iter().collect()
    }

    /// The common type of two values that are compared or chosen between.
    pub(super) fn alike(&mut self, left: &Kind, right: &Kind, place: Place) -> Option<Kind> {
        if left.is_unrounded() || right.is_unrounded() {
            return self.unrounded(place);
        }
        let together = left.unite(right);
        if together.is_none() {
            return self.apart(left, right, place);
        }
        together
    }

    pub(super) fn apart<T>(&mut self, left: &Kind, right: &Kind, place: Place) -> Option<T> {
        if let (Kind::Money { .. }, Kind::Money { .. }) = (left, right) {
            let message = format!("{left} and {right} do not go together");
            return self.problem(
                "two-currencies",
                place,
                message,
                "amounts of two currencies are never compared or added",
            );
        }
        let hint = match (left, right) {
            (Kind::Instant, Kind::Date) | (Kind::Date, Kind::Instant) => {
                "an instant has a date only at its own offset: write `date of …`"
            }
            (Kind::Bool, _) | (_, Kind::Bool) => "a yes-or-no fact stands by itself: `i.planned`, `not i.planned`",
            _ => "nothing converts silently: both sides must have one type",
        };
        self.problem("type-mismatch", place, format!("{left} and {right} do not go together"), hint)
    }

    pub(super) fn unrounded<T>(&mut self, place: Place) -> Option<T> {
        let message = "this money may have fractions of its minor unit".to_owned();
        let hint = "say how it is rounded: (2% of x.turnover rounded down); the product of two factors needs brackets";
        self.problem("unrounded-money", place, message, hint)
    }

    /// An expression and its type.
    pub(crate) fn expression(&mut self, term: &Term) -> Option<Typed> {
        match &term.kind {
            TermKind::Literal(value) => Some((Expression::Literal(value.clone()), Kind::of_value(value))),
            TermKind::Provision { source, pinpoint } => self.provision(source, pinpoint),
            TermKind::AsOf => Some((Expression::AsOf, Kind::Date)),
            TermKind::Variable(name) => self.variable(name),
            TermKind::Call { name, arguments } => self.call(name, arguments, term.place),
            TermKind::Attribute { of, name } => self.attribute(of, name),
            TermKind::Add(left, right) => self.sum_of_two(left, right, Expression::Add),
            TermKind::Subtract(left, right) => self.sum_of_two(left, right, Expression::Subtract),
            TermKind::Multiply(left, right) => self.product(left, right),
            TermKind::Round { value, mode, to } => self.round(value, *mode, to.as_deref()),
            TermKind::Shift { start, backwards, duration, calendar } => {
                self.shift(start, *backwards, *duration, calendar.as_ref(), term.place)
            }
            TermKind::DateOf(inner) => {
                let inner = self.of_kind(inner, &Kind::Instant, "`date of` takes an instant")?;
                Some((Expression::DateOf(Box::new(inner)), Kind::Date))
            }
            TermKind::DaysBetween(first, second) => {
                let hint = "`days between` takes dates: write `date of` before an instant";
                let (first, second) = (self.of_kind(first, &Kind::Date, hint), self.of_kind(second, &Kind::Date, hint));
                Some((Expression::DaysBetween(Box::new(first?), Box::new(second?)), Kind::Number))
            }
            TermKind::Greatest(parts) => self.extreme(parts, Expression::Greatest),
            TermKind::Least(parts) => self.extreme(parts, Expression::Least),
            TermKind::Sum { value, range } => self.sum(value, range),
            TermKind::Count(range) => {
                let (variable, condition) = self.range(range, |_| Some(()))?;
                Some((Expression::Count { variable, condition: Box::new(condition.0) }, Kind::Number))
            }
            _ => {
                let hint = "a condition has no value: give it a claim of its own, or write it after `when`";
                self.problem("value-expected", term.place, "expected a value, found a condition".to_owned(), hint)
            }
        }
    }

    pub(super) fn of_kind(&mut self, term: &Term, expected: &Kind, hint: &str) -> Option<Expression> {
        let (expression, kind) = self.expression(term)?;
        if kind == *expected {
            return Some(expression);
        }
        self.problem("type-mismatch", term.place, format!("expected {expected}, found {kind}"), hint)
    }

    /// Resolves `where` (yes where there is none), and `inside` with the variable in scope.
    pub(super) fn range<T>(
        &mut self,
        range: &Range,
        inside: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<(Variable, (Condition, T))> {
        let known = self.citations.names.entity(&range.entity_type, self.problems);
        let variable = self.bind(&range.variable, &range.entity_type.text);
        let condition = match &range.condition {
            Some(term) if known => self.condition(term),
            _ => Some(Condition::Always),
        };
        let value = if known { inside(self) } else { None };
        self.scope.pop();
        let unused = self.bound.iter().any(|(bound, used)| *bound == range.variable.text && !used);
        if unused && known && range.condition.is_some() && condition.is_some() {
            let message = format!("`{}` is not used", range.variable.text);
            let hint = "the condition would be the same for every entity; remove the variable, or use it";
            return self.problem("unused-variable", range.variable.place, message, hint);
        }
        Some((variable, (condition?, value?)))
    }
}
