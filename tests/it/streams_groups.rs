//! Streams groups on a running cluster: internal topics, what stands in the way of an assignment, copies of state, coordinators
//! that begin anew, and ids of groups of other kinds.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use kafka_playground::base::{Offset, Timestamp, TopicPartition};
use kafka_playground::engine::program::{Behaviour, Context, Event};
use kafka_playground::engine::protocol::{
    AlterConfigsRequest, CommittedOffset, ConfigResource, ConsumerGroupHeartbeatRequest, CopartitionGroup, DeleteGroupsRequest,
    DescribedStreamsGroup, DescribedTasks, Endpoint, FindCoordinatorRequest, JoinGroupRequest, OffsetCommitRequest,
    OffsetDeleteRequest, Request, Response, ShareGroupHeartbeatRequest, StreamsGroupDescribeRequest, StreamsGroupHeartbeatRequest,
    StreamsGroupHeartbeatResponse, StreamsTopology, Subscription, Subtopology, TaskIds, TopicInfo,
};
use kafka_playground::engine::{ErrorCode, World, WorldConfig};

use crate::programs::{create_topics, run_for};

/// Asks one thing and keeps the answer.
#[derive(Clone, Hash, Debug)]
struct Asker(Request, Option<Response>);

impl Behaviour for Asker {
    fn on(&mut self, event: Event, cx: &mut Context<'_>) {
        match event {
            Event::Started => {
                let admin = cx.admin("asker");
                cx.call(admin, self.0.clone());
            }
            Event::Answered { result: Ok(response), .. } => self.1 = Some(response.as_ref().clone()),
            _ => {}
        }
    }
}

pub fn ask(world: &mut World, request: Request) -> Response {
    let id = world.start_program("asker", Box::new(Asker(request, None)));
    run_for(world, 20);
    world.program(id).unwrap().state::<Asker>().unwrap().1.clone().unwrap()
}

/// Of a member whose process has its name; with a topology it joins.
pub fn heartbeat(group: &str, member: &str, epoch: i32, topology: Option<StreamsTopology>) -> StreamsGroupHeartbeatRequest {
    let joins = topology.is_some();
    let tasks = joins.then(Vec::new);
    StreamsGroupHeartbeatRequest {
        group_id: group.into(),
        member_id: member.into(),
        member_epoch: epoch,
        endpoint_information_epoch: 0,
        instance_id: None,
        rack_id: None,
        client_id: member.to_owned(),
        rebalance_timeout_ms: joins.then_some(2000),
        topology,
        active_tasks: tasks.clone(),
        standby_tasks: tasks.clone(),
        warmup_tasks: tasks,
        process_id: joins.then(|| format!("of {member}")),
        user_endpoint: None,
        client_tags: joins.then(Vec::new),
        task_offsets: None,
        task_end_offsets: None,
        shutdown_application: false,
    }
}

const GROUP: &str = "app";

fn topic_info(name: &str, partitions: i32) -> TopicInfo {
    let topic_configs = vec![("cleanup.policy".to_owned(), "compact".to_owned())];
    TopicInfo { name: name.into(), partitions, replication_factor: 0, topic_configs }
}

/// Words are split and counted: a repartition topic lies between the two, and the counts have a changelog.
fn word_count() -> StreamsTopology {
    let splits = Subtopology {
        subtopology_id: "0".to_owned(),
        source_topics: vec!["lines".into()],
        repartition_sink_topics: vec!["app-words-repartition".into()],
        ..Subtopology::default()
    };
    let counts = Subtopology {
        subtopology_id: "1".to_owned(),
        state_changelog_topics: vec![topic_info("app-counts-changelog", 0)],
        repartition_source_topics: vec![topic_info("app-words-repartition", 0)],
        ..Subtopology::default()
    };
    StreamsTopology { epoch: 0, subtopologies: vec![splits, counts] }
}

