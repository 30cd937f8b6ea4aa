//! ListGroups, ShareGroupDescribe and DeleteGroups, for share groups.

use crate::base::{BrokerId, GroupId, TopicPartition};
use crate::engine::broker::Broker;
use crate::engine::coordinator::home::home;
use crate::engine::group::{ShareGroup, share_records};
use crate::engine::network::RequestRef;
use crate::engine::node::{Change, NodeContext, Outcome};
use crate::engine::protocol::{
    DescribedShareGroup, DescribedShareMember, ErrorCode, Response, ShareGroupDescribeRequest, ShareGroupDescribeResponse,
    StateResult,
};
use crate::engine::share::ShareKey;
use crate::engine::wire::Record;

pub(super) fn describe(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &ShareGroupDescribeRequest) -> Outcome {
    let describe_one = |group_id: &GroupId| {
        if home(cx, broker, group_id).is_none() {
            return Err((ErrorCode::NotCoordinator, ErrorCode::NotCoordinator.message().to_owned()));
        }
        match super::find(broker, group_id)? {
            Some(group) => Ok(described(&group, broker.id)),
            None => Err(super::not_found(format!("Group {group_id} not found."))),
        }
    };
    let groups = request.groups.iter().map(|group_id| (group_id.clone(), describe_one(group_id))).collect();
    Outcome::answer(from, Response::ShareGroupDescribe(ShareGroupDescribeResponse { groups }))
}

fn described(group: &ShareGroup, coordinator: BrokerId) -> DescribedShareGroup {
    let members = group.members.iter().map(|(member_id, member)| DescribedShareMember {
        member_id: member_id.clone(),
        member_epoch: member.member_epoch,
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        assignment: member.assignment.clone(),
    });
    DescribedShareGroup {
        state: group.state().name(),
        group_epoch: group.group_epoch,
        assignment_epoch: group.assignment_epoch,
        coordinator,
        members: members.collect(),
    }
}

/// What share coordinators keep for those of some groups that are share groups and can be deleted.
pub fn state_to_delete(broker: &Broker, group_ids: &[GroupId]) -> Vec<ShareKey> {
    let groups = group_ids.iter().filter_map(|group_id| Some((group_id, broker.share_groups.get(group_id)?)));
    let kept = groups.filter(|(_, group)| group.members.is_empty()).flat_map(|(group_id, group)| {
        group.initialized.iter().flat_map(move |(topic, partitions)| {
            partitions.iter().map(move |partition| (group_id.clone(), TopicPartition::new(topic.clone(), *partition)))
        })
    });
    kept.collect()
}

/// Drops a group whose state is deleted, as far as `states` says so, and gives its tombstones; `None` when the id is no share
/// group's.
pub fn delete(
    cx: &NodeContext<'_>,
    broker: &Broker,
    group_id: &GroupId,
    states: &[(ShareKey, StateResult)],
    outcome: &mut Outcome,
) -> Option<Result<Vec<Record>, ErrorCode>> {
    let group = broker.share_groups.get(group_id)?;
    if !group.members.is_empty() {
        return Some(Err(ErrorCode::NonEmptyGroup));
    }
    if let Some(error) = states.iter().filter(|((of, _), _)| of == group_id).find_map(|(_, result)| result.as_ref().err()) {
        return Some(Err(*error));
    }
    outcome.changes.push(Change::ShareGroup { broker: broker.id, group_id: group_id.clone(), group: None });
    Some(Ok(share_records::difference(cx.metadata, group_id, Some(group), None)))
}
