//! Aggregates in sliding windows (`KStreamSlidingWindowAggregate`). There is a window that ends at each record, and one that
//! begins right after it if that one has other records than the next:
//!
//! ```text
//! records        a     b
//! left      [----a]           [----b] holds a too if it is near enough
//! right           [a+1----]   made when b comes: it holds b
//! ```

use super::window::Windowing;
use super::{Failure, Reason, Run};
use crate::streams::store::{Store, WindowEntry};
use crate::streams::topology::Operator;
use crate::streams::values::value::{Record, Value, Window};

/// What the windows around a record say.
#[derive(Default)]
struct Around {
    starts: Vec<i64>,
    /// Of the window before the record's own: what its left window begins with.
    left: Option<(Value, i64)>,
    /// Of the window that the record falls into: what its right window holds.
    right: Option<(Value, i64)>,
    left_exists: bool,
    right_exists: bool,
    previous: Option<i64>,
}

impl Run<'_> {
    pub(super) fn sliding_aggregate(&mut self, node: usize, record: &Record) -> Result<(), Failure> {
        let topology = self.topology;
        let Operator::SlidingAggregate { store, difference_ms, grace_ms, on_close, by, old } = &topology.nodes[node].operator
        else {
            return Ok(());
        };
        let windowing = Windowing { node, store: *store, by, old: *old, on_close: *on_close };
        let (Some(key), true) = (&record.key, record.value.is_some()) else {
            self.drop(node, record, Reason::NullKeyOrValue);
            return Ok(());
        };
        self.clocks[node].observe(record.timestamp);
        let stream_time = self.clocks[node].stream_time;
        let closed_at = stream_time - grace_ms;
        let window = Window { start: record.timestamp, end: record.timestamp + difference_ms };
        if window.end < closed_at {
            self.drop(node, record, Reason::Late { window, closed_at, stream_time });
            return Ok(());
        }
        let sliding = Sliding { windowing, record, key, difference_ms: *difference_ms, closed_at, stream_time };
        if record.timestamp < *difference_ms {
            return self.sliding_early(sliding);
        }
        let Some(around) = self.sliding_around(sliding)? else { return self.sliding_emit(sliding) };
        self.sliding_create(sliding, around)?;
        self.sliding_emit(sliding)
    }

    fn sliding_emit(&mut self, sliding: Sliding) -> Result<(), Failure> {
        let Sliding { windowing, difference_ms, closed_at, .. } = sliding;
        if !windowing.on_close || !self.may_emit(windowing.node, closed_at) {
            return Ok(());
        }
        let emitted_to = self.clocks[windowing.node].emitted_to;
        let to = closed_at - difference_ms - 1;
        let from = if emitted_to == -1 { 0 } else { (emitted_to - difference_ms).max(0) };
        if to < 0 { Ok(()) } else { self.emit_closed(windowing, difference_ms, closed_at, (from, to)) }
    }

    fn sliding_windows(&mut self, sliding: Sliding, from: i64) -> Vec<WindowEntry> {
        let bytes = self.key_bytes(sliding.windowing.store, sliding.key);
        match self.store(sliding.windowing.store) {
            Some(Store::Window(store)) => store.fetch(&bytes, from, sliding.record.timestamp + 1).into_iter().cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// Adds the record to the windows that are there, from the latest to the earliest. `None` if there is nothing to create: a
    /// record of this time has come before.
    fn sliding_around(&mut self, sliding: Sliding) -> Result<Option<Around>, Failure> {
        let Sliding { record, difference_ms, .. } = sliding;
        let mut around = Around::default();
        for entry in self.sliding_windows(sliding, (record.timestamp - 2 * difference_ms).max(0)).into_iter().rev() {
            around.starts.push(entry.start);
            let end = entry.start + difference_ms;
            let row = (entry.value, entry.timestamp);
            if entry.start == record.timestamp + 1 {
                around.right_exists = true;
            } else if end > record.timestamp {
                around.right.get_or_insert_with(|| row.clone());
                self.sliding_update(sliding, entry.start, Some(row.0), row.1)?;
            } else if end == record.timestamp {
                around.left_exists = true;
                let latest = row.1;
                self.sliding_update(sliding, entry.start, Some(row.0), latest)?;
                if latest >= record.timestamp {
                    return Ok(None);
                }
                around.previous = Some(latest);
            } else {
                around.previous = Some(row.1);
                around.left = Some(row);
                break;
            }
        }
        Ok(Some(around))
    }

    fn sliding_create(&mut self, sliding: Sliding, around: Around) -> Result<(), Failure> {
        let Sliding { record, difference_ms, .. } = sliding;
        let time = record.timestamp;
        if let Some(previous) = around.previous {
            let start = previous + 1;
            if !around.starts.contains(&start) && start + difference_ms >= time {
                self.sliding_update(sliding, start, None, time)?;
            }
        }
        if !around.left_exists {
            let near = around.previous.is_some_and(|previous| time - difference_ms <= previous);
            let left = around.left.filter(|_| near).map(|(value, _)| value);
            self.sliding_update(sliding, time - difference_ms, left, time)?;
        }
        match around.right {
            Some(right) if !around.right_exists && right.1 > time => self.sliding_right(sliding, right),
            _ => Ok(()),
        }
    }

    /// A record within the first window of all: windows that would begin before time 0 are one, from 0 on.
    fn sliding_early(&mut self, sliding: Sliding) -> Result<(), Failure> {
        let time = sliding.record.timestamp;
        if time < 0 {
            let problem = "Early record for sliding windows must fall between fall between 0 <= inputRecordTimestamp".into();
            return Err(Failure { node: sliding.windowing.node, problem });
        }
        let mut around = Around::default();
        let mut combined = None;
        for entry in self.sliding_windows(sliding, 0) {
            around.starts.push(entry.start);
            let row = (entry.value, entry.timestamp);
            if entry.start == 0 {
                if row.1 < time {
                    around.previous = Some(row.1);
                }
                combined = Some(row);
            } else if entry.start <= time {
                around.right = Some(row.clone());
                self.sliding_update(sliding, entry.start, Some(row.0), row.1)?;
            } else {
                around.right_exists = true;
            }
        }
        if around.right.is_none() {
            around.right = combined.clone().filter(|(_, latest)| *latest > time);
        }
        if let Some(right) = around.right.filter(|right| !around.right_exists && right.1 > time) {
            self.sliding_right(sliding, right)?;
        }
        if let Some(start) = around.previous.map(|previous| previous + 1)
            && !around.starts.contains(&start)
        {
            self.sliding_update(sliding, start, None, time)?;
        }
        let (value, latest) = combined.map_or((None, time), |(value, latest)| (Some(value), latest));
        self.sliding_update(sliding, 0, value, latest)
    }

    /// The window that begins right after the record, with what the windows around it hold of later ones.
    fn sliding_right(&mut self, sliding: Sliding, (value, timestamp): (Value, i64)) -> Result<(), Failure> {
        let Sliding { windowing, record, key, difference_ms, .. } = sliding;
        let start = record.timestamp + 1;
        self.put_window(windowing, record, key, start, Some(value.clone()), timestamp);
        let window = Window { start, end: start + difference_ms };
        self.forward_window(windowing, key, window, Some(value), None, timestamp)
    }

    /// Adds the record to a window, unless that is closed.
    fn sliding_update(&mut self, sliding: Sliding, start: i64, value: Option<Value>, latest: i64) -> Result<(), Failure> {
        let Sliding { windowing, record, key, difference_ms, closed_at, stream_time } = sliding;
        let window = Window { start, end: start + difference_ms };
        if window.end < closed_at {
            self.drop(windowing.node, record, Reason::Late { window, closed_at, stream_time });
            return Ok(());
        }
        let before = value.or_else(|| windowing.by.initial.clone().present());
        let value = self.added(windowing.node, windowing.by, record, record.value.as_ref(), before.as_ref())?;
        let timestamp = if before.is_none() { record.timestamp } else { record.timestamp.max(latest) };
        self.put_window(windowing, record, key, start, value.clone(), timestamp);
        self.forward_window(windowing, key, window, value, before, timestamp)
    }
}

#[derive(Clone, Copy)]
struct Sliding<'a> {
    windowing: Windowing<'a>,
    record: &'a Record,
    key: &'a Value,
    difference_ms: i64,
    closed_at: i64,
    stream_time: i64,
}
