//! No answer before what it stands on is committed: answers wait until the high watermark of `__share_group_state` has
//! passed what was written for them. When that partition is led elsewhere meanwhile, the write may be lost: the answer says
//! so, and the share partition is read anew from what is left.

use super::state::STATE_TOPIC;
use super::{ShareChange, ShareKey, ShareWork, fetch};
use crate::base::{BrokerId, Offset, TopicPartition};
use crate::engine::broker::{Broker, Change, Outcome};
use crate::engine::error::ErrorCode;
use crate::engine::group;
use crate::engine::network::RequestRef;
use crate::engine::node::NodeContext;
use crate::engine::protocol::Response;

/// What is said of acknowledgements that may be lost.
pub(super) const LOST: ErrorCode = ErrorCode::CoordinatorNotAvailable;

/// A write to a partition of `__share_group_state` that is not committed yet.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StateCommit {
    pub home: TopicPartition,
    /// Who led it, and since which epoch.
    pub keeper: BrokerId,
    pub leader_epoch: i32,
    /// Committed when the high watermark is there.
    pub offset: Offset,
}

/// An answer that waits for writes.
#[derive(Clone, Hash, Debug, PartialEq, Eq)]
pub struct HeldShareAnswer {
    pub to: RequestRef,
    pub response: Response,
    pub writes: Vec<StateCommit>,
    /// The share partitions that were written about.
    pub keys: Vec<ShareKey>,
}

impl StateCommit {
    /// `None` when another leads by now.
    fn is_committed(&self, cx: &NodeContext<'_>) -> Option<bool> {
        let state = cx.metadata.topic(STATE_TOPIC)?.partition(self.home.partition)?;
        if (state.leader, state.leader_epoch) != (Some(self.keeper), self.leader_epoch) {
            return None;
        }
        let replica = cx.world.broker(self.keeper)?.replica(&self.home)?;
        Some(replica.high_watermark >= self.offset)
    }
}

/// Those of some writes that are not committed yet; `None` when one of them may be lost.
pub(super) fn open(cx: &NodeContext<'_>, writes: &[StateCommit]) -> Option<Vec<StateCommit>> {
    let mut open = Vec::new();
    for write in writes {
        if !write.is_committed(cx)? {
            open.push(write.clone());
        }
    }
    Some(open)
}

/// Lets those answers go that have waited for one of these partitions, and for nothing else any more.
pub(super) fn release(cx: &NodeContext<'_>, broker: &Broker, partitions: &[TopicPartition], outcome: &mut Outcome) {
    if cx.world.is_frozen(broker.id) {
        return;
    }
    let concerned = broker.share.held.iter().filter(|held| held.writes.iter().any(|write| partitions.contains(&write.home)));
    for held in concerned {
        let response = match open(cx, &held.writes) {
            Some(open) if !open.is_empty() => continue,
            Some(_) => held.response.clone(),
            None => {
                let mut work = ShareWork::new(cx, broker);
                held.keys.iter().for_each(|key| fetch::forget(&mut work, key));
                let mut forgotten = work.finish();
                outcome.changes.append(&mut forgotten.changes);
                outcome.trace.append(&mut forgotten.trace);
                refused(&held.response)
            }
        };
        outcome.changes.push(Change::Share { broker: broker.id, change: ShareChange::Released(held.to) });
        outcome.responses.push((held.to, response));
    }
}

/// An answer of the same kind that says that what was told is not kept.
fn refused(response: &Response) -> Response {
    let error = LOST;
    let mut refused = response.clone();
    match &mut refused {
        Response::ShareFetch(response) => response.partitions.iter_mut().for_each(|partition| {
            partition.acknowledge_error.get_or_insert(error);
        }),
        Response::ShareAcknowledge(response) => response.partitions.iter_mut().for_each(|(_, own)| {
            own.get_or_insert(error);
        }),
        _ => return group::refused(response, error),
    }
    refused
}
