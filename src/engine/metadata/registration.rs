//! The brokers that the controller knows (`BrokerRegistration`).

use crate::base::{BrokerId, SimTime};

/// `BrokerRegistration`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Registration {
    /// Which of the broker's registrations this is: each start makes another.
    pub epoch: i64,
    pub fenced: bool,
    pub rack: Option<String>,
    pub last_heartbeat: SimTime,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RegistrationChange {
    Registered(BrokerId),
    Heard(BrokerId),
    Fenced(BrokerId),
    Unfenced(BrokerId),
    /// Until it starts again.
    Unregistered(BrokerId),
}
