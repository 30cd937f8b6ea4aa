//! What the view shows of a world: windows into long logs, flights, tables, the inspector, the API's shapes.

use kafka_playground::base::{ClientId, Offset, SimTime, Span, TopicPartition};
use kafka_playground::engine::agenda::Due;
use kafka_playground::engine::client::ProducerConfig;
use kafka_playground::engine::client::partitioner::partition_for_key;
use kafka_playground::engine::log::Header;
use kafka_playground::engine::program::{Behaviour, Context, Event, NewRecord};
use kafka_playground::engine::protocol::{CreateTopicsRequest, NewTopic, Request};
use kafka_playground::engine::{World, WorldConfig};
use kafka_playground::scenario::{CATALOG, taxi};
use kafka_playground::session::Session;
use kafka_playground::view::flights::{Spot, flights};
use kafka_playground::view::group::{GroupBoard, Groups};
use kafka_playground::view::inspect::{Form, Selection, inspect};
use kafka_playground::view::logs::partitions;
use kafka_playground::view::narrate::{MarkKind, SENTENCES_MAX, marks, narrate};
use kafka_playground::view::records::{RecordList, record_row};
use kafka_playground::view::row::{CELLS_MAX, RowStart, partition_row};
use kafka_playground::view::stage::{Window, stage};
use kafka_playground::view::text::ValueText;
use kafka_playground::view::{api, text};

/// Makes topics and sends records as it is told: `create NAME PARTITIONS`, `send TOPIC KEY VALUE`, `many TOPIC COUNT`.
#[derive(Clone, Hash, Debug, Default)]
pub struct Hand {
    admin: Option<ClientId>,
    producer: Option<ClientId>,
}

impl Behaviour for Hand {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        match event {
            Event::Started => {
                self.admin = Some(context.admin("hand"));
                let config = ProducerConfig { client_id: "hand-producer".into(), ..ProducerConfig::default() };
                self.producer = Some(context.producer(config));
            }
            Event::Tell(word) => self.told(&word, context),
            _ => {}
        }
    }
}

impl Hand {
    fn told(&mut self, word: &str, context: &mut Context<'_>) {
        let producer = self.producer.expect("started");
        let words: Vec<&str> = word.splitn(4, ' ').collect();
        let bytes = |word: &str| match word {
            "(null)" => None,
            "(binary)" => Some(vec![0xff, 0xfe]),
            word => Some(word.as_bytes().to_vec()),
        };
        match words.as_slice() {
            ["create", name, partitions] => {
                let topic = NewTopic {
                    name: (*name).into(),
                    partitions: partitions.parse().ok(),
                    replication_factor: Some(1),
                    replica_assignment: Vec::new(),
                    configs: Vec::new(),
                };
                context.call(self.admin.expect("started"), Request::CreateTopics(CreateTopicsRequest { topics: vec![topic] }));
            }
            ["send", topic, key, value] => {
                let headers = [Header { key: "trace".into(), value: Some(b"7".to_vec()) }];
                let (key, value) = (bytes(key), bytes(value));
                let record =
                    NewRecord { topic, key: key.as_deref(), value: value.as_deref(), headers: &headers, ..NewRecord::default() };
                context.send(producer, record);
            }
            ["many", topic, count] => {
                for number in 0..count.parse().expect("a count") {
                    let value = format!("{number}");
                    context.send(producer, NewRecord { topic, value: Some(value.as_bytes()), ..NewRecord::default() });
                }
            }
            _ => panic!("{word}"),
        }
    }
}

/// A world with one program that does what it is told.
pub struct Bench {
    pub world: World,
}

impl Bench {
    pub fn new() -> Self {
        let mut world = World::new(WorldConfig::default());
        world.start_program("hand", Box::new(Hand::default()));
        Self { world }
    }

    pub fn told(words: &[&str]) -> Self {
        let mut bench = Self::new();
        for word in words {
            bench.tell(word);
            bench.pass(1000);
        }
        bench
    }

