//! Lives here: plain structs in the screen's words, made from the world: row ranges, texts ready to show, picture geometry.
//! Never here: the browser, and any change of the world: what a person may do is returned as the script lines that do it.

pub mod address;
pub mod api;
pub mod clients;
pub mod cluster;
pub mod commands;
pub mod compare;
pub mod coordinator_records;
mod door;
pub mod fields;
pub mod first;
pub mod flights;
pub mod forms;
pub mod group;
pub mod inspect;
pub mod logs;
pub mod marked;
pub mod narrate;
pub mod outcome;
pub mod pictures;
pub mod readers;
pub mod records;
pub mod row;
pub mod safety;
pub mod stage;
pub mod terminal;
pub mod text;
pub mod trouble;

pub use door::View;
