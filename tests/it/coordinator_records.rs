//! Records of `__consumer_offsets` and `__share_group_state`: each kind is read as it was written, is told in words and as
//! JSON, and bytes from anywhere do no harm.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use kafka_playground::base::{GroupId, MemberId, Offset, Span, Timestamp, TopicId, TopicPartition};
use kafka_playground::engine::protocol::{Subscription, UserData};
use kafka_playground::engine::wire::*;
use kafka_playground::view::coordinator_records::describe;
use proptest::prelude::*;

fn group() -> GroupKey {
    GroupKey { group_id: GroupId::from("g") }
}

fn member() -> MemberKey {
    MemberKey { group_id: GroupId::from("g"), member_id: MemberId::from("m") }
}

fn topics(epochs: Option<Vec<i32>>) -> Vec<TopicPartitions> {
    vec![TopicPartitions { topic_id: TopicId(7), partitions: vec![0, 2], assignment_epochs: epochs }]
}

fn subscription(user_data: UserData) -> Subscription {
    let owned_partitions = vec![TopicPartition::new("t", 1), TopicPartition::new("u", 0), TopicPartition::new("t", 0)];
    Subscription { topics: vec!["t".into()], owned_partitions, generation_id: 3, rack_id: Some("r".into()), user_data }
}

fn group_metadata() -> GroupMetadataValue {
    let member = MemberMetadata {
        member_id: "m".into(),
        group_instance_id: None,
        client_id: "c\"\n".to_owned(),
        client_host: "/127.0.0.1".to_owned(),
        rebalance_timeout: Span::from_secs(300),
        session_timeout: Span::from_secs(45),
        subscription: consumer_protocol::write_subscription(&subscription(UserData::None)),
        assignment: consumer_protocol::write_assignment(&[TopicPartition::new("t", 0), TopicPartition::new("t", 1)]),
    };
    GroupMetadataValue {
        protocol_type: "consumer".to_owned(),
        generation: 4,
        protocol: Some("range".to_owned()),
        leader: Some("m".into()),
        current_state_timestamp: Timestamp(5),
        members: vec![member],
    }
}

