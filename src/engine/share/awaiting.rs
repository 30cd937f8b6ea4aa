//! Questions to share coordinators, and requests that are answered when others have answered.

use std::rc::Rc;

use super::ShareKey;
use crate::base::{GroupId, Offset, TopicPartition};
use crate::engine::network::RequestRef;
use crate::engine::protocol::{Request, Response, ShareGroupStateRequest, StateResult};

/// A question to a share coordinator.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StateAsk {
    pub request: ShareGroupStateRequest,
    /// How often it has been asked before.
    pub tries: u32,
    /// The request whose answer waits for this one.
    pub waits: Option<RequestRef>,
}

/// A request of somebody else that is answered when others have answered.
#[derive(Clone, Hash, Debug, PartialEq, Eq)]
pub struct Awaiting {
    pub to: RequestRef,
    /// How many answers are still out.
    pub left: u32,
    pub then: Then,
    pub states: Vec<(ShareKey, StateResult)>,
    /// High watermarks of partitions whose leaders have answered.
    pub ends: Vec<(TopicPartition, Offset)>,
}

/// What happens when all have answered.
#[derive(Clone, Hash, Debug, PartialEq, Eq)]
pub enum Then {
    /// This is answered; or, where a write has failed, that what was told is not kept.
    Answer(Response),
    /// A group's share partitions have state, as far as it could be made; these starts were asked for.
    Initialized {
        group_id: GroupId,
        starts: Vec<(TopicPartition, Offset)>,
    },
    /// These requests go on.
    DescribeOffsets,
    DeleteGroups(Rc<Request>),
}
