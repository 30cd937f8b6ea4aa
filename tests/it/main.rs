//! The native tests, in one binary: linking is what costs.

mod assignors;
mod configs;
mod consumer;
mod group_swarm;
mod partitioner;
mod producer_batches;
mod programs;
mod record_batches;
mod tidy;
mod timeline;
mod timelines;
mod view_words;
