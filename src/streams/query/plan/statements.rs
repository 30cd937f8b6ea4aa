//! Statements but for their SELECT: what they create, and what becomes of what is there.

use super::catalog::{Catalog, KeyColumn, Query, Source, Topic};
use super::plans::{Declared, Dropped, Plan, QueryPlan};
use super::query::query;
use super::sources::look_up;
use super::types::{Column, Type};
use super::wrong::{Wrong, short};
use crate::streams::query::ast::{
    self, ColumnKey, Create, CreateBody, DropSource, Explain, Property, Select, SourceKind, Statement, Which,
};
use crate::streams::query::expr::{Literal, Name, Quote};
use crate::streams::query::span::Span;

const TOPIC_LEN_MAX: usize = 249;
/// More are not made by a query.
const PARTITIONS_MAX: i64 = 1000;

pub(super) fn plan(catalog: &Catalog, statement: &Statement, transient: &str) -> Result<Plan, Wrong> {
    Ok(match statement {
        Statement::Create(create) => return self::create(catalog, create),
        Statement::Insert { into, select } => return insert(catalog, into, select),
        Statement::Select(select) => Plan::Query(Box::new(query(catalog, select, transient)?)),
        Statement::Drop(drop) => return self::drop(catalog, drop),
        Statement::Terminate(which) => Plan::Terminate(queries(catalog, which)?),
        Statement::Pause(which) => Plan::Pause(queries(catalog, which)?),
        Statement::Resume(which) => Plan::Resume(queries(catalog, which)?),
        Statement::Show(show) => Plan::Show(*show),
        Statement::Describe(name) => {
            let source = look_up(catalog, name)?;
            Plan::Describe(Box::new(Source { columns: catalog.fields(&source), ..source }))
        }
        Statement::Explain(Explain::Query(name)) => Plan::ExplainQuery(one_query(catalog, name)?),
        Statement::Explain(Explain::Select(select)) => Plan::Explain(query(catalog, select, transient)?.topology.describe()),
    })
}

/// What WITH says.
#[derive(Default)]
struct Properties {
    topic: Option<(String, Span)>,
    partitions: Option<(i32, Span)>,
    replicas: Option<i16>,
    retention_ms: Option<i64>,
}

fn properties(list: &[Property]) -> Result<Properties, Wrong> {
    let mut read = Properties::default();
    for Property { name, value, value_span, name_span } in list {
        let wrong = |message: String| Wrong::new(*value_span, message);
        match (*name, value) {
            ("KAFKA_TOPIC", Literal::Text(text)) => {
                read.topic = Some((topic_name(text, *value_span)?, *value_span));
            }
            ("VALUE_FORMAT" | "FORMAT", Literal::Text(text)) if text.eq_ignore_ascii_case("JSON") => {}
            ("VALUE_FORMAT" | "FORMAT", _) => return Err(wrong("Values are JSON; there is no other format.".to_owned())),
            ("KEY_FORMAT", Literal::Text(text)) if ["KAFKA", "JSON"].contains(&&*text.to_ascii_uppercase()) => {}
            ("KEY_FORMAT", _) => return Err(wrong("Keys are texts: KEY_FORMAT='KAFKA'.".to_owned())),
            ("PARTITIONS", Literal::Int(number)) if (1..=PARTITIONS_MAX).contains(number) => {
                read.partitions = i32::try_from(*number).ok().map(|number| (number, *value_span));
            }
            ("PARTITIONS", _) => return Err(wrong(format!("A topic has 1 to {PARTITIONS_MAX} partitions here."))),
            ("REPLICAS", Literal::Int(number)) if (1..=100).contains(number) => read.replicas = i16::try_from(*number).ok(),
            ("REPLICAS", _) => {
                return Err(wrong("A partition has 1 replica at least, and no more than there are brokers.".to_owned()));
            }
            ("RETENTION_MS", Literal::Int(number)) => read.retention_ms = Some(*number),
            ("TIMESTAMP", _) => {
                let wrong = Wrong::new(*name_span, "The time of a record is its timestamp; a field cannot take its place.");
                return Err(wrong.hint("Leave TIMESTAMP out."));
            }
            (other, _) => return Err(wrong(format!("{other} cannot have this value."))),
        }
    }
    Ok(read)
}

