//! The one door between the page and the simulation: each method gives something that the page or the JavaScript API shows, at
//! the session's moment. `ui` and `js` hold a [`View`], never a `World` (`tests/it/tidy/` holds them to that).

use std::rc::Rc;

use serde_json::Value;

use super::cluster::{self, ClusterView, ClusterWindow, Fault, HostSpot, Traffic};
use super::first::{FirstPicture, first_picture};
use super::forms::{self, FromBeginning, Remark, TopicForm};
use super::group::{self, Clock, GroupBoard, NewMember, Why};
use super::inspect::{self, Inspection, Selection};
use super::narrate::{self, Mark, Narration};
use super::records::{self, RecordList, RecordRow};
use super::safety::{SafetyView, record_safety};
use super::stage::{self, Lanes, Reader, Ringed, Stage, Strip, Window};
use super::{api, pictures};
use crate::base::{BrokerId, ClientId, GroupId, MemberId, Offset, TopicPartition};
use crate::engine::World;
use crate::scenario::cast::Picture;
use crate::scenario::tour::Scene;
use crate::session::{ScenarioEntry, Session};
use crate::view::parts::commands::{self, Bootstrap, NewRecord};
use crate::view::parts::logs;
use crate::view::parts::row::{PartitionRow, RowStart, partition_row};

/// Partitions looked at to find the fullest topic.
const PARTITIONS_COUNTED: usize = 12;

/// A session as it is to be shown.
#[derive(Clone, Copy)]
pub struct View<'s> {
    session: &'s Session,
    world: &'s World,
}

impl<'s> View<'s> {
    pub fn of(session: &'s Session) -> Self {
        Self { session, world: session.world() }
    }

