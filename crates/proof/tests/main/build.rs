//! Small helpers to write a program, a case and a proof down.

use grounds_core::{
    Atom, Calendar, Case, Citation, ClaimDeclaration, ClaimKind, Comparison, Conclusion, Condition, Entity, Expression,
    Fact, FactDeclaration, FactGrounds, FactMode, Holiday, Judgement, Justification, Money, Node, Preference, Program,
    Proof, Rational, Rule, RuleKind, Status, Type, Validity, Value, Variable,
};
use grounds_proof::{Cause, CheckError, Checked, check};

/// A program with two entity types, a fact of each type and a claim of each type, a case with `t1`, `t2` and `u1`, and no proof yet.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) program: Program,
    pub(crate) case: Case,
    pub(crate) proof: Proof,
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn fact(predicate: &str, parameters: &[&str], value: Type, mode: FactMode) -> FactDeclaration {
    let (predicate, parameters, ask) = (predicate.to_owned(), strings(parameters), "?".to_owned());
    FactDeclaration { predicate, parameters, value, mode, judgement: false, ask, cites: vec![] }
}

fn claim(name: &str, parameters: &[&str], value: Type) -> ClaimDeclaration {
    let (name, parameters) = (name.to_owned(), strings(parameters));
    let (say, say_not) = ("so".to_owned(), "not so".to_owned());
    ClaimDeclaration { name, kind: ClaimKind::Claim, parameters, value, say, say_not }
}

impl Scene {
    pub(crate) fn new() -> Self {
        let open = FactMode::Open;
        let presumed = |value| FactMode::Presumed { value, burden: "firm".to_owned() };
        let program = Program {
            entities: strings(&["T", "U"]),
            facts: vec![
                fact("flag", &["T"], Type::Bool, open.clone()),
                fact("shut", &["T"], Type::Bool, FactMode::Closed),
                fact("assumed", &["T"], Type::Bool, presumed(true)),
                fact("doubted", &["T"], Type::Bool, presumed(false)),
                fact("number", &["T"], Type::Number, open.clone()),
                fact("other", &["T"], Type::Number, FactMode::Closed),
                fact("cash", &["T"], Type::Money, open.clone()),
                fact("day", &["T"], Type::Date, open.clone()),
                fact("at", &["T"], Type::Instant, open.clone()),
                fact("kind", &["T"], Type::Text, open.clone()),
                fact("norm", &["T"], Type::Provision, open.clone()),
                fact("owner", &["T"], Type::Entity("U".to_owned()), open.clone()),
                fact("rate", &["U"], Type::Number, open.clone()),
                fact("link", &["T", "T"], Type::Bool, FactMode::Closed),
            ],
            claims: vec![
                claim("Yes", &["T"], Type::Bool),
                claim("Also", &["T"], Type::Bool),
                claim("Number", &["T"], Type::Number),
                claim("Cash", &["T"], Type::Money),
                claim("Day", &["T"], Type::Date),
                claim("At", &["T"], Type::Instant),
                claim("Length", &["T"], Type::Duration),
                claim("Kind", &["T"], Type::Text),
                claim("Norm", &["T"], Type::Provision),
                claim("Owner", &["T"], Type::Entity("U".to_owned())),
            ],
            calendars: vec![Calendar {
                name: "work".to_owned(),
                cites: vec![],
                weekend: vec![6, 7],
                holidays: vec![Holiday::Yearly { month: 5, day: 1 }],
            }],
            rules: vec![],
            preferences: vec![],
            tables: vec![],
        };
        let entity = |name: &str, kind: &str| Entity { name: name.to_owned(), entity_type: kind.to_owned() };
        let entities = vec![entity("t1", "T"), entity("u1", "U"), entity("t2", "T")];
        let case = Case { as_of: "2021-06-01".parse().expect("a date"), entities, facts: vec![] };
        Self { program, case, proof: Proof::default() }
    }

    pub(crate) fn rule(&mut self, id: &str, claim: &str, condition: Condition, conclusion: Conclusion) -> &mut Rule {
        self.push_rule(id, RuleKind::Base, claim, condition, conclusion)
    }

    pub(crate) fn exception(
        &mut self,
        id: &str,
        to: &str,
        claim: &str,
        condition: Condition,
        conclusion: Conclusion,
    ) -> &mut Rule {
        self.push_rule(id, RuleKind::Exception { to: to.to_owned() }, claim, condition, conclusion)
    }

    fn push_rule(
        &mut self,
        id: &str,
        kind: RuleKind,
        claim: &str,
        condition: Condition,
        conclusion: Conclusion,
    ) -> &mut Rule {
        self.program.rules.push(Rule {
            id: id.to_owned(),
            kind,
            cites: vec![],
            in_force: Validity::always(),
            claim: claim.to_owned(),
            variables: vec![Variable { name: "x".to_owned(), entity_type: "T".to_owned() }],
            condition,
            conclusion,
            only: false,
            readings: vec![],
            amendments: vec![],
        });
        self.program.rules.last_mut().expect("just pushed")
    }

    pub(crate) fn prefer(&mut self, over: &str, under: &str) {
        let cites = Vec::<Citation>::new();
        self.program.preferences.push(Preference { over: over.to_owned(), under: under.to_owned(), cites });
    }

