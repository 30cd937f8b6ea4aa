//! From a SELECT to a topology.

use super::aggregates::{Aggregation, aggregation};
use super::catalog::{Catalog, Windowed};
use super::compile::{Clause, Compiler};
use super::joins::{GRACE_MS, join};
use super::plans::QueryPlan;
use super::project::{Projection, projection};
use super::scope::Typed;
use super::sources::{Flow, Handle, open};
use super::types::Type;
use super::wrong::{Wrong, short};
use crate::streams::query::ast::{Duration, Emit, Item, Select, SourceKind, Window, WindowKind};
use crate::streams::query::expr::{Arguments, Expr, ExprKind};
use crate::streams::query::functions::FunctionKind;
use crate::streams::topology::{KStream, KTable, Materialized, Windows};
use crate::streams::values::scalar::Scalar;
use crate::streams::{Expression, Serde, StreamsBuilder};

/// Longer windows are refused: 1000 years.
const TIME_MAX_MS: i64 = 365_250 * 24 * 60 * 60 * 1000;

/// A query's results before it is known where they go.
struct Made {
    stream: KStream,
    kind: SourceKind,
    projection: Projection,
    windowed: Option<Windowed>,
}

pub(super) fn query(catalog: &Catalog, select: &Select, topic: &str) -> Result<QueryPlan, Wrong> {
    check_clauses(select)?;
    let mut builder = StreamsBuilder::default();
    let mut flow = open(&mut builder, catalog, (&select.from, select), &[])?;
    for part in &select.joins {
        let right = open(&mut builder, catalog, (&part.source, select), &flow.reads)?;
        flow = join(&mut builder, flow, right, part)?;
    }
    if let Some(filter) = &select.filter {
        let test = Compiler { scope: &flow.scope, clause: Clause::Where, exploded: None, groups: None }.condition(filter)?;
        flow.handle = match flow.handle {
            Handle::Stream(stream) => Handle::Stream(builder.filter(&stream, test, false, None)),
            Handle::Table(table) => Handle::Table(builder.table_filter(&table, test, false, None, None)),
        };
    }
    let mut notes = Vec::new();
    let grouped = !select.group_by.is_empty();
    let made = if grouped { group(&mut builder, &flow, select, &mut notes)? } else { plain(&mut builder, &flow, select)? };
    builder.to(&made.stream, topic, None);
    let Projection { columns, key, .. } = made.projection;
    Ok(QueryPlan {
        topology: builder.build(),
        kind: made.kind,
        name: None,
        insert: false,
        replaces: false,
        topic: topic.to_owned(),
        partitions: flow.partitions,
        replicas: None,
        retention_ms: None,
        columns,
        key,
        windowed: made.windowed,
        reads: flow.reads.into_iter().map(|source| source.name).collect(),
        limit: select.limit,
        notes,
    })
}

/// Clauses that want others.
fn check_clauses(select: &Select) -> Result<(), Wrong> {
    let grouped = !select.group_by.is_empty();
    if let Some(having) = select.having.as_ref().filter(|_| !grouped) {
        return Err(Wrong::new(having.span, "HAVING is about groups, but there is no GROUP BY.").hint("WHERE is about records."));
    }
    if let Some(window) = select.window.as_ref().filter(|_| !grouped) {
        let wrong = Wrong::new(window.span, "A window is for groups, but there is no GROUP BY.");
        return Err(wrong.hint("All records are one group with GROUP BY 'all'."));
    }
    times(select)?;
    if select.emit == Some(Emit::Final) && select.window.is_none() {
        let wrong = Wrong::new(select.span, "EMIT FINAL gives the result of a window once it is closed, but there is no WINDOW.");
        return Err(wrong.hint("Without windows no result is the last: EMIT CHANGES."));
    }
    if let Some(by) = select.partition_by.as_ref().filter(|_| grouped) {
        return Err(Wrong::new(by.span, "Groups are partitioned by what they are grouped by.").hint("Leave PARTITION BY out."));
    }
    Ok(())
}

/// Added to the time of a record, no time may be past the last that there is.
fn times(select: &Select) -> Result<(), Wrong> {
    let mut all: Vec<Duration> = Vec::new();
    if let Some(window) = &select.window {
        match window.kind {
            WindowKind::Tumbling { size } | WindowKind::Sliding { size } => all.push(size),
            WindowKind::Hopping { size, advance } => all.extend([size, advance]),
            WindowKind::Session { gap } => all.push(gap),
        }
        all.extend(window.grace);
        all.extend(window.retention);
    }
    for within in select.joins.iter().filter_map(|join| join.within.as_ref()) {
        all.extend([within.before, within.after]);
        all.extend(within.grace);
    }
    match all.into_iter().find(|time| time.ms > TIME_MAX_MS) {
        Some(time) => Err(Wrong::new(time.span, "This is longer than 1000 years.")),
        None => Ok(()),
    }
}

