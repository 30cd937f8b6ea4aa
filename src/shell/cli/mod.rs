//! Lives here: what Kafka's Java tools are made of: the two option parsers, properties, exceptions as Java prints them, clients
//! and admin commands, dates, JSON.
//! Never here: a tool, and anything of bash.

pub mod admin_command;
pub mod argparse;
pub mod bootstrap;
mod coordinator_records;
pub mod formatter;
pub mod io;
pub mod java;
pub mod json;
pub mod options;
pub mod properties;
pub mod throughput;
pub mod time;
pub mod topic_configs;
pub mod topic_filter;