    pub fn tell(&mut self, word: &str) {
        let program = self.world.program_named("hand").expect("it runs").id;
        self.world.send_event(program, Event::Tell(word.into()));
    }

    pub fn pass(&mut self, ms: u64) {
        let until = self.world.now() + Span::from_ms(ms);
        while self.world.next_time().is_some_and(|due| due <= until) {
            self.world.step();
        }
        self.world.advance_clock(until);
        assert_eq!(self.world.failure(), None);
    }

    fn client(&self) -> ClientId {
        self.world.clients().find(|client| self.world.producer(client.id).is_some()).expect("a producer").id
    }
}

fn partition(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition::new(topic, partition)
}

fn offsets(bench: &Bench, start: RowStart, cells: usize) -> Vec<i64> {
    let row = partition_row(&bench.world, &partition("rides", 0), start, cells).expect("a row");
    row.cells.iter().map(|cell| cell.offset).collect()
}

#[test]
fn a_row_is_a_window_into_its_partition() {
    let bench = Bench::told(&["create rides 1", "many rides 100"]);
    assert_eq!(offsets(&bench, RowStart::Tail, 5), [95, 96, 97, 98, 99]);
    assert_eq!(offsets(&bench, RowStart::From(Offset(10)), 3), [10, 11, 12]);
    assert_eq!(offsets(&bench, RowStart::From(Offset(98)), 5), [98, 99]);
    assert_eq!(offsets(&bench, RowStart::From(Offset(100)), 5), [0i64; 0]);
    assert_eq!(offsets(&bench, RowStart::Tail, 1000).len(), 100);
    assert_eq!(offsets(&bench, RowStart::Tail, 0), [0i64; 0]);
    let row = partition_row(&bench.world, &partition("rides", 0), RowStart::From(Offset(10)), 3).expect("a row");
    assert!(row.has_earlier && row.has_later);
    assert_eq!((row.log_start_offset, row.high_watermark, row.log_end_offset), (0, 100, 100));
    let whole = partition_row(&bench.world, &partition("rides", 0), RowStart::Tail, 100).expect("a row");
    assert!(!whole.has_earlier && !whole.has_later);
    assert_eq!(partition_row(&bench.world, &partition("rides", 1), RowStart::Tail, 5), None);
    assert_eq!(partition_row(&bench.world, &partition("nowhere", 0), RowStart::Tail, 5), None);
}

/// A million records cost no more than ten thousand: what is read is counted, not timed.
#[test]
fn a_window_costs_the_same_in_a_log_of_a_million_records() {
    let mut bench = Bench::told(&["create rides 1"]);
    let read = |bench: &Bench| {
        let ends = [RowStart::Tail, RowStart::From(Offset(5000)), RowStart::From(Offset(0))];
        ends.map(|start| {
            let row = partition_row(&bench.world, &partition("rides", 0), start, 40).expect("a row");
            assert_eq!(row.cells.len(), 40);
            row.records_read
        })
    };
    for _ in 0..100 {
        bench.tell("many rides 10000");
        bench.pass(1000);
    }
    let row = partition_row(&bench.world, &partition("rides", 0), RowStart::Tail, usize::MAX).expect("a row");
    assert_eq!((row.log_end_offset, row.cells.len()), (1_000_000, CELLS_MAX));
    let largest_batch = 16_384 / 8;
    for read in read(&bench) {
        assert!(read <= 40 + 2 * largest_batch, "{read} records were read for 40 cells");
    }
    assert_eq!(partitions(&bench.world, "rides", 0..1)[0].log_end_offset, 1_000_000);
}

