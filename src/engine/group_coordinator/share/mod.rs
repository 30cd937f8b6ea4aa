//! Lives here: share groups (KIP-932) as their coordinator keeps them: members, epochs, who reads which partitions, and
//! where a group begins to read.
//! Never here: which member holds which record (that is `engine/share/`).
//!
//! | request ↓ state → | no group | Empty | Stable |
//! | --- | --- | --- | --- |
//! | heartbeat, epoch 0 | the group is made, joined → Stable | joined → Stable | joined, or joined again → Stable |
//! | heartbeat of a member, its epoch or the one before | `GROUP_ID_NOT_FOUND` | `UNKNOWN_MEMBER_ID` | its epoch now → Stable |
//! | heartbeat of a member, another epoch | `GROUP_ID_NOT_FOUND` | `UNKNOWN_MEMBER_ID` | `FENCED_MEMBER_EPOCH` → Stable |
//! | heartbeat of a stranger, another epoch than 0 | `GROUP_ID_NOT_FOUND` | `UNKNOWN_MEMBER_ID` | `UNKNOWN_MEMBER_ID` → Stable |
//! | leave (epoch -1) of a member | `GROUP_ID_NOT_FOUND` | `UNKNOWN_MEMBER_ID` | gone → Stable, or Empty after the last |
//! | leave of a stranger | `GROUP_ID_NOT_FOUND` | `UNKNOWN_MEMBER_ID` | `UNKNOWN_MEMBER_ID` → Stable |
//! | a member's session times out | – | – | gone → Stable, or Empty after the last |
//! | describe | `GROUP_ID_NOT_FOUND` | described | described |
//! | describe offsets | none | described | described |
//! | alter offsets | the group is made → Empty | done → Empty | `NON_EMPTY_GROUP` → Stable |
//! | delete offsets | `GROUP_ID_NOT_FOUND` | done → Empty | `NON_EMPTY_GROUP` → Stable |
//! | delete group | `GROUP_ID_NOT_FOUND` | gone | `NON_EMPTY_GROUP` → Stable |
//!
//! Where the id is a classic group's, heartbeats and altering get `GROUP_ID_NOT_FOUND`; a classic member that wants to
//! join a share group gets `INCONSISTENT_GROUP_PROTOCOL`.

mod heartbeat;
pub(super) mod loading;
mod offsets;
mod requests;

pub(super) use heartbeat::initialized;
pub(super) use offsets::described;
pub(super) use requests::{delete, state_to_delete};

use crate::base::GroupId;
use crate::engine::broker::Broker;
use crate::engine::group::ShareGroup;
use crate::engine::network::RequestRef;
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::protocol::{ErrorCode, Request};
use crate::engine::share::ShareTimer;

pub(super) fn handle(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &Request) -> Outcome {
    match request {
        Request::ShareGroupHeartbeat(heartbeat) => heartbeat::heartbeat(cx, broker, from, heartbeat),
        Request::ShareGroupDescribe(describe) => requests::describe(cx, broker, from, describe),
        Request::DescribeShareGroupOffsets(describe) => offsets::describe(cx, broker, from, describe),
        Request::AlterShareGroupOffsets(alter) => offsets::alter(cx, broker, from, alter),
        Request::DeleteShareGroupOffsets(delete) => offsets::delete(cx, broker, from, delete),
        _ => Outcome::default(),
    }
}

/// Handles a timer of share groups.
pub fn on_timer(cx: &NodeContext<'_>, broker: &Broker, timer: ShareTimer) -> Outcome {
    match timer {
        ShareTimer::Session { group_id, member_id } => heartbeat::session_due(cx, broker, &group_id, &member_id),
        ShareTimer::Initialize { group_id, starts } => heartbeat::initialize(cx, broker, group_id, starts),
        _ => Outcome::default(),
    }
}

/// What is wrong, in the broker's words.
type Refused = (ErrorCode, String);

fn not_found(words: String) -> Refused {
    (ErrorCode::GroupIdNotFound, words)
}

/// A copy of the group to change; `Ok(None)` where there is none by that id.
fn find(broker: &Broker, group_id: &GroupId) -> Result<Option<ShareGroup>, Refused> {
    match broker.share_groups.get(group_id) {
        Some(group) => Ok(Some(group.as_ref().clone())),
        None if broker.groups.contains_key(group_id)
            || broker.consumer_groups.contains_key(group_id)
            || broker.streams_groups.contains_key(group_id) =>
        {
            Err(not_found(format!("Group {group_id} is not a share group.")))
        }
        None => Ok(None),
    }
}
