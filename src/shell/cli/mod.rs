//! Lives here: what Kafka's Java tools are made of: their options (joptsimple in `options`, argparse4j in `argparse`), properties
//! and clients, admin commands and what several of them ask, exceptions as Java prints them, dates, JSON, CSV.
//! Never here: a tool, and anything of bash.

pub mod admin_command;
mod api_versions;
pub mod argparse;
pub mod bootstrap;
mod client_settings;
pub mod clients;
pub mod config_def;
pub mod console_reader;
pub mod csv;
pub mod delete_offsets;
mod deserializer;
pub mod exception;
pub mod exit;
pub mod formatter;
pub mod group_command;
pub mod io;
pub mod json;
pub mod options;
pub mod process;
pub mod properties;
pub mod queries;
pub mod reset_offsets;
pub mod throughput;
pub mod time;
pub mod topic_configs;
pub mod topic_filter;
pub mod verifiable;
