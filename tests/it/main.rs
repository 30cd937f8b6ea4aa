//! The native tests, in one binary: linking is what costs.

mod producer_batches;
mod record_batches;
mod tidy;
mod timeline;
mod view_words;
