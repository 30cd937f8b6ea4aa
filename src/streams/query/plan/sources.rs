//! FROM: streams and tables that a query reads.

use super::catalog::{Catalog, KeyColumn, Source, Windowed};
use super::scope::{Pseudo, ROWKEY, ROWTIME, Scope, Side, same};
use super::wrong::{Wrong, short};
use crate::streams::query::ast::{self, Item, Select};
use crate::streams::query::expr::{Expr, Name, Step};
use crate::streams::topology::{KStream, KTable};
use crate::streams::values::scalar::Scalar;
use crate::streams::{Expression, Serde, StreamsBuilder, Value};
use std::rc::Rc;

#[derive(Clone, Debug)]
pub(super) enum Handle {
    Stream(KStream),
    Table(KTable),
}

/// What flows at a point of a query.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub handle: Handle,
    pub scope: Scope,
    /// Expressions that say the same as the records' key.
    pub keyed_by: Vec<Expression>,
    pub partitions: i32,
    pub reads: Vec<Source>,
}

impl Flow {
    pub fn is_table(&self) -> bool {
        matches!(self.handle, Handle::Table(_))
    }
}

pub(super) fn look_up(catalog: &Catalog, name: &Name) -> Result<Source, Wrong> {
    catalog.source(name).ok_or_else(|| {
        let known = catalog.source_names();
        Wrong::unknown(name, "stream, table or topic", ("", "There are"), &known)
    })
}

pub(super) fn key_serde(windowed: Option<Windowed>) -> Serde {
    let text = Rc::new(Serde::Text);
    match windowed {
        None => Serde::Text,
        Some(Windowed::Time { size_ms }) => Serde::TimeWindowed(text, size_ms),
        Some(Windowed::Session) => Serde::SessionWindowed(text),
    }
}

/// A source of a query. In a join what is asked of its key and time goes into the value.
pub(super) fn open(
    builder: &mut StreamsBuilder,
    catalog: &Catalog,
    (source, select): (&ast::Source, &Select),
    before: &[Source],
) -> Result<Flow, Wrong> {
    let found = look_up(catalog, &source.name)?;
    let again = before.iter().find(|other| other.topic == found.topic);
    if again.is_some_and(|other| !other.is_stream() || !found.is_stream()) {
        let message = format!(
            "{} and {} read the same topic, and one of them is a table.",
            short(&source.name.text),
            again.map_or("", |other| &*other.name)
        );
        return Err(Wrong::new(source.name.span, message).hint("A query cannot do that; copy the topic with a query of its own."));
    }
    let name = source.alias.clone().unwrap_or_else(|| source.name.clone());
    let joins = !select.joins.is_empty();
    let (key, json) = (key_serde(found.windowed), Serde::Json);
    let mut handle = if found.is_stream() {
        Handle::Stream(builder.stream(&found.topic, &key, &json, None))
    } else {
        Handle::Table(builder.table(&found.topic, &key, &json, None, None))
    };
    let plain = Side { name, columns: catalog.fields(&found), key: found.key.clone(), base: Expression::Value, joined: false };
    let mut keyed_by = vec![Expression::Key];
    if joins {
        let added = added(&plain, select);
        keyed_by.extend(added.iter().filter(|(_, value)| *value != Expression::Timestamp).map(|(name, _)| Expression::field(name)));
        if !added.is_empty() {
            let value = added.into_iter().fold(Expression::Value, |row, (name, value)| with(row, &name, value));
            handle = match handle {
                Handle::Stream(stream) => Handle::Stream(builder.map_values(&stream, value, &json, None)),
                Handle::Table(table) => Handle::Table(builder.table_map_values(&table, value, &json, None, None)),
            };
        }
    }
    let side = Side { joined: joins, ..plain };
    if let [KeyColumn { column, .. }] = side.key.as_slice() {
        let field = side.field(&column.name);
        if !keyed_by.contains(&field) {
            keyed_by.push(field);
        }
    }
    let partitions = catalog.topic(&found.topic).map_or(1, |topic| topic.partitions);
    let scope = Scope { sides: vec![side], windowed: found.windowed, others: Vec::new() };
    Ok(Flow { handle, scope, keyed_by, partitions, reads: vec![found] })
}

pub(super) fn with(row: Expression, name: &str, value: Expression) -> Expression {
    Expression::call(Scalar::With, [row, Expression::Literal(Value::text(name)), value])
}

/// What a side of a join needs in its value: columns of the key, and the key and the time if anything asks for them.
fn added(side: &Side, select: &Select) -> Vec<(String, Expression)> {
    let columns = side.key.iter().filter(|key| !key.in_value).map(|key| &key.column.name);
    let mut added: Vec<(String, Expression)> = columns.map(|name| (name.clone(), side.field(name))).collect();
    for (name, pseudo, value) in [(ROWKEY, Pseudo::Key, Expression::Key), (ROWTIME, Pseudo::Time, Expression::Timestamp)] {
        if asks_for(side, select, pseudo) && side.column(name).is_none() {
            added.push((name.to_owned(), value));
        }
    }
    added
}

fn asks_for(side: &Side, select: &Select, pseudo: Pseudo) -> bool {
    expressions(select).into_iter().flat_map(Expr::paths).any(|(path, _)| match path.steps.as_slice() {
        [Step::Dot(first), ..] => same(&path.root, &side.name) && Pseudo::of(first) == Some(pseudo),
        _ => false,
    })
}

/// All that is computed in a query.
pub(super) fn expressions(select: &Select) -> Vec<&Expr> {
    let items = select.items.iter().filter_map(|item| if let Item::Value { expr, .. } = item { Some(expr) } else { None });
    let joins = select.joins.iter().flat_map(|join| [&join.left, &join.right]);
    let clauses = select.filter.iter().chain(&select.having).chain(&select.partition_by).chain(&select.group_by);
    items.chain(joins).chain(clauses).collect()
}
