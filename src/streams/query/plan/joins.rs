//! JOIN … ON: which of Kafka's joins it is, and what flows after it: a row with a field for each source.

use super::compile::{Clause, Compiler};
use super::scope::{Scope, Side, Typed, same};
use super::sources::{Flow, Handle};
use super::wrong::{Wrong, short};
use crate::streams::query::ast::{Join, JoinKind};
use crate::streams::query::expr::Expr;
use crate::streams::topology::{JoinKind as Kind, JoinWindows, KStream, KTable};
use crate::streams::values::scalar::Scalar;
use crate::streams::{Expression, Serde, StreamsBuilder};
use std::rc::Rc;

/// ksqlDB's.
pub(super) const GRACE_MS: i64 = 24 * 60 * 60 * 1000;

/// Each side's part of ON.
struct On {
    left: Expression,
    right: Expression,
    left_expr: Expr,
    right_expr: Expr,
}

pub(super) fn join(builder: &mut StreamsBuilder, left: Flow, right: Flow, join: &Join) -> Result<Flow, Wrong> {
    let name = &right.scope.sides[0].name;
    if left.scope.sides.iter().any(|side| same(&side.name, name)) {
        let wrong = Wrong::new(name.span, format!("There are two sources called {}.", short(&name.text)));
        return Err(wrong.hint("Give one another name: FROM rides a JOIN rides b."));
    }
    let on = on(&left, &right, join)?;
    match (&left.handle, &right.handle) {
        (Handle::Stream(_), Handle::Table(_)) if join.kind == JoinKind::Full => {
            Err(Wrong::new(join.span, "A stream and a table cannot have a FULL join.").hint("INNER and LEFT are there."))
        }
        (Handle::Table(_), Handle::Stream(_)) => Err(Wrong::new(join.span, "A table cannot be joined with a stream after it.")
            .hint("Write the stream first: FROM the stream JOIN the table.")),
        (Handle::Stream(one), Handle::Stream(two)) => streams(builder, (&left, one), (&right, two), join, on),
        (Handle::Stream(one), Handle::Table(two)) => stream_table(builder, (&left, one), (&right, two), join, on),
        (Handle::Table(one), Handle::Table(two)) => tables(builder, (&left, one), (&right, two), join, on),
    }
}

/// Which side of `=` belongs to which source.
fn on(left: &Flow, right: &Flow, join: &Join) -> Result<On, Wrong> {
    let names = |flow: &Flow| flow.scope.sides.iter().map(|side| side.name.clone()).collect();
    let (left_scope, right_scope) =
        (Scope { others: names(right), ..left.scope.clone() }, Scope { others: names(left), ..right.scope.clone() });
    let compile = |scope: &Scope, expr: &Expr| Compiler { scope, clause: Clause::On, exploded: None, groups: None }.compile(expr);
    let both =
        |one: &Expr, two: &Expr| -> Result<(Typed, Typed), Wrong> { Ok((compile(&left_scope, one)?, compile(&right_scope, two)?)) };
    let (pair, one, two) = match both(&join.left, &join.right) {
        Ok(pair) => (pair, &join.left, &join.right),
        Err(wrong) => match both(&join.right, &join.left) {
            Ok(pair) => (pair, &join.right, &join.left),
            Err(_) => return Err(told(left, right, join, wrong)),
        },
    };
    let (left, right) = pair;
    if !left.data_type.is_comparable(&right.data_type) {
        let (one, two) = (short(&one.to_string()), short(&two.to_string()));
        let message = format!("{one} is {} and {two} is {}: they are never the same.", left.data_type, right.data_type);
        return Err(Wrong::new(join.left.span.to(join.right.span), message).hint("CAST makes one like the other."));
    }
    Ok(On { left: left.expression, right: right.expression, left_expr: one.clone(), right_expr: two.clone() })
}

/// If a name is known nowhere, that is said; otherwise that each side of `=` is about one source.
fn told(left: &Flow, right: &Flow, join: &Join, otherwise: Wrong) -> Wrong {
    let sides = left.scope.sides.iter().chain(&right.scope.sides).cloned().collect();
    let scope = Scope { sides, windowed: left.scope.windowed, others: Vec::new() };
    for expr in [&join.left, &join.right] {
        let all = Compiler { scope: &scope, clause: Clause::On, exploded: None, groups: None };
        if let Err(wrong) = all.compile(expr) {
            return wrong;
        }
    }
    let span = join.left.span.to(join.right.span);
    let name = short(&right.scope.sides[0].name.text);
    let wrong = Wrong::new(span, format!("One side of `=` must be about {name} alone, the other about what stands before it."));
    if join.left.paths().is_empty() || join.right.paths().is_empty() { otherwise } else { wrong }
}

