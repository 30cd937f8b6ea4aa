//! Lives here: the stories: services that are real clients of the simulated cluster, their stages, their tours.
//! Never here: Kafka's own behaviour, the page, and anything that a service could know only by looking past its clients.

pub mod news;
pub mod power;
pub mod taxi;
pub mod tour;
