//! From surface terms to typed conditions and expressions: names are looked up, types checked.

mod condition;
mod atom;
mod table;
mod arithmetic;
mod aggregate;

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
    /// Whether a range may bind nothing new: in the `for each` of a rule.
    pub(crate) reuses: bool,
}

impl<'a, 'b> Resolver<'a, 'b> {
    pub(crate) fn new(citations: &'a Citations<'b>, problems: &'a mut Vec<Problem>) -> Self {
        Self { citations, problems, scope: Vec::new(), bound: Vec::new(), reuses: false }
    }
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
            TermKind::Divide(left, right) => self.ratio(left, right),
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
            TermKind::Count(range) => self.count(range),
            _ => self.statutory(term),
        }
    }

    /// Years, brackets and tables; what is not an expression is reported. Apart, so that nested terms need little stack.
    fn statutory(&mut self, term: &Term) -> Option<Typed> {
        match &term.kind {
            TermKind::YearsBetween(first, second) => {
                let hint = "`years between` takes dates: write `date of` before an instant";
                let (first, second) = (self.of_kind(first, &Kind::Date, hint), self.of_kind(second, &Kind::Date, hint));
                Some((Expression::YearsBetween(Box::new(first?), Box::new(second?)), Kind::Number))
            }
            TermKind::YearOf(inner) => self.part_of_date(inner, "`year of` takes a date", Expression::YearOf),
            TermKind::MonthOf(inner) => self.part_of_date(inner, "`month of` takes a date", Expression::MonthOf),
            TermKind::DayOf(inner) => self.part_of_date(inner, "`day of` takes a date", Expression::DayOf),
            TermKind::StartOfYear(inner) | TermKind::CloseOfYear(inner) => {
                let last = matches!(term.kind, TermKind::CloseOfYear(_));
                let hint = "the start and the close of a year are asked of its number: close of year year of p.born_on";
                let year = Box::new(self.of_kind(inner, &Kind::Number, hint)?);
                Some((Expression::DayOfYear { year, last }, Kind::Date))
            }
            TermKind::Brackets { value, slices } => self.brackets(value, slices),
            TermKind::Row { table, keys, column } => self.row(table, keys, column),
            TermKind::Extreme { greatest, value, range } => self.extreme_of(*greatest, value, range),
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

    /// Resolves what a range binds, which of it is meant (always, where there is no `where`), and `inside` with the variables in scope.
    ///
    /// In a tuple, a variable that stands for something already keeps doing so: `(p, c) in Controls` inside a rule about `p`.
    pub(super) fn range<T>(
        &mut self,
        range: &Range,
        inside: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<(Vec<Variable>, Condition, T)> {
        let depth = self.scope.len();
        let relation = if range.is_tuple { self.tuple(range) } else { self.element(range) };
        let read = relation.and_then(|relation| {
            let condition = match &range.condition {
                Some(term) => self.condition(term),
                None => Some(Condition::Always),
            };
            let value = inside(self);
            Some((relation, condition?, value?))
        });
        let bound = self.scope.split_off(depth);
        let (relation, condition, value) = read?;
        let unused = self.bound.iter().any(|(bound, used)| *bound == range.variables[0].text && !used);
        if unused && !range.is_tuple && range.condition.is_some() {
            let message = format!("`{}` is not used", range.variables[0].text);
            let hint = "the condition would be the same for every entity; remove the variable, or use it";
            return self.problem("unused-variable", range.variables[0].place, message, hint);
        }
        let condition = match (relation, condition) {
            (Condition::Always, condition) | (condition, Condition::Always) => condition,
            (relation, condition) => Condition::All(vec![relation, condition]),
        };
        Some((bound, condition, value))
    }

    /// Binds the variable of `f in Firm`.
    fn element(&mut self, range: &Range) -> Option<Condition> {
        let known = self.citations.names.entity(&range.of, self.problems);
        self.bind(&range.variables[0], &range.of.text);
        known.then_some(Condition::Always)
    }

    /// Binds the variables of `(p, c) in Controls` that are new, and states the relation of all.
    fn tuple(&mut self, range: &Range) -> Option<Condition> {
        let Some(predicate) = self.citations.names.predicates.get(&range.of.text).cloned() else {
            let known = self.citations.names.predicates.keys().map(String::as_str);
            let hint = crate::diagnostic::did_you_mean(&range.of.text, known.filter(|known| !known.contains('.')));
            let message = format!("no claim or relation is called `{}`", range.of.text);
            return self.problem("unknown-name", range.of.place, message, hint);
        };
        if predicate.value != grounds_core::Type::Bool || predicate.parameters.len() != range.variables.len() {
            let message = format!(
                "`{}` is not a yes-or-no fact or claim of {}",
                range.of.text,
                crate::diagnostic::arguments(range.variables.len())
            );
            let hint = format!("see its declaration: {}({})", range.of.text, predicate.parameters.join(", "));
            return self.problem("wrong-arity", range.of.place, message, hint);
        }
        let depth = self.scope.len();
        for (name, parameter) in range.variables.iter().zip(&predicate.parameters) {
            match self.scope.iter().find(|variable| variable.name == name.text) {
                None => drop(self.bind(name, parameter)),
                Some(known) if known.entity_type == *parameter => {}
                Some(known) => {
                    let message = format!("`{}` stands for a {}, not for a {parameter}", name.text, known.entity_type);
                    return self.problem("type-mismatch", name.place, message, "choose another name");
                }
            }
            if let Some((_, used)) = self.bound.iter_mut().rev().find(|(bound, _)| *bound == name.text) {
                *used = true;
            }
        }
        if self.scope.len() == depth && !self.reuses {
            let message = "every variable of this range stands for something already".to_owned();
            let hint = format!("state the relation as a condition: {}(…)", range.of.text);
            return self.problem("nothing-bound", range.of.place, message, hint);
        }
        let arguments = range.variables.iter().map(|name| Expression::Variable(name.text.clone())).collect();
        Some(Condition::Holds(grounds_core::Atom { predicate: range.of.text.clone(), arguments }))
    }

    /// The `for each` of a rule around its condition: the rule applies where some choice of the variables that its head does not bind
    /// meets both.
    pub(crate) fn for_each(&mut self, range: &Range, condition: Option<&Term>) -> Option<Condition> {
        self.reuses = true;
        let known = self.scope.iter().find(|variable| !range.is_tuple && variable.name == range.variables[0].text);
        let read = match known.map(|known| known.entity_type.clone()) {
            // `for each f in Firm` of a rule about `f` says no more than its head.
            Some(known) if known == range.of.text => {
                let parts: Vec<&Term> = range.condition.as_deref().into_iter().chain(condition).collect();
                let parts: Vec<Option<Condition>> = parts.into_iter().map(|part| self.condition(part)).collect();
                let parts: Option<Vec<Condition>> = parts.into_iter().collect();
                parts.map(|parts| (Vec::new(), Condition::Always, Condition::All(parts)))
            }
            _ => self.range(range, |resolver| match condition {
                Some(term) => resolver.condition(term),
                None => Some(Condition::Always),
            }),
        };
        self.reuses = false;
        let (variables, meant, condition) = read?;
        let inner = match (meant, condition) {
            (Condition::Always, condition) | (condition, Condition::Always) => condition,
            (Condition::All(mut parts), condition) => {
                parts.push(condition);
                Condition::All(parts)
            }
            (meant, condition) => Condition::All(vec![meant, condition]),
        };
        Some(exists(variables, inner))
    }
}

/// Some choice of entities for the variables meets the condition.
pub(super) fn exists(variables: Vec<Variable>, condition: Condition) -> Condition {
    let around = |condition, variable| Condition::Exists { variable, condition: Box::new(condition) };
    variables.into_iter().rev().fold(condition, around)
}
