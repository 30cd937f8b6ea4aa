//! Lives here: what all coordinators have in common: the partition that is their home, and answers that wait for it.
//! Never here: a kind of coordinator (that is `group_coordinator/` and `share_coordinator/`).

pub mod home;
mod runtime;

pub use runtime::{append, hold, homes, release, written};
