//! Topologies from the operators that a row of the recordings names.

use kafka_playground::streams::topology::{
    Aggregator, Extractor, Grouped, JoinKind, JoinWindows, KStream, KTable, Materialized, Punctuation, Windows,
};
use kafka_playground::streams::values::expression::{Arithmetic, Comparison};
use kafka_playground::streams::{Expression, Serde, StreamsBuilder, Topology, Value};
use serde_json::Value as Json;

/// What the operators so far have made.
enum Made {
    Stream(KStream),
    Table(KTable),
    Grouped(Grouped),
    Windowed(Grouped, Windows),
}

struct Op<'a>(&'a Json);

impl<'a> Op<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        self.0[name].as_str()
    }

    fn number(&self, name: &str) -> i64 {
        self.0[name].as_i64().unwrap_or_else(|| panic!("{name} of {}", self.0))
    }

    fn is(&self, name: &str) -> bool {
        self.0[name].as_bool().unwrap_or(false)
    }

    /// The field that the operator works on, as text.
    fn field(&self) -> Expression {
        match self.text("by") {
            Some("value") => Expression::Value,
            Some("key") => Expression::Key,
            _ => Expression::field(self.text("field").expect("a field")).text(),
        }
    }

    fn test(&self) -> Expression {
        let literal = |text: &str| Expression::Literal(Value::text(text));
        if let Some(part) = self.text("contains") {
            return Expression::Contains(Box::new(Expression::Value), part.into());
        }
        match self.text("equals") {
            Some(text) => self.field().compare(Comparison::Equal, literal(text)),
            None => {
                let missing = Expression::IsNull(Box::new(self.field()));
                let high = self.field().long().compare(Comparison::GreaterOrEqual, number(self.number("at_least")));
                Expression::Case(vec![(missing, Expression::Literal(Value::Bool(false)))], Box::new(high))
            }
        }
    }

    fn elements(&self) -> Expression {
        let at = self.text("split").expect("where to split").chars().next().expect("a character");
        Expression::Split { of: Box::new(Expression::Value), at, skip_empty: self.is("skip_empty") }
    }

    fn named(&self) -> Option<&'a str> {
        self.text("named")
    }

    fn store(&self) -> Option<&'a str> {
        self.text("store")
    }
}

fn number(number: i64) -> Expression {
    Expression::Literal(Value::Long(number))
}

fn joined() -> Expression {
    let plus = Expression::Literal(Value::text("+"));
    Expression::Concat(vec![Expression::Value, plus, Expression::Other])
}

fn computed(arithmetic: Arithmetic) -> Expression {
    Expression::Other.long().compute(arithmetic, Expression::Value.long()).text()
}

fn concatenated(between: &str) -> Expression {
    Expression::Concat(vec![Expression::Other, Expression::Literal(Value::text(between)), Expression::Value])
}

fn reduced(by: &str) -> Expression {
    match by {
        "latest" => Expression::Value,
        "max" => {
            let higher = Expression::Other.long().compare(Comparison::GreaterOrEqual, Expression::Value.long());
            Expression::Case(vec![(higher, Expression::Other)], Box::new(Expression::Value))
        }
        "sum" => computed(Arithmetic::Add),
        "concat" => concatenated(","),
        other => panic!("{other}"),
    }
}

pub fn build(ops: &[Json]) -> Topology {
    let mut builder = StreamsBuilder::default();
    let made = chain(&mut builder, ops);
    let Made::Stream(stream) = made else { panic!("the last operator makes no stream") };
    let row = |fields: &[(&str, Expression)]| {
        Expression::Row(fields.iter().map(|(name, expression)| ((*name).into(), expression.clone())).collect())
    };
    let plain = row(&[("key", Expression::Key)]);
    let windowed =
        row(&[("key", Expression::Key), ("window_start", Expression::WindowStart), ("window_end", Expression::WindowEnd)]);
    let key = Expression::Case(vec![(Expression::IsNull(Box::new(Expression::WindowStart)), plain)], Box::new(windowed));
    // The recording writes null as a JSON text, which here only a row can hold.
    let shown = builder.map(&stream, key, Expression::Json(Box::new(Expression::Value)), (&Serde::Json, &Serde::Text), None);
    builder.to(&shown, "out", None);
    builder.build()
}

fn chain(builder: &mut StreamsBuilder, ops: &[Json]) -> Made {
    let mut made = None;
    for op in ops {
        made = Some(next(builder, made, &Op(op)));
    }
    made.expect("some operators")
}

fn next(builder: &mut StreamsBuilder, made: Option<Made>, op: &Op) -> Made {
    let name = op.text("op").expect("an operator");
    match made {
        None => source(builder, op, name),
        Some(Made::Stream(stream)) => of_stream(builder, &stream, op, name),
        Some(Made::Table(table)) => of_table(builder, &table, op, name),
        Some(Made::Grouped(grouped)) => of_grouped(builder, grouped, op, name),
        Some(Made::Windowed(grouped, windows)) => Made::Table(aggregated(builder, &grouped, Some(windows), op, name)),
    }
}

