//! Lives here: what consumers and share consumers have in common as members of a group: the look-up of the coordinator, the
//! clock of polls, and the heartbeats of members whose coordinator works out the assignment (Kafka calls those groups modern).
//! Never here: what a consumer does with its partitions.

mod coordinator;
mod modern;
mod poll;

pub use coordinator::CoordinatorLookup;
pub use modern::{HeartbeatLog, ModernMember, ModernState};
pub use poll::{CLOSE_TIMEOUT, POLL_COST, PollClock};
