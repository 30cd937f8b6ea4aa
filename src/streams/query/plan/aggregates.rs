//! GROUP BY: what is kept of a group, as one row, and what is read from it.
//!
//! ```text
//! record ─▸ prepared: {zone, fare} ─▸ by key ─▸ state: {zone, COUNT(*), SUM(fare)} ─▸ HAVING ─▸ what SELECT says
//! ```
//! The fields are called as the query calls them, so that repartition topics and changelogs can be read.

use super::catalog::Windowed;
use super::compile::{Clause, Compiler};
use super::scope::{Typed, typed};
use super::slots::{Slot, slots_of};
use super::wrong::Wrong;
use crate::streams::query::ast::{Item, Select};
use crate::streams::query::expr::{Expr, ExprKind, Step};
use crate::streams::query::functions::FunctionKind;
use crate::streams::topology::Aggregator;
use crate::streams::values::scalar::Scalar;
use crate::streams::{Expression, Value};
use std::rc::Rc;

/// So many expressions may be grouped by.
const KEYS_MAX: usize = 16;
/// So many different aggregates may be in a query.
const AGGREGATES_MAX: usize = 100;

/// What is known after grouping.
pub(super) struct Groups {
    keys: Vec<Key>,
    aggregates: Vec<(Expr, Typed)>,
    pub windowed: Option<Windowed>,
}

/// An expression that is grouped by.
struct Key {
    expr: Expr,
    before: Typed,
    slot: Rc<str>,
    name: String,
}

pub(super) struct Aggregation {
    pub groups: Groups,
    /// What of a record goes into its group.
    pub prepared: Expression,
    /// The group's key, from what was prepared.
    pub key: Expression,
    pub aggregator: Aggregator,
}

/// Whether a query makes groups; where it should but does not, the compiler says so.
pub(super) fn aggregates_in(select: &Select) -> Vec<&Expr> {
    let mut found: Vec<&Expr> = Vec::new();
    let items = select.items.iter().filter_map(|item| if let Item::Value { expr, .. } = item { Some(expr) } else { None });
    for expr in items.chain(&select.having) {
        expr.visit(&mut |inner| {
            let aggregate = matches!(&inner.kind, ExprKind::Call(call) if call.function.kind == FunctionKind::Aggregate);
            if aggregate && found.len() <= AGGREGATES_MAX && !found.contains(&inner) {
                found.push(inner);
            }
        });
    }
    found
}

impl Groups {
    /// What an expression is after grouping, if it is one of the group's own values.
    pub fn find(&self, compiler: &Compiler, expr: &Expr) -> Option<Typed> {
        if let Some((_, found)) = self.aggregates.iter().find(|(aggregate, _)| aggregate == expr) {
            return Some(found.clone());
        }
        let alike = |key: &&Key| {
            key.expr.height() == expr.height() && std::mem::discriminant(&key.expr.kind) == std::mem::discriminant(&expr.kind)
        };
        let before = Compiler { groups: None, ..*compiler };
        // `r.zone` and `zone` may be the same.
        let is = |key: &&Key| key.expr == *expr || before.compile(expr).is_ok_and(|found| found == key.before);
        let key = self.keys.iter().filter(alike).find(is)?;
        Some(typed(Expression::Value.field_of(&key.slot), key.before.data_type.clone()))
    }

    /// The parts of the key, as they are read from the group's row.
    pub fn parts(&self) -> Vec<Vec<Expression>> {
        self.keys.iter().map(|key| vec![Expression::Value.field_of(&key.slot)]).collect()
    }

    /// What a group's records were grouped by, if it is one expression.
    pub fn only(&self) -> Option<&Expression> {
        if let [key] = self.keys.as_slice() { Some(&key.before.expression) } else { None }
    }
}

