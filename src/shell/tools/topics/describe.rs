//! `kafka-topics.sh --describe`.

use crate::base::{BrokerId, SortedMap, TopicPartition};
use crate::engine::protocol::{ConfigResource, DescribeConfigsRequest, OngoingReassignment, PartitionMetadata};
use crate::shell::cli::admin_command::{Admin, ask};
use crate::shell::cli::exit::Done;
use crate::shell::cli::queries::description_order;
use crate::shell::cli::queries::joined;
use crate::shell::cli::topic_configs;
use crate::shell::tools::topics::{REPORTS, Topics};

type Reassignments = SortedMap<TopicPartition, OngoingReassignment>;

impl Topics {
    pub(super) fn describe(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let mut topics = self.described(admin)?;
        if topics.is_empty() {
            return Ok(());
        }
        let mut configs = SortedMap::new();
        let resources = topics.iter().map(|topic| ConfigResource::Topic(topic.name.clone())).collect();
        if let Ok(response) = ask!(admin, DescribeConfigs(DescribeConfigsRequest { resources })) {
            configs.extend(response.resources.into_iter().filter_map(|(resource, configs)| Some((resource, configs.ok()?))));
        }
        let mut reassignments = Reassignments::new();
        if let Ok(response) = ask!(admin, ListReassignments) {
            reassignments.extend(response.partitions.into_iter().map(|known| (known.topic_partition.clone(), known)));
        }
        let reports = REPORTS.iter().any(|report| self.given.has(report));
        let only_headers = self.given.has("topics-with-overrides");
        description_order(&mut topics);
        for topic in &topics {
            let of =
                |partition: &PartitionMetadata| reassignments.get(&TopicPartition::new(topic.name.clone(), partition.partition));
            let configs = configs.remove(&ConfigResource::Topic(topic.name.clone())).unwrap_or_default();
            let min_isr = configs.iter().find(|entry| entry.name == "min.insync.replicas").and_then(|entry| entry.value.as_ref());
            let min_isr = min_isr.and_then(|value| value.parse().ok()).unwrap_or(1);
            if !reports {
                let first = topic.partitions.first();
                admin.print(format!(
                    "Topic: {}\tTopicId: {}\tPartitionCount: {}\tReplicationFactor: {}\tConfigs: {}",
                    topic.name,
                    topic.topic_id,
                    topic.partitions.len(),
                    first.map_or(0, |first| replication_factor(first, of(first))),
                    topic_configs::in_describe(configs),
                ));
            }
            for partition in topic.partitions.iter().filter(|_| !only_headers) {
                if self.reported(partition, of(partition), min_isr) {
                    admin.print(line(topic.name.as_str(), partition, of(partition)));
                }
            }
        }
        Ok(())
    }

    fn reported(&self, partition: &PartitionMetadata, reassignment: Option<&OngoingReassignment>, min_isr: usize) -> bool {
        let isr = partition.isr.len();
        let has = |name: &str| self.given.has(name);
        !REPORTS.iter().any(|report| has(report))
            || has("under-replicated-partitions") && isr < replication_factor(partition, reassignment)
            || has("unavailable-partitions") && partition.leader.is_none()
            || has("under-min-isr-partitions") && (partition.leader.is_none() || isr < min_isr)
            || has("at-min-isr-partitions") && isr == min_isr
    }
}

/// Replicas that a reassignment adds do not count until it is done.
fn replication_factor(partition: &PartitionMetadata, reassignment: Option<&OngoingReassignment>) -> usize {
    match reassignment {
        Some(ongoing) => ongoing.replicas.len() - ongoing.adding.len(),
        None => partition.replicas.len(),
    }
}

fn line(topic: &str, partition: &PartitionMetadata, reassignment: Option<&OngoingReassignment>) -> String {
    let ids = |brokers: &[BrokerId]| joined(brokers, ",");
    let leader = partition.leader.map_or("none".to_owned(), |leader| leader.to_string());
    let moves = reassignment.map_or(String::new(), |ongoing| {
        format!("\tAdding Replicas: {}\tRemoving Replicas: {}", ids(&ongoing.adding), ids(&ongoing.removing))
    });
    format!(
        "\tTopic: {topic}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}{moves}\tElr: {}\tLastKnownElr: {}",
        partition.partition,
        ids(&partition.replicas),
        ids(&partition.isr),
        ids(&partition.elr),
        ids(&partition.last_known_elr),
    )
}
