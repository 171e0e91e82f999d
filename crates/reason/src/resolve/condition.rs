//! Conditions: what is true or false.

use grounds_core::{Atom, Comparison, Condition, Expression};

use super::{Resolver, exists};
use crate::kind::Kind;
use crate::surface::{Term, TermKind};

impl Resolver<'_, '_> {
    /// A condition.
    pub(crate) fn condition(&mut self, term: &Term) -> Option<Condition> {
        match &term.kind {
            TermKind::All(parts) => self.conditions(parts).map(Condition::All),
            TermKind::Any(parts) => self.conditions(parts).map(Condition::Any),
            TermKind::Not(inner) => self.condition(inner).map(|inner| Condition::Not(Box::new(inner))),
            TermKind::Has(inner) => self.atom_only(inner).map(Condition::Has),
            TermKind::HasNot(inner) => self.atom_only(inner).map(|atom| Condition::Not(Box::new(Condition::Has(atom)))),
            TermKind::Exists(range) => {
                let (variables, condition, ()) = self.range(range, |_| Some(()))?;
                Some(exists(variables, condition))
            }
            TermKind::Compare { left, operator, right } => self.comparison(left, *operator, right),
            TermKind::In { value, choices } => self.choice(value, choices),
            _ => match self.expression(term)? {
                (Expression::Atom(atom), Kind::Bool) => Some(Condition::Holds(atom)),
                (_, kind) => {
                    let hint = "compare it with something, or ask whether it has a value: `has i.reported_at`";
                    self.problem("condition-expected", term.place, format!("expected a condition, found {kind}"), hint)
                }
            },
        }
    }

    pub(super) fn conditions(&mut self, parts: &[Term]) -> Option<Vec<Condition>> {
        // All parts are read before any mistake stops the rule, so that all mistakes are reported.
        let read: Vec<Option<Condition>> = parts.iter().map(|part| self.condition(part)).collect();
        read.into_iter().collect()
    }

    pub(super) fn comparison(&mut self, left: &Term, operator: Comparison, right: &Term) -> Option<Condition> {
        let place = left.place.to(right.place);
        let (left, right) = (self.expression(left), self.expression(right));
        let ((left, left_kind), (right, right_kind)) = (left?, right?);
        let together = self.alike(&left_kind, &right_kind, place)?;
        let needs_order = !matches!(operator, Comparison::Equal | Comparison::NotEqual);
        if needs_order && !together.is_ordered() {
            let message = format!("{together} is neither more nor less than another");
            return self.problem("no-order", place, message, "compare with `is` or `is not`");
        }
        Some(Condition::Compare { left, operator, right })
    }

    pub(super) fn choice(&mut self, value: &Term, choices: &[Term]) -> Option<Condition> {
        let (typed, others) = (self.expression(value), self.expressions(choices));
        let ((expression, mut kind), others) = (typed?, others?);
        let mut resolved = Vec::new();
        for (other, (choice, choice_kind)) in choices.iter().zip(others) {
            kind = self.alike(&kind, &choice_kind, other.place)?;
            resolved.push(choice);
        }
        Some(Condition::In { value: expression, choices: resolved })
    }

    pub(super) fn atom_only(&mut self, term: &Term) -> Option<Atom> {
        match self.expression(term)? {
            (Expression::Atom(atom), _) => Some(atom),
            (_, kind) => {
                let message = format!("expected a fact or claim, found {kind}");
                self.problem(
                    "atom-expected",
                    term.place,
                    message,
                    "`has` and `no` ask about a fact or claim: `no i.reported_at`",
                )
            }
        }
    }
}
