//! Lives here: what all kinds of clients are made of: connections, metadata, what a client asks the world to do, and the types
//! in which a program and its clients talk.
//! Never here: a kind of client.

mod api;
mod context;
pub mod metadata;
pub mod partitioner;
pub mod wire;

pub use api::{
    CallError, ConsumerError, Event, NewRecord, PolledRecords, RecordRun, SeekTo, SendError, ShareError, ShareRun, Unanswered,
};
pub use context::{ClientContext, ClientEffect, ClientTimer};
pub use metadata::Metadata;
pub use wire::{Node, Target, Wire};