    fn scenario(self) -> Option<&'s ScenarioEntry> {
        self.session.scenario()
    }

    // ---- the Logs view

    pub fn stage(self, window: &Window) -> Stage {
        stage::stage(self.world, self.scenario().map(|entry| entry.name), window)
    }

    /// Of a partition as many records as there are cells, those at `pins` among them.
    pub fn strip(self, partition: &TopicPartition, start: RowStart, cells_max: usize, pins: &[i64]) -> Option<Strip> {
        stage::strip(self.world, partition, start, cells_max, pins)
    }

    /// What is on its way between the log and those who write and read it.
    pub fn lanes(self, readers: &[Reader]) -> Lanes {
        stage::lanes(self.world, readers, self.session.now())
    }

    pub fn rings(self, scene: &Scene) -> Vec<Ringed> {
        stage::rings(self.world, scene)
    }

    pub fn partition_row(self, partition: &TopicPartition, start: RowStart, cells_max: usize) -> Option<PartitionRow> {
        partition_row(self.world, partition, start, cells_max)
    }

    /// The producer that wrote a record, if it is known.
    pub fn writer(self, partition: &TopicPartition, offset: Offset) -> Option<ClientId> {
        inspect::writer(self.world, partition, offset)
    }

    /// What a service's card shows of its own state.
    pub fn picture(self, service: &str, picture: Picture) -> pictures::PictureView {
        pictures::picture(self.world, service, picture)
    }

    pub fn first_picture(self) -> Option<FirstPicture> {
        first_picture(self.world, self.session.now())
    }

    // ---- the Cluster view

    pub fn cluster(self, window: &ClusterWindow) -> ClusterView {
        cluster::cluster(self.world, window)
    }

    pub fn traffic(self, selection: Option<&Selection>) -> Traffic {
        cluster::traffic(self.world, self.session.now(), selection)
    }

    pub fn broker_faults(self, id: BrokerId) -> Vec<Fault> {
        cluster::broker_faults(self.world, id)
    }

    pub fn controller_faults(self, id: BrokerId) -> Vec<Fault> {
        cluster::controller_faults(self.world, id)
    }

    pub fn link_faults(self, one: &HostSpot, other: &HostSpot) -> Vec<Fault> {
        cluster::link_faults(self.world, one, other)
    }

    // ---- the Groups view

    pub fn groups(self) -> Vec<GroupId> {
        group::groups(self.world)
    }

    pub fn board(self, id: &GroupId) -> Option<GroupBoard> {
        group::board(self.world, id)
    }

    /// Why the partitions are handed out as they are.
    pub fn why(self, board: &GroupBoard) -> Option<Why> {
        group::why(self.world, &GroupId(board.group_id.clone()), &board.history)
    }

    /// How far a member's session timeout and its poll interval have run down.
    pub fn clocks(self, group: &GroupId, member: Option<&MemberId>, client: Option<ClientId>) -> (Option<Clock>, Option<Clock>) {
        group::clocks(self.world, self.session.now(), group, member, client)
    }

    pub fn create_topic_lines(self) -> Vec<String> {
        group::create_topic(self.world)
    }

    pub fn add_member_lines(self, member: &NewMember) -> Vec<String> {
        group::add_member(self.world, member)
    }

    pub fn restart_member_lines(self, name: &str, member: &NewMember) -> Vec<String> {
        group::restart_member(self.world, name, member)
    }

    // ---- the Records view

    /// The names of the topics in order; `internal`: those that Kafka keeps for itself among them.
    pub fn topic_names(self, internal: bool) -> Vec<Rc<str>> {
        records::topic_names(self.world, internal)
    }

    /// Partitions of a topic; 0 for one that is not there.
    pub fn partition_count(self, topic: &str) -> usize {
        self.world.cluster().topic(topic).map_or(0, |topic| topic.partitions.len())
    }

    /// The topic with the most offsets in its first partitions: the one to show where none was chosen.
    pub fn fullest_topic(self, topics: &[Rc<str>]) -> Option<Rc<str>> {
        let offsets = |topic: &Rc<str>| -> i64 {
            logs::partitions(self.world, topic, 0..PARTITIONS_COUNTED).iter().map(|partition| partition.log_end_offset).sum()
        };
        topics.iter().rev().max_by_key(|topic| offsets(topic)).cloned()
    }

    pub fn record_list(self, topic: &str, partition: Option<i32>) -> RecordList<'s> {
        RecordList::of(self.world, topic, partition)
    }

    pub fn record(self, partition: &TopicPartition, offset: Offset) -> Option<RecordRow> {
        records::record_row(self.world, partition, offset)
    }

    // ---- what is chosen, told and asked

    pub fn inspection(self, selection: &Selection) -> Option<Inspection> {
        inspect::inspect(self.world, self.scenario(), selection)
    }

    /// Tries on copies of the world which lost disks would take a record along.
    pub fn safety(self, partition: &TopicPartition, offset: Offset) -> Option<SafetyView> {
        record_safety(self.world, partition, offset)
    }

    /// The indexes of what has happened: the first that is kept, and the one after the last.
    pub fn trace_range(self) -> std::ops::Range<u64> {
        self.world.trace().start()..self.world.trace().end()
    }

    /// What has happened since an index of the trace, in sentences. After a step back the index may lie ahead.
    pub fn narration(self, since: u64) -> Narration {
        narrate::narrate(self.world, since.min(self.world.trace().end()))
    }

    /// The timeline's marks since an index of the trace, and the index to go on from.
    pub fn marks(self, since: u64) -> (Vec<Mark>, u64) {
        narrate::marks(self.world, since)
    }

    // ---- forms

    pub fn bootstrap(self) -> Bootstrap {
        Bootstrap::of(self.world)
    }

    pub fn broker_count(self) -> usize {
        forms::broker_count(self.world)
    }

    pub fn usual_replicas(self) -> usize {
        forms::usual_replicas(self.world)
    }

    pub fn free_topic(self, wanted: &str) -> String {
        forms::free_topic(self.world, wanted)
    }

    pub fn free_group(self) -> String {
        forms::free_group(self.world, self.scenario())
    }

    pub fn free_terminal(self, prefix: &str) -> String {
        commands::free_terminal(self.world, prefix)
    }

    pub fn needs_keys(self, topic: &str) -> bool {
        forms::needs_keys(self.world, topic)
    }

    pub fn from_beginning(self, topic: &str, group: &str) -> FromBeginning {
        forms::from_beginning(self.world, topic, group)
    }

    pub fn topics_of_group(self, group: &str) -> Vec<Rc<str>> {
        forms::topics_of_group(self.world, group)
    }

    pub fn services_of_group(self, group: &str) -> Vec<String> {
        forms::services_of_group(self.world, self.scenario(), group)
    }

    pub fn check_topic(self, form: &TopicForm) -> Vec<Remark> {
        forms::check_topic(self.world, form)
    }

    pub fn check_more_partitions(self, topic: &str, text: &str) -> Vec<Remark> {
        forms::check_more_partitions(self.world, topic, text)
    }

    pub fn check_record(self, record: &NewRecord) -> Vec<Remark> {
        forms::check_record(self.world, record)
    }

    pub fn check_group(self, group: &str) -> Vec<Remark> {
        forms::check_group(self.world, self.scenario(), group)
    }

    pub fn check_delete_records(self, partition: &TopicPartition, text: &str) -> Vec<Remark> {
        forms::check_delete_records(self.world, partition, text)
    }

    pub fn check_reset(self, topic: &str, only: Option<i32>, to: i64) -> Vec<Remark> {
        forms::check_reset(self.world, topic, only, to)
    }

    // ---- the JavaScript API

    pub fn api_topics(self) -> Vec<api::TopicInfo> {
        api::topics(self.world)
    }

    pub fn api_partitions(self, topic: &str) -> Result<Vec<api::PartitionInfo>, String> {
        api::partitions(self.world, topic)
    }

    pub fn api_records(self, topic: &str, partition: i32, from: i64, max: u32) -> Result<Vec<api::RecordInfo>, String> {
        api::records(self.world, topic, partition, from, max)
    }

    pub fn api_groups(self) -> Vec<api::GroupInfo> {
        api::groups(self.world)
    }

    pub fn api_group(self, id: &str) -> Result<api::GroupInfo, String> {
        api::group(self.world, id)
    }

    pub fn api_brokers(self) -> Vec<api::BrokerInfo> {
        api::brokers(self.world)
    }

    pub fn api_trace(self, from: u64, max: u32) -> Result<Vec<Value>, String> {
        api::trace(self.world, from, max)
    }

    pub fn api_hash(self) -> String {
        api::hash(self.world)
    }
}
