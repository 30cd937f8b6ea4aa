//! DescribeConfigs (key 32), for topics: the topic's own values. Defaults are in `configs`.

use crate::base::{SortedMap, TopicName};
use crate::engine::error::ErrorCode;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeConfigsRequest {
    pub topics: Vec<TopicName>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeConfigsResponse {
    pub topics: Vec<(TopicName, Result<SortedMap<String, String>, ErrorCode>)>,
}
