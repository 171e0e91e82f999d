//! Takes the outer rows that a subquery mentions into the subquery's own plan, below the operators that mention them.

use std::sync::Arc;

use datafusion::arrow::datatypes::FieldRef;
use datafusion::common::{Column, NullEquality, Result, ScalarValue};
use datafusion::functions::expr_fn::coalesce;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::expr::{AggregateFunction, WindowFunction};
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, ExprFunctionExt, FetchType, Filter, Join, JoinConstraint, JoinType, Limit, LogicalPlan,
    LogicalPlanBuilder, Projection, SkipType, Sort, SortExpr, Union, lit,
};

use super::outer::{self, Keys, localize, unsupported};
use super::{FreshNames, has_subquery};

/// Outer columns have a table of their own, so that no later rule takes them for columns of whatever table it looks at.
const QUALIFIER: &str = "__outer";

/// The rows around a subquery and those of their columns that it mentions.
pub(super) struct Outer<'a> {
    pub(super) rows: &'a LogicalPlan,
    pub(super) columns: &'a [(Column, FieldRef)],
}

impl Outer<'_> {
    /// Each combination of the values of the columns once, under fresh names.
    fn combinations(&self, names: &mut FreshNames) -> Result<Pushed> {
        let named = self.columns.iter().map(|(column, _)| (column.clone(), names.next())).collect::<Vec<_>>();
        let columns =
            named.iter().map(|(column, name)| Expr::Column(column.clone()).alias_qualified(Some(QUALIFIER), name));
        let plan = LogicalPlanBuilder::from(self.rows.clone()).project(columns)?.distinct()?.build()?;
        let keys = named.into_iter().map(|(column, name)| (column, Column::new(Some(QUALIFIER), name))).collect();
        Ok(Pushed { plan, keys })
    }
}

/// A plan that gives for every combination of outer values the rows that the subquery gives for it.
#[derive(Clone)]
pub(super) struct Pushed {
    pub(super) plan: LogicalPlan,
    /// Where the combination stands in each row.
    pub(super) keys: Keys,
}

/// Pushes the outer rows into `plan`. Without outer columns the plan stays as it is.
pub(super) fn push(plan: &LogicalPlan, outer: &Outer<'_>, names: &mut FreshNames) -> Result<Pushed> {
    if outer.columns.is_empty() {
        return Ok(Pushed { plan: plan.clone(), keys: Keys::new() });
    }
    if !outer::mentions(plan, outer.columns)? {
        let combinations = outer.combinations(names)?;
        let plan = LogicalPlanBuilder::from(plan.clone()).cross_join(combinations.plan)?.build()?;
        return Ok(Pushed { plan, keys: combinations.keys });
    }
    match plan {
        LogicalPlan::Projection(projection) => push_projection(plan, projection, outer, names),
        LogicalPlan::Filter(filter) => {
            let input = push(&filter.input, outer, names)?;
            let predicate = localize(filter.predicate.clone(), plan, &input.keys)?;
            Ok(Pushed { plan: LogicalPlan::Filter(Filter::try_new(predicate, input.plan.into())?), keys: input.keys })
        }
        LogicalPlan::Aggregate(aggregate) if aggregate.group_expr.is_empty() => {
            push_total(plan, aggregate, outer, names)
        }
        LogicalPlan::Aggregate(aggregate) => push_groups(plan, aggregate, outer, names),
        LogicalPlan::SubqueryAlias(alias) => {
            let input = push(&alias.input, outer, names)?;
            let keys =
                input.keys.into_iter().map(|(column, key)| (column, Column::new(Some(alias.alias.clone()), key.name)));
            let plan = LogicalPlanBuilder::from(input.plan).alias(alias.alias.clone())?.build()?;
            Ok(Pushed { plan, keys: keys.collect() })
        }
        LogicalPlan::Distinct(Distinct::All(input)) => {
            let input = push(input, outer, names)?;
            Ok(Pushed { plan: LogicalPlanBuilder::from(input.plan).distinct()?.build()?, keys: input.keys })
        }
        LogicalPlan::Sort(sort) => push_sort(plan, sort, outer, names),
        LogicalPlan::Limit(limit) => push_limit(plan, limit, outer, names),
        LogicalPlan::Window(window) => {
            let input = push(&window.input, outer, names)?;
            let exprs = window
                .window_expr
                .iter()
                .map(|expr| partition_by_keys(localize(expr.clone(), plan, &input.keys)?, &input.keys));
            let exprs = exprs.collect::<Result<Vec<_>>>()?;
            Ok(Pushed { plan: LogicalPlanBuilder::from(input.plan).window(exprs)?.build()?, keys: input.keys })
        }
        LogicalPlan::Join(join) => push_join(plan, join, outer, names),
        LogicalPlan::Union(union) => push_union(union, outer, names),
        other => unsupported(other),
    }
}

