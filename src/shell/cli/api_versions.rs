//! The versions of requests that brokers take, as two tools print them.

use super::admin_command::Admin;
use super::exit::{Done, told};

/// The versions of a request that a broker takes.
type Versions = Option<(u8, u8)>;

/// Requests by name and key with the versions that a broker of 4.4 takes; `None` for those that it has turned off.
const APIS: &[(&str, u8, Versions)] = &[
    ("Produce", 0, Some((0, 13))),
    ("Fetch", 1, Some((4, 18))),
    ("ListOffsets", 2, Some((1, 11))),
    ("Metadata", 3, Some((0, 13))),
    ("OffsetCommit", 8, Some((2, 10))),
    ("OffsetFetch", 9, Some((1, 10))),
    ("FindCoordinator", 10, Some((0, 6))),
    ("JoinGroup", 11, Some((0, 9))),
    ("Heartbeat", 12, Some((0, 4))),
    ("LeaveGroup", 13, Some((0, 5))),
    ("SyncGroup", 14, Some((0, 5))),
    ("DescribeGroups", 15, Some((0, 6))),
    ("ListGroups", 16, Some((0, 5))),
    ("SaslHandshake", 17, Some((0, 1))),
    ("ApiVersions", 18, Some((0, 5))),
    ("CreateTopics", 19, Some((2, 7))),
    ("DeleteTopics", 20, Some((1, 6))),
    ("DeleteRecords", 21, Some((0, 2))),
    ("InitProducerId", 22, Some((0, 5))),
    ("OffsetForLeaderEpoch", 23, Some((2, 4))),
    ("AddPartitionsToTxn", 24, Some((0, 5))),
    ("AddOffsetsToTxn", 25, Some((0, 4))),
    ("EndTxn", 26, Some((0, 5))),
    ("WriteTxnMarkers", 27, Some((1, 2))),
    ("TxnOffsetCommit", 28, Some((0, 6))),
    ("DescribeAcls", 29, Some((1, 3))),
    ("CreateAcls", 30, Some((1, 3))),
    ("DeleteAcls", 31, Some((1, 3))),
    ("DescribeConfigs", 32, Some((1, 4))),
    ("AlterConfigs", 33, Some((0, 2))),
    ("AlterReplicaLogDirs", 34, Some((1, 2))),
    ("DescribeLogDirs", 35, Some((1, 5))),
    ("SaslAuthenticate", 36, Some((0, 2))),
    ("CreatePartitions", 37, Some((0, 3))),
    ("CreateDelegationToken", 38, Some((1, 3))),
    ("RenewDelegationToken", 39, Some((1, 2))),
    ("ExpireDelegationToken", 40, Some((1, 2))),
    ("DescribeDelegationToken", 41, Some((1, 3))),
    ("DeleteGroups", 42, Some((0, 3))),
    ("ElectLeaders", 43, Some((0, 2))),
    ("IncrementalAlterConfigs", 44, Some((0, 1))),
    ("AlterPartitionReassignments", 45, Some((0, 1))),
    ("ListPartitionReassignments", 46, Some((0, 0))),
    ("OffsetDelete", 47, Some((0, 0))),
    ("DescribeClientQuotas", 48, Some((0, 1))),
    ("AlterClientQuotas", 49, Some((0, 1))),
    ("DescribeUserScramCredentials", 50, Some((0, 0))),
    ("AlterUserScramCredentials", 51, Some((0, 0))),
    ("DescribeQuorum", 55, Some((0, 2))),
    ("UpdateFeatures", 57, Some((0, 2))),
    ("DescribeCluster", 60, Some((0, 2))),
    ("DescribeProducers", 61, Some((0, 0))),
    ("UnregisterBroker", 64, Some((0, 0))),
    ("DescribeTransactions", 65, Some((0, 0))),
    ("ListTransactions", 66, Some((0, 2))),
    ("ConsumerGroupHeartbeat", 68, Some((0, 1))),
    ("ConsumerGroupDescribe", 69, Some((0, 1))),
    ("GetTelemetrySubscriptions", 71, None),
    ("PushTelemetry", 72, None),
    ("ListConfigResources", 74, Some((0, 1))),
    ("DescribeTopicPartitions", 75, Some((0, 0))),
    ("ShareGroupHeartbeat", 76, Some((1, 1))),
    ("ShareGroupDescribe", 77, Some((1, 1))),
    ("ShareFetch", 78, Some((1, 2))),
    ("ShareAcknowledge", 79, Some((1, 2))),
    ("AddRaftVoter", 80, Some((0, 1))),
    ("RemoveRaftVoter", 81, Some((0, 0))),
    ("InitializeShareGroupState", 83, Some((0, 0))),
    ("ReadShareGroupState", 84, Some((0, 0))),
    ("WriteShareGroupState", 85, Some((0, 1))),
    ("DeleteShareGroupState", 86, Some((0, 0))),
    ("ReadShareGroupStateSummary", 87, Some((0, 1))),
    ("StreamsGroupHeartbeat", 88, Some((0, 1))),
    ("StreamsGroupDescribe", 89, Some((0, 1))),
    ("DescribeShareGroupOffsets", 90, Some((0, 1))),
    ("AlterShareGroupOffsets", 91, Some((0, 0))),
    ("DeleteShareGroupOffsets", 92, Some((0, 0))),
    ("StreamsGroupTopologyDescriptionUpdate", 93, Some((0, 0))),
    ("UnregisterController", 94, Some((0, 0))),
];

impl Admin<'_, '_, '_> {
    pub fn api_versions(&mut self) -> Done<i32> {
        let cluster = self.cluster()?.map_err(told)?;
        for broker in cluster.brokers {
            let address = self.broker_address(broker);
            let rack = cluster.racks.get(&broker).map_or("null", String::as_str);
            self.print(format!("{address} (id: {broker} rack: {rack} isFenced: false) -> ("));
            for (at, (name, key, versions)) in APIS.iter().enumerate() {
                let end = if at + 1 < APIS.len() { "," } else { "" };
                let shown = match versions {
                    None => "UNSUPPORTED".to_owned(),
                    Some((from, to)) if from == to => format!("{from} [usable: {to}]"),
                    Some((from, to)) => format!("{from} to {to} [usable: {to}]"),
                };
                self.print(format!("\t{name}({key}): {shown}{end}"));
            }
            self.print(")");
        }
        Ok(0)
    }
}
