//! DescribeConfigs (key 32): the own values of topics and brokers. Defaults are in `configs`.

use super::ErrorCode;
use crate::base::{BrokerId, SortedMap, TopicName};

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct DescribeConfigsRequest {
    pub topics: Vec<TopicName>,
    pub brokers: Vec<BrokerId>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeConfigsResponse {
    pub topics: Vec<(TopicName, Result<SortedMap<String, String>, ErrorCode>)>,
    pub brokers: Vec<(BrokerId, SortedMap<String, String>)>,
}
