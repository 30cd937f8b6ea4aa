//! The native tests, in one binary: linking is what costs.

mod assignors;
mod cluster_swarm;
mod configs;
mod consumer;
mod elections;
mod fuzz;
mod group_swarm;
mod group_timelines;
mod partitioner;
mod producer_batches;
mod programs;
mod record_batches;
mod scenario_news;
mod scenario_support;
mod scenario_taxi;
mod scenario_tours;
mod seeds;
mod shell_lexer;
mod shell_lines;
mod shell_tools;
mod terminal;
mod tidy;
mod timeline;
mod transcripts;
mod view_words;
mod view_world;
