//! Joins of two tables by their keys (`KTableKTableInnerJoin` and its like), seen from the side whose row has changed.

use super::{Failure, Reason, Run};
use crate::streams::store::Side;
use crate::streams::topology::{JoinKind, Operator};
use crate::streams::values::expression::Scope;
use crate::streams::values::value::{Record, Value};

impl Run<'_> {
    pub(super) fn table_join(&mut self, node: usize, record: &Record) -> Result<(), Failure> {
        let topology = self.topology;
        let Operator::TableJoin { side, kind, other, joiner, old } = &topology.nodes[node].operator else { return Ok(()) };
        let Some(key) = &record.key else {
            self.drop(node, record, Reason::NullKey);
            return Ok(());
        };
        let row = self.row(node, other, key)?;
        // Whether a row of this side gives a result alone, and whether one of the other side does.
        let (alone, other_alone) = match (kind, side) {
            (JoinKind::Inner, _) => (false, false),
            (JoinKind::Left, Side::Left) => (true, false),
            (JoinKind::Left, Side::Right) => (false, true),
            (JoinKind::Outer, _) => (true, true),
        };
        if row.is_none() && (!alone || record.value.is_none() && record.old.is_none()) {
            return Ok(());
        }
        let timestamp = row.as_ref().map_or(record.timestamp, |(_, timestamp)| record.timestamp.max(*timestamp));
        let there = row.as_ref().map(|(value, _)| value);
        let join = |this: Option<&Value>| {
            if this.is_none() && !(other_alone && there.is_some()) {
                return Ok(None);
            }
            let (left, right) = if *side == Side::Left { (this, there) } else { (there, this) };
            self.joined(node, joiner, Scope { key: Some(key), value: left, other: right, timestamp })
        };
        let value = join(record.value.as_ref())?;
        let before = if *old { join(record.old.as_ref())? } else { None };
        self.forward(node, &Record { key: Some(key.clone()), value, old: before, timestamp })
    }
}