/// Of each kind one with all that it may hold, and its words.
fn offsets_records() -> Vec<(OffsetsRecord, &'static str)> {
    use OffsetsRecord::*;
    let offset_key = OffsetCommitKey { group: "g".into(), topic: "t".into(), partition: 2 };
    let offset = OffsetCommitValue {
        offset: Offset(3),
        leader_epoch: -1,
        metadata: "ö".into(),
        commit_timestamp: Timestamp(4),
        topic_id: TopicId(7),
    };
    let protocol = ClassicProtocol { name: "range".to_owned(), metadata: Bytes(vec![1, 2]) };
    let subscription = ConsumerGroupMemberMetadataValue {
        instance_id: Some("i".to_owned()),
        rack_id: None,
        client_id: "c".to_owned(),
        client_host: "/h".to_owned(),
        subscribed_topic_names: vec!["t".into(), "u".into()],
        subscribed_topic_regex: None,
        rebalance_timeout_ms: Span::from_secs(300),
        server_assignor: Some("uniform".to_owned()),
        classic_member_metadata: Some(ClassicMemberMetadata {
            session_timeout_ms: Span::from_secs(45),
            supported_protocols: vec![protocol],
        }),
    };
    let current = ConsumerGroupCurrentMemberAssignmentValue {
        member_epoch: 3,
        previous_member_epoch: 2,
        state: 1,
        assigned_partitions: topics(Some(vec![2, 3])),
        partitions_pending_revocation: topics(Some(vec![1, 1])),
    };
    let target = || TargetAssignmentMemberValue { topic_partitions: topics(None) };
    let assigned = || TargetAssignmentMetadataValue { assignment_epoch: 3, assignment_timestamp: Timestamp(9) };
    let regex = RegularExpressionKey { group_id: "g".into(), regular_expression: "x.*".to_owned() };
    let found = ConsumerGroupRegularExpressionValue { topics: vec!["x".into()], version: 1, timestamp: Timestamp(2) };
    let share_member = ShareGroupMemberMetadataValue {
        rack_id: Some("r".to_owned()),
        client_id: "c".to_owned(),
        client_host: "/h".to_owned(),
        subscribed_topic_names: vec!["t".into()],
    };
    let share_current = ShareGroupCurrentMemberAssignmentValue {
        member_epoch: 3,
        previous_member_epoch: 2,
        state: 0,
        assigned_partitions: topics(None),
    };
    let info = |partitions| vec![TopicPartitionsInfo { topic_id: TopicId(7), topic_name: "t".into(), partitions }];
    let states = ShareGroupStatePartitionMetadataValue {
        initializing_topics: info(vec![2]),
        initialized_topics: info(vec![0, 1]),
        deleting_topics: vec![TopicInfo { topic_id: TopicId(8), topic_name: "u".into() }],
    };
    let mut records = vec![
        (OffsetCommit(offset_key.clone(), Some(offset)), "group g, t-2: committed offset 3"),
        (OffsetCommit(offset_key, None), "group g, t-2: committed offset dropped"),
        (
            GroupMetadata(GroupMetadataKey { group: "g".into() }, Some(group_metadata())),
            "group g, generation 4, assignor range, leader m; m has t-0, t-1",
        ),
        (GroupMetadata(GroupMetadataKey { group: "g".into() }, None), "group g: dropped"),
        (
            ConsumerGroupMetadata(group(), Some(ConsumerGroupMetadataValue { epoch: 4, metadata_hash: -5 })),
            "group g: group epoch 4",
        ),
        (ConsumerGroupMetadata(group(), None), "group g: group epoch dropped"),
        (ConsumerGroupPartitionMetadata(group(), None), "group g: topics dropped"),
        (ConsumerGroupMemberMetadata(member(), Some(subscription)), "group g, member m: subscription t, u"),
        (ConsumerGroupTargetAssignmentMetadata(group(), Some(assigned())), "group g: assignment epoch 3"),
        (ConsumerGroupTargetAssignmentMember(member(), Some(target())), "group g, member m: target assignment of 2 partitions"),
        (ConsumerGroupTargetAssignmentMember(member(), None), "group g, member m: target assignment dropped"),
        (
            ConsumerGroupCurrentMemberAssignment(member(), Some(current)),
            "group g, member m: current assignment of 2 partitions at epoch 3, 2 partitions to give up",
        ),
        (ConsumerGroupRegularExpression(regex.clone(), Some(found)), "group g, expression x.*: topics x"),
        (ConsumerGroupRegularExpression(regex, None), "group g, expression x.*: topics dropped"),
        (ShareGroupMemberMetadata(member(), Some(share_member)), "share group g, member m: subscription t"),
        (ShareGroupMetadata(group(), Some(ShareGroupMetadataValue { epoch: 4, metadata_hash: 5 })), "share group g: group epoch 4"),
        (ShareGroupTargetAssignmentMetadata(group(), Some(assigned())), "share group g: assignment epoch 3"),
        (ShareGroupTargetAssignmentMember(member(), Some(target())), "share group g, member m: target assignment changed"),
        (ShareGroupCurrentMemberAssignment(member(), Some(share_current)), "share group g, member m: current assignment changed"),
        (ShareGroupStatePartitionMetadata(group(), Some(states)), "share group g: partitions with share state changed"),
        (ShareGroupStatePartitionMetadata(group(), None), "share group g: partitions with share state dropped"),
    ];
    records.extend(streams_records());
    records
}

fn task_ids(partitions: Vec<i32>, assignment_epochs: Vec<i32>) -> Vec<TaskIdsValue> {
    vec![TaskIdsValue { subtopology_id: "0".to_owned(), partitions, assignment_epochs }]
}