fn no_windows(flow: &Flow, join: &Join) -> Result<(), Wrong> {
    if flow.scope.windowed.is_none() {
        return Ok(());
    }
    let wrong = Wrong::new(join.span, "What has windows can be joined only as a table, with a table that has the same windows.");
    Err(wrong.hint("A stream of it by another key comes from SELECT … PARTITION BY."))
}

fn same_partitions(left: &Flow, right: &Flow, join: &Join) -> Result<(), Wrong> {
    if left.partitions == right.partitions {
        return Ok(());
    }
    let name = |flow: &Flow| short(&flow.scope.sides[0].name.text);
    let message = format!(
        "{} has {} partitions and {} has {}: records of one key would not meet.",
        name(left),
        left.partitions,
        name(right),
        right.partitions
    );
    let hint = format!("Copy one with CREATE … WITH (PARTITIONS={}) AS SELECT.", left.partitions);
    Err(Wrong::new(join.span, message).hint(hint))
}

/// A stream by what it is joined by.
fn by(builder: &mut StreamsBuilder, flow: &Flow, stream: &KStream, on: &Expression) -> (KStream, bool) {
    if flow.keyed_by.contains(on) {
        return (stream.clone(), false);
    }
    let key = Expression::call(Scalar::Text, [on.clone()]);
    (builder.select_key(stream, key, &Serde::Text, None), true)
}

fn kind(join: &Join) -> Kind {
    match join.kind {
        JoinKind::Inner => Kind::Inner,
        JoinKind::Left => Kind::Left,
        JoinKind::Full => Kind::Outer,
    }
}

fn streams(
    builder: &mut StreamsBuilder,
    (left, one): (&Flow, &KStream),
    (right, two): (&Flow, &KStream),
    join: &Join,
    on: On,
) -> Result<Flow, Wrong> {
    no_windows(left, join)?;
    no_windows(right, join)?;
    let Some(within) = &join.within else {
        let wrong = Wrong::new(join.span, "Two streams are joined within a time, since a stream has no end.");
        return Err(wrong.hint("Write JOIN … WITHIN 10 SECONDS ON …."));
    };
    // What has no partner comes out only after the grace: nobody would wait a day for it.
    let grace_ms = within.grace.map_or(if join.kind == JoinKind::Inner { GRACE_MS } else { 0 }, |grace| grace.ms);
    let windows = JoinWindows { before_ms: within.before.ms, after_ms: within.after.ms, grace_ms };
    let (one, rekeyed) = by(builder, left, one, &on.left);
    let (two, also) = by(builder, right, two, &on.right);
    if !rekeyed && !also {
        same_partitions(left, right, join)?;
    }
    let joined = builder.join_streams(&one, &two, windows, joiner(left, right), kind(join), (None, None));
    Ok(after(left, right, Handle::Stream(joined), join, &on))
}

fn stream_table(
    builder: &mut StreamsBuilder,
    (left, one): (&Flow, &KStream),
    (right, two): (&Flow, &KTable),
    join: &Join,
    on: On,
) -> Result<Flow, Wrong> {
    no_windows(left, join)?;
    no_windows(right, join)?;
    no_within(join)?;
    if !right.keyed_by.contains(&on.right) {
        return Err(not_the_key(right, &on.right_expr));
    }
    let (one, rekeyed) = by(builder, left, one, &on.left);
    if !rekeyed {
        same_partitions(left, right, join)?;
    }
    let joined = builder.join_table(&one, two, joiner(left, right), join.kind == JoinKind::Left, None);
    Ok(after(left, right, Handle::Stream(joined), join, &on))
}

fn no_within(join: &Join) -> Result<(), Wrong> {
    match &join.within {
        None => Ok(()),
        Some(within) => Err(Wrong::new(within.span, "WITHIN is for two streams.")
            .hint("A table has one row for each key, and that is what is joined.")),
    }
}

