//! `KTable`: rows by key, and what becomes of them.

use super::builder::{KStream, StreamsBuilder, source};
use super::operator::{Getter, Operator};
use crate::streams::store::StoreKind;
use crate::streams::{Expression, Serde};

/// `KTable`
#[derive(Clone, Debug)]
pub struct KTable {
    pub(super) node: usize,
    pub(super) key: Serde,
    pub(super) value: Serde,
    /// How long after its end a window still takes records, where the rows are windows.
    pub(super) grace_ms: Option<i64>,
    /// Place in `StreamsBuilder::tables`.
    pub(super) table: usize,
}

/// What is known of a table while its topology is made.
#[derive(Debug)]
pub(super) struct Draft {
    pub node: usize,
    pub kind: Kind,
    /// Whether it sends the row as it was before each change.
    pub old: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// With a store that is there only if it is asked for.
    Source {
        store: usize,
        materialized: bool,
    },
    /// An aggregate with a store of its own.
    Stored(Getter, usize),
    /// A filter or a map, with its store, if it has been given one.
    Derived {
        of: usize,
        store: Option<usize>,
    },
    Join {
        left: usize,
        right: usize,
        kind: super::JoinKind,
        joiner: Expression,
        sides: [usize; 2],
        store: Option<usize>,
    },
    Suppress {
        of: usize,
        buffer: usize,
    },
}

impl StreamsBuilder {
    /// `StreamsBuilder#table`
    pub fn table(&mut self, topic: &str, key: &Serde, value: &Serde, named: Option<&str>, store: Option<&str>) -> KTable {
        let made = if store.is_none() { self.store_name(&format!("{topic}-")) } else { String::new() };
        let source_name = self.suffixed(named, "-source", "KSTREAM-SOURCE-");
        let name = self.name(named, "KTABLE-SOURCE-");
        let from = self.draft(&source_name, source(topic, key, value, false), &[], &[]);
        let table = self.table_source(&name, from, key, value, store, &made);
        // One node of Kafka's graph, with the root as its only parent.
        self.drafts[from].priority = self.drafts[table.node].priority;
        table
    }

    /// `KTableSource` after a node. With a name its store is there in any case.
    pub(super) fn table_source(
        &mut self,
        name: &str,
        parent: usize,
        key: &Serde,
        value: &Serde,
        store: Option<&str>,
        made: &str,
    ) -> KTable {
        let place = self.add_store(store.unwrap_or(made), StoreKind::KeyValue, key, value);
        let node = self.add(name, Operator::TableSource { store: None, old: false }, &[parent], &[]);
        let kind = Kind::Source { store: place, materialized: false };
        let table = self.new_table(node, key, value, None, kind);
        if store.is_some() {
            self.materialize(table.table);
        }
        table
    }

    pub(super) fn new_table(&mut self, node: usize, key: &Serde, value: &Serde, grace_ms: Option<i64>, kind: Kind) -> KTable {
        self.tables.push(Draft { node, kind, old: false });
        KTable { node, key: key.clone(), value: value.clone(), grace_ms, table: self.tables.len() - 1 }
    }

    fn materialize(&mut self, table: usize) {
        let node = self.tables[table].node;
        if let Kind::Source { store, materialized } = &mut self.tables[table].kind
            && !*materialized
        {
            *materialized = true;
            let store = *store;
            self.drafts[node].stores.push(store);
            if let Operator::TableSource { store: place, .. } = &mut self.drafts[node].operator {
                *place = Some(store);
            }
        }
    }

    /// `enableSendingOldValues`: false where a table has no store and is not made to have one.
    pub(super) fn enable_old(&mut self, table: usize, force: bool) -> bool {
        if self.tables[table].old {
            return true;
        }
        let node = self.tables[table].node;
        match self.tables[table].kind.clone() {
            Kind::Source { materialized, .. } => {
                if !force && !materialized {
                    return false;
                }
                self.materialize(table);
            }
            Kind::Stored(..) => {}
            Kind::Derived { store: Some(_), .. } => {}
            Kind::Derived { of, store: None } => {
                if !self.enable_old(of, force) {
                    return false;
                }
            }
            Kind::Join { left, right, sides, .. } => {
                self.enable_old(left, true);
                self.enable_old(right, true);
                for side in sides {
                    send_old(&mut self.drafts[side].operator);
                }
            }
            Kind::Suppress { of, .. } => return self.enable_old(of, force),
        }
        send_old(&mut self.drafts[node].operator);
        self.tables[table].old = true;
        true
    }

