//! Lives here: what the page remembers (`state`), what a person does with it (`act`, `typing`, `walk`), how a session is opened
//! (`open`) and kept (`storage`), and what every component is given (`hooks`, `handle`).
//! Never here: what is drawn.

pub mod act;
pub mod handle;
pub mod hooks;
pub mod open;
pub mod panic;
pub mod shortcuts;
pub mod state;
pub mod storage;
pub mod typing;
pub mod walk;