fn world(configs: &[(&str, &str)]) -> World {
    let own = [("group.streams.assignment.interval.ms", "0"), ("group.streams.initial.rebalance.delay.ms", "0")];
    let broker_configs = own.iter().chain(configs).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut world = World::new(WorldConfig { broker_configs, ..WorldConfig::default() });
    ask(&mut world, Request::FindCoordinator(FindCoordinatorRequest { group_id: GROUP.into() }));
    run_for(&mut world, 500);
    world
}

fn beat(world: &mut World, request: StreamsGroupHeartbeatRequest) -> StreamsGroupHeartbeatResponse {
    match ask(world, Request::StreamsGroupHeartbeat(request)) {
        Response::StreamsGroupHeartbeat(response) => response,
        other => panic!("{other:?}"),
    }
}

fn refusal(response: &StreamsGroupHeartbeatResponse) -> String {
    response.error.as_ref().map_or(String::new(), |(error, words)| format!("{error}: {words}"))
}

/// `0_0 0_1`.
fn shown(tasks: &Option<Vec<TaskIds>>) -> String {
    let of =
        |ids: &TaskIds| ids.partitions.iter().map(|partition| format!("{}_{partition}", ids.subtopology_id)).collect::<Vec<_>>();
    tasks.as_ref().map_or("-".to_owned(), |tasks| tasks.iter().flat_map(of).collect::<Vec<_>>().join(" "))
}

fn status(response: &StreamsGroupHeartbeatResponse) -> Vec<(&'static str, &str)> {
    response.status.iter().map(|(status, words)| (status.name(), words.as_str())).collect()
}

