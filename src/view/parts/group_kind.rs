//! What kind of group it is.

/// `GroupType`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupKind {
    Classic,
    Consumer,
    Share,
}

impl GroupKind {
    /// As Kafka's tools write it, in small letters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Consumer => "consumer",
            Self::Share => "share",
        }
    }
}