/// The call of EXPLODE, with the list and what its items are.
fn exploded<'s>(flow: &Flow, select: &'s Select) -> Result<Option<(&'s Expr, Expression, Type)>, Wrong> {
    let mut calls: Vec<&Expr> = Vec::new();
    for item in &select.items {
        if let Item::Value { expr, .. } = item {
            expr.visit(&mut |inner| {
                let table = matches!(&inner.kind, ExprKind::Call(call) if call.function.kind == FunctionKind::Table);
                if table && !calls.contains(&inner) {
                    calls.push(inner);
                }
            });
        }
    }
    let (call, more) = match calls.as_slice() {
        [] => return Ok(None),
        [call, more @ ..] => (*call, more),
    };
    if let Some(other) = more.first() {
        return Err(Wrong::new(other.span, "A query has one EXPLODE at most.").hint("Give the second a query of its own."));
    }
    if flow.is_table() {
        return Err(Wrong::new(call.span, "EXPLODE makes a stream's record several; it cannot do that to the row of a table."));
    }
    let ExprKind::Call(inner) = &call.kind else { return Ok(None) };
    let Arguments::List(list) = &inner.arguments else { return Ok(None) };
    let Some(list) = list.first() else { return Ok(None) };
    let compiler = Compiler { scope: &flow.scope, clause: Clause::Select, exploded: None, groups: None };
    let Typed { expression, data_type } = compiler.compile(list)?;
    match data_type {
        Type::List(of) => Ok(Some((call, expression, *of))),
        Type::Unknown => Ok(Some((call, expression, Type::Unknown))),
        other => Err(Wrong::new(list.span, format!("EXPLODE takes an array, but {} is {other}.", short(&list.to_string())))),
    }
}

fn plain(builder: &mut StreamsBuilder, flow: &Flow, select: &Select) -> Result<Made, Wrong> {
    let exploded = exploded(flow, select)?;
    let row = exploded.as_ref().map(|(call, _, data_type)| (*call, data_type));
    let compiler = Compiler { scope: &flow.scope, clause: Clause::Select, exploded: row, groups: None };
    let key = match &select.partition_by {
        Some(by) => Some(Compiler { clause: Clause::PartitionBy, ..compiler }.compile(by)?.expression),
        None => None,
    };
    let alternatives = key.clone().map_or_else(|| flow.keyed_by.clone(), |key| vec![key]);
    let projection = projection(&compiler, select, &[alternatives])?;
    let value = projection.value.clone();
    let stream = match &flow.handle {
        Handle::Stream(stream) => {
            let key = key.map(|key| Expression::call(Scalar::Text, [key]));
            let list = exploded.map(|(_, list, _)| list);
            stream_of(builder, stream, (list, key), value)
        }
        Handle::Table(table) => {
            if let Some(by) = &select.partition_by {
                let wrong = Wrong::new(by.span, "A table keeps its key.");
                return Err(wrong.hint("GROUP BY makes a table by another key."));
            }
            let mapped = mapped_table(builder, table, value);
            builder.to_stream(&mapped, None)
        }
    };
    let kind = if flow.is_table() { SourceKind::Table } else { SourceKind::Stream };
    let windowed = flow.scope.windowed.filter(|_| select.partition_by.is_none());
    Ok(Made { stream, kind, projection, windowed })
}

fn stream_of(
    builder: &mut StreamsBuilder,
    stream: &KStream,
    (list, key): (Option<Expression>, Option<Expression>),
    value: Expression,
) -> KStream {
    let (text, json) = (&Serde::Text, &Serde::Json);
    match (list, key) {
        (Some(list), None) => builder.flat_map_values(stream, list, value, None),
        (Some(list), Some(key)) => builder.flat_map(stream, list, key, value, None),
        (None, Some(key)) => builder.map(stream, key, value, (text, json), None),
        (None, None) if value == Expression::Value => stream.clone(),
        (None, None) => builder.map_values(stream, value, json, None),
    }
}

fn mapped_table(builder: &mut StreamsBuilder, table: &KTable, value: Expression) -> KTable {
    if value == Expression::Value {
        return table.clone();
    }
    builder.table_map_values(table, value, &Serde::Json, None, None)
}

