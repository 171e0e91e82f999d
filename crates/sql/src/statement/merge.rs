//! MERGE: rows of a source against rows of a table, clause by clause.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use datafusion::sql::sqlparser::ast::{
    Expr, Join, JoinConstraint, JoinOperator, Merge, MergeAction, MergeClause, MergeClauseKind, MergeInsertExpr,
    MergeInsertKind, Statement, TableFactor, TableWithJoins, Value,
};
use grounds_core::Cell;

use crate::catalog::KEY_COLUMN;
use crate::session::StatementResult;
use crate::statement::conflict::Conflict;
use crate::statement::insert::{add, converted};
use crate::statement::select::{Changed, ChangedRow, select};
use crate::statement::target::{self, Given};
use crate::statement::writer::Writer;
use crate::statement::{delete, literal, query, update};
use crate::syntax::{Parsed, parse_expression};
use crate::{Session, SqlError, arrays};

/// What the clauses found, before anything is written.
#[derive(Default)]
struct Found {
    deleted: Vec<ChangedRow>,
    updated: Vec<ChangedRow>,
    /// For each clause that inserts its columns and rows.
    inserted: Vec<(Vec<Given>, Vec<Vec<Cell>>)>,
}

/// Runs a MERGE.
pub(crate) async fn run(session: &mut Session, parsed: &Parsed, merge: &Merge) -> Result<StatementResult, SqlError> {
    if merge.output.is_some() {
        return Err(SqlError::Unsupported { what: "MERGE ... OUTPUT".to_owned(), instead: "" });
    }
    let changed = Changed::find(session, parsed, &merge.table)?;
    let mut found = Found::default();
    for (at, clause) in merge.clauses.iter().enumerate() {
        let condition = condition(&merge.clauses[..at], clause);
        run_clause(session, parsed, merge, &changed, clause, condition, &mut found).await?;
    }
    let definition = Arc::clone(&changed.definition);
    let mut once = HashSet::new();
    for row in found.deleted.iter().chain(&found.updated) {
        if !once.insert((row.key.clone(), row.validity)) {
            let writer = Writer::new(session, &definition);
            let key = writer.key_text(&row.values);
            return Err(SqlError::ChangedTwice { table: definition.name.clone(), key });
        }
    }
    let defaults = {
        let reader = session.reader()?;
        let standpoint = session.standpoint(&reader, session.transaction.as_ref());
        let database = &session.database;
        let context = crate::context::Context::new(&database.state, standpoint, &database.functions, &[], &[])?;
        target::default_cells(&context, &definition)?
    };
    let mut writer = Writer::new(session, &definition);
    let mut count = delete::remove(&mut writer, found.deleted)?;
    count += update::write(writer.session, &definition, found.updated, false)?.0;
    for (given, rows) in found.inserted {
        for row in rows {
            count += add(&mut writer, &given, &defaults, row, &Conflict::Fail)?;
        }
    }
    session.open_transaction()?.summarise(format!("merge {count} into {}", definition.name));
    Ok(StatementResult::changed("MERGE", count))
}

async fn run_clause(
    session: &Session,
    parsed: &Parsed,
    merge: &Merge,
    changed: &Changed,
    clause: &MergeClause,
    condition: Option<Expr>,
    found: &mut Found,
) -> Result<(), SqlError> {
    let target_table = changed.factor()?;
    let keys_only: Vec<_> = update::new_values(changed, &[])?;
    match (clause.clause_kind, &clause.action) {
        (MergeClauseKind::Matched, MergeAction::Update(update)) => {
            let from = joined(target_table, &merge.source, &merge.on, JoinKind::Inner);
            let values = update::new_values(changed, &update.assignments)?;
            found.updated.extend(changed.select(session, parsed, vec![from], condition, values).await?);
        }
        (MergeClauseKind::Matched, MergeAction::Delete { .. }) => {
            let from = joined(target_table, &merge.source, &merge.on, JoinKind::Inner);
            found.deleted.extend(changed.select(session, parsed, vec![from], condition, keys_only).await?);
        }
        (MergeClauseKind::NotMatchedBySource, action) => {
            let alone = without_match(session, parsed, merge, changed, condition).await?;
            match action {
                MergeAction::Delete { .. } => found.deleted.extend(alone.0),
                MergeAction::Update(update) => {
                    let values = update::new_values(changed, &update.assignments)?;
                    let from = vec![target_table];
                    let rows = changed.select(session, parsed, from, alone.1, values).await?;
                    let keys: HashSet<_> = alone.0.iter().map(|row| (row.key.clone(), row.validity)).collect();
                    let is_alone = |row: &ChangedRow| keys.contains(&(row.key.clone(), row.validity));
                    found.updated.extend(rows.into_iter().filter(is_alone));
                }
                MergeAction::Insert(_) => return Err(misplaced("INSERT", "WHEN NOT MATCHED BY SOURCE")),
            }
        }
        (MergeClauseKind::NotMatched | MergeClauseKind::NotMatchedByTarget, MergeAction::Insert(insert)) => {
            let source = TableWithJoins { relation: merge.source.clone(), joins: Vec::new() };
            let from = joined(source, &target_table.relation, &merge.on, JoinKind::Left);
            let unmatched = Expr::IsNull(Box::new(changed.column(KEY_COLUMN)));
            let condition = Some(and(unmatched, condition));
            found.inserted.push(inserted(session, parsed, changed, insert, from, condition).await?);
        }
        (MergeClauseKind::Matched, MergeAction::Insert(_)) => return Err(misplaced("INSERT", "WHEN MATCHED")),
        (_, MergeAction::Update(_)) => return Err(misplaced("UPDATE", "WHEN NOT MATCHED")),
        (_, MergeAction::Delete { .. }) => return Err(misplaced("DELETE", "WHEN NOT MATCHED")),
    }
    Ok(())
}

