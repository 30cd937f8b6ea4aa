//! Aggregates in session windows (`KStreamSessionWindowAggregate`): a record joins the sessions near it, which become one.

use super::{Failure, Reason, Run};
use crate::streams::store::{SessionStore, Store};
use crate::streams::topology::{Aggregator, Operator};
use crate::streams::values::expression::Scope;
use crate::streams::values::value::{Record, Value, Window, Windowed};

impl Run<'_> {
    pub(super) fn session_aggregate(&mut self, node: usize, record: &Record) -> Result<(), Failure> {
        let topology = self.topology;
        let Operator::SessionAggregate { store, gap_ms, grace_ms, on_close, by, old } = &topology.nodes[node].operator else {
            return Ok(());
        };
        let Some(key) = &record.key else {
            self.drop(node, record, Reason::NullKey);
            return Ok(());
        };
        self.clocks[node].observe(record.timestamp);
        let stream_time = self.clocks[node].stream_time;
        let closed_at = stream_time - grace_ms - gap_ms;
        let time = record.timestamp;
        let alone = Window { start: time, end: time };
        let bytes = self.key_bytes(*store, key);
        let near = match self.store(*store) {
            Some(Store::Session(store)) => store.of_key(&bytes, time - gap_ms, time + gap_ms),
            _ => Vec::new(),
        };
        let (window, value) = self.merged(node, by, record, alone, &near)?;
        if window.end < closed_at {
            self.drop(node, record, Reason::Late { window, closed_at, stream_time });
        } else {
            if window != alone {
                for (session, value) in near {
                    self.remove_session(*store, &bytes, session.window);
                    if !on_close {
                        self.forward_session(node, session, None, Some(value), *old)?;
                    }
                }
            }
            let value = self.added(node, by, record, record.value.as_ref(), value.as_ref())?;
            let session = Windowed { key: key.clone(), window };
            self.put_session(node, record, *store, session.clone(), value.clone());
            if !on_close {
                self.forward_session(node, session, value, None, *old)?;
            }
        }
        if *on_close && self.may_emit(node, closed_at) {
            self.emit_sessions(node, *store, closed_at)?;
        }
        Ok(())
    }

    /// The session that a record and those near it become, and their aggregate without the record.
    fn merged(
        &self,
        node: usize,
        by: &Aggregator,
        record: &Record,
        alone: Window,
        near: &[(Windowed, Value)],
    ) -> Result<(Window, Option<Value>), Failure> {
        let mut window = alone;
        let mut value = by.initial.clone().present();
        for (session, other) in near {
            if let Some(merge) = &by.merge {
                let scope = Scope::of(record).with_value(Some(other)).with_other(value.as_ref());
                value = self.evaluate(node, merge, scope)?.present();
            }
            window = Window { start: window.start.min(session.window.start), end: window.end.max(session.window.end) };
        }
        Ok((window, value))
    }

    fn put_session(&mut self, node: usize, record: &Record, place: usize, session: Windowed, value: Option<Value>) {
        let Some(value) = value else { return };
        let bytes = self.key_bytes(place, &session.key);
        let window = session.window;
        let kept = match self.store(place) {
            Some(Store::Session(store)) => store.put(&bytes, session, value.clone()),
            _ => return,
        };
        if !kept {
            self.drop(node, record, Reason::Expired { store: self.topology.stores[place].name.clone() });
        }
        let timestamp = self.context.timestamp;
        self.log(place, SessionStore::changelog_key(&bytes, window), Some(&value), timestamp);
    }

    fn remove_session(&mut self, place: usize, bytes: &[u8], window: Window) {
        if let Some(Store::Session(store)) = self.store(place) {
            store.remove(bytes, window);
        }
        let timestamp = self.context.timestamp;
        self.log(place, SessionStore::changelog_key(bytes, window), None, timestamp);
    }

    fn forward_session(
        &mut self,
        node: usize,
        session: Windowed,
        value: Option<Value>,
        old: Option<Value>,
        send_old: bool,
    ) -> Result<(), Failure> {
        let timestamp = session.window.end;
        let change = Record { key: Some(Value::windowed(session.key, session.window)), value, old, timestamp };
        self.forward_change(node, &change, send_old)
    }

    fn emit_sessions(&mut self, node: usize, store: usize, closed_at: i64) -> Result<(), Failure> {
        let (from, to) = (self.clocks[node].emitted_to.max(0), closed_at - 1);
        if to < 0 || to < from {
            return Ok(());
        }
        let sessions: Vec<(Windowed, Value)> = match self.store(store) {
            Some(Store::Session(store)) => store.ending(from, to).into_iter().cloned().collect(),
            _ => Vec::new(),
        };
        for (session, value) in sessions {
            self.forward_session(node, session, Some(value), None, false)?;
        }
        self.clocks[node].emitted_to = closed_at;
        Ok(())
    }
}
