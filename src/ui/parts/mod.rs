//! Lives here: small parts that several panes are made of: icons, menus, a command that can be copied, where a card is placed.
//! Never here: anything that only one pane shows.

pub mod command;
pub mod icon;
pub mod menu;
pub mod placing;