#[test]
fn cells_tell_keys_tombstones_and_hues_apart() {
    let bench = Bench::told(&[
        "create rides 1",
        "send rides ride-7 {\"fare\":12}",
        "send rides ride-7 (null)",
        "send rides (null) hello",
        "send rides (binary) (binary)",
    ]);
    let row = partition_row(&bench.world, &partition("rides", 0), RowStart::Tail, 10).expect("a row");
    let [fare, tombstone, no_key, binary] = row.cells.as_slice() else { panic!("{:?}", row.cells) };
    assert_eq!(fare.key.as_deref(), Some("ride-7"));
    assert_eq!(fare.hue, Some(text::hue(b"ride-7")));
    assert_eq!(&*fare.value_preview, "{\"fare\":12}");
    assert!(!fare.tombstone && tombstone.tombstone);
    assert_eq!(tombstone.hue, fare.hue);
    assert_eq!((no_key.key.as_deref(), no_key.hue), (None, None));
    assert_eq!((binary.key.as_deref(), &*binary.value_preview), (Some("0xfffe"), "0xfffe"));
    assert!(row.cells.iter().all(|cell| !cell.above_high_watermark && cell.committed_by.is_empty()));
}

/// The picture never lies: what flies is what the agenda says will arrive, no more and no less.
#[test]
fn records_fly_exactly_while_their_request_is_on_its_way() {
    let mut bench = Bench::told(&["create rides 3"]);
    bench.tell("send rides ride-7 a");
    bench.tell("send rides ride-7 b");
    let (mut seen, mut was_flying) = (0, false);
    let end = bench.world.now() + Span::from_ms(500);
    while bench.world.next_time().is_some_and(|due| due <= end) {
        let now = bench.world.now();
        let arriving = bench.world.agenda().iter().filter(|(_, due)| matches!(due, Due::Arrive(_))).count();
        let shown = flights(&bench.world, now, 100);
        assert_eq!((shown.flights.len(), shown.more), (arriving, 0));
        let loaded = shown.flights.iter().find(|flight| !flight.loads.is_empty());
        let log_end = partition_row(&bench.world, &partition("rides", partition_for_key(b"ride-7", 3)), RowStart::Tail, 1)
            .map_or(0, |row| row.log_end_offset);
        if let Some(flight) = loaded {
            assert_eq!((flight.name, flight.is_response, log_end), ("Produce", false, 0), "in the air, so not in the log");
            assert_eq!(flight.label, format!("Produce: 2 records to rides-{}", partition_for_key(b"ride-7", 3)));
            assert_eq!(flight.loads[0].record_count, 2);
            assert_eq!(flight.loads[0].records[0].hue, Some(text::hue(b"ride-7")));
            assert_eq!(flight.from, Spot::Client { client: bench.client(), name: "hand".into() });
            let half = SimTime((flight.sent_at.0 + flight.arrives_at.0) / 2);
            let there = flights(&bench.world, half, 100).flights.into_iter().find(|other| other.id == flight.id);
            assert!((499..=500).contains(&there.expect("still flying").progress));
            seen += 1;
        } else if was_flying {
            assert_eq!(log_end, 2, "it has landed");
        }
        was_flying = loaded.is_some();
        bench.world.step();
    }
    assert!(seen > 0, "nothing was seen flying");
    assert!(flights(&bench.world, bench.world.now(), 0).flights.is_empty());
}

#[test]
fn the_logs_view_shows_who_writes_and_where() {
    let mut bench = Bench::told(&["create rides 3", "create empty 1"]);
    bench.tell("send rides (null) a");
    let view = stage(&bench.world, None, &Window::default());
    assert_eq!(view.topics.iter().map(|topic| &*topic.name).collect::<Vec<_>>(), ["empty", "rides"]);
    let [pen] = view.topics[1].pens.as_slice() else { panic!("{:?}", view.topics[1].pens) };
    assert_eq!((&*pen.name, pen.busy.as_deref()), ("hand", Some("1 waiting")), "for metadata or linger");
    bench.pass(1000);
    let view = stage(&bench.world, None, &Window::default());
    assert_eq!(view.topics[1].pens[0].busy, None);
    let ends: i64 = view.topics[1].partitions.iter().map(|partition| partition.log_end_offset).sum();
    assert_eq!((ends, view.topics[1].offsets), (1, 1));
    let window = Window { topics_max: 1, partitions_max: 2, ..Window::default() };
    let view = stage(&bench.world, None, &window);
    assert_eq!((view.topic_count, view.topics.len()), (2, 1));
    assert_eq!(partitions(&bench.world, "rides", 0..2).len(), 2);
}

