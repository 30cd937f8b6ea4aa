//! A streams group as the records of `__consumer_offsets` say it is (`GroupMetadataManager.replay`, `onLoaded`): read when a
//! coordinator begins. Sessions begin anew, and so does the time to give up tasks. The topics are looked at with the next
//! heartbeat; how far tasks are has to be told again.

use std::rc::Rc;

use super::work::StreamsWork;
use crate::base::{GroupId, MemberId, SimTime, SortedMap, Timestamp};
use crate::engine::broker::Broker;
use crate::engine::group::GroupTimer;
use crate::engine::group::streams::{AssignedTasks, StreamsGroup, StreamsMember, TasksState, records};
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::wire::OffsetsRecord;

/// The groups read so far.
pub type Groups = SortedMap<GroupId, Rc<StreamsGroup>>;

/// Takes a record in; one of another kind of group is passed over.
pub fn replay(groups: &mut Groups, record: &OffsetsRecord) {
    use OffsetsRecord::*;
    match record {
        StreamsGroupMetadata(key, None) => {
            groups.remove(&key.group_id);
        }
        StreamsGroupMetadata(key, Some(value)) => {
            let group = group(groups, &key.group_id);
            (group.group_epoch, group.metadata_hash) = (value.epoch, value.metadata_hash);
            group.validated_topology_epoch = value.validated_topology_epoch;
            let configs = value.last_assignment_configs.iter().map(|config| (config.key.clone(), config.value.clone()));
            group.last_assignment_configs = configs.collect();
        }
        StreamsGroupTopology(key, Some(value)) => {
            group(groups, &key.group_id).topology = Some(Rc::new(records::read_topology(value)));
        }
        StreamsGroupTargetAssignmentMetadata(key, Some(value)) => {
            let group = group(groups, &key.group_id);
            group.assignment_epoch = value.assignment_epoch;
            let at = Some(value.assignment_timestamp).filter(|at| *at != Timestamp::default());
            group.assigned_at = at.map(SimTime::from_timestamp);
        }
        StreamsGroupTargetAssignmentMember(key, Some(value)) => {
            group(groups, &key.group_id).target.insert(key.member_id.clone(), Rc::new(records::read_target(value)));
        }
        StreamsGroupMemberMetadata(key, Some(value)) => {
            let group = group(groups, &key.group_id);
            let member = records::read_member(member(group, &key.member_id), value);
            group.put(member);
        }
        StreamsGroupCurrentMemberAssignment(key, Some(value)) => {
            let group = group(groups, &key.group_id);
            let mut member = member(group, &key.member_id);
            (member.epoch, member.previous_epoch) = (value.member_epoch, value.previous_member_epoch);
            member.state = TasksState::of_number(value.state);
            [member.assigned, member.pending_revocation] = records::read_current(value);
            group.put(member);
        }
        StreamsGroupTopology(key, None) => {
            known(groups, &key.group_id).map(|group| group.topology.take());
        }
        StreamsGroupTargetAssignmentMember(key, None) => {
            known(groups, &key.group_id).map(|group| group.target.remove(&key.member_id));
        }
        StreamsGroupMemberMetadata(key, None) => {
            known(groups, &key.group_id).map(|group| group.remove(&key.member_id));
        }
        StreamsGroupCurrentMemberAssignment(key, None) => {
            let Some(group) = known(groups, &key.group_id) else { return };
            let Some(mut member) = group.members.get(&key.member_id).map(|member| member.as_ref().clone()) else { return };
            (member.epoch, member.previous_epoch) = (-1, -1);
            (member.assigned, member.pending_revocation) = (AssignedTasks::default(), AssignedTasks::default());
            group.put(member);
        }
        _ => {}
    }
}

fn group<'g>(groups: &'g mut Groups, group_id: &GroupId) -> &'g mut StreamsGroup {
    Rc::make_mut(groups.get_or_insert_with(group_id.clone(), || Rc::new(StreamsGroup::new())))
}

fn known<'g>(groups: &'g mut Groups, group_id: &GroupId) -> Option<&'g mut StreamsGroup> {
    groups.get_mut(group_id).map(Rc::make_mut)
}

/// A copy of what is known of a member, or a new one.
fn member(group: &StreamsGroup, member_id: &MemberId) -> StreamsMember {
    let known = group.members.get(member_id).map(|known| known.as_ref().clone());
    known.unwrap_or_else(|| StreamsMember::new(member_id.clone()))
}

/// All has been read: the timers.
pub fn begin(
    cx: &NodeContext<'_>,
    broker: &Broker,
    group_id: &GroupId,
    group: &StreamsGroup,
    outcome: &mut Outcome,
) -> StreamsGroup {
    let mut work = StreamsWork::with(cx, broker, group_id, group.clone(), false);
    let session_timeout = work.configs().streams_session_timeout;
    let ids: Vec<MemberId> = work.group.members.keys().cloned().collect();
    for member_id in ids {
        work.renew_session(&member_id, session_timeout);
        let now = work.now();
        let Some(member) = work.group.members.get_mut(&member_id).map(Rc::make_mut) else { continue };
        if member.state == TasksState::UnrevokedTasks {
            let deadline = now + member.rebalance_timeout;
            member.timers.revocation = Some((deadline, member.epoch));
            work.timer(deadline, GroupTimer::Revocation { member: member_id });
        }
    }
    outcome.timers.append(&mut work.outcome.timers);
    work.group
}
