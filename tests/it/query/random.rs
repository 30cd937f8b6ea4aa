//! Whatever is well formed is planned or refused, and what is planned runs: nothing panics, nothing goes on for ever.

use super::generate::{self, Chance};
use super::lab::{Lab, OUT, json};
use kafka_playground::streams::query::ast::*;
use kafka_playground::streams::query::expr::*;
use kafka_playground::streams::query::functions::FunctionKind;
use kafka_playground::streams::query::plan::{Catalog, Plan, QueryPlan, candidates, plan};
use kafka_playground::streams::query::{Select, Span, Statement, parse};
use kafka_playground::streams::{Input, TestDriver};
use std::panic::{AssertUnwindSafe, catch_unwind};

const QUERIES: u64 = 10_000;
const RECORDS: usize = 20;
const NO: Span = Span { start: 0, end: 0 };

/// Catalogs that know much, little and nothing.
fn catalogs() -> Vec<Catalog> {
    let record = r#"{"id":"1","a":1,"b":2.5,"c":"x","d":[1,2],"e":{"a":1,"f":"y"},"ok":true}"#;
    let declared = "CREATE TABLE t (id STRING PRIMARY KEY, a INT, c STRING) WITH (KAFKA_TOPIC='t'); \
                    CREATE TABLE u (id STRING PRIMARY KEY, a INT, b DOUBLE, c STRING) WITH (KAFKA_TOPIC='u'); \
                    CREATE TABLE w AS SELECT c, MAX(a) AS a, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY c; \
                    CREATE TABLE x AS SELECT c, MAX(a) AS a, COUNT(*) AS n FROM r WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY c; \
                    CREATE STREAM k (id INT KEY) WITH (KAFKA_TOPIC='k');";
    let known = [("s", record), ("r", record), ("t", record), ("u", record), ("k", record), ("o", "")];
    let open = known.map(|(name, _)| (name, ""));
    vec![
        Lab::new(&known).with(declared).catalog,
        Lab::new(&open).with(declared).catalog,
        Lab::new(&open).catalog,
        Catalog::default(),
    ]
}

/// Puts names that there are in the place of those that there are not.
fn known_names(select: &mut Select, chance: &mut Chance) {
    let sources = ["s", "r", "t", "u", "w", "x", "k", "o"];
    let source = |chance: &mut Chance| Source { name: Name::new(*chance.of(&sources)), alias: None };
    select.from = source(chance);
    for join in &mut select.joins {
        join.source = source(chance);
        if chance.one_in(2) {
            (join.left, join.right) = (path(chance), path(chance));
        }
    }
    if chance.one_in(2) {
        select.items.retain(|item| matches!(item, Item::Value { .. }));
        select.items.push(Item::Value { expr: path(chance), alias: Some(Name::new("last")) });
    }
    for (at, item) in select.items.iter_mut().enumerate() {
        if let Item::Value { expr, alias } = item {
            *alias = Some(Name::new(format!("v{at}")));
            rename(expr, chance);
        }
    }
    let clauses = select.filter.iter_mut().chain(&mut select.having).chain(&mut select.partition_by);
    clauses.chain(&mut select.group_by).for_each(|expr| rename(expr, chance));
}

fn path(chance: &mut Chance) -> Expr {
    let fields = ["id", "a", "b", "c", "d", "e", "ok", "n", "ROWKEY", "ROWTIME", "WINDOWSTART"];
    let field = Name::new(*chance.of(&fields));
    let path = match chance.below(3) {
        0 => Path { root: Name::new(*chance.of(&["s", "r", "t", "u", "w", "k", "o"])), steps: vec![Step::Dot(field)] },
        _ => Path { root: field, steps: Vec::new() },
    };
    Expr::new(ExprKind::Path(path), NO)
}

