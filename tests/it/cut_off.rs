//! A broker that is cut off from the controllers acts on what it last knew: one test for each request that reads metadata.
//!
//! `kept` and `gone` were there before the cut; afterwards `gone` was deleted, `new` was made, `kept` got a fourth partition and
//! other settings, and leaders were elected in place of the broker.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::rc::Rc;

use kafka_playground::base::{BrokerId, ClientId, GroupId, Offset, Timestamp, TopicName, TopicPartition};
use kafka_playground::engine::configs::{ConfigEntry, ConfigSource};
use kafka_playground::engine::log::{Batch, BatchBuilder};
use kafka_playground::engine::metadata::group_partition;
use kafka_playground::engine::network::{Endpoint, Host, LinkFault, RequestRef};
use kafka_playground::engine::node::{BrokerTimer, Change, Outcome};
use kafka_playground::engine::protocol::*;
use kafka_playground::engine::server;
use kafka_playground::engine::share::ShareTimer;
use kafka_playground::engine::{ErrorCode, World, WorldConfig};

use crate::programs::{Caller, run_for};

const CUT_OFF: BrokerId = BrokerId(1);

fn topic(name: &str, partitions: i32) -> NewTopic {
    // The broker leads partition 0 of each.
    let replicas = (0..partitions).map(|at| (0..3).map(|step| BrokerId((at + step) % 3 + 1)).collect()).collect();
    NewTopic { name: name.into(), partitions: None, replication_factor: None, replica_assignment: replicas, configs: Vec::new() }
}

fn call(world: &mut World, servers: &str, requests: Vec<Request>) {
    world.start_program(servers, Box::new(Caller(requests)));
    run_for(world, 3000);
}

/// A group that lives in partition 0 of `__consumer_offsets`, which the broker leads.
fn group() -> GroupId {
    let mut names = (0..).map(|at| GroupId::from(format!("group-{at}").as_str()));
    names.find(|name| group_partition(name, 3) == 0).unwrap()
}

fn cut_off() -> World {
    let broker_configs = [("group.initial.rebalance.delay.ms", "0"), ("group.consumer.assignment.interval.ms", "0")];
    let broker_configs = broker_configs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let mut world = World::new(WorldConfig { brokers: 3, broker_configs, ..WorldConfig::default() });
    let topics = vec![topic("kept", 3), topic("gone", 3), topic("__consumer_offsets", 3), topic("__share_group_state", 3)];
    call(&mut world, "before", vec![Request::CreateTopics(CreateTopicsRequest { topics })]);
    let controller = world.cluster().quorum.leader.unwrap();
    world.set_link(&[Host::Node(CUT_OFF)], &[Host::Node(controller)], LinkFault { cut: true, ..LinkFault::default() });
    run_for(&mut world, 15_000);
    let configs = AlterConfigsRequest {
        resource: ConfigResource::Topic("kept".into()),
        changes: vec![("max.message.bytes".to_owned(), Some("100".to_owned()))],
    };
    let of_group = AlterConfigsRequest {
        resource: ConfigResource::Group(group()),
        changes: vec![("share.auto.offset.reset".to_owned(), Some("earliest".to_owned()))],
    };
    let after = vec![
        Request::CreateTopics(CreateTopicsRequest { topics: vec![topic("new", 3)] }),
        Request::DeleteTopics(DeleteTopicsRequest { topics: vec!["gone".into()] }),
        Request::CreatePartitions(CreatePartitionsRequest { topic: "kept".into(), count: 4, replica_assignment: None }),
        Request::AlterConfigs(configs),
        Request::AlterConfigs(of_group),
    ];
    // The program cannot reach the broker, so another one passes its requests on.
    world.set_link(&[Host::Program("after".into())], &[Host::Node(CUT_OFF)], LinkFault { cut: true, ..LinkFault::default() });
    world.start_program("after", Box::new(Caller(after)));
    run_for(&mut world, 40_000);
    let cluster = world.cluster();
    assert!(cluster.topic("gone").is_none() && cluster.topic("new").is_some(), "the others have moved on");
    assert_eq!(cluster.topic("kept").map(|topic| topic.partitions.len()), Some(4));
    assert!(cluster.group_configs(&group()).is_some());
    assert!(!cluster.is_active(CUT_OFF), "the controllers take the broker for dead");
    world
}

fn handle(world: &World, request: Request) -> Outcome {
    let broker = world.broker(CUT_OFF).unwrap();
    let from = RequestRef { from: Endpoint::Client(ClientId(999)), correlation: 1 };
    server::handle(&world.node(broker), broker, from, &Rc::new(request))
}

