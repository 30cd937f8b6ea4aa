//! Lives here: groups of the classic protocol: join, sync, heartbeat, leave, and how a rebalance goes on.
//! Never here: what such a group is (that is `engine/group/`), and committed offsets.

mod rebalance;
mod requests;
mod work;

pub use rebalance::{Waiting, on_timer, prepare_rebalance, refuse_waiting, select_protocol};
pub use requests::{check_member, heartbeat, is_session_timeout_legal, join, leave, sync};
pub use work::Work;
