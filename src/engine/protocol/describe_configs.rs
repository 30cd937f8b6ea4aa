//! DescribeConfigs (key 32): all settings of topics, brokers and groups, as they are at the broker that answers.
//! ListConfigResources (key 74).

use super::{ConfigResource, ErrorCode};
use crate::base::GroupId;
use crate::engine::configs::ConfigEntry;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeConfigsRequest {
    pub resources: Vec<ConfigResource>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeConfigsResponse {
    pub resources: Vec<(ConfigResource, Result<Vec<ConfigEntry>, ErrorCode>)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ListConfigResourcesResponse {
    /// The groups that have settings of their own.
    pub groups: Vec<GroupId>,
}
