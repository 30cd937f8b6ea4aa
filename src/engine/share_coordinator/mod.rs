//! Lives here: the share coordinator: how far share groups are, in `__share_group_state` (KIP-932).
//! Never here: who asks it (that is `share_partition/` and `group_coordinator/share/`).

mod loading;
pub(super) mod shard;

pub use loading::{load, on_progress};
pub use shard::handle;
