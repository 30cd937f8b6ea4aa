//! Settings of topics, brokers and groups (`ConfigurationControlManager`; what a broker checks before: `ConfigAdminManager`).

use crate::base::{BrokerId, GroupId, TopicName};
use crate::engine::broker::Broker;
use crate::engine::configs::{self, Settings, Sources};
use crate::engine::metadata::{Cluster, EVERY_BROKER, TopicChange, check_name};
use crate::engine::node::{Change, NodeContext, Outcome};
use crate::engine::protocol::{
    AlterConfigsRequest, AlterConfigsResponse, ConfigResource, DescribeConfigsRequest, DescribeConfigsResponse, ErrorCode,
};
use crate::engine::trace::TraceEvent;

type Refusal = (ErrorCode, String);

const MIN_ISR: &str = "min.insync.replicas";

pub(super) fn alter(cx: &NodeContext<'_>, request: &AlterConfigsRequest, outcome: &mut Outcome) -> AlterConfigsResponse {
    AlterConfigsResponse { error: altered(cx, request, outcome).err() }
}

fn altered(cx: &NodeContext<'_>, request: &AlterConfigsRequest, outcome: &mut Outcome) -> Result<(), Refusal> {
    let names = || request.changes.iter().map(|(name, _)| name);
    if names().enumerate().any(|(at, name)| names().take(at).any(|earlier| earlier == name)) {
        return Err((ErrorCode::InvalidRequest, "Error due to duplicate config keys".to_owned()));
    }
    match &request.resource {
        ConfigResource::Topic(name) => alter_topic(cx, name, request, outcome),
        ConfigResource::Group(group_id) => alter_group(cx, group_id, request, outcome),
        ConfigResource::Broker(broker) => alter_broker(cx, *broker, request, outcome),
        ConfigResource::Brokers => alter_broker(cx, EVERY_BROKER, request, outcome),
    }
}

fn alter_topic(
    cx: &NodeContext<'_>,
    name: &TopicName,
    request: &AlterConfigsRequest,
    outcome: &mut Outcome,
) -> Result<(), Refusal> {
    check_name(name.as_str()).map_err(|why| (ErrorCode::InvalidTopic, why))?;
    let topic = cx.metadata.topic(name.as_str());
    let configs = changed(topic.map(|topic| &topic.configs), &request.changes);
    configs::validate_topic(&configs).map_err(|why| (ErrorCode::InvalidConfig, why))?;
    let Some(topic) = topic else {
        return Err((ErrorCode::UnknownTopicOrPartition, format!("The topic '{name}' does not exist.")));
    };
    // Who left when another number was needed may lack what was acknowledged since.
    let clears_elr = configs.get(MIN_ISR) != topic.configs.get(MIN_ISR);
    outcome.trace.push(TraceEvent::ConfigAltered { topic: name.clone() });
    outcome.changes.push(Change::Topic(Box::new(TopicChange::Configured { name: name.clone(), configs, clears_elr })));
    Ok(())
}

fn alter_group(
    cx: &NodeContext<'_>,
    group_id: &GroupId,
    request: &AlterConfigsRequest,
    outcome: &mut Outcome,
) -> Result<(), Refusal> {
    let configs = changed(cx.metadata.group_configs(group_id), &request.changes);
    configs::validate_group(&configs, cx.metadata.sources(cx.node)).map_err(|why| (ErrorCode::InvalidConfig, why))?;
    outcome.changes.push(Change::GroupConfigs { group_id: group_id.clone(), configs });
    Ok(())
}

fn alter_broker(
    cx: &NodeContext<'_>,
    broker: BrokerId,
    request: &AlterConfigsRequest,
    outcome: &mut Outcome,
) -> Result<(), Refusal> {
    let of_all = broker == EVERY_BROKER;
    let configs = changed(cx.metadata.broker_configs.get(&broker), &request.changes);
    let before = cx.metadata.sources(if of_all { cx.node } else { broker });
    configs::validate_broker(&configs, of_all, before).map_err(|why| (ErrorCode::InvalidRequest, why))?;
    let min_isr = request.changes.iter().find(|(name, _)| name == MIN_ISR);
    let refused = match min_isr {
        Some(_) if !of_all => "Broker-level min.insync.replicas cannot be altered while ELR is enabled.",
        Some((_, None)) => "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.",
        _ => "",
    };
    if !refused.is_empty() {
        return Err((ErrorCode::InvalidConfig, refused.to_owned()));
    }
    outcome.changes.push(Change::BrokerConfigured { broker, configs, clears_elr: min_isr.is_some() });
    Ok(())
}

fn changed(own: Option<&Settings>, changes: &[(String, Option<String>)]) -> Settings {
    let mut own = own.cloned().unwrap_or_default();
    for (name, value) in changes {
        match value {
            Some(value) => own.insert(name.clone(), value.clone()),
            None => own.remove(name),
        };
    }
    own
}

pub(super) fn describe(cx: &NodeContext<'_>, broker: &Broker, request: &DescribeConfigsRequest) -> DescribeConfigsResponse {
    let cluster = cx.metadata;
    let sources = cluster.sources(broker.id);
    let described = |resource: &ConfigResource| match resource {
        ConfigResource::Topic(name) => match cluster.topic(name.as_str()) {
            Some(topic) => Ok(sources.topic_entries(&topic.configs)),
            None => Err(ErrorCode::UnknownTopicOrPartition),
        },
        ConfigResource::Group(group_id) => Ok(sources.group_entries(cluster.group_configs(group_id).unwrap_or(&Settings::new()))),
        ConfigResource::Brokers => Ok(sources.default_entries()),
        ConfigResource::Broker(_) => {
            let started_with = &started_with(cluster, broker.id);
            Ok(Sources { started_with, ..sources }.broker_entries())
        }
    };
    DescribeConfigsResponse {
        resources: request.resources.iter().map(|resource| (resource.clone(), described(resource))).collect(),
    }
}

/// What a broker was started with, together with what is its alone.
fn started_with(cluster: &Cluster, broker: BrokerId) -> Settings {
    let mut settings = cluster.sources(broker).started_with.clone();
    let set = |(name, value): (&str, String)| (name.to_owned(), value);
    let id = [("broker.id", broker.to_string()), ("node.id", broker.to_string())];
    settings.extend(id.map(set));
    let rack = cluster.registrations.get(&broker).and_then(|known| known.rack.clone());
    settings.extend(rack.map(|rack| set(("broker.rack", rack))));
    let is_controller = broker == cluster.controller;
    settings.extend([("process.roles", if is_controller { "broker,controller" } else { "broker" }.to_owned())].map(set));
    settings
}
