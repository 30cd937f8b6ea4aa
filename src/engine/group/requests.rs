//! ListGroups, DescribeGroups, DeleteGroups.

use super::offsets::drop_group;
use super::{Group, GroupState, Member, home};
use crate::base::{BrokerId, GroupId};
use crate::engine::broker::{Broker, Outcome};
use crate::engine::error::ErrorCode;
use crate::engine::network::RequestRef;
use crate::engine::protocol::{
    DeleteGroupsRequest, DeleteGroupsResponse, DescribeGroupsRequest, DescribeGroupsResponse, DescribedGroup, DescribedMember,
    ListGroupsResponse, ListedGroup, Response,
};
use crate::engine::world::World;

const CLASSIC: &str = "classic";

pub(super) fn list(broker: &Broker, from: RequestRef) -> Outcome {
    let groups = broker
        .groups
        .iter()
        .map(|(group_id, group)| ListedGroup {
            group_id: group_id.clone(),
            protocol_type: group.protocol_type.clone(),
            state: group.state.name(),
            group_type: CLASSIC,
        })
        .collect();
    Outcome::answer(from, Response::ListGroups(ListGroupsResponse { groups }))
}

pub(super) fn describe(world: &World, broker: &Broker, from: RequestRef, request: &DescribeGroupsRequest) -> Outcome {
    let describe_one = |group_id: &GroupId| {
        home(world, broker, group_id).ok_or(ErrorCode::NotCoordinator)?;
        broker.groups.get(group_id).map(|group| described(group, broker.id)).ok_or(ErrorCode::GroupIdNotFound)
    };
    let groups = request.groups.iter().map(|group_id| (group_id.clone(), describe_one(group_id))).collect();
    Outcome::answer(from, Response::DescribeGroups(DescribeGroupsResponse { groups }))
}

/// Assignments are shown only while they hold: in Stable.
fn described(group: &Group, coordinator: BrokerId) -> DescribedGroup {
    let stable = group.state == GroupState::Stable;
    let member = |member: &Member| DescribedMember {
        member_id: member.member_id.clone(),
        group_instance_id: member.group_instance_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        assignment: if stable { member.assignment.clone() } else { Vec::new() },
    };
    DescribedGroup {
        state: group.state.name(),
        group_type: CLASSIC,
        protocol_type: group.protocol_type.clone(),
        protocol: group.protocol_name.clone().filter(|_| stable).unwrap_or_default(),
        generation_id: group.generation_id,
        coordinator,
        members: group.members.values().map(member).collect(),
    }
}

/// The tools ask for one group at a time; of several in one request, each partition's records go into batches of one
/// group, so only the first group of each partition is deleted and the others are answered `COORDINATOR_LOAD_IN_PROGRESS`.
pub(super) fn delete(world: &World, broker: &Broker, from: RequestRef, request: &DeleteGroupsRequest) -> Outcome {
    let mut outcome = Outcome::default();
    let mut groups = Vec::new();
    let mut written = Vec::new();
    for group_id in &request.groups {
        let error = match (home(world, broker, group_id), broker.groups.get(group_id)) {
            (None, _) => Some(ErrorCode::NotCoordinator),
            (Some(_), None) => Some(ErrorCode::GroupIdNotFound),
            (Some(_), Some(group)) if group.state != GroupState::Empty => Some(ErrorCode::NonEmptyGroup),
            (Some(partition), Some(_)) if written.contains(&partition) => Some(ErrorCode::CoordinatorLoadInProgress),
            (Some(partition), Some(_)) => {
                written.push(partition);
                let mut dropped = drop_group(world, broker, group_id, "deleted by an administrator");
                outcome.changes.append(&mut dropped.changes);
                outcome.trace.append(&mut dropped.trace);
                None
            }
        };
        groups.push((group_id.clone(), error));
    }
    outcome.responses.push((from, Response::DeleteGroups(DeleteGroupsResponse { groups })));
    outcome
}
