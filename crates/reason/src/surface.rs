//! Rule files as they are written: names not yet looked up, types not yet known.

use grounds_core::{Comparison, Holiday, RoundingMode, Type, Validity, Value};

use crate::diagnostic::Place;

/// A word or text and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) place: Place,
}

/// `cites smc art 52(1) "…" and "…"`
#[derive(Clone, Debug)]
pub(crate) struct Cites {
    pub(crate) source: Name,
    pub(crate) pinpoint: Name,
    pub(crate) quotes: Vec<Name>,
}

/// One declaration of a file.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Source { name: Name, document: Name },
    Entity { name: Name },
    Fact(FactItem),
    Calendar(CalendarItem),
    Claim(ClaimItem),
    Rule(Box<RuleItem>),
    Amend(AmendItem),
    Table(TableItem),
    Prefer { over: Name, under: Name, cites: Vec<Cites> },
    Test(TestItem),
}

impl Item {
    /// The name or id after its first word.
    pub(crate) fn name(&self) -> &Name {
        match self {
            Item::Source { name, .. } | Item::Entity { name } => name,
            Item::Fact(fact) => &fact.predicate,
            Item::Calendar(calendar) => &calendar.name,
            Item::Claim(claim) => &claim.name,
            Item::Rule(rule) => &rule.id,
            Item::Amend(amend) => &amend.id,
            Item::Table(table) => &table.name,
            Item::Prefer { over, .. } => over,
            Item::Test(test) => &test.name,
        }
    }

    /// As pins and messages call it: its name; "a over b" for a preference.
    pub(crate) fn shown_name(&self) -> String {
        match self {
            Item::Prefer { over, under, .. } => format!("{} over {}", over.text, under.text),
            item => item.name().text.clone(),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct FactItem {
    /// "Incident.firm" or "Controls".
    pub(crate) predicate: Name,
    pub(crate) parameters: Vec<Name>,
    pub(crate) value: TypeName,
    pub(crate) mode: grounds_core::FactMode,
    pub(crate) judgement: bool,
    pub(crate) cites: Vec<Cites>,
    pub(crate) ask: Name,
}

/// A type as written; the name of an entity type is not yet looked up.
#[derive(Clone, Debug)]
pub(crate) struct TypeName {
    pub(crate) value: Type,
    pub(crate) place: Place,
}

#[derive(Clone, Debug)]
pub(crate) struct CalendarItem {
    pub(crate) name: Name,
    pub(crate) cites: Vec<Cites>,
    pub(crate) weekend: Vec<i8>,
    pub(crate) holidays: Vec<Holiday>,
}

#[derive(Clone, Debug)]
pub(crate) struct ClaimItem {
    pub(crate) kind: grounds_core::ClaimKind,
    pub(crate) name: Name,
    pub(crate) parameters: Vec<Name>,
    pub(crate) value: Option<TypeName>,
    pub(crate) say: Name,
    pub(crate) say_not: Option<Name>,
}

#[derive(Clone, Debug)]
pub(crate) struct RuleItem {
    pub(crate) id: Name,
    /// What it is an exception to.
    pub(crate) to: Option<Name>,
    pub(crate) cites: Vec<Cites>,
    pub(crate) in_force: Option<Validity>,
    /// `for each (p, c) in Controls`
    pub(crate) for_each: Option<Range>,
    pub(crate) head: Head,
    pub(crate) conclusion: ConclusionTerm,
    pub(crate) condition: Option<Term>,
    /// Of a limit: whether it says `at most`.
    pub(crate) at_most: Option<bool>,
    /// Whether it says `only when`.
    pub(crate) only: bool,
    pub(crate) readings: Vec<ReadingItem>,
}

/// `reading "…" by "…" 2026-01-10 rival "…"`
#[derive(Clone, Debug)]
pub(crate) struct ReadingItem {
    pub(crate) text: Name,
    pub(crate) by: Name,
    pub(crate) on: jiff::civil::Date,
    pub(crate) rival: Option<Name>,
}

/// `amend s63c7 cites … in s63c2C put USD 12 000 for USD 3 000`
#[derive(Clone, Debug)]
pub(crate) struct AmendItem {
    pub(crate) id: Name,
    pub(crate) cites: Vec<Cites>,
    pub(crate) in_force: Option<Validity>,
    pub(crate) changes: Vec<AmendChange>,
}

#[derive(Clone, Debug)]
pub(crate) struct AmendChange {
    pub(crate) rule: Name,
    pub(crate) to: Term,
    pub(crate) from: Term,
    pub(crate) condition: Option<Term>,
}

/// `table national_age | state : text | gives age : number | …`
#[derive(Clone, Debug)]
pub(crate) struct TableItem {
    pub(crate) name: Name,
    pub(crate) keys: Vec<ColumnItem>,
    pub(crate) values: Vec<ColumnItem>,
    /// Of every row.
    pub(crate) cites: Vec<Cites>,
    pub(crate) rows: Vec<RowItem>,
}

#[derive(Clone, Debug)]
pub(crate) struct ColumnItem {
    pub(crate) name: Name,
    pub(crate) value: TypeName,
}

#[derive(Clone, Debug)]
pub(crate) struct RowItem {
    pub(crate) values: Vec<Term>,
    pub(crate) cites: Vec<Cites>,
    pub(crate) in_force: Option<Validity>,
    pub(crate) place: Place,
}

/// `ReportBy(i)`
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) claim: Name,
    pub(crate) variables: Vec<Name>,
    pub(crate) place: Place,
}

#[derive(Clone, Debug)]
pub(crate) enum ConclusionTerm {
    /// `Head`
    Holds,
    /// `Head = expression`
    Value(Term),
    /// `not Head`
    Not,
    /// `Head is none`
    IsNone,
}

/// A condition or expression: the grammar is one, only types tell them apart.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub(crate) kind: TermKind,
    pub(crate) place: Place,
    /// How many terms it is high; bounded, so that no later pass can exhaust the stack.
    pub(crate) height: usize,
}

