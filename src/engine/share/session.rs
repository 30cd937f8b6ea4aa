//! Share sessions (`ShareSession`, `ShareSessionCache`): what a member reads from a broker, and that it is there.
//!
//! - A session lasts as long as the member's connection. When it ends, what the member holds is given back.
//! - When the last session of a group ends with its connection, the broker forgets the group's share partitions, and reads
//!   their state again when somebody comes back.

use crate::base::{ClientId, TopicPartition};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ShareSession {
    /// What the next request has to carry.
    pub epoch: i32,
    /// In the order in which they came; one that gave records goes to the end.
    pub partitions: Vec<TopicPartition>,
    /// Whose connection it is.
    pub client: ClientId,
}

impl ShareSession {
    pub(in crate::engine) fn new(partitions: &[TopicPartition], client: ClientId) -> Self {
        Self { epoch: 1, partitions: partitions.to_vec(), client }
    }

    /// The next request: counts up, adds and forgets.
    pub(in crate::engine) fn update(&mut self, added: &[TopicPartition], forgotten: &[TopicPartition]) {
        self.epoch = if self.epoch == i32::MAX { 1 } else { self.epoch + 1 };
        for partition in added {
            if !self.partitions.contains(partition) {
                self.partitions.push(partition.clone());
            }
        }
        self.partitions.retain(|partition| !forgotten.contains(partition));
    }

    /// Partitions that gave records are looked at last the next time.
    pub(in crate::engine) fn gave(&mut self, partition: &TopicPartition) {
        if let Some(at) = self.partitions.iter().position(|known| known == partition) {
            let partition = self.partitions.remove(at);
            self.partitions.push(partition);
        }
    }
}