fn ask(world: &World, request: Request) -> Response {
    let outcome = handle(world, request);
    outcome.responses.into_iter().next().expect("an answer at once").1
}

fn first(name: &str) -> TopicPartition {
    TopicPartition::new(name, 0)
}

fn batch(bytes: usize) -> Rc<Batch> {
    let mut builder = BatchBuilder::new(0);
    builder.push(Timestamp(1), None, Some(&vec![b'x'; bytes]), &[]);
    Rc::new(builder.build(-1, -1, -1))
}

macro_rules! answer {
    ($world:expr, $request:expr, $kind:ident) => {
        match ask($world, $request) {
            Response::$kind(response) => response,
            other => panic!("{other:?}"),
        }
    };
}

#[test]
fn metadata_and_coordinators_are_those_of_before() {
    let world = cut_off();
    let names: Vec<TopicName> = ["kept", "gone", "new"].map(TopicName::from).into();
    let request = MetadataRequest { topics: Some(names), allow_auto_topic_creation: true };
    let response = answer!(&world, Request::Metadata(request), Metadata);
    let told = response.topics.iter().map(|topic| (topic.name.as_str(), topic.partitions.len(), topic.error));
    let unknown = Some(ErrorCode::UnknownTopicOrPartition);
    assert_eq!(told.collect::<Vec<_>>(), [("kept", 3, None), ("gone", 3, None), ("new", 0, unknown)]);
    assert_eq!(response.topics[0].partitions[0].leader, Some(CUT_OFF));
    assert!(response.brokers.contains(&CUT_OFF));
    let response = answer!(&world, Request::FindCoordinator(FindCoordinatorRequest { group_id: group() }), FindCoordinator);
    assert_eq!((response.error, response.coordinator), (None, Some(CUT_OFF)));
    let response = answer!(&world, Request::DescribeCluster, DescribeCluster);
    assert!(response.brokers.contains(&CUT_OFF));
}

#[test]
fn settings_are_those_of_before() {
    let world = cut_off();
    let resources = ["kept", "gone", "new"].map(|name| ConfigResource::Topic(name.into())).into();
    let request = Request::DescribeConfigs(DescribeConfigsRequest { resources });
    let own = |entries: Vec<ConfigEntry>| entries.iter().filter(|entry| entry.source() == ConfigSource::DynamicTopic).count();
    let resources = answer!(&world, request, DescribeConfigs).resources.into_iter();
    let told: Vec<_> = resources.map(|(_, configs)| configs.map(own)).collect();
    assert_eq!(told, [Ok(0), Ok(0), Err(ErrorCode::UnknownTopicOrPartition)]);
    assert!(answer!(&world, Request::ListConfigResources, ListConfigResources).groups.is_empty());
}

#[test]
fn it_takes_gives_and_cuts_records_as_the_leader_that_it_was() {
    let world = cut_off();
    let batches = ["kept", "gone", "new"].map(|name| (first(name), batch(200))).into();
    let known = world.broker(CUT_OFF).and_then(|broker| broker.stale.clone()).expect("what it knew");
    let topic_ids = known.topics().map(|(name, topic)| (name.clone(), topic.topic_id)).collect();
    let request = Request::Produce(ProduceRequest { acks: 1, timeout_ms: 1000, batches, topic_ids });
    let errors: Vec<_> = answer!(&world, request, Produce).partitions.iter().map(|partition| partition.error).collect();
    let unknown = Some(ErrorCode::UnknownTopicOrPartition);
    // 200 bytes are more than the new max.message.bytes.
    assert_eq!(errors, [None, None, unknown]);

    let wanted = |name: &str| FetchPartition {
        topic_partition: first(name),
        fetch_offset: Offset::ZERO,
        current_leader_epoch: None,
        partition_max_bytes: 1000,
    };
    let partitions = ["kept", "gone", "new"].map(wanted).into();
    let request = FetchRequest { max_wait_ms: 0, min_bytes: 0, max_bytes: 1000, rack_id: None, partitions };
    let response = answer!(&world, Request::Fetch(request), Fetch);
    let told = |name: &str| response.partitions.iter().find(|told| told.topic_partition == first(name)).map(|told| told.error);
    assert_eq!((told("new"), told("kept").flatten(), told("gone").flatten()), (Some(unknown), None, None));

    let partitions = ["kept", "gone", "new"].map(|name| (first(name), OffsetSpec::Latest)).into();
    let response = answer!(&world, Request::ListOffsets(ListOffsetsRequest { partitions }), ListOffsets);
    let errors: Vec<_> = response.partitions.iter().map(|listed| listed.error).collect();
    assert_eq!(errors, [None, None, unknown]);

    let partitions = ["kept", "gone", "new"].map(|name| (first(name), Offset::ZERO)).into();
    let response = answer!(&world, Request::DeleteRecords(DeleteRecordsRequest { partitions }), DeleteRecords);
    let errors: Vec<_> = response.partitions.iter().map(|(_, result)| result.err()).collect();
    assert_eq!(errors, [None, None, unknown]);

    let asked = |name: &str| EpochAsked { topic_partition: first(name), current_leader_epoch: 0, leader_epoch: 0 };
    let partitions = ["kept", "gone", "new"].map(asked).into();
    let request = Request::OffsetsForLeaderEpoch(OffsetsForLeaderEpochRequest { partitions });
    let response = answer!(&world, request, OffsetsForLeaderEpoch);
    let errors: Vec<_> = response.partitions.iter().map(|end| end.error).collect();
    assert_eq!(errors, [None, None, unknown]);
}

