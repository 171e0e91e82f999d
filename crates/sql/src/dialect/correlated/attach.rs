//! A subquery's result, joined to the rows that ask for it.

use datafusion::arrow::datatypes::FieldRef;
use datafusion::common::{Column, Result, ScalarValue};
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::{
    AggregateUDF, Expr, ExprSchemable, Filter, JoinType, LogicalPlan, LogicalPlanBuilder, Subquery, lit, when,
};

use super::super::single_value::SingleValue;
use super::push::{self, Pushed};
use super::{FreshNames, outer};

/// The input joined with the subquery's result, and the expression that now stands for the subquery.
///
/// Every row of the input stays, once.
pub(super) fn attach(input: LogicalPlan, subquery: Expr, names: &mut FreshNames) -> Result<(LogicalPlan, Expr)> {
    match subquery {
        Expr::ScalarSubquery(subquery) => attach_value(input, &subquery, names),
        Expr::Exists(Exists { subquery, negated }) => {
            let (input, found) = attach_existence(input, &subquery, names)?;
            Ok((input, if negated { Expr::Not(found.into()) } else { found }))
        }
        Expr::InSubquery(InSubquery { expr, subquery, negated }) => {
            let (input, found) = attach_membership(input, *expr, &subquery, names)?;
            Ok((input, if negated { Expr::Not(found.into()) } else { found }))
        }
        other => Ok((input, other)),
    }
}

/// The outer columns that a subquery mentions, and its plan with the combinations of their values taken in.
struct Asked {
    outer: Vec<(Column, FieldRef)>,
    answer: Pushed,
}

impl Asked {
    fn new(input: &LogicalPlan, subquery: &Subquery, names: &mut FreshNames) -> Result<Asked> {
        let outer = outer::mentioned(&subquery.subquery, &[input])?;
        let answer = push::push(&subquery.subquery, &push::Outer { rows: input, columns: &outer }, names)?;
        Ok(Asked { outer, answer })
    }

    /// The key columns, to be selected under the names that they have after the join.
    fn keys_as(&self, alias: &str) -> Vec<Expr> {
        let named = |(index, key): (usize, &Column)| Expr::Column(key.clone()).alias(format!("{alias}_{index}"));
        self.outer.iter().map(|(column, _)| &self.answer.keys[column]).enumerate().map(named).collect()
    }

    fn keys(&self) -> Vec<Expr> {
        self.outer.iter().map(|(column, _)| Expr::Column(self.answer.keys[column].clone())).collect()
    }

    /// Joins `answers`, whose keys have the names of `keys_as(alias)`, to the input, at most one to a row.
    fn join(
        &self,
        input: LogicalPlan,
        answers: LogicalPlan,
        alias: &str,
        condition: Option<Expr>,
    ) -> Result<LogicalPlan> {
        let name = |index: usize, _: &Column| unqualified(&format!("{alias}_{index}"));
        let on = push::same_keys(&self.outer, |column| Expr::Column(column.clone()), name)?;
        push::join(input, answers, JoinType::Left, on, condition)
    }
}

fn attach_value(input: LogicalPlan, subquery: &Subquery, names: &mut FreshNames) -> Result<(LogicalPlan, Expr)> {
    let asked = Asked::new(&input, subquery, names)?;
    let value = Expr::Column(subquery.subquery.schema().columns()[0].clone());
    let alias = names.next();
    let mut answers = LogicalPlanBuilder::from(asked.answer.plan.clone());
    let mut answer = value.clone();
    if !is_one_row(&subquery.subquery) {
        let only = AggregateUDF::from(SingleValue::new()).call(vec![value]).alias(&alias);
        answers = answers.aggregate(asked.keys(), vec![only])?;
        answer = unqualified(&alias);
    }
    let columns = [answer.alias(&alias)].into_iter().chain(asked.keys_as(&alias));
    let answers = answers.project(columns)?.build()?;
    Ok((asked.join(input, answers, &alias, None)?, unqualified(&alias)))
}

