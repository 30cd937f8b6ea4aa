//! Joins of streams and tables. In a joiner the left side is `Expression::Value`, the right one `Expression::Other`.

use super::builder::{KStream, StreamsBuilder, source};
use super::operator::{Getter, JoinKind, Operator, StreamJoin};
use super::tables::{KTable, Kind};
use crate::streams::store::{Side, StoreKind};
use crate::streams::{Expression, Serde};

/// `GlobalKTable`: every instance has all of it.
#[derive(Clone, Debug)]
pub struct GlobalKTable {
    store: usize,
    key: Serde,
}

/// `JoinWindows`, in milliseconds: how far a record of the right side may be before or after one of the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JoinWindows {
    pub before_ms: i64,
    pub after_ms: i64,
    pub grace_ms: i64,
}

impl StreamsBuilder {
    /// `StreamsBuilder#globalTable`
    pub fn global_table(
        &mut self,
        topic: &str,
        key: &Serde,
        value: &Serde,
        (named, store): (Option<&str>, Option<&str>),
    ) -> GlobalKTable {
        let store_name = match store {
            Some(store) => store.to_owned(),
            None => self.store_name(&format!("{topic}-")),
        };
        let source_name = self.suffixed(named, "-source", "KSTREAM-SOURCE-");
        let name = self.name(named, "KTABLE-SOURCE-");
        let store = self.add_store(&store_name, StoreKind::KeyValue, key, value);
        self.stores[store].logged = false;
        self.stores[store].global = true;
        let from = self.draft(&source_name, source(topic, key, value, false), &[], &[]);
        let node = self.add(&name, Operator::TableSource { store: Some(store), old: false }, &[from], &[store]);
        self.drafts[from].priority = self.drafts[node].priority;
        GlobalKTable { store, key: key.clone() }
    }

    /// A stream with a global table, by a key chosen from each record. Only the stream's records give results.
    pub fn join_global(
        &mut self,
        stream: &KStream,
        table: &GlobalKTable,
        key: Expression,
        joiner: Expression,
        left: bool,
        named: Option<&str>,
    ) -> KStream {
        let name = self.name(named, "KSTREAM-LEFTJOIN-");
        let (getter, key_serde) = (Getter::Store(table.store), table.key.clone());
        let join = Operator::StreamTableJoin { table: getter, key: Some(key), key_serde, joiner, left };
        let node = self.add(&name, join, &[stream.node], &[]);
        self.drafts[node].relaxed = left;
        KStream { node, name, ..stream.clone() }
    }

    /// A stream with a table that is partitioned as it is.
    pub fn join_table(&mut self, stream: &KStream, table: &KTable, joiner: Expression, left: bool, named: Option<&str>) -> KStream {
        let stream = self.for_join(stream, named.unwrap_or(&stream.name));
        let name = self.name(named, if left { "KSTREAM-LEFTJOIN-" } else { "KSTREAM-JOIN-" });
        self.copartition(&[stream.node, table.node]);
        let (getter, stores) = self.getter(table.table);
        let join = Operator::StreamTableJoin { table: getter, key: None, key_serde: table.key.clone(), joiner, left };
        let node = self.add(&name, join, &[stream.node], &stores);
        self.drafts[node].relaxed = left;
        KStream { node, name, ..stream }
    }

