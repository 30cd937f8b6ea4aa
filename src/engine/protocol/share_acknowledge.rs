//! ShareAcknowledge (key 79, KIP-932): acknowledgements without a fetch, within a share session.
//!
//! - Session epoch -1 ends the session: what the member still holds is available to others again.

use super::ErrorCode;
use super::share_fetch::Acknowledgements;
use crate::base::{GroupId, MemberId, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareAcknowledgeRequest {
    pub group_id: GroupId,
    pub member_id: MemberId,
    pub session_epoch: i32,
    pub acknowledgements: Acknowledgements,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareAcknowledgeResponse {
    pub error: Option<ErrorCode>,
    pub partitions: Vec<(TopicPartition, Option<ErrorCode>)>,
}
