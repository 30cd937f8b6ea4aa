//! Aggregations: of grouped streams, in windows or without, and of grouped tables.

use super::InternalTopic;
use super::builder::{KStream, StreamsBuilder, source};
use super::operator::{Aggregator, Getter, Operator};
use super::tables::{KTable, Kind};
use crate::streams::store::StoreKind;
use crate::streams::{Expression, Serde};
use std::rc::Rc;

/// `KGroupedStream`, or `KGroupedTable`
#[derive(Clone, Debug)]
pub struct Grouped {
    stream: KStream,
    /// The name given to the grouping, which its repartition topic has too.
    named: Option<String>,
    table: Option<KTable>,
}

/// Times in milliseconds. `on_close`: one result for each window, when it has closed (`EmitStrategy.onWindowClose`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Windows {
    /// A hopping window that advances by its size is a tumbling one.
    Time {
        size_ms: i64,
        advance_ms: i64,
        grace_ms: i64,
        on_close: bool,
    },
    Sliding {
        difference_ms: i64,
        grace_ms: i64,
        on_close: bool,
    },
    Session {
        gap_ms: i64,
        grace_ms: i64,
        on_close: bool,
    },
}

/// What an aggregate is called, and of which serde it is.
#[derive(Clone, Copy, Debug)]
pub struct Materialized<'a> {
    pub named: Option<&'a str>,
    pub store: Option<&'a str>,
    pub value: &'a Serde,
}

impl StreamsBuilder {
    pub fn group_by_key(&mut self, stream: &KStream, named: Option<&str>) -> Grouped {
        Grouped { stream: stream.clone(), named: named.map(str::to_owned), table: None }
    }

    pub fn group_by(&mut self, stream: &KStream, key: Expression, serde: &Serde, named: Option<&str>) -> Grouped {
        let stream = self.select_key(stream, key, serde, named);
        Grouped { stream, named: named.map(str::to_owned), table: None }
    }

    /// `KTable#groupBy`: rows by another key, each with a value.
    pub fn group_table(
        &mut self,
        table: &KTable,
        key: Expression,
        value: Expression,
        serdes: (&Serde, &Serde),
        named: Option<&str>,
    ) -> Grouped {
        let name = self.name(named, "KTABLE-SELECT-");
        let node = self.add(&name, Operator::TableGroup { key, value }, &[table.node], &[]);
        self.enable_old(table.table, true);
        let stream = KStream { node, name, key: serdes.0.clone(), value: serdes.1.clone(), repartition: true };
        Grouped { stream, named: named.map(str::to_owned), table: Some(table.clone()) }
    }

    /// `count()`, without a `Materialized`.
    pub fn count_plain(&mut self, grouped: &Grouped, windows: Option<Windows>) -> KTable {
        self.aggregate(grouped, windows, Aggregator::count(), Materialized { named: None, store: None, value: &Serde::Long })
    }

    /// `count(Materialized)`, with a name for the store or without.
    pub fn count(&mut self, grouped: &Grouped, windows: Option<Windows>, named: Option<&str>, store: Option<&str>) -> KTable {
        let sliding = matches!(windows, Some(Windows::Sliding { .. }));
        if store.is_none() && grouped.table.is_none() && !sliding {
            // Kafka looks for a name for the store twice here.
            self.store_name("KSTREAM-AGGREGATE-");
        }
        self.aggregate(grouped, windows, Aggregator::count(), Materialized { named, store, value: &Serde::Long })
    }

    /// `reduce`, where the aggregator has no first value, and `aggregate`.
    pub fn aggregate(&mut self, grouped: &Grouped, windows: Option<Windows>, by: Aggregator, made: Materialized) -> KTable {
        if grouped.table.is_some() {
            return self.aggregate_table(grouped, by, made);
        }
        let kind = if by.initial == crate::streams::Value::Null { "KSTREAM-REDUCE-" } else { "KSTREAM-AGGREGATE-" };
        let store_name = match made.store {
            Some(name) => name.to_owned(),
            None => self.store_name(kind),
        };
        let name = self.name(made.named, kind);
        let key = &grouped.stream.key.clone();
        let (store, operator, getter, grace_ms, windowed_key) = self.windowed(windows, by, &store_name, key, made.value);
        let parent = self.grouped_source(grouped, &store_name);
        let node = self.add(&name, operator, &[parent], &[store]);
        self.new_table(node, &windowed_key, made.value, grace_ms, Kind::Stored(getter, store))
    }

