//! Lives here: what the leader of a partition does for share groups (`SharePartitionManager`): share fetches, acknowledgements,
//! locks that time out, and what it asks of share coordinators.
//! Never here: what a share partition is (that is `engine/share/`), and who is in a group (`group_coordinator/share/`).

mod fetch;
pub mod persister;
mod work;

pub use fetch::{acknowledge, fetch, on_timer, progressed};
pub use work::ShareWork;