/// The rows of the table that no row of the source matches; also the condition, for selecting them again.
async fn without_match(
    session: &Session,
    parsed: &Parsed,
    merge: &Merge,
    changed: &Changed,
    condition: Option<Expr>,
) -> Result<(Vec<ChangedRow>, Option<Expr>), SqlError> {
    let values = update::new_values(changed, &[])?;
    let all = changed.select(session, parsed, vec![changed.factor()?], condition.clone(), values.clone()).await?;
    let from = joined(changed.factor()?, &merge.source, &merge.on, JoinKind::Inner);
    let matched = changed.select(session, parsed, vec![from], None, values).await?;
    let matched: HashSet<_> = matched.into_iter().map(|row| (row.key, row.validity)).collect();
    let is_alone = |row: &ChangedRow| !matched.contains(&(row.key.clone(), row.validity));
    Ok((all.into_iter().filter(is_alone).collect(), condition))
}

/// The rows that a clause inserts.
async fn inserted(
    session: &Session,
    parsed: &Parsed,
    changed: &Changed,
    insert: &MergeInsertExpr,
    from: TableWithJoins,
    condition: Option<Expr>,
) -> Result<(Vec<Given>, Vec<Vec<Cell>>), SqlError> {
    let definition = &changed.definition;
    let names = insert.columns.iter().filter_map(|name| name.0.last().and_then(|part| part.as_ident()));
    let given = target::given_columns(definition, names)?;
    let row = match &insert.kind {
        MergeInsertKind::Values(values) if values.rows.len() == 1 => values.rows[0].content.clone(),
        _ => {
            return Err(SqlError::Unsupported {
                what: "this form of INSERT in MERGE".to_owned(),
                instead: "write INSERT (a, b) VALUES (x, y)",
            });
        }
    };
    if row.len() != given.len() {
        return Err(SqlError::ValueCount { expected: given.len(), found: row.len() });
    }
    let mut items = Vec::with_capacity(row.len());
    for (expression, given) in row.into_iter().zip(&given) {
        let default = match given {
            Given::Cell(position) => definition.columns[*position].default.as_deref().unwrap_or("NULL"),
            Given::Time(_) => "NULL",
        };
        items.push(if literal::is_default(&expression) { parse_expression(default)? } else { expression });
    }
    let query = select(items, vec![from], condition)?;
    let relations = HashMap::from([changed.named_relation()]);
    let stream = query::stream(session, parsed, Statement::Query(Box::new(query)), relations).await?;
    let rows = query::collect(stream).await?;
    let mut cells = Vec::with_capacity(rows.row_count());
    for batch in &rows.batches {
        let columns = converted(batch.columns(), definition, &given)?;
        for row in 0..batch.num_rows() {
            let row_cells = given.iter().zip(&columns);
            cells.push(
                row_cells.map(|(given, array)| arrays::cell(array, given.column_type(definition), row)).collect(),
            );
        }
    }
    Ok((given, cells))
}

enum JoinKind {
    Inner,
    Left,
}

fn joined(left: TableWithJoins, right: &TableFactor, on: &Expr, kind: JoinKind) -> TableWithJoins {
    let constraint = JoinConstraint::On(on.clone());
    let join_operator = match kind {
        JoinKind::Inner => JoinOperator::Inner(constraint),
        JoinKind::Left => JoinOperator::LeftOuter(constraint),
    };
    let mut joins = left.joins;
    joins.push(Join { relation: right.clone(), global: false, join_operator });
    TableWithJoins { relation: left.relation, joins }
}

/// When a clause applies: its own condition, and none of the clauses of its kind before it.
fn condition(earlier: &[MergeClause], clause: &MergeClause) -> Option<Expr> {
    let same = earlier.iter().filter(|other| is_same_kind(other.clause_kind, clause.clause_kind));
    let mut condition = clause.predicate.clone();
    for other in same {
        let holds = other.predicate.clone().unwrap_or_else(|| Expr::value(Value::Boolean(true)));
        let not = Expr::IsNotTrue(Box::new(Expr::Nested(Box::new(holds))));
        condition = Some(and(not, condition));
    }
    condition
}

fn is_same_kind(one: MergeClauseKind, other: MergeClauseKind) -> bool {
    let by_target = |kind| matches!(kind, MergeClauseKind::NotMatched | MergeClauseKind::NotMatchedByTarget);
    one == other || by_target(one) && by_target(other)
}

fn and(first: Expr, second: Option<Expr>) -> Expr {
    use datafusion::sql::sqlparser::ast::BinaryOperator;
    let Some(second) = second else { return first };
    let (left, right) = (Box::new(Expr::Nested(Box::new(first))), Box::new(Expr::Nested(Box::new(second))));
    Expr::BinaryOp { left, op: BinaryOperator::And, right }
}

fn misplaced(action: &str, clause: &str) -> SqlError {
    SqlError::Unsupported { what: format!("{action} in {clause}"), instead: "" }
}