#[test]
fn it_takes_offsets_for_topics_that_it_knows() {
    let world = cut_off();
    let committed =
        || CommittedOffset { offset: Offset::ZERO, leader_epoch: None, metadata: "".into(), commit_timestamp: Timestamp(0) };
    let request = OffsetCommitRequest {
        group_id: group(),
        generation_id: -1,
        member_id: None,
        group_instance_id: None,
        offsets: ["kept", "gone", "new"].map(|name| (first(name), committed())).into(),
    };
    let outcome = handle(&world, Request::OffsetCommit(request));
    // The answer waits for replicas that do not come; what it will say is held.
    let held = outcome.changes.iter().find_map(|change| match change {
        Change::Hold { held, .. } => held.answers.first().map(|(_, response)| response.clone()),
        _ => None,
    });
    let Some(Response::OffsetCommit(response)) = held else { panic!("{outcome:?}") };
    let errors: Vec<_> = response.partitions.iter().map(|(_, error)| *error).collect();
    assert_eq!(errors, [None, None, Some(ErrorCode::UnknownTopicOrPartition)]);
}

#[test]
fn it_assigns_the_partitions_that_it_knows() {
    let world = cut_off();
    let request = ConsumerGroupHeartbeatRequest {
        group_id: group(),
        member_id: "member".into(),
        member_epoch: 0,
        instance_id: None,
        rack_id: None,
        client_id: "client".to_owned(),
        rebalance_timeout_ms: Some(1000),
        subscribed_topic_names: Some(["kept", "gone", "new"].map(TopicName::from).into()),
        subscribed_topic_regex: None,
        server_assignor: None,
        topic_partitions: Some(Vec::new()),
    };
    let outcome = handle(&world, Request::ConsumerGroupHeartbeat(request));
    let group = outcome.changes.iter().find_map(|change| match change {
        Change::ConsumerGroup { group, .. } => group.clone(),
        _ => None,
    });
    let target: Vec<_> = group.unwrap().target_of(&"member".into()).iter().map(ToString::to_string).collect();
    assert_eq!(target, ["gone-0", "gone-1", "gone-2", "kept-0", "kept-1", "kept-2"]);
}

#[test]
fn a_share_group_begins_to_read_what_it_knows() {
    let world = cut_off();
    let request = ShareGroupHeartbeatRequest {
        group_id: group(),
        member_id: "member".into(),
        member_epoch: 0,
        client_id: "client".to_owned(),
        rack_id: None,
        subscribed_topics: Some(["kept", "new"].map(TopicName::from).into()),
    };
    let outcome = handle(&world, Request::ShareGroupHeartbeat(request));
    let starts = outcome.timers.iter().find_map(|(_, timer)| match timer {
        BrokerTimer::Share(ShareTimer::Initialize { starts, .. }) => Some(starts.clone()),
        _ => None,
    });
    let starts: Vec<_> = starts.unwrap().iter().map(|(partition, _)| partition.to_string()).collect();
    assert_eq!(starts, ["kept-0", "kept-1", "kept-2"]);

    let offsets = vec![(first("new"), Offset::ZERO)];
    let request = Request::AlterShareGroupOffsets(AlterShareGroupOffsetsRequest { group_id: group(), offsets });
    let outcome = handle(&world, request);
    let answers = outcome.changes.iter().find_map(|change| match change {
        Change::Hold { held, .. } => Some(held.answers.clone()),
        _ => None,
    });
    let answers = answers.unwrap_or(outcome.responses);
    let Some((_, Response::AlterShareGroupOffsets(response))) = answers.first() else { panic!("{answers:?}") };
    assert_eq!(response.partitions, [(first("new"), Some(ErrorCode::UnknownTopicOrPartition))]);
}
