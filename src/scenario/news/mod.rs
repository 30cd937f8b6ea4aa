//! Lives here: the live news story: the newsroom, the TVs, the transcription desks.
//! Never here: what a broker does, and how the picture is drawn.

pub mod packet;
mod stage;

pub use packet::PacketKind;
pub use stage::*;
