//! UnregisterBroker (key 64): takes a broker out of the cluster, until it starts again.

use super::ErrorCode;
use crate::base::BrokerId;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct UnregisterBrokerRequest {
    pub broker: BrokerId,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct UnregisterBrokerResponse {
    pub error: Option<(ErrorCode, String)>,
}
