//! Compiled rules as data: what the evaluator runs and the checker checks.
//!
//! The meaning of every construct is fixed in `docs/rules.md`, section "Meaning"; both programs follow it independently.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{DocumentId, Duration, Type, UnitId, Validity, Value};

/// All declarations and rules that one evaluation uses, in the order of their files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Names of entity types.
    pub entities: Vec<String>,
    /// What can be known.
    pub facts: Vec<FactDeclaration>,
    /// What can be concluded.
    pub claims: Vec<ClaimDeclaration>,
    /// Which days are working days.
    pub calendars: Vec<Calendar>,
    /// Encoded norms. Ids are unique.
    pub rules: Vec<Rule>,
    /// Declared orders between exceptions.
    pub preferences: Vec<Preference>,
    /// Rows of values laid down by law, looked up exactly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<ValueTable>,
}

/// Values laid down by law for given keys: an age for each country, an amount for each year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueTable {
    /// Its name.
    pub name: String,
    /// What a row is found by, besides the date; none for a value that only time changes.
    pub keys: Vec<Column>,
    /// What a row says; at least one.
    pub values: Vec<Column>,
    /// No two rows with equal keys are in force on one day.
    pub rows: Vec<ValueRow>,
}

/// A column of a table. Entities are no values of columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name, once in its table.
    pub name: String,
    /// The type of its values.
    pub value: Type,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueRow {
    /// One for each key column, then one for each value column.
    pub values: Vec<Value>,
    /// Where it is laid down.
    pub cites: Vec<Citation>,
    /// Days on which it is law.
    pub in_force: Validity,
}

/// What the absence of a fact means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactMode {
    /// Absent means unknown.
    Open,
    /// Absent means there is none.
    Closed,
    /// Absent means this yes or no, until the party bearing the burden shows otherwise.
    Presumed {
        /// What is presumed.
        value: bool,
        /// Who must show otherwise.
        burden: String,
    },
}

/// A declared fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactDeclaration {
    /// "Incident.detected_at", or "Controls" for a relation of several entities.
    pub predicate: String,
    /// Entity types of the arguments.
    pub parameters: Vec<String>,
    /// The type of its value.
    pub value: Type,
    /// What absence means.
    pub mode: FactMode,
    /// Whether it is a human judgement ("unlikely to result in a risk") rather than an observation.
    pub judgement: bool,
    /// The question that settles it; `{Incident}` stands for the argument of that entity type.
    pub ask: String,
    /// The provisions whose words it renders; may be empty.
    #[serde(default)]
    pub cites: Vec<Citation>,
}

/// What a claim is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// A step on the way.
    Claim,
    /// A breach of a provision.
    Violation,
    /// What the law allows as a consequence.
    Sanction,
}

/// A declared claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimDeclaration {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub kind: ClaimKind,
    /// Entity types of the arguments.
    pub parameters: Vec<String>,
    /// `Bool` for claims that hold or not.
    pub value: Type,
    /// The sentence that states it; `{Incident}` stands for an argument, `{value}` for the value.
    pub say: String,
    /// The sentence that denies it.
    pub say_not: String,
}

/// A rule's tie to the text it encodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// The cited work.
    pub document: DocumentId,
    /// The cited unit.
    pub unit: UnitId,
    /// The citation as people write it, with the document: "SMC art. 33(1)".
    pub pinpoint: String,
    /// Words that occur in the unit, exactly.
    pub quote: String,
}

/// A day that is not a working day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holiday {
    /// Every year on this day.
    Yearly {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
    /// Once.
    Once(Date),
}

/// Which days are working days, and where that is laid down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Its name.
    pub name: String,
    /// Where it is laid down.
    pub cites: Vec<Citation>,
    /// Days of the week that are not working days; Monday is 1, Sunday is 7. At most six.
    pub weekend: Vec<i8>,
    /// Other days that are not working days.
    pub holidays: Vec<Holiday>,
}

