//! Lives here: what happened, for the picture, the narration and the tests.
//! Never here: anything that decides what happens next.

mod event;
mod groups;

pub use event::{TraceEntry, TraceEvent};
pub use groups::{AnyGroupState, GoneReason, GroupReason, MemberStep, ShareStep};