/// Paths become paths of fields that there are. The tree is printed and read again, so its own heights do not matter.
fn rename(expr: &mut Expr, chance: &mut Chance) {
    let kind = std::mem::replace(&mut expr.kind, ExprKind::Literal(Literal::Null));
    let mut below = |child: &mut Box<Expr>| rename(child, chance);
    *expr = match kind {
        ExprKind::Path(_) => path(chance),
        ExprKind::Not(mut one) => {
            below(&mut one);
            Expr::new(ExprKind::Not(one), NO)
        }
        ExprKind::Negative(mut one) => {
            below(&mut one);
            Expr::new(ExprKind::Negative(one), NO)
        }
        ExprKind::Binary { operator, mut left, mut right } => {
            below(&mut left);
            below(&mut right);
            Expr::new(ExprKind::Binary { operator, left, right }, NO)
        }
        ExprKind::Call(mut call) => {
            match &mut call.arguments {
                Arguments::Star => {}
                Arguments::Distinct(one) => below(one),
                Arguments::List(list) => list.iter_mut().for_each(|argument| rename(argument, chance)),
            }
            Expr::new(ExprKind::Call(call), NO)
        }
        other => Expr::new(other, NO),
    };
}

fn made(chance: &mut Chance) -> Statement {
    let depth = chance.below(4);
    let mut statement = generate::statement(chance, depth);
    let select = match &mut statement {
        Statement::Select(select) | Statement::Insert { select, .. } => select,
        Statement::Create(create) => match &mut create.body {
            CreateBody::Query(select) => select,
            CreateBody::Declared(_) => return statement,
        },
        _ => return statement,
    };
    if !chance.one_in(8) {
        known_names(select, chance);
    }
    statement
}

/// An aggregate over a field that there is, in windows or not: most of these can be planned.
fn likely(chance: &mut Chance) -> String {
    let mut exprs = Vec::new();
    for _ in 0..=chance.below(3) {
        let mut expr = generate::expr(chance, 2);
        rename(&mut expr, chance);
        let aggregates = expr.calls(FunctionKind::Aggregate).is_empty();
        exprs.push(if aggregates { expr.to_string() } else { path(chance).to_string() });
    }
    if chance.one_in(3) {
        return joined(chance);
    }
    let source = *chance.of(&["s", "r", "o", "k", "t", "w"]);
    let table = ["t", "w"].contains(&source);
    let windows = [
        "",
        "",
        "WINDOW TUMBLING (SIZE 1 SECOND)",
        "WINDOW SESSION (2 SECONDS)",
        "WINDOW HOPPING (SIZE 2 SECONDS, ADVANCE BY 1 SECOND, GRACE PERIOD 0 SECONDS)",
        "WINDOW SLIDING (SIZE 1 SECOND)",
    ];
    let window = if table { "" } else { *chance.of(&windows) };
    let list: Vec<String> = exprs.iter().enumerate().map(|(at, expr)| format!("{expr} AS v{at}")).collect();
    let emit = if window.is_empty() || chance.one_in(2) { "" } else { "EMIT FINAL" };
    match chance.below(3) {
        0 => format!("SELECT {} FROM {source}", list.join(", ")),
        1 => {
            format!("SELECT a, COUNT(*) AS n, SUM(b) AS sum, TOPK({}, 2) AS top FROM {source} {window} GROUP BY a {emit}", exprs[0])
        }
        _ => format!(
            "SELECT {}, COUNT({}) AS n FROM {source} {window} GROUP BY {} {emit}",
            list.join(", "),
            exprs[0],
            exprs.join(", ")
        ),
    }
}

/// Joins of all kinds, some of which there are not.
fn joined(chance: &mut Chance) -> String {
    let join = *chance.of(&["", "LEFT", "FULL"]);
    let filter = *chance.of(&["", "", "WHERE one.a > 0", "WHERE two.c IS NULL OR one.ROWTIME < two.ROWTIME"]);
    let group = *chance.of(&["", "GROUP BY one.c"]);
    let items = if group.is_empty() { "one.c AS c, two.ROWKEY AS k, one.a + two.a AS a" } else { "one.c AS c, COUNT(two.a) AS n" };
    let (from, on) = *chance.of(&[
        ("s one {} JOIN r two WITHIN 1 SECOND", "one.id = two.id"),
        ("s one {} JOIN s two WITHIN (0 SECONDS, 2 SECONDS) GRACE PERIOD 1 SECOND", "one.c = two.id"),
        ("r one {} JOIN k two WITHIN 5 SECONDS", "one.ROWKEY = two.ROWKEY"),
        ("s one {} JOIN t two", "CAST(one.id AS STRING) = two.id"),
        ("s one {} JOIN u t2 ON one.c = t2.id JOIN t two", "one.c = two.id"),
        ("t one {} JOIN u two", "one.id = two.id"),
        ("t one {} JOIN u two", "one.c = two.id"),
        ("t one {} JOIN u mid ON one.c = mid.id JOIN k two", "one.id = two.ROWKEY"),
        ("w one {} JOIN x two", "one.c = two.c"),
    ]);
    format!("SELECT {items} FROM {} ON {on} {filter} {group}", from.replace("{}", join))
}

