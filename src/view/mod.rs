//! Lives here: plain structs in the screen's words, made from the world: row ranges, texts ready to show, picture geometry.
//! Never here: the browser, and any change of the world: what a person may do is returned as the script lines that do it.

pub mod address;
pub mod api;
pub mod cluster;
pub mod compare;
mod door;
pub mod first;
pub mod forms;
pub mod group;
pub mod inspect;
pub mod marked;
pub mod narrate;
pub mod outcome;
mod parts;
pub mod pictures;
pub mod readers;
pub mod records;
pub mod safety;
pub mod stage;
pub mod terminal;
pub mod trouble;

pub use door::View;
pub use parts::{commands, coordinator_records, explain, fields, flights, logs, row, selection, text};
