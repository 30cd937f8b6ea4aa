//! Stores from their changelogs (`StoreChangelogReader`): an active task runs when it has read up to where its changelogs ended when
//! it was given; a standby goes on reading.

use super::{StreamsApp, TaskId, TopicPartition, group};
use crate::base::{Offset, Span};
use crate::engine::protocol::{ListOffsetsRequest, OffsetSpec, Request, Response};
use crate::engine::world::program::{Context, PolledRecords, SeekTo};
use crate::streams::values::Raw;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Restoring {
    changelogs: BTreeMap<TopicPartition, Changelog>,
    /// The question where they end.
    asked: Option<u64>,
    is_polling: bool,
    records: u64,
}

#[derive(Clone, Debug, Hash)]
struct Changelog {
    task: TaskId,
    store: usize,
    /// `None`: not known yet.
    end: Option<Offset>,
    position: Offset,
}

impl Restoring {
    pub(super) fn records(&self) -> u64 {
        self.records
    }
}

impl StreamsApp {
    /// After tasks have come, gone or changed: reads the changelogs of those that need it, and no others.
    pub(super) fn restore_what_is_new(&mut self, cx: &mut Context<'_>) {
        let Some(clients) = self.clients else { return };
        let mut wanted = BTreeMap::new();
        let mut paused = Vec::new();
        for (id, running) in &mut self.tasks {
            let logged = |store: &usize| self.topology.stores[*store].logged && running.task.store(*store).is_some();
            let stores: Vec<usize> = (0..self.topology.stores.len()).filter(logged).collect();
            running.restored |= running.active && stores.is_empty();
            if running.active && running.restored {
                continue;
            }
            for store in stores {
                let topic = format!("{}-{}-changelog", self.config.application_id, self.topology.stores[store].name);
                wanted.insert(TopicPartition::new(topic.as_str(), id.partition), (*id, store));
            }
            if running.active {
                paused.push(*id);
            }
        }
        cx.pause(clients.consumer, &self.sources_of(&paused));
        self.restoring.changelogs.retain(|partition, changelog| wanted.get(partition) == Some(&(changelog.task, changelog.store)));
        let mut new = Vec::new();
        for (partition, (task, store)) in wanted {
            self.restoring.changelogs.entry(partition.clone()).or_insert_with(|| {
                new.push(partition);
                Changelog { task, store, end: None, position: Offset(0) }
            });
        }
        cx.assign(clients.restorer, self.restoring.changelogs.keys().cloned().collect());
        for partition in &new {
            cx.seek(clients.restorer, partition, SeekTo::Beginning);
        }
        self.ask_for_ends(cx);
        self.finish_restored(cx);
        self.poll_changelogs(cx);
    }

    fn sources_of(&self, tasks: &[TaskId]) -> Vec<TopicPartition> {
        let of = |id: &TaskId| {
            let kind = self.topology.task_kinds().into_iter().find(|kind| kind.number == id.subtopology);
            let names = kind.into_iter().flat_map(|kind| {
                let own = kind.repartition_sources.into_iter().map(|topic| topic.name);
                kind.sources.into_iter().map(|topic| topic.to_string()).chain(own).collect::<Vec<_>>()
            });
            let full = names.map(|name| group::decorated(&self.config, &self.topology, &name));
            full.map(|name| TopicPartition::new(name.as_str(), id.partition)).collect::<Vec<_>>()
        };
        tasks.iter().flat_map(of).collect()
    }

    /// Where the changelogs of active tasks end. What a task before this one has sent is there: it has flushed, or its records
    /// are processed again.
    fn ask_for_ends(&mut self, cx: &mut Context<'_>) {
        let Some(clients) = self.clients else { return };
        let active = |id: &TaskId| self.tasks.get(id).is_some_and(|running| running.active);
        let unknown = self.restoring.changelogs.iter().filter(|(_, changelog)| changelog.end.is_none() && active(&changelog.task));
        let partitions: Vec<_> = unknown.map(|(partition, _)| (partition.clone(), OffsetSpec::Latest)).collect();
        if !partitions.is_empty() && self.restoring.asked.is_none() {
            self.restoring.asked = Some(cx.call(clients.admin, Request::ListOffsets(ListOffsetsRequest { partitions })));
        }
    }

    pub(super) fn ends_answered(&mut self, cx: &mut Context<'_>, call: u64, response: Option<&Response>) {
        if self.restoring.asked != Some(call) {
            return;
        }
        self.restoring.asked = None;
        if let Some(Response::ListOffsets(response)) = response {
            for listed in &response.partitions {
                if let Some(changelog) = self.restoring.changelogs.get_mut(&listed.topic_partition) {
                    changelog.end = listed.offset;
                }
            }
        }
        self.finish_restored(cx);
        self.ask_for_ends(cx);
    }

    pub(super) fn poll_changelogs(&mut self, cx: &mut Context<'_>) {
        let Some(clients) = self.clients else { return };
        if !self.restoring.is_polling && !self.restoring.changelogs.is_empty() {
            self.restoring.is_polling = true;
            cx.poll(clients.restorer, Span::from_ms(self.config.poll_ms));
        }
    }

    pub(super) fn poll_of_changelogs_failed(&mut self, cx: &mut Context<'_>) {
        self.restoring.is_polling = false;
        self.poll_changelogs(cx);
    }

    pub(super) fn restore(&mut self, cx: &mut Context<'_>, records: &PolledRecords) {
        self.restoring.is_polling = false;
        for (partition, record) in records.iter() {
            let Some(changelog) = self.restoring.changelogs.get_mut(partition) else { continue };
            let Some(running) = self.tasks.get_mut(&changelog.task) else { continue };
            let raw = Raw::of(&record);
            changelog.position = Offset(record.offset.0 + 1);
            self.restoring.records += 1;
            // What nobody here has written is left out.
            let _ = running.task.restore(changelog.store, &raw);
        }
        self.finish_restored(cx);
        self.poll_changelogs(cx);
    }

    /// Lets the tasks run whose changelogs have been read to their ends.
    fn finish_restored(&mut self, cx: &mut Context<'_>) {
        let Some(clients) = self.clients else { return };
        let mut done = Vec::new();
        for (id, running) in self.tasks.iter_mut().filter(|(_, running)| running.active && !running.restored) {
            let mut mine = self.restoring.changelogs.iter().filter(|(_, changelog)| changelog.task == *id);
            let is_read = |(partition, changelog): (&TopicPartition, &Changelog)| {
                // Records may have been compacted away, so the position counts, not the records.
                let position = cx.position(clients.restorer, partition).unwrap_or(changelog.position);
                changelog.end.is_some_and(|end| position.max(changelog.position) >= end)
            };
            if mine.all(is_read) {
                running.restored = true;
                done.push(*id);
            }
        }
        if done.is_empty() {
            return;
        }
        self.restoring.changelogs.retain(|_, changelog| !done.contains(&changelog.task));
        cx.assign(clients.restorer, self.restoring.changelogs.keys().cloned().collect());
        cx.resume(clients.consumer, &self.sources_of(&done));
    }
}
