//! Settings of topics, brokers and groups (`ConfigurationControlManager`).

use crate::base::{SortedMap, TopicName};
use crate::engine::configs;
use crate::engine::metadata::TopicChange;
use crate::engine::node::{Change, NodeContext, Outcome};
use crate::engine::protocol::{
    AlterConfigsRequest, AlterConfigsResponse, AlterGroupConfigsRequest, ConfigResource, DescribeConfigsRequest,
    DescribeConfigsResponse, ErrorCode,
};
use crate::engine::trace::TraceEvent;

type Settings = SortedMap<String, String>;
type Refusal = (ErrorCode, String);

pub(super) fn alter(cx: &NodeContext<'_>, request: &AlterConfigsRequest, outcome: &mut Outcome) -> AlterConfigsResponse {
    let done = match &request.resource {
        ConfigResource::Topic(name) => alter_topic(cx, name, request, outcome),
        ConfigResource::Broker(broker) => {
            let own = cx.metadata.broker_configs.get(broker).cloned().unwrap_or_default();
            changed(own, &request.changes, configs::validate_broker).map(|configs| {
                outcome.changes.push(Change::BrokerConfigured { broker: *broker, configs });
            })
        }
    };
    AlterConfigsResponse { error: done.err() }
}

fn alter_topic(
    cx: &NodeContext<'_>,
    name: &TopicName,
    request: &AlterConfigsRequest,
    outcome: &mut Outcome,
) -> Result<(), Refusal> {
    let Some(topic) = cx.metadata.topic(name.as_str()) else {
        return Err((ErrorCode::UnknownTopicOrPartition, format!("The topic '{name}' does not exist.")));
    };
    let configs = changed(topic.configs.clone(), &request.changes, configs::validate)?;
    let min_isr = "min.insync.replicas";
    // Who left when another number was needed may lack what was acknowledged since.
    let clears_elr = configs.get(min_isr) != topic.configs.get(min_isr);
    outcome.trace.push(TraceEvent::ConfigAltered { topic: name.clone() });
    outcome.changes.push(Change::Topic(TopicChange::Configured { name: name.clone(), configs, clears_elr }));
    Ok(())
}

pub(super) fn alter_group(cx: &NodeContext<'_>, request: &AlterGroupConfigsRequest, outcome: &mut Outcome) -> Result<(), Refusal> {
    let own = cx.metadata.group_configs(&request.group_id).cloned().unwrap_or_default();
    let configs = changed(own, &request.changes, configs::validate_group)?;
    outcome.changes.push(Change::GroupConfigs { group_id: request.group_id.clone(), configs });
    Ok(())
}

fn changed(
    mut own: Settings,
    changes: &[(String, Option<String>)],
    validate: fn(&str, &str) -> Result<(), String>,
) -> Result<Settings, Refusal> {
    for (name, value) in changes {
        match value {
            Some(value) => {
                validate(name, value).map_err(|why| (ErrorCode::InvalidConfig, why))?;
                own.insert(name.clone(), value.clone());
            }
            None => {
                own.remove(name);
            }
        }
    }
    Ok(own)
}

pub(super) fn describe(cx: &NodeContext<'_>, request: &DescribeConfigsRequest) -> DescribeConfigsResponse {
    let cluster = cx.metadata;
    let topics = request.topics.iter().map(|name| {
        let found = cluster.topic(name.as_str()).map(|topic| topic.configs.clone());
        (name.clone(), found.ok_or(ErrorCode::UnknownTopicOrPartition))
    });
    let brokers = request.brokers.iter().map(|id| (*id, cluster.broker_configs.get(id).cloned().unwrap_or_default()));
    DescribeConfigsResponse { topics: topics.collect(), brokers: brokers.collect() }
}
