//! IncrementalAlterConfigs and DescribeConfigs of a group: settings such as share.auto.offset.reset (`GroupConfig`).
//!
//! - A group need not be there to have settings.

use super::ErrorCode;
use crate::base::{GroupId, SortedMap};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterGroupConfigsRequest {
    pub group_id: GroupId,
    /// `None` takes a setting back to its default.
    pub changes: Vec<(String, Option<String>)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterGroupConfigsResponse {
    pub error: Option<(ErrorCode, String)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeGroupConfigsResponse {
    /// The groups that have settings of their own.
    pub groups: SortedMap<GroupId, SortedMap<String, String>>,
}
