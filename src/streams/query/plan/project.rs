//! SELECT's list: the fields of a result, and which of them say the same as its key.

use super::aggregates::{name_of, unless_null};
use super::catalog::KeyColumn;
use super::compile::Compiler;
use super::scope::{Scope, Side, Typed, same, typed};
use super::sources::with;
use super::types::Column;
use super::wrong::{Wrong, short};
use crate::streams::Expression;
use crate::streams::query::ast::{Item, Select};
use crate::streams::query::span::Span;
use std::rc::Rc;

/// So many columns a result has at most.
const COLUMNS_MAX: usize = 500;

/// What becomes of a record's value.
pub(super) struct Projection {
    pub value: Expression,
    /// Empty: any field may be there.
    pub columns: Vec<Column>,
    pub key: Vec<KeyColumn>,
}

struct Field {
    name: String,
    value: Typed,
    span: Span,
}

/// `keys`: for each part of the result's key, the expressions that say the same.
pub(super) fn projection(compiler: &Compiler, select: &Select, keys: &[Vec<Expression>]) -> Result<Projection, Wrong> {
    let mut fields: Vec<Field> = Vec::new();
    // `SELECT *` of a source of which not all fields are known takes the value as it is.
    let mut whole = false;
    let starred = starred(compiler.scope, select);
    for (at, item) in select.items.iter().enumerate() {
        match item {
            Item::Value { expr, alias } => {
                let name = alias.as_ref().map(|alias| alias.text.clone()).or_else(|| name_of(expr));
                let name = name.unwrap_or_else(|| format!("KSQL_COL_{at}"));
                fields.push(Field { name, value: compiler.compile(expr)?, span: expr.span });
            }
            Item::All(span) | Item::AllOf { span, .. } if compiler.groups.is_some() => {
                return Err(Wrong::new(*span, "With GROUP BY the columns have to be named."));
            }
            Item::All(span) => whole |= all(compiler.scope, (&compiler.scope.sides, &starred), *span, &mut fields)?,
            Item::AllOf { source, span } => {
                let side: Vec<Side> = compiler.scope.sides.iter().filter(|side| same(&side.name, source)).cloned().collect();
                if side.is_empty() {
                    let known: Vec<&str> = compiler.scope.sides.iter().map(|side| &*side.name.text).collect();
                    return Err(Wrong::unknown(source, "source", (" in this query", "There are"), &known));
                }
                whole |= all(compiler.scope, (&side, &starred), *span, &mut fields)?;
            }
        }
    }
    if let Some(field) = fields.get(COLUMNS_MAX) {
        return Err(Wrong::new(field.span, format!("A result has {COLUMNS_MAX} columns at most.")));
    }
    for (at, field) in fields.iter().enumerate() {
        if fields[..at].iter().any(|other| other.name == field.name) {
            let wrong = Wrong::new(field.span, format!("Two columns are called {}.", short(&field.name)));
            return Err(wrong.hint("Give one another name with AS."));
        }
    }
    let key = key_columns(&fields, keys);
    let columns = if whole {
        Vec::new()
    } else {
        fields.iter().map(|field| Column::new(&*field.name, field.value.data_type.clone())).collect()
    };
    let stream_of_one = compiler.groups.is_none() && compiler.scope.sides.len() == 1;
    let value = if whole {
        fields.into_iter().fold(Expression::Value, |row, field| with(row, &field.name, field.value.expression))
    } else {
        let row = Expression::Row(fields.into_iter().map(|field| (Rc::from(field.name), field.value.expression)).collect());
        if stream_of_one { unless_null(row) } else { row }
    };
    Ok(Projection { value, columns, key })
}

/// A part of the key may have a column; if one has none, the key has no names.
fn key_columns(fields: &[Field], keys: &[Vec<Expression>]) -> Vec<KeyColumn> {
    let column = |field: &Field| KeyColumn { column: Column::new(&*field.name, field.value.data_type.clone()), in_value: true };
    let find = |key: &Vec<Expression>| fields.iter().find(|field| key.contains(&field.value.expression)).map(column);
    keys.iter().map(find).collect::<Option<Vec<KeyColumn>>>().unwrap_or_default()
}

/// The sources of which all columns are asked for.
fn starred(scope: &Scope, select: &Select) -> Vec<Side> {
    let asked = |side: &&Side| {
        select.items.iter().any(|item| match item {
            Item::All(_) => true,
            Item::AllOf { source, .. } => same(&side.name, source),
            Item::Value { .. } => false,
        })
    };
    scope.sides.iter().filter(asked).cloned().collect()
}

/// The columns of sources; true if the value is to be taken as it is, since not all are known.
fn all(scope: &Scope, (sides, starred): (&[Side], &[Side]), span: Span, fields: &mut Vec<Field>) -> Result<bool, Wrong> {
    let alone = scope.sides.len() == 1;
    let mut whole = false;
    for side in sides {
        if side.is_open() && !alone {
            let name = short(&side.name.text);
            let wrong = Wrong::new(span, format!("It is not known yet which fields {name} has."));
            return Err(wrong.hint("Name those that you want, or wait for its first record."));
        }
        whole |= side.is_open();
        for column in side.all_columns() {
            let elsewhere = |other: &&Side| !same(&other.name, &side.name) && other.column(&column.name).is_some();
            let twice = starred.iter().any(|other| elsewhere(&other));
            let name = if twice { format!("{}_{}", side.name.text, column.name) } else { column.name.clone() };
            fields.push(Field { name, value: typed(side.field(&column.name), column.data_type), span });
        }
    }
    Ok(whole)
}
