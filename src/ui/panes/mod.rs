//! Lives here: what surrounds the stage: the bar, the step of a tour, the inspector, the records, the terminal, the clock, windows.
//! Never here: the stage's own picture, and what a button does to the session: that is `app`.

pub mod alerts;
pub mod dialogs;
pub mod forms;
pub mod inspector;
pub mod presenter;
pub mod records;
pub mod safety;
pub mod story;
pub mod terminal;
pub mod timeline;
pub mod topbar;
pub mod transport;