    /// `valueGetterSupplier`: where the table's rows are found, and the stores that this takes.
    pub(super) fn getter(&mut self, table: usize) -> (Getter, Vec<usize>) {
        match self.tables[table].kind.clone() {
            Kind::Source { store, .. } => {
                self.materialize(table);
                (Getter::Store(store), vec![store])
            }
            Kind::Stored(getter, store) => (getter, vec![store]),
            Kind::Derived { store: Some(store), .. } => (Getter::Store(store), vec![store]),
            Kind::Derived { of, store: None } => {
                let (of, stores) = self.getter(of);
                let of = Box::new(of);
                let node = self.tables[table].node;
                let getter = match &self.drafts[node].operator {
                    Operator::TableFilter { test, not, .. } => Getter::Filter { of, test: test.clone(), not: *not },
                    Operator::TableMap { value, .. } => Getter::Map { of, value: value.clone() },
                    _ => *of,
                };
                (getter, stores)
            }
            Kind::Join { store: Some(store), .. } => (Getter::Store(store), vec![store]),
            Kind::Join { left, right, kind, joiner, .. } => {
                let (left, mut stores) = self.getter(left);
                let (right, others) = self.getter(right);
                stores.extend(others);
                (Getter::Join { kind, left: Box::new(left), right: Box::new(right), joiner }, stores)
            }
            Kind::Suppress { of, buffer } => {
                let (of, others) = self.getter(of);
                (Getter::Suppress { buffer, of: Box::new(of) }, [vec![buffer], others].concat())
            }
        }
    }

    fn derived(&mut self, table: &KTable, name: &str, operator: Operator, value: &Serde, store: Option<usize>) -> KTable {
        // A filter asks the table before it for old rows if that takes no more effort.
        let old = matches!(operator, Operator::TableFilter { .. }) && self.enable_old(table.table, false);
        let node = self.add(name, operator, &[table.node], store.as_slice());
        if old {
            send_old(&mut self.drafts[node].operator);
        }
        let kind = Kind::Derived { of: table.table, store };
        self.new_table(node, &table.key, value, table.grace_ms, kind)
    }

    pub fn table_filter(
        &mut self,
        table: &KTable,
        test: Expression,
        not: bool,
        named: Option<&str>,
        store: Option<&str>,
    ) -> KTable {
        let name = self.name(named, "KTABLE-FILTER-");
        let store = store.map(|store| self.add_store(store, StoreKind::KeyValue, &table.key, &table.value));
        self.derived(table, &name, Operator::TableFilter { test, not, store, old: false }, &table.value.clone(), store)
    }

    pub fn table_map_values(
        &mut self,
        table: &KTable,
        value: Expression,
        serde: &Serde,
        named: Option<&str>,
        store: Option<&str>,
    ) -> KTable {
        let name = self.name(named, "KTABLE-MAPVALUES-");
        let store = store.map(|store| self.add_store(store, StoreKind::KeyValue, &table.key, serde));
        self.derived(table, &name, Operator::TableMap { value, store, old: false }, serde, store)
    }

    pub fn to_stream(&mut self, table: &KTable, named: Option<&str>) -> KStream {
        let name = self.name(named, "KTABLE-TOSTREAM-");
        let node = self.add(&name, Operator::ToStream, &[table.node], &[]);
        KStream { node, name, key: table.key.clone(), value: table.value.clone(), repartition: false }
    }

    /// `suppress(untilWindowCloses)`: one result for each window. Only for rows that are windows; others pass at once.
    pub fn suppress_until_window_closes(&mut self, table: &KTable, named: Option<&str>) -> KTable {
        self.suppress(table, (table.grace_ms.unwrap_or(0), true, None), named)
    }

    /// `suppress(untilTimeLimit)`: at most one result for a key in a time.
    /// `max_records`: above this many the earliest go out before their time (`emitEarlyWhenFull`).
    pub fn suppress_until_time_limit(
        &mut self,
        table: &KTable,
        wait_ms: i64,
        max_records: Option<usize>,
        named: Option<&str>,
    ) -> KTable {
        self.suppress(table, (wait_ms, false, max_records), named)
    }

    fn suppress(
        &mut self,
        table: &KTable,
        (wait_ms, r#final, max_records): (i64, bool, Option<usize>),
        named: Option<&str>,
    ) -> KTable {
        let name = match named {
            Some(name) => name.to_owned(),
            None => self.next_name("KTABLE-SUPPRESS-"),
        };
        let store_name = match named {
            Some(name) => format!("{name}-store"),
            None => self.store_name("KTABLE-SUPPRESS-"),
        };
        let store = self.add_store(&store_name, StoreKind::Suppress, &table.key, &table.value);
        self.enable_old(table.table, true);
        let node = self.add(&name, Operator::Suppress { store, wait_ms, r#final, max_records }, &[table.node], &[store]);
        let kind = Kind::Suppress { of: table.table, buffer: store };
        self.new_table(node, &table.key, &table.value, table.grace_ms, kind)
    }
}

fn send_old(operator: &mut Operator) {
    match operator {
        Operator::Aggregate { old, .. }
        | Operator::WindowAggregate { old, .. }
        | Operator::SlidingAggregate { old, .. }
        | Operator::SessionAggregate { old, .. }
        | Operator::TableSource { old, .. }
        | Operator::TableFilter { old, .. }
        | Operator::TableMap { old, .. }
        | Operator::TableAggregate { old, .. }
        | Operator::TableJoin { old, .. }
        | Operator::TableMerge { old, .. } => *old = true,
        _ => {}
    }
}
