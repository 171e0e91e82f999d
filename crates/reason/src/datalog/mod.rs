//! The Datalog core: relations of exact values, rules with recursion, stratified absence and aggregates, and where every row comes from.
//!
//! It knows nothing of the rule language. A [`Program`] declares relations and rules; a [`Theory`] adds facts; its [`Model`] is all that
//! follows. The modules stand in the order in which a program flows through them.
//!
//! Evaluation is semi-naive and goes by rounds; a row's place tells the rule and the round that derived it, so that keeping provenance
//! costs next to nothing; `docs/decisions/0010-datalog-by-arrival.md` has the reasons.
//!
//! # Examples
//! Who controls whom, through any number of companies, and how many each controls:
//! ```
//! use grounds_reason::datalog::{Aggregate, Budget, ColumnType, Function, Literal, Program, Term, Theory, Value, Variable};
//!
//! let mut program = Program::default();
//! let symbol = ColumnType::Symbol;
//! let owns = program.relation("owns", &[symbol, symbol]);
//! let controls = program.relation("controls", &[symbol, symbol]);
//! let size = program.relation("size", &[symbol, ColumnType::Number]);
//! let [x, y, z, n] = [0, 1, 2, 3].map(|number| Term::Variable(Variable(number)));
//! program.rule("directly", controls.atom([x, y]), vec![owns.holds([x, y])]);
//! program.rule("through another", controls.atom([x, z]), vec![controls.holds([x, y]), owns.holds([y, z])]);
//! let count = Aggregate {
//!     result: Variable(3),
//!     function: Function::Count,
//!     value: Term::Any,
//!     over: vec![controls.holds([x, y])],
//! };
//! program.rule("size", size.atom([x, n]), vec![owns.holds([x, Term::Any]), Literal::Aggregate(count)]);
//!
//! let mut theory = Theory::new(program)?;
//! theory.insert_symbols(owns, &[1, 2, 2, 3])?;
//! let mut never = || false;
//! let mut budget = Budget { fact_count_max: 1_000, memory_bytes_max: 1_000_000, is_stopped: &mut never };
//! let model = theory.model(&mut budget)?;
//! assert!(model.contains(controls, &[Value::Symbol(1), Value::Symbol(3)])?);
//! assert_eq!(model.rows(size), [[Value::Symbol(1), Value::Number(2)], [Value::Symbol(2), Value::Number(1)]]);
//! # Ok::<(), grounds_reason::datalog::DatalogError>(())
//! ```

mod value;
mod hash;
mod program;
mod error;
mod types;
mod core_rule;
mod from_program;
mod strata;
mod rows;
mod index;
mod relation;
mod plan;
mod budget;
mod join;
mod total;
mod component;
mod theory;
mod model;
mod search;
mod derivation;

pub use budget::Budget;
pub use derivation::{Choice, Derivation, Premise, Proof, ProofStep, Prover};
pub use error::DatalogError;
pub use model::{Model, Origin};
pub use program::{
    Aggregate, Atom, Comparison, Expression, Function, Literal, Program, RelationDeclaration, RelationId, Rule, Term,
    Threshold, Variable,
};
pub use theory::Theory;
pub use value::{ColumnType, SYMBOL_END, Value};