fn key_columns(outer: &Outer<'_>, keys: &Keys) -> Vec<Expr> {
    outer.columns.iter().map(|(column, _)| Expr::Column(keys[column].clone())).collect()
}

fn push_projection(
    node: &LogicalPlan,
    projection: &Projection,
    outer: &Outer<'_>,
    names: &mut FreshNames,
) -> Result<Pushed> {
    let input = push(&projection.input, outer, names)?;
    let mut columns = localize_named(&projection.expr, node, &input.keys)?;
    columns.extend(key_columns(outer, &input.keys));
    Ok(Pushed { plan: LogicalPlan::Projection(Projection::try_new(columns, input.plan.into())?), keys: input.keys })
}

/// Localizes expressions that name columns: these keep their names.
fn localize_named(expressions: &[Expr], node: &LogicalPlan, keys: &Keys) -> Result<Vec<Expr>> {
    let localize_one = |expr: &Expr| {
        let localized = localize(expr.clone(), node, keys)?;
        if localized == *expr { Ok(localized) } else { localized.alias_if_changed(expr.schema_name().to_string()) }
    };
    expressions.iter().map(localize_one).collect()
}

fn push_groups(node: &LogicalPlan, aggregate: &Aggregate, outer: &Outer<'_>, names: &mut FreshNames) -> Result<Pushed> {
    if aggregate.group_expr.iter().any(|expr| matches!(expr, Expr::GroupingSet(_))) {
        return unsupported(node);
    }
    let input = push(&aggregate.input, outer, names)?;
    let mut groups = localize_named(&aggregate.group_expr, node, &input.keys)?;
    groups.extend(key_columns(outer, &input.keys));
    let totals = localize_named(&aggregate.aggr_expr, node, &input.keys)?;
    let plan = LogicalPlan::Aggregate(Aggregate::try_new(input.plan.into(), groups, totals)?);
    Ok(Pushed { plan, keys: input.keys })
}

/// An aggregate without groups gives a row even over nothing, so every combination keeps one: it is joined to its rows, and the
/// aggregates leave out the row that stands for there being none.
fn push_total(node: &LogicalPlan, aggregate: &Aggregate, outer: &Outer<'_>, names: &mut FreshNames) -> Result<Pushed> {
    let all = outer.combinations(names)?;
    let (rows, on, condition, inner_keys) = match aggregate.input.as_ref() {
        LogicalPlan::Filter(filter)
            if !outer::mentions(&filter.input, outer.columns)? && !has_subquery(&filter.predicate) =>
        {
            let condition = localize(filter.predicate.clone(), aggregate.input.as_ref(), &all.keys)?;
            (filter.input.as_ref().clone(), Vec::new(), Some(condition), all.keys.clone())
        }
        input => {
            let pushed = push(input, outer, names)?;
            let on = same_keys(
                outer.columns,
                |column| Expr::Column(all.keys[column].clone()),
                |_, column| Expr::Column(pushed.keys[column].clone()),
            )?;
            (pushed.plan, on, None, pushed.keys)
        }
    };
    let present = names.next();
    let marked =
        rows.schema().columns().into_iter().map(Expr::Column).chain([lit(true).alias(&present)]).collect::<Vec<_>>();
    let rows = LogicalPlanBuilder::from(rows).project(marked)?.build()?;
    let joined = join(all.plan, rows, JoinType::Left, on, condition)?;
    let present = Expr::Column(Column::new_unqualified(present)).is_not_null();
    let total = |expr: &Expr| {
        let filtered = only_where(localize(expr.clone(), node, &inner_keys)?, &present)?;
        filtered.alias_if_changed(expr.schema_name().to_string())
    };
    let totals = aggregate.aggr_expr.iter().map(total).collect::<Result<Vec<_>>>()?;
    let plan = LogicalPlan::Aggregate(Aggregate::try_new(joined.into(), key_columns(outer, &all.keys), totals)?);
    Ok(Pushed { plan, keys: all.keys })
}

