//! How a service fares, for drawing.

/// On, off, or never seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Power {
    /// Never started.
    #[default]
    Absent,
    Running,
    /// Stopped cleanly: it said goodbye to its group.
    Stopped,
    /// Killed: its group finds out after session.timeout.ms.
    Killed,
}

impl Power {
    pub fn is_on(self) -> bool {
        self == Self::Running
    }

    /// One word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Absent => "not started",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Killed => "killed",
        }
    }
}

/// A service as a card shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceCard {
    pub name: String,
    pub power: Power,
    /// One plain sentence about what the service is for.
    pub job: &'static str,
    /// Log end − committed, over all partitions that its group has committed in; `None` for services without a group, or
    /// before a commit.
    pub lag: Option<i64>,
    /// Records that made no sense to it, and were skipped.
    pub skipped: u32,
    /// Its latest words.
    pub says: String,
}