fn describe(world: &mut World) -> DescribedStreamsGroup {
    match ask(world, Request::StreamsGroupDescribe(StreamsGroupDescribeRequest { groups: vec![GROUP.into()] })) {
        Response::StreamsGroupDescribe(response) => response.groups[0].1.clone().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Member `m` of the application, with all its tasks.
fn with_word_count(configs: &[(&str, &str)]) -> World {
    let mut world = world(configs);
    create_topics(&mut world, &[("lines", 2)]);
    let joined = beat(&mut world, heartbeat(GROUP, "m", 0, Some(word_count())));
    assert_eq!(refusal(&joined), "");
    run_for(&mut world, 200);
    let epoch = beat(&mut world, heartbeat(GROUP, "m", joined.member_epoch, None));
    assert_eq!(shown(&epoch.active_tasks), "0_0 0_1 1_0 1_1");
    world
}

#[test]
fn the_coordinator_has_internal_topics_made() {
    let mut world = world(&[]);
    create_topics(&mut world, &[("lines", 2)]);
    let joined = beat(&mut world, heartbeat(GROUP, "m", 0, Some(word_count())));
    let words = "Internal topics are missing: app-counts-changelog, app-words-repartition";
    assert_eq!(status(&joined), [("MISSING_INTERNAL_TOPICS", words)]);
    assert_eq!((joined.member_epoch, shown(&joined.active_tasks)), (2, String::new()));
    assert_eq!(
        (joined.heartbeat_interval_ms, joined.task_offset_interval_ms, joined.acceptable_recovery_lag),
        (5000, 60_000, 10_000)
    );
    assert_eq!(describe(&mut world).state, "NotReady");
    run_for(&mut world, 200);
    for name in ["app-words-repartition", "app-counts-changelog"] {
        let topic = world.cluster().topic(name).unwrap();
        assert_eq!((topic.partitions.len(), topic.configs.get("cleanup.policy").map(String::as_str)), (2, Some("compact")));
    }
    let next = beat(&mut world, heartbeat(GROUP, "m", 2, None));
    assert_eq!((next.member_epoch, status(&next)), (3, Vec::new()));
    assert_eq!(shown(&next.active_tasks), "0_0 0_1 1_0 1_1");
    let described = describe(&mut world);
    assert_eq!((described.state, described.group_epoch, described.assignment_epoch), ("Stable", 3, 3));
    let partitions = |topics: &[TopicInfo]| topics.iter().map(|topic| topic.partitions).collect::<Vec<_>>();
    let counts = &described.topology.as_ref().unwrap().subtopologies[1];
    assert_eq!((partitions(&counts.repartition_source_topics), partitions(&counts.state_changelog_topics)), (vec![2], vec![2]));
    // Without news nothing is told.
    let next = beat(&mut world, heartbeat(GROUP, "m", 3, None));
    assert_eq!((next.member_epoch, shown(&next.active_tasks), status(&next)), (3, "-".to_owned(), Vec::new()));
}

#[test]
fn topics_that_cannot_be_made_are_told_with_the_reason() {
    let mut world = world(&[]);
    create_topics(&mut world, &[("lines", 2)]);
    let mut topology = word_count();
    topology.subtopologies[1].state_changelog_topics[0].replication_factor = 7;
    beat(&mut world, heartbeat(GROUP, "m", 0, Some(topology)));
    run_for(&mut world, 200);
    let next = beat(&mut world, heartbeat(GROUP, "m", 2, None));
    let [(_, words)] = status(&next)[..] else { panic!("{:?}", next.status) };
    let failed = "Internal topics are missing: app-counts-changelog; Creation failed: app-counts-changelog (Unable to replicate the \
                  partition 7 time(s): ";
    assert!(words.starts_with(failed), "{words}");
    // It is asked for again when the error is forgotten: after two heartbeat intervals.
    let asks = |world: &World| world.brokers().any(|broker| !broker.asked.is_empty());
    assert!(!asks(&world));
    run_for(&mut world, 10_000);
    let next = beat(&mut world, heartbeat(GROUP, "m", next.member_epoch, None));
    assert_eq!(status(&next), [("MISSING_INTERNAL_TOPICS", "Internal topics are missing: app-counts-changelog")]);
}

#[test]
fn sources_that_are_missing_or_do_not_fit_are_told() {
    let mut world = world(&[]);
    let joined = beat(&mut world, heartbeat(GROUP, "m", 0, Some(word_count())));
    assert_eq!(status(&joined), [("MISSING_SOURCE_TOPICS", "Source topics lines are missing.")]);
    create_topics(&mut world, &[("lines", 3), ("app-counts-changelog", 1)]);
    let next = beat(&mut world, heartbeat(GROUP, "m", 2, None));
    let words = "Existing topic app-counts-changelog has different number of partitions: expected 3, found 1";
    assert_eq!((next.member_epoch, status(&next)), (3, vec![("INCORRECTLY_PARTITIONED_TOPICS", words)]));
    create_topics(&mut world, &[("left", 2), ("right", 3)]);
    let joins = Subtopology {
        subtopology_id: "0".to_owned(),
        source_topics: vec!["left".into(), "right".into()],
        copartition_groups: vec![CopartitionGroup { source_topics: vec![0, 1], ..CopartitionGroup::default() }],
        ..Subtopology::default()
    };
    let topology = StreamsTopology { epoch: 0, subtopologies: vec![joins] };
    let joined = beat(&mut world, heartbeat("other", "m", 0, Some(topology)));
    let words = "Following topics do not have the same number of partitions: [{left=2, right=3}]";
    assert_eq!(status(&joined), [("INCORRECTLY_PARTITIONED_TOPICS", words)]);
}

#[test]
fn what_is_wrong_with_a_topology_is_told() {
    let mut world = world(&[]);
    create_topics(&mut world, &[("lines", 2)]);
    let mut cases: Vec<(StreamsTopology, &str)> = Vec::new();
    let mut case = |change: &dyn Fn(&mut Subtopology), words| {
        let mut topology = word_count();
        change(&mut topology.subtopologies[1]);
        cases.push((topology, words));
    };
    case(
        &|counts| counts.source_topic_regex.push("x.*".to_owned()),
        "INVALID_REQUEST: Regular expressions for source topics are not supported yet.",
    );
    case(
        &|counts| counts.source_topics.push("__consumer_offsets".into()),
        "STREAMS_INVALID_TOPOLOGY: Use of Kafka internal topics __consumer_offsets in a Kafka Streams topology is prohibited.",
    );
    case(&|counts| counts.source_topics.push("a b".into()), "STREAMS_INVALID_TOPOLOGY: Topic names a b are not valid topic names.");
    case(
        &|counts| counts.state_changelog_topics[0].partitions = 2,
        "STREAMS_INVALID_TOPOLOGY: Changelog topic app-counts-changelog must have an undefined partition count, but it is set to 2.",
    );
    case(
        &|counts| counts.repartition_source_topics.push(topic_info("from-nowhere", 0)),
        "STREAMS_INVALID_TOPOLOGY: Failed to compute number of partitions for all repartition topics, because a repartition source \
         topic is never used as a sink topic.",
    );
    for (topology, words) in cases {
        let answer = beat(&mut world, heartbeat("wrong", "m", 0, Some(topology)));
        assert_eq!(refusal(&answer), words);
    }
    let joined = beat(&mut world, heartbeat(GROUP, "m", 0, Some(word_count())));
    assert_eq!(refusal(&joined), "");
    let newer = StreamsTopology { epoch: 1, ..word_count() };
    let answer = beat(&mut world, heartbeat(GROUP, "n", 0, Some(newer)));
    assert_eq!(refusal(&answer), "INVALID_REQUEST: Topology updates are not supported yet.");
}

#[test]
fn copies_of_state_are_kept_by_other_processes() {
    let mut world = with_word_count(&[("group.streams.num.standby.replicas", "1")]);
    beat(&mut world, heartbeat(GROUP, "n", 0, Some(word_count())));
    // Both come to rest: what the one gives up the other gets.
    for _ in 0..4 {
        for member in ["m", "n"] {
            let (epoch, assigned) = now(&world, member);
            let mut request = heartbeat(GROUP, member, epoch, None);
            (request.active_tasks, request.standby_tasks) = (Some(assigned.active_tasks), Some(assigned.standby_tasks));
            request.warmup_tasks = Some(Vec::new());
            assert_eq!(refusal(&beat(&mut world, request)), "");
        }
    }
    let described = describe(&mut world);
    assert_eq!(described.state, "Stable");
    let mut active: Vec<String> = Vec::new();
    for member in &described.members {
        let [runs, copies] =
            [&member.assignment.active_tasks, &member.assignment.standby_tasks].map(|tasks| shown(&Some(tasks.clone())));
        assert_eq!(runs.split(' ').count(), 2, "{runs}");
        // Only counts have state, and a process has no copy of what it runs.
        assert!(copies.split(' ').all(|task| task.starts_with("1_") && !runs.contains(task)), "{runs} and {copies}");
        active.extend(runs.split(' ').map(str::to_owned));
    }
    active.sort();
    assert_eq!(active, ["0_0", "0_1", "1_0", "1_1"]);
    let copies: usize =
        described.members.iter().flat_map(|member| &member.assignment.standby_tasks).map(|ids| ids.partitions.len()).sum();
    assert_eq!(copies, 2);
}

/// The epoch of a member, and what it may run.
fn now(world: &World, member: &str) -> (i32, DescribedTasks) {
    let group = world.brokers().find_map(|broker| broker.streams_groups.get(GROUP)).unwrap();
    let member = group.members.get(member).unwrap();
    (member.epoch, member.assigned.described())
}

#[test]
fn a_coordinator_that_begins_anew_knows_the_group() {
    let mut world = with_word_count(&[]);
    let mut tags = heartbeat(GROUP, "n", 0, Some(word_count()));
    tags.client_tags = Some(vec![("zone".to_owned(), "a".to_owned())]);
    tags.user_endpoint = Some(Endpoint { host: "h".to_owned(), port: 80 });
    beat(&mut world, tags);
    let before = describe(&mut world);
    let coordinator = before.coordinator;
    world.stop_broker(coordinator, false);
    run_for(&mut world, 3000);
    world.start_broker(coordinator);
    run_for(&mut world, 5000);
    let mut after = describe(&mut world);
    // The topics are looked at with the next heartbeat.
    assert_ne!(after.topology, before.topology);
    after.topology = before.topology.clone();
    assert_eq!(after, before);
    let (epoch, _) = now(&world, "n");
    assert_eq!(refusal(&beat(&mut world, heartbeat(GROUP, "n", epoch, None))), "");
    assert_eq!(describe(&mut world).topology, before.topology);
    // Sessions go on.
    run_for(&mut world, 60_000);
    assert_eq!(describe(&mut world).state, "Empty");
}

#[test]
fn the_end_of_the_application_is_asked_of_all() {
    let mut world = with_word_count(&[]);
    beat(&mut world, heartbeat(GROUP, "n", 0, Some(word_count())));
    let (epoch, _) = now(&world, "n");
    let request = StreamsGroupHeartbeatRequest { shutdown_application: true, ..heartbeat(GROUP, "n", epoch, None) };
    beat(&mut world, request);
    let (epoch, _) = now(&world, "m");
    let answer = beat(&mut world, heartbeat(GROUP, "m", epoch, None));
    let words = "Streams group member n encountered a fatal error and requested a shutdown for the entire application.";
    assert_eq!(status(&answer), [("SHUTDOWN_APPLICATION", words)]);
    for member in ["m", "n"] {
        beat(&mut world, heartbeat(GROUP, member, -1, None));
    }
    let joined = beat(&mut world, heartbeat(GROUP, "m", 0, Some(word_count())));
    assert_eq!(status(&joined), []);
}

#[test]
fn an_id_is_of_one_kind_of_group() {
    let mut world = with_word_count(&[]);
    create_topics(&mut world, &[("t", 1)]);
    let consumer = |group: &str, epoch| {
        Request::ConsumerGroupHeartbeat(ConsumerGroupHeartbeatRequest {
            group_id: group.into(),
            member_id: "c".into(),
            member_epoch: epoch,
            instance_id: None,
            rack_id: None,
            client_id: "c".to_owned(),
            rebalance_timeout_ms: Some(1000),
            subscribed_topic_names: Some(vec!["t".into()]),
            subscribed_topic_regex: None,
            server_assignor: None,
            topic_partitions: Some(Vec::new()),
        })
    };
    let join = || {
        Request::JoinGroup(JoinGroupRequest {
            group_id: GROUP.into(),
            session_timeout_ms: 10_000,
            rebalance_timeout_ms: 10_000,
            member_id: None,
            group_instance_id: None,
            client_id: "c".to_owned(),
            protocols: vec![("range".to_owned(), Subscription::default().into())],
            reason: String::new(),
        })
    };
    let error = |response: Response| match response {
        Response::ConsumerGroupHeartbeat(response) => response.error_message,
        Response::ShareGroupHeartbeat(response) => response.error.map(|(_, words)| words),
        Response::JoinGroup(response) => response.error.map(|error| error.to_string()),
        other => panic!("{other:?}"),
    };
    for epoch in [0, -1] {
        let said = error(ask(&mut world, consumer(GROUP, epoch)));
        assert_eq!(said.as_deref(), Some("Group app is not a consumer group."));
    }
    let share = ShareGroupHeartbeatRequest {
        group_id: GROUP.into(),
        member_id: "s".into(),
        member_epoch: 0,
        client_id: "s".to_owned(),
        rack_id: None,
        subscribed_topics: Some(vec!["t".into()]),
    };
    let said = error(ask(&mut world, Request::ShareGroupHeartbeat(share)));
    assert_eq!(said.as_deref(), Some("Group app is not a share group."));
    assert_eq!(error(ask(&mut world, join())).as_deref(), Some("INCONSISTENT_GROUP_PROTOCOL"));
    ask(&mut world, Request::FindCoordinator(FindCoordinatorRequest { group_id: "readers".into() }));
    ask(&mut world, consumer("readers", 0));
    for (epoch, topology) in [(0, Some(word_count())), (3, None), (-1, None)] {
        let answer = beat(&mut world, heartbeat("readers", "m", epoch, topology));
        assert_eq!(refusal(&answer), "GROUP_ID_NOT_FOUND: Group readers is not a streams group.");
    }
    // A streams group without members makes room for a classic one, and the other way round.
    beat(&mut world, heartbeat(GROUP, "m", -1, None));
    assert_eq!(error(ask(&mut world, join())).as_deref(), Some("MEMBER_ID_REQUIRED"));
    let kinds =
        |world: &World| world.brokers().map(|broker| (broker.groups.len(), broker.streams_groups.len())).collect::<Vec<_>>();
    assert_eq!(kinds(&world), [(1, 0)]);
    run_for(&mut world, 11_000);
    beat(&mut world, heartbeat(GROUP, "m", 0, Some(word_count())));
    assert_eq!(kinds(&world), [(0, 1)]);
}

/// The member commits what it has read of a source.
fn commit(world: &mut World) {
    let committed = CommittedOffset { offset: Offset(0), leader_epoch: None, metadata: "".into(), commit_timestamp: Timestamp(0) };
    let (epoch, _) = now(world, "m");
    let commit = OffsetCommitRequest {
        group_id: GROUP.into(),
        generation_id: epoch,
        member_id: Some("m".into()),
        group_instance_id: None,
        offsets: vec![(TopicPartition::new("lines", 0), committed)],
    };
    ask(world, Request::OffsetCommit(commit));
}

#[test]
fn groups_are_listed_and_deleted_with_their_offsets() {
    let mut world = with_word_count(&[]);
    commit(&mut world);
    let listed = |world: &mut World| match ask(world, Request::ListGroups) {
        Response::ListGroups(response) => {
            response.groups.iter().map(|group| (group.protocol_type.clone(), group.state, group.group_type)).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let delete = |world: &mut World| match ask(world, Request::DeleteGroups(DeleteGroupsRequest { groups: vec![GROUP.into()] })) {
        Response::DeleteGroups(response) => response.groups[0].1,
        other => panic!("{other:?}"),
    };
    let delete_offset = |world: &mut World| {
        let partitions = vec![TopicPartition::new("lines", 0)];
        match ask(world, Request::OffsetDelete(OffsetDeleteRequest { group_id: GROUP.into(), partitions })) {
            Response::OffsetDelete(response) => response.partitions[0].1,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(listed(&mut world), [("streams".to_owned(), "Stable", "streams")]);
    assert_eq!(delete(&mut world), Some(ErrorCode::NonEmptyGroup));
    assert_eq!(delete_offset(&mut world), Some(ErrorCode::GroupSubscribedToTopic));
    beat(&mut world, heartbeat(GROUP, "m", -1, None));
    assert_eq!(delete_offset(&mut world), None);
    assert_eq!(listed(&mut world), [("streams".to_owned(), "Empty", "streams")]);
    assert_eq!(delete(&mut world), None);
    assert_eq!(listed(&mut world), []);
    // Nothing of it is left in the log either.
    let coordinator = world.brokers().next().unwrap().id;
    world.stop_broker(coordinator, false);
    world.start_broker(coordinator);
    run_for(&mut world, 5000);
    assert_eq!(listed(&mut world), []);
}

#[test]
fn a_groups_own_settings_count() {
    let mut world = with_word_count(&[]);
    let set = |world: &mut World, name: &str, value: &str| {
        let changes = vec![(name.to_owned(), Some(value.to_owned()))];
        let request = AlterConfigsRequest { resource: ConfigResource::Group(GROUP.into()), changes };
        let Response::AlterConfigs(response) = ask(world, Request::AlterConfigs(request)) else { panic!("another answer") };
        assert_eq!(response.error, None);
    };
    set(&mut world, "streams.heartbeat.interval.ms", "7000");
    let (epoch, _) = now(&world, "m");
    let answer = beat(&mut world, heartbeat(GROUP, "m", epoch, None));
    assert_eq!((answer.member_epoch, answer.heartbeat_interval_ms, status(&answer)), (epoch, 7000, Vec::new()));
    // What an assignment goes by asks for a new one.
    set(&mut world, "streams.rack.aware.assignment.tags", "zone,cluster");
    set(&mut world, "streams.assignment.interval.ms", "2000");
    let answer = beat(&mut world, heartbeat(GROUP, "m", epoch, None));
    let tags = "Missing required client tags for rack-aware standby assignment: [zone, cluster]. Configure them via \
                'client.tag.<tagKey>' in your Streams config.";
    let delayed = ("ASSIGNMENT_DELAYED", "Assignment delayed due to the configured assignment interval.");
    assert_eq!((answer.member_epoch, status(&answer)), (epoch, vec![delayed, ("MISSING_CLIENT_TAGS", tags)]));
    assert_eq!(describe(&mut world).state, "Assigning");
    run_for(&mut world, 2000);
    let mut request = heartbeat(GROUP, "m", epoch, None);
    request.client_tags = Some(vec![("zone".to_owned(), "a".to_owned()), ("cluster".to_owned(), "b".to_owned())]);
    let answer = beat(&mut world, request);
    // The tags are news too: two epochs at once.
    assert_eq!((answer.member_epoch, status(&answer)), (epoch + 2, Vec::new()));
}

#[test]
fn offsets_of_a_group_with_members_are_kept_and_others_expire_with_it() {
    let expires = [("offsets.retention.minutes", "1"), ("offsets.retention.check.interval.ms", "1000")];
    let mut world = with_word_count(&expires);
    commit(&mut world);
    let (epoch, _) = now(&world, "m");
    for _ in 0..4 {
        run_for(&mut world, 30_000);
        assert_eq!(refusal(&beat(&mut world, heartbeat(GROUP, "m", epoch, None))), "");
    }
    let broker =
        |world: &World| world.brokers().next().map(|broker| (broker.streams_groups.len(), broker.committed.len())).unwrap();
    assert_eq!(broker(&world), (1, 1));
    beat(&mut world, heartbeat(GROUP, "m", -1, None));
    run_for(&mut world, 1000);
    assert_eq!(broker(&world), (0, 0));
}

#[test]
fn another_broker_takes_the_group_over() {
    let broker_configs = [("group.streams.initial.rebalance.delay.ms".to_owned(), "0".to_owned())].into();
    let mut world = World::new(WorldConfig { brokers: 3, broker_configs, ..WorldConfig::default() });
    create_topics(&mut world, &[("lines", 2)]);
    ask(&mut world, Request::FindCoordinator(FindCoordinatorRequest { group_id: GROUP.into() }));
    run_for(&mut world, 500);
    beat(&mut world, heartbeat(GROUP, "m", 0, Some(word_count())));
    run_for(&mut world, 2000);
    let answer = beat(&mut world, heartbeat(GROUP, "m", 2, None));
    assert_eq!((answer.member_epoch, shown(&answer.active_tasks).as_str()), (3, "0_0 0_1 1_0 1_1"));
    let before = describe(&mut world);
    world.stop_broker(before.coordinator, false);
    run_for(&mut world, 3000);
    let answer = beat(&mut world, heartbeat(GROUP, "m", 3, None));
    assert_eq!((answer.member_epoch, shown(&answer.active_tasks).as_str(), refusal(&answer)), (3, "-", String::new()));
    let after = describe(&mut world);
    assert_ne!(after.coordinator, before.coordinator);
    assert_eq!((after.state, &after.members), ("Stable", &before.members));
}