/// `x in Firm where …`, or `(p, c) in Controls where …`: variables, what they range over, and which of these are meant.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub(crate) variables: Vec<Name>,
    /// An entity type, or the relation of a tuple.
    pub(crate) of: Name,
    pub(crate) is_tuple: bool,
    pub(crate) condition: Option<Box<Term>>,
}

#[derive(Clone, Debug)]
pub(crate) enum TermKind {
    Literal(Value),
    Provision {
        source: Name,
        pinpoint: Name,
    },
    Variable(Name),
    Call {
        name: Name,
        arguments: Vec<Term>,
    },
    Attribute {
        of: Box<Term>,
        name: Name,
    },
    AsOf,
    All(Vec<Term>),
    Any(Vec<Term>),
    Not(Box<Term>),
    Has(Box<Term>),
    HasNot(Box<Term>),
    Exists(Range),
    Compare {
        left: Box<Term>,
        operator: Comparison,
        right: Box<Term>,
    },
    In {
        value: Box<Term>,
        choices: Vec<Term>,
    },
    Add(Box<Term>, Box<Term>),
    Subtract(Box<Term>, Box<Term>),
    Multiply(Box<Term>, Box<Term>),
    Divide(Box<Term>, Box<Term>),
    Round {
        value: Box<Term>,
        mode: RoundingMode,
        to: Option<Box<Term>>,
    },
    Shift {
        start: Box<Term>,
        backwards: bool,
        duration: grounds_core::Duration,
        calendar: Option<Name>,
    },
    DateOf(Box<Term>),
    DaysBetween(Box<Term>, Box<Term>),
    YearsBetween(Box<Term>, Box<Term>),
    YearOf(Box<Term>),
    MonthOf(Box<Term>),
    DayOf(Box<Term>),
    StartOfYear(Box<Term>),
    CloseOfYear(Box<Term>),
    /// `brackets of x (15% to USD 36 900, 28% above)`: rates and ends.
    Brackets {
        value: Box<Term>,
        slices: Vec<(Term, Option<Term>)>,
    },
    /// `national_age(p.state).age`
    Row {
        table: Name,
        keys: Vec<Term>,
        column: Name,
    },
    /// `greatest of x for each …`
    Extreme {
        greatest: bool,
        value: Box<Term>,
        range: Range,
    },
    Greatest(Vec<Term>),
    Least(Vec<Term>),
    Sum {
        value: Box<Term>,
        range: Range,
    },
    Count(Range),
}

#[derive(Clone, Debug)]
pub(crate) struct TestItem {
    pub(crate) name: Name,
    pub(crate) as_of: jiff::civil::Date,
    pub(crate) statements: Vec<Statement>,
}

#[derive(Clone, Debug)]
pub(crate) enum Statement {
    Entity {
        name: Name,
        entity_type: Name,
    },
    /// `no value` is plain yes.
    Fact {
        atom: Term,
        value: StatedValue,
        in_force: Option<Validity>,
    },
    Expect {
        atom: Term,
        expected: ExpectedTerm,
        place: Place,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum StatedValue {
    Yes,
    No,
    Literal(Term),
    Name(Name),
}

#[derive(Clone, Debug)]
pub(crate) enum ExpectedTerm {
    Holds,
    Value(StatedValue),
    DoesNotHold,
    Conflict,
    Undetermined(Vec<Term>),
}
