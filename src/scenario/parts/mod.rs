//! Lives here: what all stories are made of: a service's common part, its card, what is asked of the world, steps of a tour.
//! Never here: a story of its own.

pub mod cast;
pub mod core;
pub mod facts;
pub mod fields;
pub mod power;
pub mod tour;