fn group(builder: &mut StreamsBuilder, flow: &Flow, select: &Select, notes: &mut Vec<String>) -> Result<Made, Wrong> {
    let windows = windows(flow, select, notes)?;
    let windowed = select.window.as_ref().map(windowed);
    let exploded = exploded(flow, select)?;
    let row = exploded.as_ref().map(|(call, _, data_type)| (*call, data_type));
    let before = Compiler { scope: &flow.scope, clause: Clause::Select, exploded: row, groups: None };
    let made = aggregation(&before, select, windowed, flow.is_table())?;
    let Aggregation { groups, prepared, key, aggregator } = made;
    let list = exploded.map(|(_, list, _)| list);
    let (text, json) = (&Serde::Text, &Serde::Json);
    let grouped = match &flow.handle {
        Handle::Stream(stream) => {
            let stream = stream_of(builder, stream, (list, None), prepared);
            // What has the right key already stays where it is.
            let keyed = groups.only().is_some_and(|only| flow.keyed_by.contains(only)) && flow.scope.windowed.is_none();
            if keyed { builder.group_by_key(&stream, None) } else { builder.group_by(&stream, key, text, None) }
        }
        Handle::Table(table) => {
            let table = builder.table_map_values(table, prepared, json, None, None);
            builder.group_table(&table, key, Expression::Value, (text, json), None)
        }
    };
    let mut table = builder.aggregate(&grouped, windows, aggregator, Materialized { named: None, store: None, value: json });
    let after = Compiler { scope: &flow.scope, clause: Clause::Having, exploded: None, groups: Some(&groups) };
    if let Some(having) = &select.having {
        let test = after.condition(having)?;
        table = builder.table_filter(&table, test, false, None, None);
    }
    let projection = projection(&Compiler { clause: Clause::Select, ..after }, select, &groups.parts())?;
    let table = mapped_table(builder, &table, projection.value.clone());
    let stream = builder.to_stream(&table, None);
    Ok(Made { stream, kind: SourceKind::Table, projection, windowed })
}

fn windowed(window: &Window) -> Windowed {
    match window.kind {
        WindowKind::Tumbling { size } | WindowKind::Hopping { size, .. } | WindowKind::Sliding { size } => {
            Windowed::Time { size_ms: size.ms }
        }
        WindowKind::Session { .. } => Windowed::Session,
    }
}

fn windows(flow: &Flow, select: &Select, notes: &mut Vec<String>) -> Result<Option<Windows>, Wrong> {
    let Some(window) = &select.window else { return Ok(None) };
    if flow.is_table() {
        let wrong = Wrong::new(window.span, "A window is for the records of a stream; a table has rows that change.");
        return Err(wrong.hint("Group the stream that the table is made of."));
    }
    let on_close = select.emit == Some(Emit::Final);
    let grace_ms = window.grace.map_or(GRACE_MS, |grace| grace.ms);
    if on_close && window.grace.is_none() {
        notes.push(
            "Results come 24 hours after the end of their window, since so long late records are waited for: \
             a GRACE PERIOD says how long instead."
                .to_owned(),
        );
    }
    let least = match window.kind {
        WindowKind::Tumbling { size } | WindowKind::Hopping { size, .. } | WindowKind::Sliding { size } => size.ms,
        WindowKind::Session { gap } => gap.ms,
    }
    .saturating_add(window.grace.map_or(0, |grace| grace.ms));
    if let Some(retention) = window.retention.filter(|retention| retention.ms < least) {
        let wrong = Wrong::new(retention.span, "What is kept must be as long as a window and its grace at least.");
        return Err(wrong.hint(format!("That is {least} MILLISECONDS.")));
    }
    Ok(Some(match window.kind {
        WindowKind::Tumbling { size } => Windows::Time { size_ms: size.ms, advance_ms: size.ms, grace_ms, on_close },
        WindowKind::Hopping { size, advance } => {
            let most = 1000;
            if size.ms / advance.ms.max(1) > most {
                return Err(Wrong::new(advance.span, format!("A record would belong to more than {most} windows.")));
            }
            Windows::Time { size_ms: size.ms, advance_ms: advance.ms, grace_ms, on_close }
        }
        WindowKind::Sliding { size } => Windows::Sliding { difference_ms: size.ms, grace_ms, on_close },
        WindowKind::Session { gap } => Windows::Session { gap_ms: gap.ms, grace_ms, on_close },
    }))
}