pub(super) fn aggregation(
    before: &Compiler,
    select: &Select,
    windowed: Option<Windowed>,
    of_table: bool,
) -> Result<Aggregation, Wrong> {
    let mut prepared: Vec<(Rc<str>, Expression)> = Vec::new();
    let keys = keys(before, select, &mut prepared)?;
    let mut slots: Vec<Slot> = keys.iter().map(|key| Slot::of_group(key.slot.clone())).collect();
    let mut aggregates = Vec::new();
    let found = aggregates_in(select);
    if let Some(expr) = found.get(AGGREGATES_MAX) {
        return Err(Wrong::new(expr.span, format!("A query has {AGGREGATES_MAX} different aggregates at most.")));
    }
    for expr in found {
        let ExprKind::Call(call) = &expr.kind else { continue };
        let inner = Compiler { clause: Clause::Aggregate, ..*before };
        let made = slots_of(&inner, call, expr.span, of_table)?;
        for (name, value) in made.prepared {
            put(&mut prepared, &name, value);
        }
        for slot in made.slots {
            if !slots.iter().any(|other| other.name == slot.name) {
                slots.push(slot);
            }
        }
        aggregates.push((expr.clone(), made.result));
    }
    let key = key_of(&keys);
    let row = Expression::Row(prepared);
    let aggregator = Slot::aggregator(slots, of_table);
    Ok(Aggregation { groups: Groups { keys, aggregates, windowed }, prepared: unless_null(row), key, aggregator })
}

/// A stream's record without a value has no fields either.
pub(super) fn unless_null(row: Expression) -> Expression {
    let nothing = (Expression::IsNull(Box::new(Expression::Value)), Expression::Literal(Value::Null));
    Expression::Case(vec![nothing], Box::new(row))
}

fn put(row: &mut Vec<(Rc<str>, Expression)>, name: &Rc<str>, value: Expression) {
    if !row.iter().any(|(field, _)| field == name) {
        row.push((name.clone(), value));
    }
}

fn keys(before: &Compiler, select: &Select, prepared: &mut Vec<(Rc<str>, Expression)>) -> Result<Vec<Key>, Wrong> {
    let mut keys: Vec<Key> = Vec::new();
    if let Some(expr) = select.group_by.get(KEYS_MAX) {
        return Err(Wrong::new(expr.span, format!("GROUP BY takes {KEYS_MAX} expressions at most.")));
    }
    for expr in &select.group_by {
        let clause = Clause::GroupBy;
        let value = Compiler { clause, ..*before }.compile(expr).map_err(|wrong| or_alias(wrong, expr, select))?;
        let slot: Rc<str> = expr.to_string().into();
        if keys.iter().any(|key| key.slot == slot) {
            continue;
        }
        put(prepared, &slot, value.expression.clone());
        let name = name_of(expr).filter(|name| !keys.iter().any(|key| key.name == *name));
        keys.push(Key { expr: expr.clone(), before: value, name: name.unwrap_or_else(|| slot.to_string()), slot });
    }
    Ok(keys)
}

/// A name that SELECT gives is not known to GROUP BY.
fn or_alias(wrong: Wrong, expr: &Expr, select: &Select) -> Wrong {
    let ExprKind::Path(path) = &expr.kind else { return wrong };
    let named = select.items.iter().find_map(|item| match item {
        Item::Value { expr, alias: Some(alias) } if path.steps.is_empty() && alias.text == path.root.text => Some(expr),
        _ => None,
    });
    match named {
        Some(expr) => {
            wrong.hint(format!("SELECT gives that name; GROUP BY takes what is named: {}.", super::wrong::short(&expr.to_string())))
        }
        None => wrong,
    }
}

/// The last name of a path.
pub(super) fn name_of(expr: &Expr) -> Option<String> {
    let ExprKind::Path(path) = &expr.kind else { return None };
    match path.steps.last() {
        None => Some(path.root.text.clone()),
        Some(Step::Dot(name) | Step::Arrow(name)) => Some(name.text.clone()),
        Some(Step::Item { .. }) => None,
    }
}

/// One expression: its value as text. Several: a JSON object. Null if any of them is.
fn key_of(keys: &[Key]) -> Expression {
    let part = |key: &Key| Expression::Value.field_of(&key.slot);
    if let [key] = keys {
        return Expression::call(Scalar::Text, [part(key)]);
    }
    let missing = keys.iter().map(|key| (Expression::IsNull(Box::new(part(key))), Expression::Literal(Value::Null)));
    let row = keys.iter().map(|key| (Rc::from(&*key.name), part(key))).collect();
    Expression::Case(missing.collect(), Box::new(Expression::Json(Box::new(Expression::Row(row)))))
}
