//! ListGroups (key 16): the groups that this broker coordinates.

use crate::base::GroupId;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ListGroupsResponse {
    pub groups: Vec<ListedGroup>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ListedGroup {
    pub group_id: GroupId,
    /// `consumer`, or empty for a group that only holds offsets.
    pub protocol_type: String,
    /// `Empty`, `Stable`, `PreparingRebalance`, `CompletingRebalance`, `Dead`; `Assigning`, `Reconciling` with the consumer
    /// protocol.
    pub state: &'static str,
    /// `classic` or `consumer`.
    pub group_type: &'static str,
}
