//! DescribeCluster (key 60): the cluster's id and its brokers.

use crate::base::{BrokerId, SortedMap, TopicId};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DescribeClusterResponse {
    /// A random UUID, made when the cluster was formatted.
    pub cluster_id: TopicId,
    /// The nodes that are controllers, in order.
    pub controllers: Vec<BrokerId>,
    /// Those that live.
    pub brokers: Vec<BrokerId>,
    /// Those that are registered and fenced.
    pub fenced: Vec<BrokerId>,
    /// `broker.rack` of those that have one, fenced or not.
    pub racks: SortedMap<BrokerId, String>,
}
