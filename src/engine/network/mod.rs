//! Lives here: what travels between clients and nodes, and the links that it takes.
//! Never here: what a message says (that is `protocol/`), and when its receiver acts on it (that is `world/`).

mod links;
mod message;

pub use links::{Host, LinkFault, Network};
pub use message::{Body, Endpoint, Loss, Message, RequestRef};
