//! Lives here: what several views are made of: texts, rows of records, what is in flight, the lines that buttons give.
//! Never here: a view of its own.

pub mod clients;
pub mod commands;
pub mod coordinator_records;
pub mod explain;
pub mod fields;
pub mod flights;
pub mod group_kind;
pub mod logs;
pub mod row;
pub mod selection;
pub mod text;
