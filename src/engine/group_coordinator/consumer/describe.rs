//! ConsumerGroupDescribe (`ConsumerGroup.asDescribedGroup`).

use std::rc::Rc;

use super::GROUP_TYPE;
use crate::base::{BrokerId, GroupId, sort};
use crate::engine::broker::Broker;
use crate::engine::coordinator::home::home;
use crate::engine::group::assignors::uniform;
use crate::engine::group::{ConsumerGroup, ConsumerMember};
use crate::engine::network::RequestRef;
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::protocol::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, DescribedEpochs, DescribedGroup, DescribedMember, ErrorCode,
    Response,
};

pub fn describe(cx: &NodeContext<'_>, broker: &Broker, from: RequestRef, request: &ConsumerGroupDescribeRequest) -> Outcome {
    let describe_one = |group_id: &GroupId| {
        home(cx, broker, group_id).ok_or(ErrorCode::NotCoordinator)?;
        let group = broker.consumer_groups.get(group_id).ok_or(ErrorCode::GroupIdNotFound)?;
        Ok(described(cx, group, broker.id))
    };
    let groups = request.groups.iter().map(|group_id| (group_id.clone(), describe_one(group_id))).collect();
    Outcome::answer(from, Response::ConsumerGroupDescribe(ConsumerGroupDescribeResponse { groups }))
}

fn described(cx: &NodeContext<'_>, group: &ConsumerGroup, coordinator: BrokerId) -> DescribedGroup {
    let member = |member: &Rc<ConsumerMember>| {
        let mut assignment: Vec<_> = member.owned().cloned().collect();
        sort(&mut assignment);
        DescribedMember {
            member_id: member.member_id.clone(),
            group_instance_id: member.instance_id.clone(),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            assignment,
            modern: Some(DescribedEpochs {
                member_epoch: member.epoch,
                target_assignment: group.target_of(&member.member_id).to_vec(),
                upgraded: member.classic.is_none(),
            }),
        }
    };
    let default = cx.configs.group_consumer_assignors.first().map_or(uniform::NAME, String::as_str);
    DescribedGroup {
        state: group.state().name(),
        group_type: GROUP_TYPE,
        protocol_type: "consumer".to_owned(),
        protocol: group.preferred_assignor().unwrap_or(default).to_owned(),
        generation_id: group.group_epoch,
        assignment_epoch: Some(group.assignment_epoch),
        coordinator,
        members: group.members.values().map(member).collect(),
    }
}
