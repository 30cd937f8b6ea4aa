//! ElectLeaders (key 43): elects the preferred replica, or any live one at the price of records.

use super::ErrorCode;
use crate::base::TopicPartition;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ElectLeadersRequest {
    pub election: Election,
    /// `None`: all partitions.
    pub partitions: Option<Vec<TopicPartition>>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ElectLeadersResponse {
    /// Asked for all, only those where something was to be done are told.
    pub partitions: Vec<(TopicPartition, Option<(ErrorCode, String)>)>,
}

/// `PartitionChangeBuilder.Election`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Election {
    /// The first replica, if it may lead.
    Preferred,
    /// Only if there is no valid leader.
    Online,
    /// As `Online`; with nobody eligible, any live replica.
    Unclean,
}