/// The aggregate over only those rows where the condition holds.
fn only_where(total: Expr, condition: &Expr) -> Result<Expr> {
    match total {
        Expr::Alias(mut alias) => {
            *alias.expr = only_where(*alias.expr, condition)?;
            Ok(Expr::Alias(alias))
        }
        Expr::AggregateFunction(AggregateFunction { func, mut params }) => {
            params.filter = Some(Box::new(match params.filter.take() {
                Some(filter) => condition.clone().and(*filter),
                None => condition.clone(),
            }));
            Ok(Expr::AggregateFunction(AggregateFunction { func, params }))
        }
        other => Ok(other),
    }
}

fn push_sort(node: &LogicalPlan, sort: &Sort, outer: &Outer<'_>, names: &mut FreshNames) -> Result<Pushed> {
    let input = push(&sort.input, outer, names)?;
    let localize_key = |key: &SortExpr| Ok(key.with_expr(localize(key.expr.clone(), node, &input.keys)?));
    let order = sort.expr.iter().map(localize_key).collect::<Result<Vec<_>>>()?;
    let plan = LogicalPlanBuilder::from(input.plan).sort_with_limit(order, sort.fetch)?.build()?;
    Ok(Pushed { plan, keys: input.keys })
}

/// The first rows of each combination.
fn push_limit(node: &LogicalPlan, limit: &Limit, outer: &Outer<'_>, names: &mut FreshNames) -> Result<Pushed> {
    let (SkipType::Literal(skip), FetchType::Literal(fetch)) = (limit.get_skip_type()?, limit.get_fetch_type()?) else {
        return unsupported(node);
    };
    // A projection keeps the order of its input but may drop what the order is by.
    if let LogicalPlan::Projection(projection) = limit.input.as_ref() {
        let first = LogicalPlan::Limit(Limit { input: projection.input.clone(), ..limit.clone() });
        let projection = Projection::try_new(projection.expr.clone(), first.into())?;
        return push(&LogicalPlan::Projection(projection), outer, names);
    }
    let Pushed { plan, keys } = push(&limit.input, outer, names)?;
    let (plan, order) = match plan {
        LogicalPlan::Sort(sort) => (sort.input.as_ref().clone(), sort.expr),
        other => (other, key_columns(outer, &keys).into_iter().map(|key| key.sort(true, true)).collect()),
    };
    let number = names.next();
    let numbered = row_number().partition_by(key_columns(outer, &keys)).order_by(order).build()?.alias(&number);
    let number = Expr::Column(Column::new_unqualified(number));
    let columns = plan.schema().columns().into_iter().map(Expr::Column).collect::<Vec<_>>();
    let mut kept = number.clone().gt(lit(skip as u64));
    if let Some(fetch) = fetch {
        kept = kept.and(number.lt_eq(lit((skip + fetch) as u64)));
    }
    let plan = LogicalPlanBuilder::from(plan).window([numbered])?.filter(kept)?.project(columns)?.build()?;
    Ok(Pushed { plan, keys })
}

fn partition_by_keys(window: Expr, keys: &Keys) -> Result<Expr> {
    let name = window.schema_name().to_string();
    let add = |mut function: Box<WindowFunction>| {
        let mut columns: Vec<_> = keys.values().cloned().collect();
        columns.sort();
        function.params.partition_by.extend(columns.into_iter().map(Expr::Column));
        Expr::WindowFunction(function)
    };
    match window {
        Expr::WindowFunction(function) => add(function).alias_if_changed(name),
        other => Ok(other),
    }
}