fn source(builder: &mut StreamsBuilder, op: &Op, name: &str) -> Made {
    let topic = op.text("topic").expect("a topic");
    let made = match name {
        "stream" => Made::Stream(builder.stream(topic, &Serde::Text, &Serde::Text, op.named())),
        "table" => Made::Table(builder.table(topic, &Serde::Text, &Serde::Text, op.named(), op.store())),
        other => panic!("{other} is no source"),
    };
    match op.text("extractor") {
        Some("skip") => builder.with_extractor(topic, Extractor::Skip),
        Some("partition_time") => builder.with_extractor(topic, Extractor::PartitionTime),
        _ => {}
    }
    made
}

fn other_stream(builder: &mut StreamsBuilder, op: &Op) -> KStream {
    match op.0["right"].as_array() {
        Some(ops) => match chain(builder, ops) {
            Made::Stream(stream) => stream,
            _ => panic!("no stream on the right"),
        },
        None => builder.stream(op.text("topic").expect("a topic"), &Serde::Text, &Serde::Text, op.text("right_named")),
    }
}

fn other_table(builder: &mut StreamsBuilder, op: &Op) -> KTable {
    match op.0["right"].as_array() {
        Some(ops) => match chain(builder, ops) {
            Made::Table(table) => table,
            _ => panic!("no table on the right"),
        },
        None => {
            let topic = op.text("topic").expect("a topic");
            builder.table(topic, &Serde::Text, &Serde::Text, op.text("right_named"), op.text("right_store"))
        }
    }
}

fn of_stream(builder: &mut StreamsBuilder, stream: &KStream, op: &Op, name: &str) -> Made {
    let named = op.named();
    let text = &Serde::Text;
    Made::Stream(match name {
        "filter" | "filterNot" => builder.filter(stream, op.test(), name == "filterNot", named),
        "filterLong" => {
            let test = Expression::Value.compare(Comparison::GreaterOrEqual, number(op.number("at_least")));
            builder.filter(stream, test, false, named)
        }
        "mapValues" => match op.text("append") {
            Some(more) => {
                let value = Expression::Concat(vec![Expression::Value, Expression::Literal(Value::text(more))]);
                builder.map_values(stream, value, text, named)
            }
            None => builder.map_values(stream, op.field(), text, named),
        },
        "valueToText" => builder.map_values(stream, Expression::Value.text(), text, named),
        "map" => {
            let field = |name: &str| Expression::field(op.text(name).expect("a field")).text();
            builder.map(stream, field("key_field"), field("value_field"), (text, text), named)
        }
        "selectKey" => builder.select_key(stream, op.field(), text, named),
        "flatMapValues" => builder.flat_map_values(stream, op.elements(), Expression::Other, named),
        "flatMap" => builder.flat_map(stream, op.elements(), Expression::Other, Expression::Key, named),
        "peek" => builder.peek(stream, named),
        "repartition" => {
            let partitions = op.0["partitions"].as_i64().map(|partitions| partitions as i32);
            builder.repartition(stream, partitions, named)
        }
        "punctuate" => {
            let by = if op.text("type") == Some("wall") { Punctuation::WallClock } else { Punctuation::StreamTime };
            let value = Expression::Timestamp.text();
            builder.punctuate(stream, (op.number("interval_ms"), by), Expression::Literal(Value::text("tick")), value, named)
        }
        "split" => return Made::Stream(split(builder, stream, op)),
        "merge" => {
            let other = other_stream(builder, op);
            builder.merge(stream, &other, named)
        }
        "groupByKey" => return Made::Grouped(builder.group_by_key(stream, named)),
        "groupBy" => return Made::Grouped(builder.group_by(stream, op.field(), text, named)),
        "toTable" => return Made::Table(builder.to_table(stream, named, op.store())),
        "streamJoin" | "streamLeftJoin" | "streamOuterJoin" => {
            let other = other_stream(builder, op);
            let difference_ms = op.number("difference_ms");
            let within = |name: &str| op.0[name].as_i64().unwrap_or(difference_ms);
            let (before_ms, after_ms) = (within("before_ms"), within("after_ms"));
            let windows = JoinWindows { before_ms, after_ms, grace_ms: op.number("grace_ms") };
            builder.join_streams(stream, &other, windows, joined(), kind(name), (named, op.store()))
        }
        "streamTableJoin" | "streamTableLeftJoin" => {
            let table = other_table(builder, op);
            builder.join_table(stream, &table, joined(), name == "streamTableLeftJoin", named)
        }
        "globalTableJoin" | "globalTableLeftJoin" => {
            let topic = op.text("topic").expect("a topic");
            let table = builder.global_table(topic, text, text, (op.text("right_named"), op.text("right_store")));
            builder.join_global(stream, &table, op.field(), joined(), name == "globalTableLeftJoin", named)
        }
        other => panic!("{other} of a stream"),
    })
}

fn kind(name: &str) -> JoinKind {
    match name {
        name if name.contains("Left") => JoinKind::Left,
        name if name.contains("Outer") => JoinKind::Outer,
        _ => JoinKind::Inner,
    }
}