fn topic_name(name: &str, span: Span) -> Result<String, Wrong> {
    let legal = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let fits = !name.is_empty() && name.len() <= TOPIC_LEN_MAX && name.chars().all(legal) && name != "." && name != "..";
    if fits {
        return Ok(name.to_owned());
    }
    let wrong = Wrong::new(span, format!("A topic cannot be called {}.", short(name)));
    Err(wrong
        .hint("Names of topics are made of letters from a to z, digits, `.`, `_` and `-`; WITH (KAFKA_TOPIC='…') gives another."))
}

fn create(catalog: &Catalog, create: &Create) -> Result<Plan, Wrong> {
    let there = catalog.declared(&create.name);
    if let Some(source) = there {
        if create.if_not_exists {
            return Ok(Plan::Nothing(format!("{} is there already.", source.name)));
        }
        if !create.or_replace {
            let kind = source.kind.word();
            let wrong = Wrong::new(create.name.span, format!("There is already a {kind} called {}.", short(&source.name)));
            return Err(wrong.hint("DROP it first, or write CREATE OR REPLACE."));
        }
        if source.kind != create.kind {
            let (is, new) = (source.kind.word(), create.kind.word());
            let message = format!("{} is a {is}, which cannot be replaced by a {new}.", short(&source.name));
            return Err(Wrong::new(create.name.span, message));
        }
    }
    let read = properties(&create.properties)?;
    match &create.body {
        CreateBody::Declared(columns) => declare(catalog, create, columns, read, there.is_some()),
        CreateBody::Query(select) => created(catalog, create, select, read, there.is_some()),
    }
}

fn declare(catalog: &Catalog, create: &Create, columns: &[ast::Column], read: Properties, replaces: bool) -> Result<Plan, Wrong> {
    let Some((topic, span)) = read.topic else {
        let wrong = Wrong::new(create.name.span, "Over which topic does it lie?");
        return Err(wrong.hint("WITH (KAFKA_TOPIC='…') says so."));
    };
    let new_topic = match (catalog.topic(&topic), read.partitions) {
        (Some(Topic { partitions: there, .. }), Some((asked, span))) if *there != asked => {
            return Err(Wrong::new(span, format!("The topic {} has {there} partitions.", short(&topic))));
        }
        (Some(_), _) => None,
        (None, Some((asked, _))) => Some(asked),
        (None, None) => {
            let known: Vec<&str> = catalog.topics.iter().map(|topic| &*topic.name).collect();
            let name = Name { span, ..Name::new(topic) };
            return Err(Wrong::unknown(&name, "topic", ("", "There are"), &known).or_hint("PARTITIONS=… makes it."));
        }
    };
    let kind = create.kind;
    let key = key_of(kind, columns)?;
    let plain = columns.iter().filter(|column| column.key == ColumnKey::No);
    let columns = plain.map(|column| Column::new(&*column.name.text, Type::declared(&column.data_type))).collect();
    let source = Source { name: create.name.text.clone(), kind, topic, columns, key, windowed: None, query: None };
    let (replicas, retention_ms) = (read.replicas, read.retention_ms);
    Ok(Plan::Declare(Declared { source, new_topic, replicas, retention_ms, replaces }))
}

fn key_of(kind: SourceKind, columns: &[ast::Column]) -> Result<Vec<KeyColumn>, Wrong> {
    let mut key = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        if columns[..at].iter().any(|other| other.name.text == column.name.text) {
            return Err(Wrong::new(column.span, format!("Two columns are called {}.", short(&column.name.text))));
        }
        match (kind, column.key) {
            (_, ColumnKey::No) => continue,
            (SourceKind::Stream, ColumnKey::PrimaryKey) => {
                let wrong = Wrong::new(column.span, "A stream has no primary key: many of its records may have one key.");
                return Err(wrong.hint("Write KEY."));
            }
            (SourceKind::Table, ColumnKey::Key) => {
                let wrong = Wrong::new(column.span, "A table has a primary key: one row for each.");
                return Err(wrong.hint("Write PRIMARY KEY."));
            }
            _ => {}
        }
        let data_type = Type::declared(&column.data_type);
        if matches!(data_type, Type::List(_) | Type::Map(_)) {
            return Err(Wrong::new(column.span, format!("A key is one value, not {data_type}.")));
        }
        if !key.is_empty() {
            return Err(Wrong::new(column.span, "A key has one column."));
        }
        key.push(KeyColumn { column: Column::new(&*column.name.text, data_type), in_value: false });
    }
    Ok(key)
}