fn not_the_key(table: &Flow, expr: &Expr) -> Wrong {
    let side = &table.scope.sides[0];
    let (name, shown) = (short(&side.name.text), short(&expr.to_string()));
    let wrong = Wrong::new(expr.span, format!("A table is joined by its key, and {shown} is not that of {name}."));
    match side.key.as_slice() {
        [key] => wrong.hint(format!("Its key is {name}.{}.", key.column.name)),
        _ => wrong.hint(format!(
            "Its key is {name}.ROWKEY; with CREATE TABLE {0} ({1} STRING PRIMARY KEY) WITH (…) it would have a name.",
            name,
            super::aggregates::name_of(expr).unwrap_or_else(|| "id".to_owned())
        )),
    }
}

fn tables(
    builder: &mut StreamsBuilder,
    (left, one): (&Flow, &KTable),
    (right, two): (&Flow, &KTable),
    join: &Join,
    on: On,
) -> Result<Flow, Wrong> {
    no_within(join)?;
    if !right.keyed_by.contains(&on.right) {
        return Err(if left.keyed_by.contains(&on.left) && left.scope.sides.len() == 1 {
            let name = short(&right.scope.sides[0].name.text);
            not_the_key(right, &on.right_expr)
                .hint(format!("Write them the other way round: FROM {name} JOIN the table before it."))
        } else {
            not_the_key(right, &on.right_expr)
        });
    }
    if left.scope.windowed != right.scope.windowed {
        return no_windows(if left.scope.windowed.is_some() { left } else { right }, join).map(|()| left.clone());
    }
    if left.keyed_by.contains(&on.left) {
        same_partitions(left, right, join)?;
        let joined = builder.join_tables(one, two, joiner(left, right), kind(join), &Serde::Json, (None, None));
        return Ok(after(left, right, Handle::Table(joined), join, &on));
    }
    no_windows(left, join)?;
    if join.kind == JoinKind::Full {
        let wrong = Wrong::new(join.span, "A FULL join of tables is by the keys of both.");
        return Err(wrong.hint("By a field of the left table there are INNER and LEFT."));
    }
    let foreign_key = Expression::call(Scalar::Text, [on.left.clone()]);
    let is_left = join.kind == JoinKind::Left;
    let joined = builder.join_foreign_key((one, two), foreign_key, joiner(left, right), &Serde::Json, is_left, (None, None));
    let mut flow = after(left, right, Handle::Table(joined), join, &on);
    // The key is still that of the left table.
    flow.keyed_by = vec![Expression::Key];
    if let [first] = flow.scope.sides[0].key.as_slice() {
        let key = flow.scope.sides[0].field(&first.column.name);
        flow.keyed_by.push(key);
    }
    flow.partitions = left.partitions;
    Ok(flow)
}

/// A row with a field for each source, by its name.
fn joiner(left: &Flow, right: &Flow) -> Expression {
    let sides = &left.scope.sides;
    let before =
        sides.iter().map(|side| (Rc::from(&*side.name.text), if sides.len() == 1 { Expression::Value } else { side.base.clone() }));
    let last = (Rc::from(&*right.scope.sides[0].name.text), Expression::Other);
    Expression::Row(before.chain([last]).collect())
}

fn after(left: &Flow, right: &Flow, handle: Handle, join: &Join, on: &On) -> Flow {
    let placed = |side: &Side| Side { base: Expression::field(&side.name.text), ..side.clone() };
    let sides = left.scope.sides.iter().chain(&right.scope.sides).map(placed).collect();
    let scope = Scope { sides, windowed: left.scope.windowed, others: Vec::new() };
    let known: &[&Expr] = match join.kind {
        JoinKind::Inner => &[&on.left_expr, &on.right_expr],
        JoinKind::Left => &[&on.left_expr],
        JoinKind::Full => &[],
    };
    let compiler = Compiler { scope: &scope, clause: Clause::On, exploded: None, groups: None };
    let mut keyed_by = vec![Expression::Key];
    keyed_by.extend(known.iter().filter_map(|expr| compiler.compile(expr).ok()).map(|found| found.expression));
    let reads = left.reads.iter().chain(&right.reads).cloned().collect();
    Flow { handle, keyed_by, partitions: left.partitions.max(right.partitions), reads, scope }
}