fn split(builder: &mut StreamsBuilder, stream: &KStream, op: &Op) -> KStream {
    let branches = op.0["branches"].as_array().expect("branches");
    let tests = branches.iter().map(|branch| (Op(branch).test(), Op(branch).text("as"))).collect();
    let default = match &op.0["default"] {
        Json::Bool(true) => Some(None),
        Json::String(name) => Some(Some(name.as_str())),
        _ => None,
    };
    let streams = builder.split(stream, tests, default, op.named());
    let place = |place: &Json| streams[place.as_u64().expect("a place") as usize].clone();
    match &op.0["branch"] {
        Json::Array(places) => {
            let mut chosen = places.iter().map(place);
            let first = chosen.next().expect("a branch");
            chosen.fold(first, |merged, next| builder.merge(&merged, &next, None))
        }
        one => place(one),
    }
}

fn of_table(builder: &mut StreamsBuilder, table: &KTable, op: &Op, name: &str) -> Made {
    let (named, store) = (op.named(), op.store());
    let text = &Serde::Text;
    Made::Table(match name {
        "filter" | "filterNot" => builder.table_filter(table, op.test(), name == "filterNot", named, store),
        "filterLong" => {
            let test = Expression::Value.compare(Comparison::GreaterOrEqual, number(op.number("at_least")));
            builder.table_filter(table, test, false, named, store)
        }
        "mapValues" => match op.text("append") {
            Some(more) => {
                let value = Expression::Concat(vec![Expression::Value, Expression::Literal(Value::text(more))]);
                builder.table_map_values(table, value, text, named, store)
            }
            None => builder.table_map_values(table, op.field(), text, named, store),
        },
        "valueToText" => builder.table_map_values(table, Expression::Value.text(), text, named, store),
        "groupBy" => {
            let value = match op.text("value_field") {
                Some(field) => Expression::field(field).text(),
                None => Expression::Value,
            };
            return Made::Grouped(builder.group_table(table, op.field(), value, (text, text), named));
        }
        "tableJoin" | "tableLeftJoin" | "tableOuterJoin" => {
            let other = other_table(builder, op);
            builder.join_tables(table, &other, joined(), kind(name), text, (named, store))
        }
        "foreignKeyJoin" | "foreignKeyLeftJoin" => {
            let other = other_table(builder, op);
            builder.join_foreign_key((table, &other), op.field(), joined(), text, name == "foreignKeyLeftJoin", (named, store))
        }
        "suppressUntilWindowCloses" => builder.suppress_until_window_closes(table, named),
        "suppressUntilTimeLimit" => {
            let max_records = op.0["max_records"].as_u64().map(|records| records as usize);
            builder.suppress_until_time_limit(table, op.number("limit_ms"), max_records, named)
        }
        "toStream" => {
            let stream = builder.to_stream(table, named);
            let at = Expression::Literal(Value::text("@"));
            return Made::Stream(match op.text("key") {
                Some("plain") => builder.select_key(&stream, Expression::Key, text, None),
                Some("start") => {
                    let key = Expression::Concat(vec![Expression::Key, at, Expression::WindowStart]);
                    builder.select_key(&stream, key, text, None)
                }
                _ => stream,
            });
        }
        other => panic!("{other} of a table"),
    })
}

fn of_grouped(builder: &mut StreamsBuilder, grouped: Grouped, op: &Op, name: &str) -> Made {
    let on_close = op.is("emit_on_close");
    let windows = match name {
        "tumbling" | "hopping" => {
            let size_ms = op.number("size_ms");
            let advance_ms = if name == "hopping" { op.number("advance_ms") } else { size_ms };
            Windows::Time { size_ms, advance_ms, grace_ms: op.number("grace_ms"), on_close }
        }
        "sliding" => Windows::Sliding { difference_ms: op.number("difference_ms"), grace_ms: op.number("grace_ms"), on_close },
        "session" => Windows::Session { gap_ms: op.number("gap_ms"), grace_ms: op.number("grace_ms"), on_close },
        _ => return Made::Table(aggregated(builder, &grouped, None, op, name)),
    };
    Made::Windowed(grouped, windows)
}

fn aggregated(builder: &mut StreamsBuilder, grouped: &Grouped, windows: Option<Windows>, op: &Op, name: &str) -> KTable {
    let (named, store) = (op.named(), op.store());
    let (by, value) = match name {
        "count" => return builder.count(grouped, windows, named, store),
        "sum" => (Aggregator::sum(op.field().long()), Serde::Long),
        "reduce" => (Aggregator::reduce(reduced(op.text("by").expect("by")), None), Serde::Text),
        "tableReduce" => {
            let by = op.text("by").expect("by");
            let subtract = if by == "sum" { computed(Arithmetic::Subtract) } else { concatenated(",-") };
            (Aggregator::reduce(reduced(by), Some(subtract)), Serde::Text)
        }
        other => panic!("{other} of a group"),
    };
    builder.aggregate(grouped, windows, by, Materialized { named, store, value: &value })
}
