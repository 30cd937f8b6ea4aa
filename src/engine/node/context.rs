//! What a node can know while it handles a request, an answer or a timer.

use crate::base::{BrokerId, GroupId, SimTime};
use crate::engine::configs::{BrokerConfigs, GroupConfigs};
use crate::engine::metadata::Cluster;

/// The inputs of a handler beside the node's own state and what it was sent. A handler sees nothing else: what it wants to
/// know of another node it has to ask for with a message.
#[derive(Clone, Copy)]
pub struct NodeContext<'a> {
    pub now: SimTime,
    /// The cluster's metadata, as far as this node knows it: a broker that is cut off from the controllers has an older one.
    pub metadata: &'a Cluster,
    pub configs: &'a BrokerConfigs,
    /// Draws are made from the seed and from what they are for, so that one draw more shifts no other.
    pub seed: u64,
    pub node: BrokerId,
}

impl NodeContext<'_> {
    /// What holds for a group: its own settings, else this node's.
    pub fn group_configs(&self, group_id: &GroupId) -> GroupConfigs {
        GroupConfigs::of(self.metadata.group_configs(group_id), self.metadata.sources(self.node))
    }
}