/// A variable that stands for an entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name, unique within its rule.
    pub name: String,
    /// The entity type it ranges over.
    pub entity_type: String,
}

/// Whether a rule stands by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// It does.
    Base,
    /// It takes the place of another rule's conclusion where it applies. Exceptions may have exceptions.
    Exception {
        /// The id of the rule or exception it is an exception to.
        to: String,
    },
    /// It caps the value that the base rules for its claim give.
    Limit {
        /// Whether its value is the most that the claim's value can be; else it is the least.
        at_most: bool,
    },
}

/// An interpretive choice: what the rule's author took the text to mean where it can be read in more than one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The reading taken.
    pub text: String,
    /// Who took it.
    pub by: String,
    /// When.
    pub on: Date,
    /// A reading that was not taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rival: Option<String>,
}

/// An order of the law to read a rule with one value in the place of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// Its name in its program.
    pub id: String,
    /// At least one.
    pub cites: Vec<Citation>,
    /// Days on which it is law.
    pub in_force: Validity,
    /// When it applies, over the rule's own variables.
    pub condition: Condition,
    /// The value that the rule states.
    pub from: Value,
    /// The value it is read with instead.
    pub to: Value,
}

/// An encoded norm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name in its program.
    pub id: String,
    /// Base rule or exception.
    pub kind: RuleKind,
    /// At least one.
    pub cites: Vec<Citation>,
    /// Days on which it is law.
    pub in_force: Validity,
    /// The claim it is about; an exception's is the claim of the rule it is an exception to.
    pub claim: String,
    /// One for each parameter of the claim, in order.
    pub variables: Vec<Variable>,
    /// When it applies.
    pub condition: Condition,
    /// What follows.
    pub conclusion: Conclusion,
    /// Whether its claim holds only when it says so ("if, and only if"): it then also decides that the claim does not hold.
    #[serde(default, skip_serializing_if = "is_false")]
    pub only: bool,
    /// Interpretive choices it makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
    /// Amendments to it, in the program's order; the first that applies to a value replaces it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amendments: Vec<Amendment>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_false(value: &bool) -> bool {
    !value
}

/// What a rule that applies says of its claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// A yes-or-no claim holds.
    Holds,
    /// The claim has this value.
    Value(Expression),
    /// The claim does not hold, or has no value. Only in exceptions.
    None,
}

/// A declared order between two exceptions to the same rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preference {
    /// The exception that wins.
    pub over: String,
    /// The exception that yields.
    pub under: String,
    /// Why.
    pub cites: Vec<Citation>,
}

/// A fact or claim with its arguments, each an expression for an entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Atom {
    /// A declared fact or claim.
    pub predicate: String,
    /// As many as it has parameters.
    pub arguments: Vec<Expression>,
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What must be so for a rule to apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Nothing.
    Always,
    /// All of these.
    All(Vec<Condition>),
    /// At least one of these.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// A yes-or-no fact is yes, or a claim holds.
    Holds(Atom),
    /// A fact or claim has a value.
    Has(Atom),
    /// Two values compare so. A value that does not exist compares with nothing: not met.
    Compare {
        /// The left side.
        left: Expression,
        /// The operator.
        operator: Comparison,
        /// The right side.
        right: Expression,
    },
    /// The value equals one of these.
    In {
        /// The value.
        value: Expression,
        /// At least one.
        choices: Vec<Expression>,
    },
    /// Some entity of the case meets the condition.
    Exists {
        /// What stands for it.
        variable: Variable,
        /// What it must meet.
        condition: Box<Condition>,
    },
}

/// How a number is made a multiple of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// Towards minus infinity.
    Down,
    /// Towards plus infinity.
    Up,
    /// To the nearest, halves away from zero.
    HalfUp,
    /// To the nearest, halves to the even multiple.
    HalfEven,
}

/// A rounding, spelled out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounding {
    /// How.
    pub mode: RoundingMode,
    /// To multiples of this positive number or amount; `None` means the currency's minor unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
}