fn value(chance: &mut Chance) -> &'static str {
    let values = [
        r#"{"id":"1","a":1,"b":2.5,"c":"x","d":[1,2],"e":{"a":1},"ok":true}"#,
        r#"{"id":"2","a":-9223372036854775808,"b":1e308,"c":"","d":[],"e":null,"ok":null}"#,
        r#"{"id":1,"a":"1","b":"x","c":7,"d":"[]","e":[{"a":[]}],"ok":"true","n":0}"#,
        "{}",
        "[1,{}]",
        "5",
        "null",
    ];
    values[chance.below(values.len())]
}

/// Runs it with records of all the topics that it reads; gives how many results there were.
fn run(query: &QueryPlan, catalog: &Catalog, chance: &mut Chance) -> usize {
    let mut driver = TestDriver::new(query.topology.clone(), 0);
    let mut results = 0;
    for at in 0..RECORDS {
        let name = chance.of(&query.reads).clone();
        let source = catalog.source(&Name { quote: Quote::Back, ..Name::new(name) }).expect("it reads what there is");
        let mut key = chance.of(&["x", "1", ""]).as_bytes().to_vec();
        if source.windowed.is_some() {
            key.extend(0_i64.to_be_bytes());
        }
        let value = if chance.one_in(8) { None } else { Some(value(chance)) };
        let _ = value.map(json);
        let timestamp = (at * 700) as i64;
        let key = (!chance.one_in(8)).then_some(&*key);
        let outputs = driver.pipe(Input { topic: &source.topic, key, value: value.map(str::as_bytes), timestamp });
        results += outputs.expect("nothing throws").iter().filter(|output| output.topic == query.topic).count();
    }
    results
}

#[derive(Default)]
struct Tally {
    planned: usize,
    results: usize,
}

fn look_at(text: &str, catalog: &Catalog, chance: &mut Chance, tally: &mut Tally) {
    let statement = parse(text).unwrap_or_else(|error| panic!("{}", error.render(text)));
    let offset = chance.below(text.len() + 1);
    let (span, _) = candidates(catalog, text, text.floor_char_boundary(offset));
    assert!(span.end as usize <= text.len());
    match plan(catalog, text, &statement, OUT) {
        Ok(Plan::Query(query)) => {
            tally.planned += 1;
            let again = plan(catalog, text, &statement, OUT);
            assert!(matches!(again, Ok(Plan::Query(again)) if again == query), "the same plan comes of the same query");
            tally.results += run(&query, catalog, chance);
        }
        Ok(_) => {}
        Err(error) => {
            assert!(error.message.ends_with(['.', '?']) && error.at.offset as usize <= text.len(), "{error:?}");
            assert!(error.render(text).lines().count() >= 3);
        }
    }
}

#[test]
fn any_query_is_planned_or_refused_and_runs() {
    let catalogs = catalogs();
    let mut tally = Tally::default();
    for seed in 0..QUERIES {
        let chance = &mut Chance::new(seed);
        let text = if chance.one_in(2) { made(chance).to_string() } else { likely(chance) };
        let catalog = &catalogs[*chance.of(&[0, 0, 1, 1, 1, 1, 2, 3])];
        if parse(&text).is_err() {
            continue;
        }
        let look = AssertUnwindSafe(|| look_at(&text, catalog, chance, &mut tally));
        catch_unwind(look).unwrap_or_else(|_| panic!("seed {seed}: {text}"));
    }
    // Were nearly all refused, nothing would be tried.
    assert!(tally.planned > 1_200 && tally.results > 8_000, "{} planned, {} results", tally.planned, tally.results);
}