fn push_join(node: &LogicalPlan, inner: &Join, outer: &Outer<'_>, names: &mut FreshNames) -> Result<Pushed> {
    use JoinType::{Full, Inner, Left, LeftAnti, LeftMark, LeftSemi, Right, RightAnti, RightMark, RightSemi};
    let mut left = outer::mentions(&inner.left, outer.columns)?;
    let mut right = outer::mentions(&inner.right, outer.columns)?;
    let keeps_left = matches!(inner.join_type, Left | LeftSemi | LeftAnti | LeftMark);
    let keeps_right = matches!(inner.join_type, Right | RightSemi | RightAnti | RightMark);
    // The side whose rows all stay must know its combination; so must one side if only the condition mentions it.
    left = left || keeps_left || (inner.join_type == Inner && !right);
    right = right || keeps_right;
    if inner.join_type == Full
        || inner.null_equality == NullEquality::NullEqualsNull && !inner.on.is_empty() && left && right
    {
        return unsupported(node);
    }
    let side = |plan: &Arc<LogicalPlan>, pushed: bool, names: &mut FreshNames| {
        if pushed { push(plan, outer, names) } else { Ok(Pushed { plan: plan.as_ref().clone(), keys: Keys::new() }) }
    };
    let (left_side, right_side) = (side(&inner.left, left, names)?, side(&inner.right, right, names)?);
    let keys = if keeps_right || !left { right_side.keys.clone() } else { left_side.keys.clone() };
    let localize_pair =
        |(l, r): &(Expr, Expr)| Ok((localize(l.clone(), node, &keys)?, localize(r.clone(), node, &keys)?));
    let mut on = inner.on.iter().map(localize_pair).collect::<Result<Vec<_>>>()?;
    let condition = inner.filter.clone().map(|filter| localize(filter, node, &keys)).transpose()?;
    if left && right {
        let of = |keys: &Keys, column: &Column| Expr::Column(keys[column].clone());
        on.extend(same_keys(
            outer.columns,
            |column| of(&left_side.keys, column),
            |_, column| of(&right_side.keys, column),
        )?);
    }
    let plan = join(left_side.plan, right_side.plan, inner.join_type, on, condition)?;
    Ok(Pushed { plan, keys })
}

/// Pairs for a join on equal outer values, where an absent value equals an absent one.
///
/// DataFusion can join so too, but then takes conditions that it finds later for equalities of the same kind, which they are not.
pub(super) fn same_keys(
    outer: &[(Column, FieldRef)],
    left: impl Fn(&Column) -> Expr,
    right: impl Fn(usize, &Column) -> Expr,
) -> Result<Vec<(Expr, Expr)>> {
    let mut pairs = Vec::new();
    for (index, (column, field)) in outer.iter().enumerate() {
        let (left, right) = (left(column), right(index, column));
        let filler = lit(ScalarValue::new_default(field.data_type())?);
        let filled = |expr: &Expr| coalesce(vec![expr.clone(), filler.clone()]);
        pairs.push((filled(&left), filled(&right)));
        pairs.push((left.is_null(), right.is_null()));
    }
    Ok(pairs)
}

pub(super) fn join(
    left: LogicalPlan,
    right: LogicalPlan,
    join_type: JoinType,
    on: Vec<(Expr, Expr)>,
    filter: Option<Expr>,
) -> Result<LogicalPlan> {
    let (left, right) = (left.into(), right.into());
    let join =
        Join::try_new(left, right, on, filter, join_type, JoinConstraint::On, NullEquality::NullEqualsNothing, false)?;
    Ok(LogicalPlan::Join(join))
}

fn push_union(union: &Union, outer: &Outer<'_>, names: &mut FreshNames) -> Result<Pushed> {
    let fresh: Vec<String> = outer.columns.iter().map(|_| names.next()).collect();
    let mut inputs = Vec::new();
    for input in &union.inputs {
        let columns = input.schema().columns();
        let pushed = push(input, outer, names)?;
        let keys = key_columns(outer, &pushed.keys).into_iter().zip(&fresh).map(|(key, name)| key.alias(name));
        let columns = columns.into_iter().map(Expr::Column).chain(keys).collect::<Vec<_>>();
        inputs.push(LogicalPlanBuilder::from(pushed.plan).project(columns)?.build()?);
    }
    let mut inputs = inputs.into_iter();
    let Some(first) = inputs.next() else { return unsupported(&LogicalPlan::Union(union.clone())) };
    let all = inputs.try_fold(LogicalPlanBuilder::from(first), |all, next| all.union(next))?.build()?;
    let positions = all.schema().columns();
    let keys = outer.columns.iter().zip(&positions[positions.len() - outer.columns.len()..]);
    let keys = keys.map(|((column, _), key)| (column.clone(), key.clone())).collect();
    Ok(Pushed { plan: all, keys })
}
