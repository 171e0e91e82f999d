//! Names: variables, facts, claims and provisions.

use grounds_core::{Atom, Expression, Value};

use super::{Resolver, Typed};
use crate::declare::Predicate;
use crate::diagnostic::{Place, arguments as arguments_word, did_you_mean};
use crate::kind::Kind;
use crate::surface::{Name, Term};

impl Resolver<'_, '_> {
    pub(super) fn variable(&mut self, name: &Name) -> Option<Typed> {
        let found = self.scope.iter().find(|variable| variable.name == name.text).cloned();
        let Some(variable) = found else {
            let mut hint = did_you_mean(&name.text, self.scope.iter().map(|variable| variable.name.as_str()));
            if hint.is_empty() {
                hint = "a variable stands in the head of the rule, or after `some`, `each` or `count of`; a text needs quotes"
                    .to_owned();
            }
            return self.problem(
                "unknown-variable",
                name.place,
                format!("`{}` stands for nothing here", name.text),
                hint,
            );
        };
        if let Some((_, used)) = self.bound.iter_mut().rev().find(|(bound, _)| *bound == name.text) {
            *used = true;
        }
        Some((Expression::Variable(variable.name), Kind::Entity(variable.entity_type)))
    }

    pub(super) fn call(&mut self, name: &Name, arguments: &[Term], place: Place) -> Option<Typed> {
        let typed = self.expressions(arguments);
        let Some(predicate) = self.citations.names.predicates.get(&name.text).cloned() else {
            let known = self.citations.names.predicates.keys().map(String::as_str);
            let hint = did_you_mean(&name.text, known.filter(|known| !known.contains('.')));
            let message = format!("no claim or relation is called `{}`", name.text);
            return self.problem("unknown-name", name.place, message, hint);
        };
        let typed = typed?;
        if typed.len() != predicate.parameters.len() {
            let expected = predicate.parameters.join(", ");
            let message =
                format!("`{}` takes {}, not {}", name.text, arguments_word(predicate.parameters.len()), typed.len());
            return self.problem("wrong-arity", place, message, format!("write: {}({expected})", name.text));
        }
        let mut resolved = Vec::new();
        for ((term, (argument, kind)), parameter) in arguments.iter().zip(typed).zip(&predicate.parameters) {
            if kind != Kind::Entity(parameter.clone()) {
                let message = format!("expected an entity of type {parameter}, found {kind}");
                return self.problem(
                    "type-mismatch",
                    term.place,
                    message,
                    format!("see the declaration of `{}`", name.text),
                );
            }
            resolved.push(argument);
        }
        Some(Self::atom(&name.text, resolved, &predicate))
    }

    pub(super) fn attribute(&mut self, of: &Term, name: &Name) -> Option<Typed> {
        let (owner, kind) = self.expression(of)?;
        let Kind::Entity(entity_type) = kind else {
            let message = format!("{kind} has no `{}`: only entities have facts", name.text);
            return self.problem("type-mismatch", of.place, message, "the part before the point must be an entity");
        };
        let full = format!("{entity_type}.{}", name.text);
        let Some(predicate) = self.citations.names.predicates.get(&full).cloned() else {
            let prefix = format!("{entity_type}.");
            let known = self.citations.names.predicates.keys().filter_map(|known| known.strip_prefix(&prefix));
            let mut hint = did_you_mean(&name.text, known);
            if hint.is_empty() {
                hint = format!("declare it: fact {full} : … open ask \"…\"");
            }
            return self.problem(
                "unknown-name",
                name.place,
                format!("{entity_type} has no fact `{}`", name.text),
                hint,
            );
        };
        Some(Self::atom(&full, vec![owner], &predicate))
    }

    pub(super) fn atom(predicate: &str, arguments: Vec<Expression>, declared: &Predicate) -> Typed {
        let atom = Atom { predicate: predicate.to_owned(), arguments };
        (Expression::Atom(atom), Kind::of_type(&declared.value))
    }

    /// A provision as a value: the normal form of its pinpoint, with the document's label.
    pub(super) fn provision(&mut self, source: &Name, pinpoint: &Name) -> Option<Typed> {
        let (document, parsed) = self.citations.provision(source, pinpoint, self.problems)?;
        let shown = format!("{} {parsed}", self.citations.law.label(&document));
        if self.citations.law.unit_versions(&document, &parsed, grounds_core::Validity::always()).is_empty() {
            let place = source.place.to(pinpoint.place);
            let hint = "compare the citation with the text";
            return self.problem("unknown-provision", place, format!("no version has {shown}"), hint);
        }
        Some((Expression::Literal(Value::Provision(shown)), Kind::Provision))
    }
}
