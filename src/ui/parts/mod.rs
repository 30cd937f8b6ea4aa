//! Lives here: small parts that several panes are made of: icons, menus, a command that can be copied, where a card is placed.
//! Never here: anything that only one pane shows.

pub mod choice;
pub mod command;
pub mod icon;
pub mod marked;
pub mod menu;
pub mod outcome;
pub mod placing;
pub mod rings;
pub mod switch;