fn fact<'i>(inspection: &'i kafka_playground::view::inspect::Inspection, label: &str) -> (&'i str, &'i str) {
    let fact = inspection.facts.iter().find(|fact| fact.label == label).unwrap_or_else(|| panic!("no {label}"));
    (&fact.value, fact.why.as_deref().unwrap_or(""))
}

#[test]
fn the_inspector_explains_a_record() {
    let bench = Bench::told(&["create rides 3", "send rides ride-7 {\"a\":1}", "send rides (null) x"]);
    let at = partition("rides", partition_for_key(b"ride-7", 3));
    let offset = Offset(0);
    let seen = inspect(&bench.world, None, &Selection::Record { topic_partition: at.clone(), offset }).expect("there");
    assert_eq!(seen.title, format!("{at} @ 0"));
    let (value, why) = fact(&seen, "Partition");
    assert_eq!(value, at.partition.to_string());
    assert!(why.contains("murmur2(\"ride-7\") = 0x"), "{why}");
    assert!(why.ends_with(&format!("% 3 = {}.", at.partition)), "{why}");
    assert_eq!(fact(&seen, "Visible").0, "yes");
    assert_eq!(fact(&seen, "Committed by").0, "no group");
    assert!(fact(&seen, "Producer id").0.ends_with("(hand)"));
    assert!(fact(&seen, "Timestamp").0.starts_with("2026-01-01 00:00:0"));
    assert_eq!(seen.value, Some(ValueText::Json("{\n  \"a\": 1\n}".into())));
    let again = &seen.actions[0];
    assert!(again.blocks[0].ends_with("\n> trace=7~ride-7:{\"a\":1}\n^D"), "{}", again.blocks[0]);
    let gone = Selection::Record { topic_partition: at, offset: Offset(99) };
    assert_eq!(inspect(&bench.world, None, &gone), None);
}

#[test]
fn the_inspector_explains_everything_that_exists() {
    let bench = Bench::told(&["create rides 3", "send rides ride-7 a"]);
    let broker = bench.world.brokers().next().expect("a broker").id;
    let selections = [
        Selection::Partition(partition("rides", 1)),
        Selection::Topic("rides".into()),
        Selection::Producer(bench.client()),
        Selection::Broker(broker),
    ];
    for selection in selections {
        let seen = inspect(&bench.world, None, &selection).unwrap_or_else(|| panic!("{selection:?}"));
        assert!(seen.facts.iter().filter(|fact| fact.why.is_some()).count() >= 2, "{selection:?} explains nothing");
        assert!(!seen.actions.is_empty(), "{selection:?} has no actions");
        for action in &seen.actions {
            assert!(!action.blocks.is_empty(), "{selection:?}: {} does nothing", action.label);
            for block in &action.blocks {
                kafka_playground::session::script::parse_block(block).unwrap_or_else(|error| panic!("{block}: {error}"));
            }
        }
    }
    let seen = inspect(&bench.world, None, &Selection::Partition(partition("rides", 1))).expect("there");
    let produce = seen.actions.iter().find(|action| matches!(action.form, Some(Form::Produce { .. }))).expect("an action");
    let key = produce.blocks[0].lines().nth(1).and_then(|line| line.strip_prefix("> ")?.split(':').next()).expect("a key");
    assert_eq!(partition_for_key(key.as_bytes(), 3), 1, "the example goes where it was asked for");
    assert_eq!(inspect(&bench.world, None, &Selection::Topic("nowhere".into())), None);
    assert_eq!(inspect(&bench.world, None, &Selection::Group("nobody".into())), None);
}

