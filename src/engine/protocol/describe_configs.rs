//! DescribeConfigs (key 32), for topics: the topic's own values. Defaults are in `configs`.

use std::collections::BTreeMap;

use crate::base::TopicName;
use crate::engine::error::ErrorCode;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeConfigsRequest {
    pub topics: Vec<TopicName>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeConfigsResponse {
    pub topics: Vec<(TopicName, Result<BTreeMap<String, String>, ErrorCode>)>,
}