/// Whether a subquery gives one row at most whatever the outer row is.
fn is_one_row(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(_) | LogicalPlan::SubqueryAlias(_) | LogicalPlan::Sort(_) | LogicalPlan::Filter(_) => {
            is_one_row(plan.inputs()[0])
        }
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
        other => other.max_rows().is_some_and(|rows| rows <= 1),
    }
}

fn attach_existence(input: LogicalPlan, subquery: &Subquery, names: &mut FreshNames) -> Result<(LogicalPlan, Expr)> {
    let asked = Asked::new(&input, subquery, names)?;
    let alias = names.next();
    let answers = LogicalPlanBuilder::from(asked.answer.plan.clone());
    if asked.outer.is_empty() {
        let counted = answers.limit(0, Some(1))?.aggregate(Vec::<Expr>::new(), [count(lit(1)).alias(&alias)])?;
        let any = counted.project([unqualified(&alias).gt(lit(0)).alias(&alias)])?.build()?;
        return Ok((input, scalar(any)));
    }
    let keys = answers.project(asked.keys_as(&alias))?.distinct()?.build()?;
    let marked =
        keys.schema().columns().into_iter().map(Expr::Column).chain([lit(true).alias(&alias)]).collect::<Vec<_>>();
    let answers = LogicalPlanBuilder::from(keys).project(marked)?.build()?;
    Ok((asked.join(input, answers, &alias, None)?, unqualified(&alias).is_not_null()))
}

/// `value IN (subquery)` with its three answers: found; not among no rows or among known ones; unknown where either side has an
/// absent value that could be equal.
fn attach_membership(
    input: LogicalPlan,
    value: Expr,
    subquery: &Subquery,
    names: &mut FreshNames,
) -> Result<(LogicalPlan, Expr)> {
    let asked = Asked::new(&input, subquery, names)?;
    let member = Expr::Column(subquery.subquery.schema().columns()[0].clone());
    let may_be_absent = member.nullable(subquery.subquery.schema())? || value.nullable(input.schema())?;

    let (mark, found) = (names.next(), names.next());
    let members = [member.clone().alias(&found)].into_iter().chain(asked.keys_as(&mark));
    let members = LogicalPlanBuilder::from(asked.answer.plan.clone()).project(members)?.distinct()?.build()?;
    let members = LogicalPlan::Filter(Filter::try_new(unqualified(&found).is_not_null(), members.into())?);
    let marked =
        members.schema().columns().into_iter().map(Expr::Column).chain([lit(true).alias(&mark)]).collect::<Vec<_>>();
    let members = LogicalPlanBuilder::from(members).project(marked)?.build()?;
    let mut joined = asked.join(input, members, &mark, Some(value.clone().eq(unqualified(&found))))?;
    let is_found = unqualified(&mark).is_not_null();
    if !may_be_absent {
        return Ok((joined, is_found));
    }

    let (rows, known) = (names.next(), names.next());
    let counts = [count(lit(1)).alias(&rows), count(member).alias(&known)];
    let counted = LogicalPlanBuilder::from(asked.answer.plan.clone()).aggregate(asked.keys(), counts)?;
    let columns =
        [unqualified(&rows).alias(&rows), unqualified(&known).alias(&known)].into_iter().chain(asked.keys_as(&rows));
    joined = asked.join(joined, counted.project(columns)?.build()?, &rows, None)?;
    let is_empty = unqualified(&rows).is_null().or(unqualified(&rows).eq(lit(0)));
    let is_unknown = value.is_null().or(unqualified(&known).lt(unqualified(&rows)));
    let answer = when(is_found, lit(true))
        .when(is_empty, lit(false))
        .when(is_unknown, lit(ScalarValue::Boolean(None)))
        .otherwise(lit(false))?;
    Ok((joined, answer))
}

fn unqualified(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

fn scalar(plan: LogicalPlan) -> Expr {
    Expr::ScalarSubquery(Subquery { subquery: plan.into(), outer_ref_columns: Vec::new(), spans: Default::default() })
}
