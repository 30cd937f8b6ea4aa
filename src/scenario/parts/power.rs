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
