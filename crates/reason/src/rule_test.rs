//! Tests of rule files, compiled: a case and what is expected of it.

use grounds_core::{Case, Entity, Expression, Fact, FactGrounds, Program, Type, Value};

use crate::cite::Citations;
use crate::diagnostic::{Place, Problem, RuleFile, did_you_mean, line_of};
use crate::kind::Kind;
use crate::resolve::Resolver;
use crate::surface::{ExpectedTerm, Item, Name, StatedValue, Statement, Term, TermKind, TestItem};

/// A test of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleTest {
    /// Its name.
    pub name: String,
    /// The file it stands in.
    pub file: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The facts it states; their author is the test.
    pub case: Case,
    /// In the order in which they are written.
    pub expectations: Vec<Expectation>,
}

/// What a test expects of one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The line on which it stands, from 1.
    pub line: usize,
    /// The claim.
    pub predicate: String,
    /// Its arguments: entities of the case.
    pub arguments: Vec<String>,
    /// Its status.
    pub expected: Expected,
}

/// The status that a test expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It holds.
    Holds,
    /// It holds with this value.
    Value(Value),
    /// It does not hold, or has no value.
    DoesNotHold,
    /// It is in conflict.
    Conflict,
    /// It is undetermined; the facts, where any are named, are all those of the smallest sets that would settle it.
    Undetermined {
        /// Predicate and arguments.
        missing: Vec<(String, Vec<String>)>,
    },
}

