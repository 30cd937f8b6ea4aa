//! Lives here: streams groups (KIP-1071) as their coordinator keeps them: members and their tasks, epochs, the topology and its
//! topics, the target assignment, and how each member gets there step by step.
//! Never here: who gets which task and what a topology asks of topics (that is `group/streams/`), and the member's own side.
//!
//! The three epochs are those of the consumer protocol; the *topology epoch* is the application's own.
//!
//! ```text
//!  group       │ is so while
//!  Empty       │ it has no members
//!  NotReady    │ topics of the topology are missing, or have other partitions than they should
//!  Assigning   │ group epoch > assignment epoch: a target is due
//!  Reconciling │ a member is not at the assignment epoch, or waits for tasks
//!  Stable      │ all members run what the target says
//!
//!  member      │ request                     │ answer                                  │ next
//!  none        │ epoch 0, the first          │ no tasks: ASSIGNMENT_DELAYED            │ Stable
//!              │ epoch 0                     │ its first tasks, if they are free       │ Stable or UnreleasedTasks
//!              │ any other epoch             │ UNKNOWN_MEMBER_ID                       │ none
//!  Stable      │ its epoch, target the same  │ ok                                      │ Stable
//!              │ target takes tasks          │ what it may keep, at the old epoch      │ UnrevokedTasks
//!              │ target adds, they are free  │ them too, at the new epoch              │ Stable
//!              │ target adds, they are not   │ the new epoch                           │ UnreleasedTasks
//!              │ the epoch before, running   │ ok: the answer was lost                 │ Stable
//!              │ no more than it has         │                                         │
//!              │ another epoch               │ FENCED_MEMBER_EPOCH                     │ Stable
//!              │ epoch 0                     │ its tasks again                         │ Stable
//!  Unrevoked-  │ still runs what it must not │ ok, or does not say                     │ UnrevokedTasks
//!  Tasks       │ runs it no more             │ the new epoch, and what is free         │ Stable or UnreleasedTasks
//!              │ rebalance timeout over      │                                         │ none: fenced
//!  Unreleased- │ others have not let go      │ ok                                      │ UnreleasedTasks
//!  Tasks       │ others have                 │ the tasks                               │ Stable
//!  Left        │ epoch 0, same instance      │ its tasks, under its new id             │ as Stable
//!              │ session over                │                                         │ none: fenced
//!  any         │ epoch -1                    │ ok                                      │ none
//!              │ epoch -2 (static)           │ ok, keeps all but its epoch             │ Left
//!              │ session over                │                                         │ none: fenced
//!  static, any │ epoch 0                     │ UNRELEASED_INSTANCE_ID                  │ as before
//!  but Left    │ other, another member id    │ FENCED_INSTANCE_ID                      │ as before
//! ```
//!
//! A task is free when nobody runs it or still has to end it, and no other member of the same process has it in any role: so no
//! task is ever active twice, and no process has it twice. From one role to another a member goes without giving it up.
//!
//! Every cell of the part about members: `tests/it/streams_group_states.rs`.

mod check;
mod describe;
mod heartbeat;
mod internal_topics;
mod leave;
pub(super) mod loading;
mod member;
mod offsets;
mod reconcile;
mod target;
mod topics;
mod work;

pub(super) use describe::describe;
pub(super) use heartbeat::heartbeat;
pub use internal_topics::answered as internal_topics_answered;
pub(super) use leave::on_timer;
pub(super) use offsets::{check_commit, check_fetch};

use crate::base::{GroupId, MemberId};
use crate::engine::broker::Broker;
use crate::engine::protocol::ErrorCode;

/// How the type of such a group, and its protocol, are told.
pub(super) const GROUP_TYPE: &str = "streams";

/// What a request is refused with.
type Refusal = (ErrorCode, String);

/// There is a group of another kind by that id.
fn is_of_another_kind(broker: &Broker, group_id: &GroupId) -> bool {
    broker.groups.contains_key(group_id)
        || broker.consumer_groups.contains_key(group_id)
        || broker.share_groups.contains_key(group_id)
}

/// What is said of an id that is no streams group's.
fn missing(broker: &Broker, group_id: &GroupId) -> Refusal {
    match is_of_another_kind(broker, group_id) {
        true => not_a_streams_group(group_id),
        false => (ErrorCode::GroupIdNotFound, format!("Group {group_id} not found.")),
    }
}

fn not_a_streams_group(group_id: &GroupId) -> Refusal {
    (ErrorCode::GroupIdNotFound, format!("Group {group_id} is not a streams group."))
}

fn unknown_member(group_id: &GroupId, member_id: &MemberId) -> Refusal {
    (ErrorCode::UnknownMemberId, format!("Member {member_id} is not a member of group {group_id}."))
}