fn created(catalog: &Catalog, create: &Create, select: &Select, read: Properties, replaces: bool) -> Result<Plan, Wrong> {
    no_limit(select)?;
    let topic = match read.topic {
        Some((topic, _)) => topic,
        None => topic_name(&create.name.text, create.name.span)?,
    };
    let mut plan = query(catalog, select, &topic)?;
    must_be(create.kind, &plan, select, create.name.span)?;
    not_into_itself(catalog, &plan, create.name.span)?;
    let there = catalog.topic(&topic).map(|topic| topic.partitions);
    plan.partitions = match (there, read.partitions) {
        (Some(there), Some((asked, span))) if there != asked => {
            return Err(Wrong::new(span, format!("The topic {} is there, and has {there} partitions.", short(&topic))));
        }
        (Some(there), _) => there,
        (None, Some((asked, _))) => asked,
        (None, None) => plan.partitions,
    };
    plan.name = Some(create.name.text.clone());
    plan.replaces = replaces;
    (plan.replicas, plan.retention_ms) = (read.replicas, read.retention_ms);
    Ok(Plan::Query(Box::new(plan)))
}

fn no_limit(select: &Select) -> Result<(), Wrong> {
    match select.limit {
        None => Ok(()),
        Some(_) => {
            Err(Wrong::new(select.span, "What is created has no LIMIT: its query runs on.").hint("A SELECT alone may have one."))
        }
    }
}

fn must_be(kind: SourceKind, plan: &QueryPlan, select: &Select, span: Span) -> Result<(), Wrong> {
    match (kind, plan.kind) {
        (SourceKind::Stream, SourceKind::Table) if select.group_by.is_empty() => {
            Err(Wrong::new(span, "What comes of a table is a table.").hint("Write CREATE TABLE."))
        }
        (SourceKind::Stream, SourceKind::Table) => {
            Err(Wrong::new(span, "GROUP BY makes a table: a row for each group.").hint("Write CREATE TABLE."))
        }
        (SourceKind::Table, SourceKind::Stream) => Err(Wrong::new(span, "Without GROUP BY, what comes of a stream is a stream.")
            .hint("Write CREATE STREAM, or GROUP BY what a row is for.")),
        _ => Ok(()),
    }
}

/// What a query writes must not come back to it, by whatever other queries: it would never come to rest.
fn not_into_itself(catalog: &Catalog, plan: &QueryPlan, span: Span) -> Result<(), Wrong> {
    let topic_of = |name: &String| {
        let name = Name { quote: Quote::Back, ..Name::new(name.clone()) };
        catalog.source(&name).map(|source| source.topic)
    };
    let mut reached = vec![plan.topic.clone()];
    // As often as a topic can be reached that was not.
    for _ in 0..=catalog.queries.len() {
        let reads = |query: &&Query| query.reads.iter().filter_map(topic_of).any(|topic| reached.contains(&topic));
        let next: Vec<String> = catalog.queries.iter().filter(reads).filter_map(|query| topic_of(query.writes.as_ref()?)).collect();
        let new: Vec<String> = next.into_iter().filter(|topic| !reached.contains(topic)).collect();
        if new.is_empty() {
            break;
        }
        reached.extend(new);
    }
    let Some(read) = plan.reads.iter().find(|read| topic_of(read).is_some_and(|topic| reached.contains(&topic))) else {
        return Ok(());
    };
    let (topic, read) = (short(&plan.topic), short(read));
    let wrong = Wrong::new(span, format!("What the query writes into {topic} would come back to it by {read}."));
    Err(wrong.hint("Give the result another name."))
}