/// What a value is computed from. All arithmetic is exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expression {
    /// A fixed value.
    Literal(Value),
    /// The entity a variable stands for.
    Variable(String),
    /// The date whose law applies.
    AsOf,
    /// The value of a fact or claim.
    Atom(Atom),
    /// Number + number, money + money of one currency, length of time + length of time, or date or instant + length of time.
    Add(Box<Expression>, Box<Expression>),
    /// Number − number, money − money of one currency, length of time − length of time, or date or instant − length of time.
    Subtract(Box<Expression>, Box<Expression>),
    /// Number ÷ number, money ÷ number, or money ÷ money of one currency, which is a number; exact, and without a value where the divisor is 0.
    Divide(Box<Expression>, Box<Expression>),
    /// Number × number, number × money or number × length of time, exact: money may have fractions of a minor unit until it is rounded, a
    /// length of time has whole units.
    Multiply(Box<Expression>, Box<Expression>),
    /// Rounds a number or money.
    Round(Box<Expression>, Rounding),
    /// Moves a date or instant by a duration. Working days apply to dates only, and need a calendar.
    Shift {
        /// From here.
        start: Box<Expression>,
        /// By this much.
        duration: Duration,
        /// Earlier instead of later.
        backwards: bool,
        /// The calendar for working days.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        calendar: Option<String>,
    },
    /// The civil date of an instant, at the instant's own offset.
    DateOf(Box<Expression>),
    /// The year of a date. A number.
    YearOf(Box<Expression>),
    /// The month of a date, 1 to 12. A number.
    MonthOf(Box<Expression>),
    /// The day of a date in its month, 1 to 31. A number.
    DayOf(Box<Expression>),
    /// The first day, or the last, of the year with this whole number.
    DayOfYear {
        /// The year.
        year: Box<Expression>,
        /// Whether the last day is meant.
        last: bool,
    },
    /// Completed years from the first date to the second, as ages are counted; negative where the second is earlier. A number.
    YearsBetween(Box<Expression>, Box<Expression>),
    /// An amount, slice by slice at rates of its own: money, perhaps with fractions of a minor unit.
    Brackets {
        /// The amount.
        value: Box<Expression>,
        /// In rising order; only the last has no end.
        slices: Vec<Slice>,
    },
    /// What the row of a table says that is in force and has these keys; no value where there is no such row.
    Row {
        /// The table.
        table: String,
        /// One for each of its key columns.
        keys: Vec<Expression>,
        /// The column meant.
        column: String,
    },
    /// Whole days from the first date to the second; negative where the second is earlier. A number.
    DaysBetween(Box<Expression>, Box<Expression>),
    /// The greatest of at least one value; a value that does not exist is left out.
    Greatest(Vec<Expression>),
    /// The least of at least one value; a value that does not exist is left out.
    Least(Vec<Expression>),
    /// The sum of `value` over the entities that meet `condition`; a value that does not exist is left out.
    Sum {
        /// What stands for each entity.
        variable: Variable,
        /// What is summed: a number, money or a length of time.
        value: Box<Expression>,
        /// Which entities count.
        condition: Box<Condition>,
        /// The sum of nothing: the number 0, an amount of 0 in the currency summed, or no time.
        zero: Value,
    },
    /// The greatest (or least) `value` over the entities that meet `condition`; a value that does not exist is left out.
    Extreme {
        /// Whether the greatest is meant.
        greatest: bool,
        /// What stands for each entity.
        variable: Variable,
        /// What is chosen from.
        value: Box<Expression>,
        /// Which entities count.
        condition: Box<Condition>,
    },
    /// How many entities meet `condition`. A number.
    Count {
        /// What stands for each entity.
        variable: Variable,
        /// Which entities count.
        condition: Box<Condition>,
    },
}

/// A slice of an amount, taxed at one rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// A number.
    pub rate: Expression,
    /// Where the slice ends, an amount; `None` means that it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Expression>,
}
