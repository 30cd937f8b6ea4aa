//! Lives here: groups of the consumer protocol (KIP-848) as their coordinator keeps them: epochs, the target assignment,
//! and how each member gets there step by step; classic members in such a group, and the way from one protocol to the other.
//! Never here: who gets which partition (that is `assignors/`), and the member's own side (`client/`).
//!
//! Three epochs. The *group epoch* grows with each change of members, subscriptions or their topics. The *assignment epoch* is
//! the group epoch that the target assignment was computed for. A *member epoch* is the assignment epoch that a member has
//! reached: it has given up all that it should.
//!
//! ```text
//!  group       │ is so while
//!  Empty       │ it has no members
//!  Assigning   │ group epoch > assignment epoch: a target is due, at the next heartbeat after the assignment interval
//!  Reconciling │ a member is not at the assignment epoch, or waits for partitions
//!  Stable      │ all members own what the target says
//!
//!  member      │ request                     │ answer                                  │ next
//!  none        │ epoch 0                     │ its first partitions, if they are free  │ Stable or UnreleasedPartitions
//!              │ any other epoch             │ UNKNOWN_MEMBER_ID                       │ none
//!  Stable      │ its epoch, target the same  │ ok                                      │ Stable
//!              │ target takes partitions     │ what it may keep, at the old epoch      │ UnrevokedPartitions
//!              │ target adds, they are free  │ them too, at the new epoch              │ Stable
//!              │ target adds, they are not   │ the new epoch                           │ UnreleasedPartitions
//!              │ the epoch before, owning no │ ok: the answer was lost                 │ Stable
//!              │ more than it has            │                                         │
//!              │ another epoch               │ FENCED_MEMBER_EPOCH                     │ Stable
//!              │ epoch 0                     │ its partitions again                    │ Stable
//!  Unrevoked-  │ still owns what it must not │ ok, or does not say                     │ UnrevokedPartitions
//!  Partitions  │ owns it no more             │ the new epoch, and what is free         │ Stable or UnreleasedPartitions
//!              │ rebalance timeout over      │                                         │ none: fenced
//!  Unreleased- │ others have not let go      │ ok                                      │ UnreleasedPartitions
//!  Partitions  │ others have                 │ the partitions                          │ Stable
//!  Left        │ epoch 0, same instance      │ its partitions, under its new id        │ as Stable
//!              │ session over                │                                         │ none: fenced
//!  any         │ epoch -1                    │ ok                                      │ none
//!              │ epoch -2 (static)           │ ok, keeps all but its epoch             │ Left
//!              │ session over                │                                         │ none: fenced
//!  static, any │ epoch 0, another member id  │ UNRELEASED_INSTANCE_ID                  │ as before
//!  but Left    │ other, another member id    │ FENCED_INSTANCE_ID                      │ as before
//! ```
//!
//! A partition is free when nobody owns it, and nobody still has to give it up: so no partition ever has two owners.

mod classic;
mod describe;
mod heartbeat;
mod leave;
pub mod loading;
mod migrate;
mod reconcile;
mod regex;
mod target;
mod work;

pub(super) use classic::{heartbeat as classic_heartbeat, join as classic_join, leave as classic_leave, sync as classic_sync};
pub(super) use describe::describe;
pub(super) use heartbeat::heartbeat;
pub(super) use leave::on_timer;

use crate::engine::protocol::ErrorCode;

/// How the type of such a group is told.
pub(super) const GROUP_TYPE: &str = "consumer";

/// What a request is refused with.
type Refusal = (ErrorCode, String);
