//! JoinGroup (key 11): enters a classic group, or enters it again for the next generation.
//!
//! - A member without id is given one with `MEMBER_ID_REQUIRED` and asks again with it (not with a group.instance.id).
//! - Answered when all members have joined, or when the rebalance timeout is over and those who have not are dropped.
//! - The leader's answer lists all members with their subscriptions; the others' lists none.

use std::rc::Rc;

use super::ErrorCode;
use crate::base::{GroupId, MemberId, TopicName, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct JoinGroupRequest {
    pub group_id: GroupId,
    pub session_timeout_ms: u64,
    pub rebalance_timeout_ms: u64,
    /// `None` on the first try.
    pub member_id: Option<MemberId>,
    pub group_instance_id: Option<String>,
    /// The client's `client.id`, which the request header carries.
    pub client_id: String,
    /// What the member can do, best first: assignor name and subscription.
    pub protocols: Vec<(String, Rc<Subscription>)>,
    pub reason: String,
}

/// What a member wants and has (`ConsumerProtocolSubscription`).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Subscription {
    pub topics: Vec<TopicName>,
    pub owned_partitions: Vec<TopicPartition>,
    pub generation_id: i32,
    pub rack_id: Option<String>,
    pub user_data: UserData,
}

/// What an assignor of the client adds to the subscription for itself.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum UserData {
    #[default]
    None,
    /// `StickyAssignor`: what the member was last assigned, and in which generation.
    Owned { partitions: Vec<TopicPartition>, generation_id: i32 },
    /// `CooperativeStickyAssignor`: the generation in which the member was last assigned something.
    Generation(i32),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct JoinGroupResponse {
    pub error: Option<ErrorCode>,
    pub generation_id: i32,
    pub protocol_name: String,
    pub leader: Option<MemberId>,
    pub member_id: Option<MemberId>,
    pub skip_assignment: bool,
    pub members: Vec<JoinedMember>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct JoinedMember {
    pub member_id: MemberId,
    pub group_instance_id: Option<String>,
    pub subscription: Rc<Subscription>,
}

impl JoinGroupResponse {
    pub fn refused(member_id: Option<&MemberId>, error: ErrorCode) -> Self {
        Self {
            error: Some(error),
            generation_id: -1,
            protocol_name: String::new(),
            leader: None,
            member_id: member_id.cloned(),
            skip_assignment: false,
            members: Vec::new(),
        }
    }
}