fn streams_records() -> Vec<(OffsetsRecord, &'static str)> {
    use OffsetsRecord::*;
    let config = |key: &str, value: &str| ConfigValue { key: key.to_owned(), value: value.to_owned() };
    let metadata = StreamsGroupMetadataValue {
        epoch: 4,
        metadata_hash: -5,
        validated_topology_epoch: 0,
        last_assignment_configs: vec![config("num.standby.replicas", "1")],
        stored_description_topology_epoch: -1,
        failed_description_topology_epoch: -1,
    };
    let told = StreamsGroupMemberMetadataValue {
        instance_id: None,
        rack_id: Some("r".to_owned()),
        client_id: "c".to_owned(),
        client_host: "/h".to_owned(),
        rebalance_timeout_ms: Span::from_secs(300),
        topology_epoch: 0,
        process_id: "p".to_owned(),
        user_endpoint: Nullable(Some(EndpointValue { host: "h".to_owned(), port: 65535 })),
        client_tags: vec![config("zone", "a")],
    };
    let without_endpoint = StreamsGroupMemberMetadataValue { user_endpoint: Nullable(None), ..told.clone() };
    let target = StreamsGroupTargetAssignmentMemberValue {
        active_tasks: task_ids(vec![0, 2], Vec::new()),
        standby_tasks: task_ids(vec![1], Vec::new()),
        warmup_tasks: Vec::new(),
    };
    let current = StreamsGroupCurrentMemberAssignmentValue {
        member_epoch: 3,
        previous_member_epoch: 2,
        state: 2,
        active_tasks: task_ids(vec![0], vec![2]),
        standby_tasks: Vec::new(),
        warmup_tasks: Vec::new(),
        active_tasks_pending_revocation: task_ids(vec![2], vec![3]),
        standby_tasks_pending_revocation: task_ids(vec![1], Vec::new()),
        warmup_tasks_pending_revocation: Vec::new(),
    };
    let topic = InternalTopicValue {
        name: "g-changelog".into(),
        partitions: 0,
        replication_factor: 0,
        topic_configs: vec![config("cleanup.policy", "compact")],
    };
    let subtopology = SubtopologyValue {
        subtopology_id: "0".to_owned(),
        source_topics: vec!["t".into()],
        source_topic_regex: Vec::new(),
        state_changelog_topics: vec![topic],
        repartition_sink_topics: vec!["g-repartition".into()],
        repartition_source_topics: Vec::new(),
        copartition_groups: vec![CopartitionGroupValue {
            source_topics: vec![0],
            source_topic_regex: Vec::new(),
            repartition_source_topics: Vec::new(),
        }],
    };
    let topology = StreamsGroupTopologyValue { epoch: 0, subtopologies: vec![subtopology] };
    let assigned = TargetAssignmentMetadataValue { assignment_epoch: 3, assignment_timestamp: Timestamp(9) };
    vec![
        (StreamsGroupMetadata(group(), Some(metadata)), "streams group g: group epoch 4"),
        (StreamsGroupMetadata(group(), None), "streams group g: group epoch dropped"),
        (StreamsGroupMemberMetadata(member(), Some(told)), "streams group g, member m: of process p"),
        (StreamsGroupMemberMetadata(member(), Some(without_endpoint)), "streams group g, member m: of process p"),
        (StreamsGroupMemberMetadata(member(), None), "streams group g, member m: dropped"),
        (StreamsGroupTargetAssignmentMetadata(group(), Some(assigned)), "streams group g: assignment epoch 3"),
        (
            StreamsGroupTargetAssignmentMember(member(), Some(target)),
            "streams group g, member m: target assignment of 2 tasks and 1 standby task",
        ),
        (StreamsGroupTargetAssignmentMember(member(), None), "streams group g, member m: target assignment dropped"),
        (
            StreamsGroupCurrentMemberAssignment(member(), Some(current)),
            "streams group g, member m: current assignment of 1 task at epoch 3, 2 tasks to give up",
        ),
        (StreamsGroupTopology(group(), Some(topology)), "streams group g: topology epoch 0"),
        (StreamsGroupTopology(group(), None), "streams group g: topology epoch dropped"),
    ]
}

fn share_records() -> [ShareStateRecord; 3] {
    let key = || SharePartitionKey { group_id: "g\"\n".into(), topic_id: TopicId(0), partition: 1 };
    let batch = PersistedBatch { first_offset: Offset(2), last_offset: Offset(4), delivery_state: 2, delivery_count: 1 };
    let snapshot = ShareSnapshotValue {
        snapshot_epoch: 1,
        state_epoch: 2,
        leader_epoch: 3,
        start_offset: Offset(2),
        delivery_complete_count: -1,
        create_timestamp: Timestamp(5),
        write_timestamp: Timestamp(6),
        state_batches: vec![batch.clone()],
    };
    let update = ShareUpdateValue {
        snapshot_epoch: 1,
        leader_epoch: 3,
        start_offset: Offset(2),
        delivery_complete_count: 3,
        state_batches: vec![batch],
    };
    [
        ShareStateRecord::Snapshot(key(), Some(snapshot)),
        ShareStateRecord::Update(key(), Some(update)),
        ShareStateRecord::Snapshot(key(), None),
    ]
}

#[test]
fn each_record_is_read_as_it_was_written_and_has_words() {
    for (record, words) in offsets_records() {
        let (key, value) = record.write();
        assert_eq!(OffsetsRecord::read(&key, value.as_deref()).as_ref(), Some(&record));
        assert_eq!(describe(&record), words);
    }
    for record in share_records() {
        let (key, value) = record.write();
        assert_eq!(ShareStateRecord::read(&key, value.as_deref()), Some(record));
    }
}

#[test]
fn subscriptions_are_read_as_they_were_written() {
    let owned = UserData::Owned { partitions: vec![TopicPartition::new("t", 1)], generation_id: 3 };
    for user_data in [UserData::None, owned, UserData::Generation(3)] {
        let mut subscription = subscription(user_data);
        let bytes = consumer_protocol::write_subscription(&subscription);
        // The partitions of a topic stand together.
        subscription.owned_partitions.swap(1, 2);
        assert_eq!(consumer_protocol::read_subscription(&bytes), Some(subscription));
    }
}

