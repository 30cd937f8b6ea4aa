//! The one door between the page and the simulation. `ui` and `js` hold a [`View`], never a `World` (`tests/it/tidy/` holds them
//! to that): they give it to the functions of the view's modules, which alone see the world behind it, or ask it what takes more
//! of the session than its world.

use std::rc::Rc;

use super::cluster::{self, Traffic};
use super::first::{self, FirstPicture};
use super::forms::{self, Remark};
use super::group::{self, Clock, GroupBoard, Why};
use super::inspect::{self, Inspection, Selection};
use super::narrate::{self, Narration};
use super::stage::{self, Lanes, Reader, Stage, Window};
use crate::base::{ClientId, GroupId, MemberId};
use crate::engine::World;
use crate::session::{ScenarioEntry, Session};
use crate::view::parts::logs;

/// Partitions looked at to find the fullest topic.
const PARTITIONS_COUNTED: usize = 12;

/// A session as it is to be shown.
#[derive(Clone, Copy)]
pub struct View<'s> {
    session: &'s Session,
    world: &'s World,
}

/// What the view's modules read of it.
impl<'s> From<View<'s>> for &'s World {
    fn from(view: View<'s>) -> Self {
        view.world
    }
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

    /// What is on its way between the log and those who write and read it.
    pub fn lanes(self, readers: &[Reader]) -> Lanes {
        stage::lanes(self.world, readers, self.session.now())
    }

    pub fn first_picture(self) -> Option<FirstPicture> {
        first::first_picture(self.world, self.session.now())
    }

    // ---- the Cluster view

    pub fn traffic(self, selection: Option<&Selection>) -> Traffic {
        cluster::traffic(self.world, self.session.now(), selection)
    }

    // ---- the Groups view

    /// Why the partitions are handed out as they are.
    pub fn why(self, board: &GroupBoard) -> Option<Why> {
        group::why(self.world, &GroupId(board.group_id.clone()), &board.history)
    }

    /// How far a member's session timeout and its poll interval have run down.
    pub fn clocks(self, group: &GroupId, member: Option<&MemberId>, client: Option<ClientId>) -> (Option<Clock>, Option<Clock>) {
        group::clocks(self.world, self.session.now(), group, member, client)
    }

    // ---- the Records view

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

    // ---- what is chosen, told and asked

    pub fn inspection(self, selection: &Selection) -> Option<Inspection> {
        inspect::inspect(self.world, self.scenario(), selection)
    }

    /// The indexes of what has happened: the first that is kept, and the one after the last.
    pub fn trace_range(self) -> std::ops::Range<u64> {
        self.world.trace().start()..self.world.trace().end()
    }

    /// What has happened since an index of the trace, in sentences. After a step back the index may lie ahead.
    pub fn narration(self, since: u64) -> Narration {
        narrate::narrate(self.world, since.min(self.world.trace().end()))
    }

    // ---- forms

    pub fn free_group(self) -> String {
        forms::free_group(self.world, self.scenario())
    }

    pub fn services_of_group(self, group: &str) -> Vec<String> {
        forms::services_of_group(self.world, self.scenario(), group)
    }

    pub fn check_group(self, group: &str) -> Vec<Remark> {
        forms::check_group(self.world, self.scenario(), group)
    }
}