#[test]
fn narration_is_grouped_and_short() {
    let mut bench = Bench::told(&["create rides 1"]);
    let told = narrate(&bench.world, 0);
    assert!(told.sentences.contains(&"Topic rides was created with 1 partition.".to_owned()), "{:?}", told.sentences);
    assert!(told.sentences.contains(&"hand started.".to_owned()));
    assert_eq!(narrate(&bench.world, told.next).sentences, [""; 0]);
    for _ in 0..3 {
        bench.tell("send rides ride-7 a");
        bench.pass(20);
    }
    let told = narrate(&bench.world, told.next);
    assert_eq!(told.sentences, ["3 records appended to rides-0."]);
    for number in 0..9 {
        bench.tell(&format!("create t{number} 1"));
    }
    bench.pass(1000);
    let told = narrate(&bench.world, told.next);
    assert_eq!(told.sentences.len(), SENTENCES_MAX);
    assert_eq!(told.sentences[SENTENCES_MAX - 1], "And 6 other things.");
    // After a step back the place to go on lies beyond the trace's end.
    let beyond = narrate(&bench.world, told.next + 100);
    assert_eq!((beyond.sentences.len(), beyond.next), (0, told.next));
}

#[test]
fn marks_are_moments_of_note() {
    let mut bench = Bench::told(&["create rides 1", "send rides ride-7 a"]);
    let program = bench.world.program_named("hand").expect("it runs").id;
    bench.world.kill_program(program);
    let (found, next) = marks(&bench.world, 0);
    let kinds: Vec<(MarkKind, &str)> = found.iter().map(|mark| (mark.kind, mark.text.as_str())).collect();
    let expected = [
        (MarkKind::Program, "hand started."),
        (MarkKind::Topic, "Topic rides was created with 1 partition."),
        (MarkKind::Fault, "hand crashed."),
    ];
    assert_eq!(kinds, expected);
    assert!(found.windows(2).all(|pair| pair[0].at <= pair[1].at));
    assert_eq!(marks(&bench.world, next).0, []);
}

#[test]
fn the_api_gives_plain_shapes() {
    let bench = Bench::told(&["create rides 2", "send rides ride-7 a", "send rides (null) (binary)"]);
    let json = |value: serde_json::Result<serde_json::Value>| value.expect("json");
    let topics = json(serde_json::to_value(api::topics(&bench.world)));
    let id = topics[0]["topicId"].as_str().expect("an id");
    assert_eq!(id.len(), 22);
    let keys: Vec<&String> = topics[0].as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["name", "topicId", "partitionCount", "replicationFactor", "configs", "internal"]);
    let at = partition_for_key(b"ride-7", 2);
    let partitions = json(serde_json::to_value(api::partitions(&bench.world, "rides").expect("there")));
    let written = &partitions[at as usize];
    assert!(written["logEndOffset"].as_i64().is_some_and(|end| end >= 1));
    assert_eq!(written["leader"], 1);
    let records = api::records(&bench.world, "rides", at, 0, 10).expect("there");
    let first = json(serde_json::to_value(&records[0]));
    assert_eq!(first["key"], "ride-7");
    assert_eq!(first["timestampType"], "CreateTime");
    assert_eq!(first["headers"][0]["value"], "7");
    let binary =
        (0..2).flat_map(|at| api::records(&bench.world, "rides", at, 0, 10).expect("there")).find(|record| record.key.is_none());
    assert_eq!(binary.expect("sent").value, Some(api::Bytes::Raw(vec![0xff, 0xfe])));
    assert_eq!(api::records(&bench.world, "rides", at, 0, 0), Ok(Vec::new()));
    let trace = api::trace(&bench.world, 0, 10_000).expect("there");
    assert!(trace.iter().enumerate().all(|(at, entry)| entry["index"] == at && entry["at"].is_f64() && entry["type"].is_string()));
    assert!(trace.iter().any(|entry| entry["type"] == "appended" && entry["recordCount"] == 1));
    assert!(trace.iter().all(|entry| entry["type"] != "other"));
    assert_eq!(api::hash(&bench.world).len(), 16);
    assert_eq!(json(serde_json::to_value(api::brokers(&bench.world)))[0]["controller"], true);
}