/// What Kafka's converters print: in the order of the fields, tagged ones only where they differ from their default.
#[test]
fn records_are_printed_as_json() {
    let [snapshot, update, tombstone] = share_records().map(|record| record.to_json());
    let key = |kind: i32| {
        format!(
            r#"{{"key":{{"type":{kind},"data":{{"groupId":"g\"\n","topicId":"AAAAAAAAAAAAAAAAAAAAAA","partition":1}}}},"value":"#
        )
    };
    let batches = r#""stateBatches":[{"firstOffset":2,"lastOffset":4,"deliveryState":2,"deliveryCount":1}]}}}"#;
    let value = r#"{"version":0,"data":{"snapshotEpoch":1,"stateEpoch":2,"leaderEpoch":3,"startOffset":2,"createTimestamp":5,"writeTimestamp":6,"#;
    assert_eq!(snapshot, key(0) + value + batches);
    let value = r#"{"version":0,"data":{"snapshotEpoch":1,"leaderEpoch":3,"startOffset":2,"deliveryCompleteCount":3,"#;
    assert_eq!(update, key(1) + value + batches);
    assert_eq!(tombstone, key(0) + "null}");
    let offset = offsets_records().swap_remove(0).0.to_json();
    let expected = r#"{"key":{"type":1,"data":{"group":"g","topic":"t","partition":2}},"value":{"version":4,"data":{"offset":3,"leaderEpoch":-1,"metadata":"ö","commitTimestamp":4,"topicId":"AAAAAAAAAAAAAAAAAAAABw"}}}"#;
    assert_eq!(offset, expected);
    let group = OffsetsRecord::GroupMetadata(GroupMetadataKey { group: "g".into() }, Some(group_metadata())).to_json();
    let expected = r#"{"key":{"type":2,"data":{"group":"g"}},"value":{"version":3,"data":{"protocolType":"consumer","generation":4,"protocol":"range","leader":"m","currentStateTimestamp":5,"members":[{"memberId":"m","groupInstanceId":null,"clientId":"c\"\n","clientHost":"/127.0.0.1","rebalanceTimeout":300000,"sessionTimeout":45000,"subscription":""#;
    assert!(group.starts_with(expected), "{group}");
    // Null is not what Kafka's message has where nothing is given, and so it is told.
    let told = ConsumerGroupMemberMetadataValue {
        instance_id: Some("i".to_owned()),
        rack_id: None,
        client_id: "c".to_owned(),
        client_host: "/h".to_owned(),
        subscribed_topic_names: vec!["a".into(), "b".into()],
        subscribed_topic_regex: Some(String::new()),
        rebalance_timeout_ms: Span::from_secs(300),
        server_assignor: None,
        classic_member_metadata: None,
    };
    let told = OffsetsRecord::ConsumerGroupMemberMetadata(member(), Some(told)).to_json();
    let expected = r#""value":{"version":0,"data":{"instanceId":"i","rackId":null,"clientId":"c","clientHost":"/h","subscribedTopicNames":["a","b"],"subscribedTopicRegex":"","rebalanceTimeoutMs":300000,"serverAssignor":null,"classicMemberMetadata":null}}}"#;
    assert!(told.ends_with(expected), "{told}");
}

/// Reads bytes in every way there is; only a panic is a failure.
fn read_all(key: &[u8], value: &[u8]) {
    if let Some(record) = OffsetsRecord::read(key, Some(value)) {
        describe(&record);
        record.to_json();
    }
    if let Some(record) = ShareStateRecord::read(key, Some(value)) {
        record.to_json();
    }
    consumer_protocol::read_subscription(&Bytes(value.to_vec()));
    consumer_protocol::read_assignment(&Bytes(value.to_vec()));
}

/// No part of a key or a value from its beginning is taken for the whole.
fn cut_short<T: PartialEq + std::fmt::Debug>((key, value): Record, read: fn(&[u8], Option<&[u8]>) -> Option<T>) {
    for length in 0..key.len() {
        assert_eq!(read(&key[..length], None), None);
    }
    for length in 0..value.as_ref().map_or(0, Vec::len) {
        assert_eq!(read(&key, value.as_ref().map(|value| &value[..length])), None);
    }
}

#[test]
fn records_that_are_cut_short_are_none() {
    offsets_records().iter().for_each(|(record, _)| cut_short(record.write(), OffsetsRecord::read));
    share_records().iter().for_each(|record| cut_short(record.write(), ShareStateRecord::read));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Keys of all kinds with any value; and values that were right once, with a few bytes changed.
    #[test]
    fn bytes_from_anywhere_do_no_harm(
        at in 0usize..40,
        noise in prop::collection::vec(any::<u8>(), 0..64),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut written: Vec<Record> = offsets_records().iter().map(|(record, _)| record.write()).collect();
        written.extend(share_records().map(|record| record.write()));
        let (key, value) = written.swap_remove(at % written.len());
        read_all(&key, &noise);
        read_all(&noise, &noise);
        let mut value = value.unwrap_or_default();
        for (index, byte) in changes {
            if !value.is_empty() {
                let at = index.index(value.len());
                value[at] = byte;
            }
        }
        read_all(&key, &value);
    }
}
