//! A commit, step by step, at least once: what has been sent is in the topics before the offsets say that it is done.

use super::{State, StreamsApp, TaskId, group};
use crate::base::{Offset, TopicPartition};
use crate::engine::protocol::{DeleteRecordsRequest, Request};
use crate::engine::world::program::Context;

#[derive(Clone, Debug, Hash)]
pub(super) struct Commit {
    /// The tasks that are taken away after it; `None`: the interval is over, and all tasks commit.
    taken: Option<Vec<TaskId>>,
    offsets: Vec<(TopicPartition, Offset)>,
}

impl Commit {
    pub(super) fn for_interval() -> Self {
        Self { taken: None, offsets: Vec::new() }
    }

    pub(super) fn for_revocation(taken: Vec<TaskId>) -> Self {
        Self { taken: Some(taken), offsets: Vec::new() }
    }
}

impl StreamsApp {
    pub(super) fn begin_commit(&mut self, cx: &mut Context<'_>, mut commit: Commit) {
        let Some(clients) = self.clients else { return };
        let ids: Vec<TaskId> = self.tasks.keys().copied().collect();
        for id in ids {
            let Some(running) = self.tasks.get_mut(&id) else { continue };
            if commit.taken.as_ref().is_some_and(|taken| !taken.contains(&id)) {
                continue;
            }
            commit.offsets.extend(std::mem::take(&mut running.consumed));
            let buffered = running.task.commit();
            buffered.into_iter().for_each(|sent| self.send(cx, id, sent));
        }
        self.commit = Some(commit);
        cx.flush(clients.producer);
    }

    pub(super) fn flushed(&mut self, cx: &mut Context<'_>) {
        let (Some(clients), Some(commit)) = (self.clients, &self.commit) else { return };
        if commit.offsets.is_empty() {
            self.committed(cx, true);
        } else {
            cx.commit(clients.consumer, Some(commit.offsets.clone()));
        }
    }

    /// A commit that failed loses nothing: the next one has its offsets too, or its records are processed again.
    pub(super) fn committed(&mut self, cx: &mut Context<'_>, succeeded: bool) {
        let (Some(clients), Some(commit)) = (self.clients, self.commit.take()) else { return };
        self.committed_at = self.now(cx);
        if !succeeded {
            for (partition, offset) in &commit.offsets {
                for id in self.of_partitions(std::slice::from_ref(partition)) {
                    if let Some(running) = self.tasks.get_mut(&id) {
                        running.consumed.entry(partition.clone()).or_insert(*offset);
                    }
                }
            }
        }
        if let Some(taken) = commit.taken {
            for id in taken {
                self.tasks.remove(&id);
            }
            self.restore_what_is_new(cx);
            cx.release_rebalance(clients.consumer);
            return;
        }
        self.purge(cx, &commit.offsets);
        if self.state == State::PendingShutdown {
            cx.close(clients.consumer);
        } else {
            cx.poll(clients.consumer, self.config.poll());
        }
    }

    /// Deletes from repartition topics what has been read of them.
    fn purge(&mut self, cx: &mut Context<'_>, offsets: &[(TopicPartition, Offset)]) {
        let now = self.now(cx);
        if now - self.purged_at < self.config.repartition_purge_interval_ms {
            return;
        }
        self.purged_at = now;
        let own = |partition: &TopicPartition| {
            let topic = partition.topic.as_str();
            group::plain(&self.config, &self.topology, topic) != topic
        };
        let partitions: Vec<(TopicPartition, Offset)> = offsets.iter().filter(|(partition, _)| own(partition)).cloned().collect();
        if let Some(clients) = self.clients.filter(|_| !partitions.is_empty()) {
            cx.call(clients.admin, Request::DeleteRecords(DeleteRecordsRequest { partitions }));
        }
    }
}