    /// Two streams, records that are near each other in time.
    pub fn join_streams(
        &mut self,
        left: &KStream,
        right: &KStream,
        windows: JoinWindows,
        joiner: Expression,
        kind: JoinKind,
        (named, store): (Option<&str>, Option<&str>),
    ) -> KStream {
        let suffixed = |suffix: &str, other: &str| named.map_or_else(|| other.to_owned(), |name| format!("{name}{suffix}"));
        let left = &self.for_join(left, &suffixed("-left", &left.name));
        let right = &self.for_join(right, &suffixed("-right", &right.name));
        self.copartition(&[left.node, right.node]);
        let (left_outer, right_outer) = (kind != JoinKind::Inner, kind == JoinKind::Outer);
        let this_suffix = if right_outer { "-outer-this-join" } else { "-this-join" };
        let other_suffix = if left_outer { "-outer-other-join" } else { "-other-join" };
        let this_window = self.suffixed(named, "-this-windowed", "KSTREAM-WINDOWED-");
        let other_window = self.suffixed(named, "-other-windowed", "KSTREAM-WINDOWED-");
        let this_made = self.next_name(if right_outer { "KSTREAM-OUTERTHIS-" } else { "KSTREAM-JOINTHIS-" });
        let other_made = self.next_name(if left_outer { "KSTREAM-OUTEROTHER-" } else { "KSTREAM-JOINOTHER-" });
        let this_name = suffixed(this_suffix, &this_made);
        let other_name = suffixed(other_suffix, &other_made);
        let merge_name = self.suffixed(named, "-merge", "KSTREAM-MERGE-");

        let size = windows.before_ms.saturating_add(windows.after_ms);
        let kept = StoreKind::Window { retention_ms: size.saturating_add(windows.grace_ms), duplicates: true, time_first: false };
        let stored =
            |suffix: &str, made: &str| store.map_or_else(|| format!("{made}-store"), |store| format!("{store}{suffix}-store"));
        let this_store = self.add_store(&stored(this_suffix, &this_made), kept.clone(), &left.key, &left.value);
        let other_store = self.add_store(&stored(other_suffix, &other_made), kept, &right.key, &right.value);
        self.add(&this_window, Operator::JoinWindow { store: this_store }, &[left.node], &[this_store]);
        self.add(&other_window, Operator::JoinWindow { store: other_store }, &[right.node], &[other_store]);
        let windowed = [self.drafts.len() - 2, self.drafts.len() - 1];
        let outer_store = left_outer.then(|| {
            let number = this_made.rsplit('-').next().unwrap_or_default();
            let suffix = if right_outer { "-outer-shared-join" } else { "-left-shared-join" };
            let name = stored(suffix, &format!("KSTREAM-OUTERSHARED-{number}"));
            self.add_store(&name, StoreKind::OuterJoin, &left.key, &left.value)
        });

        let JoinWindows { before_ms, after_ms, grace_ms } = windows;
        let clock = self.drafts.len();
        let side = |side, outer, other_store| {
            let joiner = joiner.clone();
            Operator::StreamJoin(StreamJoin { side, outer, other_store, outer_store, before_ms, after_ms, grace_ms, joiner, clock })
        };
        let with_shared = |store: usize| [vec![store], outer_store.into_iter().collect()].concat();
        let (this_side, other_side) = (side(Side::Left, left_outer, other_store), side(Side::Right, right_outer, this_store));
        let this = self.draft(&this_name, this_side, &windowed[..1], &with_shared(other_store));
        let other = self.draft(&other_name, other_side, &windowed[1..], &with_shared(this_store));
        let merge = self.draft(&merge_name, Operator::PassThrough, &[this, other], &[]);
        self.connect(&[left.node, right.node], merge, &[this, other]);
        self.drafts[merge].relaxed = left_outer;
        KStream { node: merge, name: merge_name, repartition: false, ..left.clone() }
    }

    /// Two tables by their keys.
    pub fn join_tables(
        &mut self,
        left: &KTable,
        right: &KTable,
        joiner: Expression,
        kind: JoinKind,
        value: &Serde,
        (named, store): (Option<&str>, Option<&str>),
    ) -> KTable {
        let merge_name = self.name(named, "KTABLE-MERGE-");
        self.copartition(&[left.node, right.node]);
        if kind != JoinKind::Inner {
            self.enable_old(left.table, true);
        }
        if kind == JoinKind::Outer {
            self.enable_old(right.table, true);
        }
        let this_name = self.suffixed(named, "-join-this", "KTABLE-JOINTHIS-");
        let other_name = self.suffixed(named, "-join-other", "KTABLE-JOINOTHER-");
        let (left_getter, left_stores) = self.getter(left.table);
        let (right_getter, right_stores) = self.getter(right.table);
        let side = |side, other| Operator::TableJoin { side, kind, other, joiner: joiner.clone(), old: false };
        let (this_side, other_side) = (side(Side::Left, right_getter), side(Side::Right, left_getter));
        let this = self.draft(&this_name, this_side, &[left.node], &right_stores);
        let other = self.draft(&other_name, other_side, &[right.node], &left_stores);
        let store = store.map(|store| self.add_store(store, StoreKind::KeyValue, &left.key, value));
        let merge = self.draft(&merge_name, Operator::TableMerge { store, old: false }, &[this, other], store.as_slice());
        self.connect(&[left.node, right.node], merge, &[this, other]);
        let kind = Kind::Join { left: left.table, right: right.table, kind, joiner, sides: [this, other], store };
        self.new_table(merge, &left.key, value, left.grace_ms.max(right.grace_ms), kind)
    }
}