    fn windowed(
        &mut self,
        windows: Option<Windows>,
        by: Aggregator,
        store: &str,
        key: &Serde,
        value: &Serde,
    ) -> (usize, Operator, Getter, Option<i64>, Serde) {
        let old = false;
        match windows {
            None => {
                let store = self.add_store(store, StoreKind::KeyValue, key, value);
                (store, Operator::Aggregate { store, by, old }, Getter::Store(store), None, key.clone())
            }
            Some(Windows::Time { size_ms, advance_ms, grace_ms, on_close }) => {
                let retention_ms = size_ms.saturating_add(grace_ms);
                let kind = StoreKind::Window { retention_ms, duplicates: false, time_first: on_close };
                let store = self.add_store(store, kind, key, value);
                let operator = Operator::WindowAggregate { store, size_ms, advance_ms, grace_ms, on_close, by, old };
                let key = Serde::TimeWindowed(Rc::new(key.clone()), size_ms);
                (store, operator, Getter::Window(store), Some(grace_ms), key)
            }
            Some(Windows::Sliding { difference_ms, grace_ms, on_close }) => {
                let retention_ms = difference_ms.saturating_mul(2).saturating_add(grace_ms);
                let kind = StoreKind::Window { retention_ms, duplicates: false, time_first: on_close };
                let store = self.add_store(store, kind, key, value);
                let operator = Operator::SlidingAggregate { store, difference_ms, grace_ms, on_close, by, old };
                let key = Serde::TimeWindowed(Rc::new(key.clone()), difference_ms);
                (store, operator, Getter::Window(store), Some(grace_ms), key)
            }
            Some(Windows::Session { gap_ms, grace_ms, on_close }) => {
                let retention_ms = gap_ms.saturating_add(grace_ms);
                let store = self.add_store(store, StoreKind::Session { retention_ms, time_first: on_close }, key, value);
                let operator = Operator::SessionAggregate { store, gap_ms, grace_ms, on_close, by, old };
                let key = Serde::SessionWindowed(Rc::new(key.clone()));
                (store, operator, Getter::Session(store), Some(retention_ms), key)
            }
        }
    }

    /// The node that an aggregation reads from: after a repartition topic, if the key has changed.
    fn grouped_source(&mut self, grouped: &Grouped, store: &str) -> usize {
        if !grouped.stream.repartition {
            return grouped.stream.node;
        }
        let Some(name) = &grouped.named else { return self.through(&grouped.stream, store).node };
        // Two aggregations of one grouping with a name share its topic.
        let key = format!("{}\n{name}", grouped.stream.node);
        if let Some(source) = self.repartitioned.get(&key).copied() {
            self.skip_names(3);
            return source;
        }
        let source = self.through(&grouped.stream, name).node;
        self.repartitioned.insert(key, source);
        source
    }

    fn aggregate_table(&mut self, grouped: &Grouped, by: Aggregator, made: Materialized) -> KTable {
        let store_name = match made.store {
            Some(name) => name.to_owned(),
            None => self.store_name("KTABLE-AGGREGATE-"),
        };
        let reduce = by.initial == crate::streams::Value::Null;
        let sink_name = self.suffixed(made.named, "-sink", "KSTREAM-SINK-");
        let source_name = self.suffixed(made.named, "-source", "KSTREAM-SOURCE-");
        let name = self.name(made.named, if reduce { "KTABLE-REDUCE-" } else { "KTABLE-AGGREGATE-" });
        let topic = format!("{}-repartition", grouped.named.as_deref().unwrap_or(&store_name));
        let (key, value) = (grouped.stream.key.clone(), grouped.stream.value.clone());
        self.internal_topics.push(InternalTopic { name: topic.as_str().into(), partitions: None });
        let sink =
            Operator::Sink { topic: topic.as_str().into(), internal: true, key: key.clone(), value: value.clone(), changes: true };
        let sink = self.draft(&sink_name, sink, &[grouped.stream.node], &[]);
        let from = self.draft(&source_name, source(&topic, &key, &value, true), &[], &[]);
        self.connect(&[grouped.stream.node], from, &[sink]);
        let store = self.add_store(&store_name, StoreKind::KeyValue, &key, made.value);
        let node = self.add(&name, Operator::TableAggregate { store, by, old: false }, &[from], &[store]);
        self.new_table(node, &key, made.value, None, Kind::Stored(Getter::Store(store), store))
    }
}
