//! Lives here: what flows through a topology: records and the values in them, how these become bytes, and what an operator computes
//! of them.
//! Never here: stores, operators and topologies.

pub mod calendar;
mod context;
mod earth;
pub mod expression;
mod json;
pub mod lists;
mod murmur3;
pub mod scalar;
pub mod serde;
mod texts;
pub mod value;

pub use context::{Context, Raw};
pub use expression::{Expression, Scope};
pub use murmur3::hash128;
pub use scalar::Scalar;
pub use serde::Serde;
pub use value::{Record, Value};
