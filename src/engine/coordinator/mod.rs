//! Lives here: the coordinators, each with the partition that is its home, and what all of them have in common.
//! Never here: what they keep (that is `group/` and `share/`), and who reads and writes their partitions otherwise.

pub mod group;
pub mod home;
mod runtime;
pub mod share;

pub use runtime::{append, hold, release};