    /// States a fact, without a node.
    pub(crate) fn state(&mut self, predicate: &str, arguments: &[&str], value: Value) -> usize {
        let grounds = FactGrounds::Author { author: "test".to_owned() };
        let (predicate, arguments) = (predicate.to_owned(), strings(arguments));
        self.case.facts.push(Fact { predicate, arguments, value, grounds });
        self.case.facts.len() - 1
    }

    pub(crate) fn node(&mut self, predicate: &str, arguments: &[&str], status: Status, by: Justification) -> usize {
        let judgement = Judgement { predicate: predicate.to_owned(), arguments: strings(arguments), status };
        self.proof.nodes.push(Node { judgement, by });
        self.proof.nodes.len() - 1
    }

    /// States a fact once and proves it.
    pub(crate) fn given(&mut self, predicate: &str, arguments: &[&str], value: Value) -> usize {
        let position = self.state(predicate, arguments, value.clone());
        self.node(predicate, arguments, Status::Holds(value), Justification::Given { facts: vec![position] })
    }

    /// Proves a fact from the case's silence.
    pub(crate) fn absent(&mut self, predicate: &str, arguments: &[&str], status: Status) -> usize {
        self.node(predicate, arguments, status, Justification::Absent)
    }

    pub(crate) fn claim(
        &mut self,
        name: &str,
        arguments: &[&str],
        status: Status,
        premises: &[usize],
        deciding: &[&str],
    ) -> usize {
        let by = Justification::Rules { premises: premises.to_vec(), deciding: strings(deciding) };
        self.node(name, arguments, status, by)
    }

    pub(crate) fn check(&self) -> Result<Checked, CheckError> {
        check(&self.program, &self.case, &self.proof)
    }

    #[track_caller]
    pub(crate) fn accepted(&self) {
        let checked = self.check().unwrap_or_else(|error| panic!("refused: {error}"));
        assert_eq!(checked.node_count(), self.proof.nodes.len());
        assert!(checked.judgements().iter().eq(self.proof.nodes.iter().map(|node| &node.judgement)));
    }

    #[track_caller]
    pub(crate) fn refused(&self, cause: Cause) -> CheckError {
        let error = self.check().expect_err("accepted");
        assert_eq!(error.cause, cause, "{error}");
        error
    }
}

/// What the case says of a fact of `t1`, in the order in which the evaluation looks it up.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    Given(&'static str, Value),
    Absent(&'static str),
    Disputed(&'static str, Value, Value),
}

impl Known {
    pub(crate) fn add_to(&self, scene: &mut Scene) -> usize {
        match self {
            Known::Given(predicate, value) => scene.given(predicate, &["t1"], value.clone()),
            Known::Absent(predicate) => {
                let declared = scene.program.facts.iter().find(|fact| fact.predicate == *predicate);
                let status = match &declared.expect("declared").mode {
                    FactMode::Open => Status::Undetermined,
                    FactMode::Closed => Status::DoesNotHold,
                    FactMode::Presumed { value, .. } => Status::Holds(Value::Bool(*value)),
                };
                scene.absent(predicate, &["t1"], status)
            }
            Known::Disputed(predicate, one, other) => {
                let facts = [one, other].map(|value| scene.state(predicate, &["t1"], value.clone())).to_vec();
                scene.node(predicate, &["t1"], Status::Conflict, Justification::Given { facts })
            }
        }
    }
}

/// The status, then the deciding rules, that a claim with the one base rule "r" has.
pub(crate) fn by_one_rule(status: &Status) -> &'static [&'static str] {
    if *status == Status::DoesNotHold { &[] } else { &["r"] }
}

pub(crate) fn number(value: i64) -> Value {
    Value::Number(Rational::integer(value))
}

pub(crate) fn ratio(numerator: i128, denominator: i128) -> Value {
    Value::Number(Rational::new(numerator, denominator).expect("a number"))
}

pub(crate) fn money(text: &str) -> Value {
    Value::Money(Money::parse(text).expect("money"))
}

pub(crate) fn date(text: &str) -> Value {
    Value::Date(text.parse().expect("a date"))
}

pub(crate) fn instant(text: &str) -> Value {
    Value::Instant(text.parse().expect("an instant"))
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub(crate) fn yes() -> Status {
    Status::Holds(Value::Bool(true))
}

pub(crate) fn literal(value: Value) -> Expression {
    Expression::Literal(value)
}

pub(crate) fn variable(name: &str) -> Expression {
    Expression::Variable(name.to_owned())
}

/// The fact or claim with these arguments.
pub(crate) fn atom_of(predicate: &str, arguments: Vec<Expression>) -> Atom {
    Atom { predicate: predicate.to_owned(), arguments }
}

/// The fact or claim of the rule's `x`.
pub(crate) fn atom(predicate: &str) -> Atom {
    atom_of(predicate, vec![variable("x")])
}

pub(crate) fn look(predicate: &str) -> Expression {
    Expression::Atom(atom(predicate))
}

pub(crate) fn boxed(expression: Expression) -> Box<Expression> {
    Box::new(expression)
}

pub(crate) fn holds(predicate: &str) -> Condition {
    Condition::Holds(atom(predicate))
}

pub(crate) fn compare(left: Expression, operator: Comparison, right: Expression) -> Condition {
    Condition::Compare { left, operator, right }
}

pub(crate) fn value(expression: Expression) -> Conclusion {
    Conclusion::Value(expression)
}
