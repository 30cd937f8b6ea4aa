//! StreamsGroupDescribe (`StreamsGroup.asDescribedGroup`).

use std::rc::Rc;

use super::missing;
use crate::base::GroupId;
use crate::engine::broker::Broker;
use crate::engine::coordinator::home::home;
use crate::engine::group::streams::{StreamsGroup, StreamsMember, TaskOffsets, assignor};
use crate::engine::network::RequestRef;
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::protocol::{
    DescribedStreamsGroup, DescribedStreamsMember, ErrorCode, Response, StreamsGroupDescribeRequest, StreamsGroupDescribeResponse,
};

pub fn describe(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &StreamsGroupDescribeRequest) -> Outcome {
    let describe_one = |group_id: &GroupId| {
        if home(cx, broker, group_id).is_none() {
            return Err(ErrorCode::NotCoordinator.told());
        }
        let group = broker.streams_groups.get(group_id).ok_or_else(|| missing(broker, group_id))?;
        Ok(described(cx, broker, group_id, group))
    };
    let groups = request.groups.iter().map(|group_id| (group_id.clone(), describe_one(group_id))).collect();
    Outcome::answer(from, Response::StreamsGroupDescribe(StreamsGroupDescribeResponse { groups }))
}

fn described(cx: &NodeContext<'_>, broker: &Broker, group_id: &GroupId, group: &StreamsGroup) -> DescribedStreamsGroup {
    let configured = group.configured.as_ref().filter(|configured| configured.is_ready());
    let topology = configured.map(|configured| configured.described());
    let assignors = cx.group_configs(group_id).streams_assignor_name;
    DescribedStreamsGroup {
        state: group.state().name(),
        group_epoch: group.group_epoch,
        assignment_epoch: group.assignment_epoch,
        topology: topology.or_else(|| group.topology.as_ref().map(|topology| topology.described())),
        coordinator: broker.id,
        members: group.members.values().map(|member| described_member(group, member)).collect(),
        assignor_name: assignors.first().map_or(assignor::NAME, String::as_str).to_owned(),
    }
}

fn described_member(group: &StreamsGroup, member: &Rc<StreamsMember>) -> DescribedStreamsMember {
    let offsets = group.task_offsets.get(&member.member_id).cloned().unwrap_or_default();
    DescribedStreamsMember {
        member_id: member.member_id.clone(),
        member_epoch: member.epoch,
        instance_id: member.instance_id.clone(),
        rack_id: member.rack_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        topology_epoch: member.topology_epoch,
        process_id: member.process_id.to_string(),
        user_endpoint: member.user_endpoint.clone(),
        client_tags: member.described_tags(),
        task_offsets: TaskOffsets::described(&offsets.offsets),
        task_end_offsets: TaskOffsets::described(&offsets.end_offsets),
        assignment: member.assigned.described(),
        target_assignment: group.target_of(&member.member_id).map(|target| target.described()).unwrap_or_default(),
    }
}
