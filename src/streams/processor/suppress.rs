//! `KTableSuppressProcessor`: holds changes back, and sends the last one of each key when its time has come.

use super::{Failure, Run};
use crate::streams::store::Store;
use crate::streams::topology::Operator;
use crate::streams::values::value::{Record, Value};

impl Run<'_> {
    pub(super) fn suppress(&mut self, node: usize, record: &Record) -> Result<(), Failure> {
        let topology = self.topology;
        let Operator::Suppress { store: place, wait_ms, r#final, max_records } = topology.nodes[node].operator else {
            return Ok(());
        };
        self.clocks[node].observe(record.timestamp);
        let due = self.clocks[node].stream_time - wait_ms;
        let Some(key) = &record.key else { return Ok(()) };
        let time = match key {
            Value::Windowed(windowed) if r#final => windowed.window.end,
            _ => record.timestamp,
        };
        let bytes = self.key_bytes(place, key);
        let context = self.context.clone();
        if let Some(Store::Suppress(buffer)) = self.store(place) {
            buffer.put(time, bytes, record.clone(), context);
        }
        loop {
            let change = match self.store(place) {
                Some(Store::Suppress(buffer)) => {
                    let full = max_records.is_some_and(|max_records| buffer.len() > max_records);
                    buffer.pop_until(if full { i64::MAX } else { due })
                }
                _ => None,
            };
            let Some(change) = change else { return Ok(()) };
            // A window that is gone before it closed was never sent, so nothing has to be taken back.
            if change.value.is_some() || !r#final {
                self.forward(node, &change)?;
            }
        }
    }
}
