//! The current row of a table (`KTableValueGetter`): its value and timestamp.

use super::{Failure, Run};
use crate::streams::store::Store;
use crate::streams::topology::{Getter, JoinKind};
use crate::streams::values::expression::Scope;
use crate::streams::values::value::{Record, Value};

/// `ValueAndTimestamp`
pub(super) type Row = Option<(Value, i64)>;

impl Run<'_> {
    pub(super) fn row(&mut self, node: usize, getter: &Getter, key: &Value) -> Result<Row, Failure> {
        match getter {
            Getter::Store(place) => {
                let bytes = self.key_bytes(*place, key);
                Ok(match self.store(*place) {
                    Some(Store::KeyValue(store)) => store.get(&bytes).cloned(),
                    _ => None,
                })
            }
            Getter::Window(place) => {
                let Value::Windowed(windowed) = key else { return Ok(None) };
                let bytes = self.key_bytes(*place, &windowed.key);
                Ok(match self.store(*place) {
                    Some(Store::Window(store)) => {
                        store.get(&bytes, windowed.window.start).map(|entry| (entry.value.clone(), entry.timestamp))
                    }
                    _ => None,
                })
            }
            Getter::Session(place) => {
                let Value::Windowed(windowed) = key else { return Ok(None) };
                let bytes = self.key_bytes(*place, &windowed.key);
                Ok(match self.store(*place) {
                    Some(Store::Session(store)) => {
                        store.get(&bytes, windowed.window).map(|value| (value.clone(), windowed.window.end))
                    }
                    _ => None,
                })
            }
            Getter::Filter { of, test, not } => {
                let Some((value, timestamp)) = self.row(node, of, key)? else { return Ok(None) };
                let scope = Scope { key: Some(key), value: Some(&value), other: None, timestamp };
                Ok((self.holds(node, test, scope)? != *not).then_some((value, timestamp)))
            }
            Getter::Map { of, value: map } => {
                let Some((value, timestamp)) = self.row(node, of, key)? else { return Ok(None) };
                let scope = Scope { key: Some(key), value: Some(&value), other: None, timestamp };
                Ok(self.evaluate(node, map, scope)?.present().map(|value| (value, timestamp)))
            }
            Getter::Join { kind, left, right, joiner } => {
                let (left, right) = (self.row(node, left, key)?, self.row(node, right, key)?);
                let there = match kind {
                    JoinKind::Inner => left.is_some() && right.is_some(),
                    JoinKind::Left => left.is_some(),
                    JoinKind::Outer => left.is_some() || right.is_some(),
                };
                if !there {
                    return Ok(None);
                }
                let timestamp = left.iter().chain(&right).map(|(_, timestamp)| *timestamp).max().unwrap_or(-1);
                let value = |row: &Row| row.as_ref().map(|(value, _)| value.clone());
                let (left, right) = (value(&left), value(&right));
                let scope = Scope { key: Some(key), value: left.as_ref(), other: right.as_ref(), timestamp };
                Ok(self.evaluate(node, joiner, scope)?.present().map(|value| (value, timestamp)))
            }
            Getter::Suppress { buffer, of } => {
                let bytes = self.key_bytes(*buffer, key);
                let held = match self.store(*buffer) {
                    Some(Store::Suppress(buffer)) => buffer.get(&bytes).map(|held| held.prior.clone()),
                    _ => None,
                };
                match held {
                    // What was sent last, which is older than what is held.
                    Some(prior) => Ok(prior.map(|value| (value, -1))),
                    None => self.row(node, of, key),
                }
            }
        }
    }

    /// A row of a plain store, by a record's key.
    pub(super) fn stored(&mut self, store: usize, record: &Record) -> Result<Row, Failure> {
        match &record.key {
            Some(key) => self.row(0, &Getter::Store(store), key),
            None => Ok(None),
        }
    }
}