/// Compiles the tests among `items`.
pub(crate) fn rule_tests(
    items: &[Item],
    files: &[RuleFile<'_>],
    program: &Program,
    citations: &Citations<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<RuleTest> {
    let mut tests = Vec::new();
    for item in items {
        let Item::Test(item) = item else { continue };
        let file = &files[item.name.place.file];
        let mut builder = Builder { item, program, citations, problems, file, entities: Vec::new() };
        let (case, expectations) = builder.build();
        let (line, _) = line_of(file.source, item.name.place.start);
        tests.push(RuleTest { name: item.name.text.clone(), file: file.name.to_owned(), line, case, expectations });
    }
    tests
}

struct Builder<'a, 'b> {
    item: &'a TestItem,
    program: &'a Program,
    citations: &'a Citations<'b>,
    problems: &'a mut Vec<Problem>,
    file: &'a RuleFile<'a>,
    entities: Vec<Entity>,
}

impl Builder<'_, '_> {
    fn build(&mut self) -> (Case, Vec<Expectation>) {
        for statement in &self.item.statements {
            if let Statement::Entity { name, entity_type } = statement {
                self.entity(name, entity_type);
            }
        }
        let (mut facts, mut expectations) = (Vec::new(), Vec::new());
        for statement in &self.item.statements {
            match statement {
                Statement::Entity { .. } => {}
                Statement::Fact { atom, value, in_force } => {
                    let fact = self.fact(atom, value);
                    let is_in_force = in_force.is_none_or(|validity| validity.contains(self.item.as_of));
                    facts.extend(fact.filter(|_| is_in_force));
                }
                Statement::Expect { atom, expected, place } => {
                    let (line, _) = line_of(self.file.source, place.start);
                    expectations.extend(self.expectation(atom, expected, line));
                }
            }
        }
        let case = Case { as_of: self.item.as_of, entities: std::mem::take(&mut self.entities), facts };
        (case, expectations)
    }

    fn report<T>(&mut self, code: &'static str, place: Place, message: String, hint: impl Into<String>) -> Option<T> {
        self.problems.push(Problem::new(code, place, message, hint));
        None
    }

    fn entity(&mut self, name: &Name, entity_type: &Name) {
        if self.entities.iter().any(|entity| entity.name == name.text) {
            let message = format!("the test has two entities called `{}`", name.text);
            return self.report("duplicate-name", name.place, message, "give each a name of its own").unwrap_or(());
        }
        if self.citations.names.entity(entity_type, self.problems) {
            self.entities.push(Entity { name: name.text.clone(), entity_type: entity_type.text.clone() });
        }
    }

    /// A predicate with the entities it is about, its declared type, and whether it is a claim.
    fn atom(&mut self, term: &Term) -> Option<(String, Vec<String>, Type, bool)> {
        let (written, of): (&Name, Vec<&Term>) = match &term.kind {
            TermKind::Call { name, arguments } => (name, arguments.iter().collect()),
            TermKind::Attribute { of, name } => (name, vec![of]),
            _ => return self.report("unexpected-token", term.place, "expected a fact or claim".to_owned(), ""),
        };
        let mut arguments = Vec::new();
        let mut types = Vec::new();
        for argument in of {
            let TermKind::Variable(name) = &argument.kind else {
                let message = "a test names entities, it does not look them up".to_owned();
                let hint = "state the fact of the entity itself: acme.kind = \"…\", not x.firm.kind";
                return self.report("entity-expected", argument.place, message, hint);
            };
            let entity = self.named(name)?;
            arguments.push(entity.name);
            types.push(entity.entity_type);
        }
        let predicate = match &term.kind {
            TermKind::Attribute { .. } => format!("{}.{}", types[0], written.text),
            _ => written.text.clone(),
        };
        let Some(declared) = self.citations.names.predicates.get(&predicate).cloned() else {
            let hint = did_you_mean(&predicate, self.citations.names.predicates.keys().map(String::as_str));
            return self.report(
                "unknown-name",
                written.place,
                format!("no fact or claim is called `{predicate}`"),
                hint,
            );
        };
        if declared.parameters != types {
            let message =
                format!("`{predicate}` is about ({}), not ({})", declared.parameters.join(", "), types.join(", "));
            return self.report("wrong-arity", term.place, message, "name entities of these types");
        }
        Some((predicate, arguments, declared.value, declared.is_claim))
    }

    fn named(&mut self, name: &Name) -> Option<Entity> {
        if let Some(entity) = self.entities.iter().find(|entity| entity.name == name.text) {
            return Some(entity.clone());
        }
        let mut hint = did_you_mean(&name.text, self.entities.iter().map(|entity| entity.name.as_str()));
        if hint.is_empty() {
            hint = format!("declare it in the test: {} : Firm", name.text);
        }
        self.report("unknown-entity", name.place, format!("the test has no entity called `{}`", name.text), hint)
    }

    fn fact(&mut self, atom: &Term, value: &StatedValue) -> Option<Fact> {
        let (predicate, arguments, declared, is_claim) = self.atom(atom)?;
        if is_claim {
            let message = format!("`{predicate}` is a claim, which follows from rules and cannot be stated");
            return self.report(
                "claim-stated",
                atom.place,
                message,
                "write `expect` before it, or state the facts it follows from",
            );
        }
        let value = self.value(value, &declared, atom.place)?;
        let grounds = FactGrounds::Author { author: format!("test \"{}\"", self.item.name.text) };
        Some(Fact { predicate, arguments, value, grounds })
    }

    fn value(&mut self, stated: &StatedValue, declared: &Type, place: Place) -> Option<Value> {
        let (value, kind, place) = match stated {
            StatedValue::Yes => (Value::Bool(true), Kind::Bool, place),
            StatedValue::No => (Value::Bool(false), Kind::Bool, place),
            StatedValue::Name(name) => {
                let entity = self.named(name)?;
                (Value::Entity(entity.name), Kind::Entity(entity.entity_type), name.place)
            }
            StatedValue::Literal(term) => {
                let mut resolver = Resolver::new(self.citations, self.problems);
                let (expression, kind) = resolver.expression(term)?;
                let Expression::Literal(value) = expression else { return None };
                (value, kind, term.place)
            }
        };
        let declared = Kind::of_type(declared);
        if declared.unite(&kind).is_none() {
            return self.report("type-mismatch", place, format!("expected {declared}, found {kind}"), "");
        }
        Some(value)
    }

    fn expectation(&mut self, atom: &Term, expected: &ExpectedTerm, line: usize) -> Option<Expectation> {
        let (predicate, arguments, declared, is_claim) = self.atom(atom)?;
        if !is_claim {
            let message = format!("`{predicate}` is a fact, and a test expects claims");
            return self.report("fact-expected", atom.place, message, "state facts without `expect`");
        }
        let expected = match expected {
            ExpectedTerm::Holds => Expected::Holds,
            ExpectedTerm::DoesNotHold => Expected::DoesNotHold,
            ExpectedTerm::Conflict => Expected::Conflict,
            ExpectedTerm::Value(value) => Expected::Value(self.value(value, &declared, atom.place)?),
            ExpectedTerm::Undetermined(terms) => {
                let mut missing = Vec::new();
                for term in terms {
                    let (predicate, arguments, ..) = self.atom(term)?;
                    if !self.program.facts.iter().any(|fact| fact.predicate == predicate) {
                        let message = format!("`{predicate}` is not a fact");
                        return self.report("fact-expected", term.place, message, "only facts can be missing");
                    }
                    missing.push((predicate, arguments));
                }
                Expected::Undetermined { missing }
            }
        };
        Some(Expectation { line, predicate, arguments, expected })
    }
}