#[test]
fn bad_arguments_say_what_was_expected() {
    let bench = Bench::told(&["create rides 2"]);
    let errors = [
        (api::partitions(&bench.world, "ride").expect_err("no such topic"), "expected the name of one that exists (rides)"),
        (api::records(&bench.world, "rides", 2, 0, 5).expect_err("no such partition"), "expected 0 to 1"),
        (api::records(&bench.world, "rides", 0, -1, 5).expect_err("negative"), "expected 0 or more"),
        (api::records(&bench.world, "rides", 0, 0, 20_000).expect_err("too many"), "expected at most 10000"),
        (api::group(&bench.world, "nobody").expect_err("no such group"), "expected the id of one that exists (none yet)"),
        (api::trace(&bench.world, 0, 20_000).expect_err("too many"), "expected at most 10000"),
    ];
    for (error, expected) in errors {
        assert!(error.contains(expected), "{error}");
    }
}

/// The taxi story from the page's own script, some seconds in.
pub fn taxis(extra: &[&str], seconds: u64) -> Session {
    // The tools that make its topics are not under test here: they are made by hand.
    let script: String = taxi::SCRIPT.lines().filter(|line| line.starts_with('!')).map(|line| format!("{line}\n")).collect();
    let mut session = Session::open(&script, CATALOG).expect("it opens");
    for (name, _) in taxi::SERVICES {
        session.input(&format!("$ start-service {name}")).expect("it starts");
    }
    session.advance(Span::from_secs(seconds), 1_000_000);
    for line in extra {
        session.input(line).expect("it can be said");
        session.advance(Span::from_secs(8), 1_000_000);
    }
    assert_eq!(session.world().failure(), None);
    session
}

fn boards(world: &World) -> Vec<GroupBoard> {
    let groups = Groups::of(world);
    groups.ids().filter_map(|id| groups.board(id)).collect()
}

#[test]
fn groups_are_shown_as_their_coordinator_keeps_them() {
    let session = taxis(&[], 25);
    let world = session.world();
    let boards = boards(world);
    assert!(boards.len() >= 3, "{boards:?}");
    let mut owners: std::collections::BTreeMap<(String, TopicPartition), usize> = Default::default();
    for group in &boards {
        assert_eq!(group.state.word(), "Stable", "{}", group.group_id);
        assert!(group.generation.is_some() && group.coordinator.is_some());
        assert_eq!(group.member_count(), group.members.len());
        assert!(group.members.iter().all(|member| member.member_id.is_some() && !member.gone));
        for member in &group.members {
            for owned in &member.partitions {
                *owners.entry((group.group_id.to_string(), owned.topic_partition.clone())).or_default() += 1;
            }
        }
        for lag in &group.lags {
            assert_eq!(lag.lag, lag.committed_offset.map(|committed| lag.log_end_offset - committed));
        }
        let seen = inspect(world, session.scenario(), &Selection::Group(group.group_id.as_ref().into())).expect("it is there");
        assert_eq!(fact(&seen, "State").0, "Stable");
        assert!(fact(&seen, "Coordinator").1.contains("% 50 = "), "{:?}", fact(&seen, "Coordinator"));
    }
    assert!(owners.values().all(|owners| *owners == 1), "a partition belongs to one member: {owners:?}");
    let page = stage(world, None, &Window::default());
    let markers: Vec<_> = page.topics.iter().flat_map(|topic| &topic.partitions).flat_map(|partition| &partition.markers).collect();
    assert!(markers.iter().any(|marker| marker.committed_offset.is_some_and(|offset| offset > 0) && marker.position.is_some()));
    // The API's shapes say the same.
    let groups = api::groups(world);
    assert_eq!(groups.len(), boards.len());
    let json = serde_json::to_value(&groups[0]).expect("json");
    assert_eq!(json["type"], "classic");
    assert!(json["members"][0]["assignment"][0]["topic"].is_string());
}

