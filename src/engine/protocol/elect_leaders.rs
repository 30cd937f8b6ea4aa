//! ElectLeaders (key 43): elects the preferred replica, or any live one at the price of records.

use crate::base::TopicPartition;
use crate::engine::controller::elections::Election;
use crate::engine::error::ErrorCode;

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
