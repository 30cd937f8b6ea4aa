//! Joins of a stream: with another, within a time (`KStreamJoinWindow`, `KStreamKStreamJoin`), and with a table.

use super::{Failure, Reason, Run};
use crate::streams::store::{OuterJoinStore, Side, Store, WindowEntry, WindowStore};
use crate::streams::topology::{Operator, StreamJoin};
use crate::streams::values::expression::{Expression, Scope};
use crate::streams::values::value::{Record, Value};

impl Run<'_> {
    /// Keeps a record for the other side, after it has been joined.
    pub(super) fn join_window(&mut self, node: usize, record: &Record, place: usize) -> Result<(), Failure> {
        self.forward(node, record)?;
        let Some(key) = &record.key else { return Ok(()) };
        let bytes = self.key_bytes(place, key);
        let (start, timestamp) = (record.timestamp, record.timestamp);
        let Some(Store::Window(store)) = self.store(place) else { return Ok(()) };
        let sequence = store.next_sequence();
        // Nothing is kept of nothing, but the changelog hears of it.
        let entry = |value: &Value| WindowEntry { key: key.clone(), start, value: value.clone(), timestamp };
        let kept = record.value.as_ref().is_none_or(|value| store.put(&bytes, sequence, entry(value)));
        if !kept {
            self.drop(node, record, Reason::Expired { store: self.topology.stores[place].name.clone() });
        }
        self.log(place, WindowStore::changelog_key(&bytes, start, sequence), record.value.as_ref(), timestamp);
        Ok(())
    }

    pub(super) fn stream_join(&mut self, node: usize, record: &Record, join: &StreamJoin) -> Result<(), Failure> {
        let time = record.timestamp;
        self.clocks[join.clock].observe(time);
        if join.outer && record.key.is_none() && record.value.is_some() {
            // Without a key there is no partner to wait for.
            return self.forward_joined(node, record, join, record.value.as_ref(), None, time);
        }
        let (Some(key), Some(value)) = (&record.key, &record.value) else {
            self.drop(node, record, Reason::NullKeyOrValue);
            return Ok(());
        };
        if time == self.clocks[join.clock].stream_time {
            self.emit_unjoined(node, record, join)?;
        }
        let (before, after) = match join.side {
            Side::Left => (join.before_ms, join.after_ms),
            Side::Right => (join.after_ms, join.before_ms),
        };
        let (from, to) = (time.saturating_sub(before).max(0), time.saturating_add(after).max(0));
        let bytes = self.key_bytes(join.other_store, key);
        let partners: Vec<WindowEntry> = match self.store(join.other_store) {
            Some(Store::Window(store)) => store.fetch(&bytes, from, to).into_iter().cloned().collect(),
            _ => Vec::new(),
        };
        for partner in &partners {
            if let Some(place) = join.outer_store {
                self.forget_unjoined(place, &OuterJoinStore::store_key(&bytes, partner.start, join.side.other()));
            }
            self.forward_joined(node, record, join, Some(value), Some(&partner.value), time.max(partner.start))?;
        }
        if !join.outer || !partners.is_empty() {
            return Ok(());
        }
        match join.outer_store {
            // Its partner may still come.
            Some(place) if to >= self.clocks[join.clock].stream_time => {
                let clock = &mut self.clocks[join.clock];
                clock.earliest = clock.earliest.min(time);
                let store_key = OuterJoinStore::store_key(&bytes, time, join.side);
                if let Some(Store::OuterJoin(store)) = self.store(place) {
                    store.add(store_key.clone(), key, time, join.side, value.clone());
                }
                self.log_unjoined(place, store_key);
                Ok(())
            }
            _ => self.forward_joined(node, record, join, Some(value), None, time),
        }
    }

    fn forward_joined(
        &mut self,
        node: usize,
        record: &Record,
        join: &StreamJoin,
        this: Option<&Value>,
        other: Option<&Value>,
        timestamp: i64,
    ) -> Result<(), Failure> {
        let (left, right) = if join.side == Side::Left { (this, other) } else { (other, this) };
        let scope = Scope { key: record.key.as_ref(), value: left, other: right, timestamp };
        let value = self.evaluate(node, &join.joiner, scope)?.present();
        self.forward(node, &Record { key: record.key.clone(), value, old: None, timestamp })
    }

    /// Sends the records that have waited for a partner until their window closed.
    fn emit_unjoined(&mut self, node: usize, record: &Record, join: &StreamJoin) -> Result<(), Failure> {
        let Some(place) = join.outer_store else { return Ok(()) };
        let now = self.context.now;
        let interval = self.emit_interval_ms;
        // What this side of the join looks ahead.
        let after = if join.side == Side::Left { join.after_ms } else { join.before_ms };
        let clock = &mut self.clocks[join.clock];
        if clock.earliest.saturating_add(after).saturating_add(join.grace_ms) >= clock.stream_time || now < clock.next_emit {
            return Ok(());
        }
        clock.next_emit = now + interval;
        clock.earliest = i64::MAX;
        let waiting = match self.store(place) {
            Some(Store::OuterJoin(store)) => store.all(),
            _ => Vec::new(),
        };
        let mut last: Option<Vec<u8>> = None;
        let (mut left_open, mut right_open) = (false, false);
        for waiting in waiting {
            let clock = &mut self.clocks[join.clock];
            clock.earliest = waiting.timestamp;
            if left_open && right_open {
                break;
            }
            let ahead = if waiting.side == Side::Left { join.after_ms } else { join.before_ms };
            if clock.earliest.saturating_add(ahead).saturating_add(join.grace_ms) >= clock.stream_time {
                match waiting.side {
                    Side::Left => left_open = true,
                    Side::Right => right_open = true,
                }
                continue;
            }
            let alone = Record { key: Some(waiting.key), ..record.clone() };
            let (this, other) = if waiting.side == join.side { (Some(&waiting.value), None) } else { (None, Some(&waiting.value)) };
            self.forward_joined(node, &alone, join, this, other, waiting.timestamp)?;
            if let Some(done) = last.filter(|last| *last != waiting.store_key) {
                self.forget_unjoined(place, &done);
            }
            last = Some(waiting.store_key);
        }
        if let Some(done) = last {
            self.forget_unjoined(place, &done);
        }
        Ok(())
    }

    fn forget_unjoined(&mut self, place: usize, store_key: &[u8]) {
        let removed = match self.store(place) {
            Some(Store::OuterJoin(store)) => store.remove(store_key),
            _ => false,
        };
        if removed {
            let timestamp = self.context.timestamp;
            self.log(place, store_key.to_vec(), None, timestamp);
        }
    }

    /// The whole list of a key goes to the changelog each time.
    fn log_unjoined(&mut self, place: usize, store_key: Vec<u8>) {
        let timestamp = self.context.timestamp;
        let side = u8::from(store_key.get(8) == Some(&1));
        let spec = &self.topology.stores[place];
        let Some(Some(Store::OuterJoin(store))) = self.stores.get(place) else { return };
        let values = store.values(&store_key).unwrap_or_default();
        // `ListSerializer`: the lengths vary, how many there are, each with its length.
        let mut list = vec![1];
        list.extend((values.len() as i32).to_be_bytes());
        for value in values {
            let bytes = spec.value.serialize(value);
            list.extend((bytes.len() as i32 + 1).to_be_bytes());
            list.push(side);
            list.extend(bytes);
        }
        if spec.logged {
            self.sent.push(super::Sent::Changelog { store: place, key: store_key, value: Some(list), timestamp: Some(timestamp) });
        }
    }

    pub(super) fn stream_table_join(&mut self, node: usize, record: &Record) -> Result<(), Failure> {
        let topology = self.topology;
        let Operator::StreamTableJoin { table, key, joiner, left, .. } = &topology.nodes[node].operator else { return Ok(()) };
        let chosen = match key {
            Some(key) => self.evaluate(node, key, Scope::of(record))?.present(),
            None => record.key.clone(),
        };
        let alone = *left && chosen.is_none() && record.value.is_some();
        if !alone && (chosen.is_none() || record.value.is_none()) {
            self.drop(node, record, Reason::NullKeyOrValue);
            return Ok(());
        }
        let row = match &chosen {
            Some(key) => self.row(node, table, key)?.map(|(value, _)| value),
            None => None,
        };
        if row.is_none() && !left {
            return Ok(());
        }
        let joined = self.joined(node, joiner, Scope::of(record).with_other(row.as_ref()))?;
        self.forward(node, &record.with_value(joined))
    }

    pub(super) fn joined(&self, node: usize, joiner: &Expression, scope: Scope) -> Result<Option<Value>, Failure> {
        Ok(self.evaluate(node, joiner, scope)?.present())
    }
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}