/// What the inspector says about an assignment is what the assignor did.
#[test]
fn the_range_rule_is_told_with_the_numbers_that_gave_the_partitions() {
    let session = taxis(&[], 25);
    let mut checked = 0;
    for group in boards(session.world()) {
        for member in &group.members {
            let client = member.client.expect("it runs");
            let seen = inspect(session.world(), session.scenario(), &Selection::Consumer(client)).expect("it is there");
            let why = fact(&seen, "Assignment").1;
            for topic in &member.topics {
                let own: Vec<i32> = member
                    .partitions
                    .iter()
                    .map(|own| &own.topic_partition)
                    .filter(|one| one.topic.as_str() == &**topic)
                    .map(|one| one.partition)
                    .collect();
                let sentence = match own.as_slice() {
                    [] => "nothing is left for it".to_owned(),
                    [one] => format!("it gets partition {one}."),
                    [first, .., last] => format!("it gets partitions {first} to {last}."),
                };
                assert!(why.contains(&sentence), "{topic}: {own:?}, told as: {why}");
                checked += 1;
            }
            let next_poll = fact(&seen, "Next poll");
            assert!(next_poll.0.starts_with("nothing: it is at the log end") || next_poll.0.starts_with("up to "), "{next_poll:?}");
        }
    }
    assert!(checked >= 4, "{checked}");
}

#[test]
fn a_crashed_member_stays_until_its_session_is_over() {
    let mut session = taxis(&["$ kill-service billing"], 25);
    let group =
        |session: &Session| boards(session.world()).into_iter().find(|group| &*group.group_id == "billing").expect("its group");
    let seen = group(&session);
    assert!(
        seen.members
            .iter()
            .any(|member| member.gone && member.client.is_some_and(|client| session.world().client(client).is_none())),
        "{:?}",
        seen.members
    );
    let told = inspect(session.world(), session.scenario(), &Selection::Group("billing".into())).expect("there");
    assert!(
        told.facts
            .iter()
            .any(|fact| fact.label == "Member" && fact.why.as_deref().is_some_and(|why| why.contains("session timeout")))
    );
    let delete = told.actions.iter().find(|action| action.label == "Delete the group").expect("an action");
    assert!(delete.disabled.is_some(), "it still has a member");
    session.advance(Span::from_secs(60), 1_000_000);
    assert_eq!(group(&session).state.word(), "Empty");
    let kinds: Vec<MarkKind> = marks(session.world(), 0).0.iter().map(|mark| mark.kind).collect();
    assert!(kinds.iter().filter(|kind| **kind == MarkKind::Fault).count() >= 2, "the crash, and the session's end");
}

#[test]
fn run_gives_what_a_line_prints() {
    let mut session = taxis(&[], 5);
    let before = session.now();
    let stopped = api::run(&mut session, "$ stop-service billing").expect("it can be said");
    assert_eq!((stopped.output.as_str(), stopped.exit_code), ("", Some(0)));
    assert!(!session.world().program_named("billing").expect("it ran").is_running(), "it waits for the end");
    assert!(session.now() > before);
    assert!(api::run(&mut session, "$ stop-service billing").expect_err("it has ended").contains("start it first"));
    assert!(api::run(&mut session, "! seed 3").expect_err("no command").contains("expected a command"));
    let before = session.now();
    assert_eq!(api::run(&mut session, "$ sleep 2").expect("time passes").exit_code, Some(0));
    assert_eq!(session.now(), before + Span::from_secs(2));
}

/// What the action's line says is what the service then does.
#[test]
fn a_seek_moves_the_position_and_commits_nothing() {
    let mut session = taxis(&[], 25);
    let consumer = |session: &Session| {
        let program = session.world().program_named("city-map").expect("it runs").id;
        let client =
            session.world().clients().find(|client| client.owner == program && session.world().consumer(client.id).is_some());
        client.expect("it reads").id
    };
    let seen = inspect(session.world(), session.scenario(), &Selection::Consumer(consumer(&session))).expect("there");
    let seek = seen.actions.iter().find(|action| action.label == "Seek").expect("an action");
    let Some(Form::Seek { topic_partition, position, .. }) = &seek.form else { panic!("{seek:?}") };
    assert!(*position > 0);
    let told = kafka_playground::view::commands::seek("city-map", topic_partition, 0);
    assert_eq!(seek.blocks[0].replace(&format!(" {position}"), " 0"), told[0]);
    session.input(&told[0]).expect("it can be said");
    let mut lowest = i64::MAX;
    for _ in 0..400 {
        session.step();
        let position = session.world().consumer(consumer(&session)).and_then(|consumer| consumer.position(topic_partition));
        lowest = lowest.min(position.map_or(i64::MAX, |offset| offset.0));
    }
    assert!(lowest < *position, "it went back: {lowest} from {position}");
    let billing = session.world().program_named("billing").expect("it runs").id;
    let reader = session.world().clients().find(|client| client.owner == billing && session.world().consumer(client.id).is_some());
    let seen = inspect(session.world(), session.scenario(), &Selection::Consumer(reader.expect("it reads").id)).expect("there");
    assert!(seen.actions.iter().all(|action| action.label != "Seek"), "billing charges each ride once");
}

