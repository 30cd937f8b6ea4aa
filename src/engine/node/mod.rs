//! Lives here: what a node can know while it handles something, what it may ask for, and the one place that carries changes out.
//! Never here: handlers, and the way of messages.

mod apply;
mod context;
mod outcome;

pub(in crate::engine) use apply::apply;
pub use context::NodeContext;
pub use outcome::{BrokerTimer, Change, Outcome};