fn insert(catalog: &Catalog, into: &Name, select: &Select) -> Result<Plan, Wrong> {
    no_limit(select)?;
    let Some(target) = catalog.declared(into) else {
        let known: Vec<&str> = catalog.sources.iter().filter(|source| source.is_stream()).map(|source| &*source.name).collect();
        return Err(Wrong::unknown(into, "stream", ("", "There are"), &known).or_hint("CREATE STREAM … AS SELECT makes one."));
    };
    if !target.is_stream() {
        return Err(Wrong::new(
            into.span,
            format!("{} is a table; records can be inserted into streams only.", short(&target.name)),
        ));
    }
    let mut plan = query(catalog, select, &target.topic)?;
    if plan.kind == SourceKind::Table || plan.windowed.is_some() {
        return Err(Wrong::new(select.span, "What comes of this is a table, and cannot go into a stream."));
    }
    not_into_itself(catalog, &plan, into.span)?;
    fits(target, &plan, select)?;
    plan.name = Some(target.name.clone());
    plan.insert = true;
    plan.partitions = catalog.topic(&target.topic).map_or(plan.partitions, |topic| topic.partitions);
    Ok(Plan::Query(Box::new(plan)))
}

/// The columns of what is inserted are columns of the stream.
fn fits(target: &Source, plan: &QueryPlan, select: &Select) -> Result<(), Wrong> {
    if target.columns.is_empty() {
        return Ok(());
    }
    for column in &plan.columns {
        let there = target.columns.iter().chain(target.key.iter().map(|key| &key.column)).find(|other| other.name == column.name);
        match there {
            None => {
                let name = Name { span: select.span, ..Name::new(column.name.clone()) };
                let known: Vec<&str> = target.columns.iter().map(|column| &*column.name).collect();
                return Err(Wrong::unknown(&name, "column", (&format!(" in {}", short(&target.name)), "It has"), &known));
            }
            Some(other) if !other.data_type.is_comparable(&column.data_type) => {
                let (name, of) = (short(&column.name), short(&target.name));
                let message = format!("{name} is {} in {of}, but {} here.", other.data_type, column.data_type);
                return Err(Wrong::new(select.span, message));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn drop(catalog: &Catalog, drop: &DropSource) -> Result<Plan, Wrong> {
    let Some(source) = catalog.declared(&drop.name) else {
        if drop.if_exists {
            return Ok(Plan::Nothing(format!("There is no {}.", short(&drop.name.text))));
        }
        let known: Vec<&str> = catalog.sources.iter().map(|source| &*source.name).collect();
        return Err(Wrong::unknown(&drop.name, "stream or table", ("", "There are"), &known));
    };
    if source.kind != drop.kind {
        let wrong = Wrong::new(drop.name.span, format!("{} is a {}.", short(&source.name), source.kind.word()));
        return Err(wrong.hint(format!("Write DROP {}.", source.kind)));
    }
    let others: Vec<&str> =
        catalog.queries_of(&source.name).into_iter().filter(|query| source.query.as_deref() != Some(*query)).collect();
    if !others.is_empty() {
        let wrong = Wrong::new(drop.name.span, format!("Queries use {}: {}.", short(&source.name), others.join(", ")));
        return Err(wrong.hint("TERMINATE them first."));
    }
    let delete_topic = drop.delete_topic.then(|| source.topic.clone());
    Ok(Plan::Drop(Dropped { source: source.name.clone(), query: source.query.clone(), delete_topic }))
}

fn queries(catalog: &Catalog, which: &Which) -> Result<Vec<String>, Wrong> {
    match which {
        Which::All => Ok(catalog.queries.iter().map(|query| query.name.clone()).collect()),
        Which::One(name) => Ok(vec![one_query(catalog, name)?]),
    }
}

/// A query by its own name, or by that of what it writes.
fn one_query(catalog: &Catalog, name: &Name) -> Result<String, Wrong> {
    let written = || catalog.declared(name).and_then(|source| source.query.clone());
    catalog.query(name).map(|query| query.name.clone()).or_else(written).ok_or_else(|| {
        let known: Vec<&str> = catalog.queries.iter().map(|query| &*query.name).collect();
        Wrong::unknown(name, "query", ("", "There are"), &known)
    })
}