/// A crash leaves the selection something to show: until the coordinator notices, the member is still counted.
#[test]
fn a_crashed_consumer_is_told_of_until_its_group_notices() {
    let mut session = taxis(&[], 25);
    let program = session.world().program_named("billing").expect("it runs").id;
    let reader = session.world().clients().find(|client| client.owner == program && session.world().consumer(client.id).is_some());
    let selection = Selection::Consumer(reader.expect("it reads").id);
    session.input("$ kill-service billing").expect("it runs");
    let seen = inspect(session.world(), session.scenario(), &selection).expect("still counted");
    assert_eq!(seen.title, "billing");
    assert!(seen.facts.iter().any(|fact| fact.label == "Noticed"), "{seen:?}");
    assert!(seen.actions.iter().any(|action| action.label == "Start"), "{seen:?}");
    let groups = boards(session.world());
    let member = groups.iter().flat_map(|group| &group.members).find(|member| member.gone).expect("a gone member");
    assert_eq!(&*member.name, "billing", "the program's name, not its client id");
    session.advance(Span::from_secs(60), 10_000_000);
    assert_eq!(inspect(session.world(), session.scenario(), &selection), None, "the coordinator has noticed");
}

/// The page's form, the script's line, the shell and the console producer: what was written is what is read.
#[test]
fn a_record_sent_from_a_form_arrives_as_it_was_written() {
    use kafka_playground::view::commands::{self, Bootstrap, NewRecord};
    let mut session = Session::empty(3, 1, CATALOG);
    let created = commands::create_topic(&Bootstrap::of(session.world()), "rides", Some(3), &Default::default());
    assert_eq!(api::run(&mut session, &created[0]).expect("it runs").exit_code, Some(0));
    let some = |text: &str| Some(text.to_owned());
    let records = [
        NewRecord { key: some("it's \"a\" $KEY \\ `x`"), value: some("<b>::,,;;~~=</b> # '"), ..NewRecord::default() },
        NewRecord {
            key: None,
            value: some("  NULL  "),
            headers: vec![("a=b".into(), some(":,;~")), ("n".into(), None)],
            ..NewRecord::default()
        },
        NewRecord { key: some(""), value: None, ..NewRecord::default() },
        NewRecord { key: some("Zoë 🚕"), value: some(""), headers: vec![("NULL".into(), some("NULL"))], ..NewRecord::default() },
    ];
    for (number, record) in records.into_iter().enumerate() {
        let record = NewRecord { topic: "rides".into(), ..record };
        let blocks = commands::produce(&Bootstrap::of(session.world()), &record).expect("it can be said");
        let result = api::run(&mut session, &blocks[0]).expect("it runs");
        assert_eq!(result.exit_code, Some(0), "{}: {}", blocks[0], result.output);
        let list = RecordList::of(session.world(), "rides", None);
        let table = list.before(list.end(), 100);
        assert_eq!(table.len(), number + 1, "{}: {}", blocks[0], result.output);
        let last = table.last().expect("a row");
        let row = record_row(session.world(), &last.topic_partition, Offset(last.offset)).expect("it is there");
        assert_eq!(row.key, record.key);
        assert_eq!((row.value != ValueText::Null).then(|| row.value.as_str().to_owned()), record.value);
        assert_eq!(row.headers, record.headers);
    }
}
