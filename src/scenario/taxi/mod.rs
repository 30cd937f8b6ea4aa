//! Lives here: the taxi booking story: riders, dispatch, drivers, billing and those who watch.
//! Never here: what a broker does, and how the picture is drawn.

pub mod city;
mod stage;

pub use stage::*;
