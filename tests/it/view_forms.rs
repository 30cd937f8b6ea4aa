//! What forms say while they are filled in: held against what the tools print when the same is done.

use kafka_playground::base::{Span, TopicPartition};
use kafka_playground::scenario::CATALOG;
use kafka_playground::session::Session;
use kafka_playground::view::api;
use kafka_playground::view::commands::{self, Bootstrap, NewRecord};
use kafka_playground::view::forms::{self, FromBeginning, Remark, TopicForm, Weight, is_wrong};

use crate::view_world::taxis;

fn cluster(brokers: u32) -> Session {
    let mut session = Session::empty(7, brokers, CATALOG);
    session.advance(Span::from_secs(5), 100_000);
    session
}

fn run(session: &mut Session, line: &str) -> String {
    api::run(session, line).unwrap_or_else(|why| panic!("{line}: {why}")).output
}

fn form(name: &str) -> TopicForm {
    TopicForm {
        name: name.to_owned(),
        partitions: "3".to_owned(),
        replication_factor: "1".to_owned(),
        min_insync_replicas: "1".to_owned(),
        ..TopicForm::default()
    }
}

/// The words that Kafka prints for a form, and what the form says: both refuse, with the same words, or neither.
fn same_as_kafka(session: &mut Session, form: &TopicForm) {
    let remarks = forms::check_topic(session.world(), form);
    let brokers = forms::broker_count(session.world());
    let mut line = format!("$ kafka-topics.sh --create --topic {} --partitions {}", commands::quote(&form.name), form.partitions);
    if brokers > 1 {
        line += &format!(" --replication-factor {}", form.replication_factor);
        line += &format!(" --config min.insync.replicas={}", form.min_insync_replicas);
    }
    if !form.retention_ms.is_empty() {
        line += &format!(" --config retention.ms={}", form.retention_ms);
    }
    let output = run(session, &format!("{line} {}", Bootstrap::of(session.world())));
    let refused = output.contains("Error while executing");
    assert_eq!(is_wrong(&remarks), refused, "{form:?}\n{remarks:#?}\n{output}");
    let wrong: Vec<&Remark> = remarks.iter().filter(|remark| remark.weight == Weight::Wrong).collect();
    // The tool stops at the first one; the form tells all.
    let told = wrong.iter().any(|remark| remark.kafka.as_ref().is_some_and(|words| output.contains(words.as_str())));
    assert!(told || !refused, "{form:?}\n{remarks:#?}\n{output}");
    assert!(wrong.iter().all(|remark| remark.sentence.ends_with(['.', ':'])), "{wrong:?}");
}

#[test]
fn a_topic_is_refused_by_the_form_where_kafka_refuses_it() {
    let mut session = cluster(1);
    run(&mut session, "$ kafka-topics.sh --create --topic rides --bootstrap-server localhost:9092");
    run(&mut session, "$ kafka-topics.sh --create --topic rides.eu --bootstrap-server localhost:9092");
    let long = "a".repeat(250);
    let names = ["rides", "rides_eu", "rides-eu", "my topic", "a/b", ".", "..", "Zoë", "fine-Name_1", "x", &long, &long[..249]];
    for name in names {
        same_as_kafka(&mut session, &form(name));
    }
    for partitions in ["0", "-1", "three", "10001", "1", "99999999999"] {
        same_as_kafka(&mut session, &TopicForm { partitions: partitions.to_owned(), ..form(&format!("p{}", partitions.len())) });
    }
    for retention in ["-2", "-1", "0", "60000", "soon"] {
        same_as_kafka(&mut session, &TopicForm { retention_ms: retention.to_owned(), ..form(&format!("r{retention}")) });
    }
    let empty = forms::check_topic(session.world(), &form(""));
    assert!(is_wrong(&empty) && empty[0].kafka.as_deref() == Some("The given topic name '' cannot be represented in a request."));
}

#[test]
fn replicas_are_held_against_the_brokers_there_are() {
    let mut session = cluster(3);
    for (number, factor) in ["1", "2", "3", "4", "0", "-1", "40000", "two"].into_iter().enumerate() {
        let form = TopicForm { replication_factor: factor.to_owned(), ..form(&format!("f{number}")) };
        same_as_kafka(&mut session, &form);
    }
    for (number, least) in ["1", "2", "3", "0", "some"].into_iter().enumerate() {
        let form =
            TopicForm { replication_factor: "3".into(), min_insync_replicas: least.to_owned(), ..form(&format!("m{number}")) };
        same_as_kafka(&mut session, &form);
    }
    // Kafka 4.4 takes more than there are replicas, and counts no more than there are: acks=all goes on.
    let above = TopicForm { replication_factor: "2".into(), min_insync_replicas: "3".into(), ..form("above") };
    let remarks = forms::check_topic(session.world(), &above);
    same_as_kafka(&mut session, &above);
    assert_eq!((remarks.len(), remarks[0].weight, remarks[0].instead.as_deref()), (1, Weight::Warning, Some("2")));
    let sent = run(&mut session, "$ kafka-console-producer.sh --topic above --bootstrap-server localhost:9092\n> one\n^D");
    assert_eq!(sent, "");
    let all = TopicForm { replication_factor: "3".into(), min_insync_replicas: "3".into(), ..form("all") };
    let words = forms::check_topic(session.world(), &all)[0].kafka.clone().expect("Kafka’s words");
    assert!(words.starts_with("Messages are rejected since there are fewer in-sync replicas"), "{words}");
    assert_eq!((forms::usual_replicas(session.world()), forms::usual_replicas(cluster(2).world())), (3, 2));
    assert!(forms::check_topic(cluster(1).world(), &TopicForm { replication_factor: "9".into(), ..form("one") }).is_empty());
}

#[test]
fn a_free_name_is_free() {
    let mut session = cluster(1);
    assert_eq!(forms::free_topic(session.world(), "rides"), "rides");
    for expected in ["rides", "rides-2", "rides-3"] {
        let free = forms::free_topic(session.world(), "rides");
        assert_eq!(free, expected);
        let output = run(&mut session, &format!("$ kafka-topics.sh --create --topic {free} --bootstrap-server localhost:9092"));
        assert_eq!(output, format!("Created topic {free}."));
    }
    let taken = forms::check_topic(session.world(), &form("rides"));
    assert_eq!(taken[0].instead.as_deref(), Some("rides-4"));
    assert_eq!(forms::free_topic(session.world(), "no name"), "no name");
}

#[test]
fn partitions_can_only_be_added() {
    let mut session = cluster(1);
    run(&mut session, "$ kafka-topics.sh --create --topic orders --partitions 4 --bootstrap-server localhost:9092");
    for wanted in ["4", "3", "0", "-1", "many", "20000", "5"] {
        let remarks = forms::check_more_partitions(session.world(), "orders", wanted);
        let line = format!("$ kafka-topics.sh --alter --topic orders --partitions {wanted} --bootstrap-server localhost:9092");
        let output = run(&mut session, &line);
        assert_eq!(is_wrong(&remarks), !output.is_empty(), "{wanted}: {remarks:?}\n{output}");
        let words = remarks.first().and_then(|remark| remark.kafka.clone());
        assert!(words.is_none_or(|words| output.contains(&words)), "{wanted}: {remarks:?}\n{output}");
    }
}

#[test]
fn a_compacted_topic_wants_keys() {
    let mut session = cluster(1);
    let create = "$ kafka-topics.sh --create --topic prices --config cleanup.policy=compact --bootstrap-server localhost:9092";
    run(&mut session, create);
    run(
        &mut session,
        "$ kafka-topics.sh --create --topic letters --config max.message.bytes=1000 --bootstrap-server localhost:9092",
    );
    let record = |topic: &str, key: Option<&str>, value: Option<&str>| NewRecord {
        topic: topic.to_owned(),
        key: key.map(str::to_owned),
        value: value.map(str::to_owned),
        headers: Vec::new(),
    };
    let long = "x".repeat(1200);
    let huge = "x".repeat(1_100_000);
    let records = [
        record("prices", None, Some("no key")),
        record("prices", Some("tea"), Some("1")),
        record("prices", Some("tea"), None),
        record("letters", None, Some("a")),
        record("letters", None, Some(&long)),
    ];
    for record in records {
        let remarks = forms::check_record(session.world(), &record);
        let blocks = commands::produce(&Bootstrap::of(session.world()), &record).expect("it can be said");
        let output = run(&mut session, &blocks[0]);
        assert_eq!(is_wrong(&remarks), output.contains("ERROR"), "{remarks:?}\n{}", output.chars().take(600).collect::<String>());
        let words = remarks.first().and_then(|remark| remark.kafka.as_ref());
        assert!(words.is_none_or(|words| output.contains(words.as_str())), "{remarks:?}\n{output}");
    }
    // Too long to be typed at all.
    assert!(is_wrong(&forms::check_record(session.world(), &record("letters", None, Some(&huge)))));
    let null = forms::check_record(session.world(), &record("letters", Some("k"), None));
    assert_eq!((null.len(), null[0].weight), (1, Weight::Note), "it deletes nothing there");
    assert!(forms::needs_keys(session.world(), "prices") && !forms::needs_keys(session.world(), "letters"));
}

#[test]
fn a_group_is_not_a_services() {
    let session = taxis(&[], 30);
    let (world, scenario) = (session.world(), session.scenario());
    assert_eq!(forms::free_group(world, scenario), "my-group");
    let remarks = forms::check_group(world, scenario, "billing");
    assert_eq!((remarks.len(), remarks[0].weight), (1, Weight::Warning));
    assert_eq!(remarks[0].instead.as_deref(), Some("my-group"));
    assert_eq!(forms::check_group(world, scenario, "my-group"), []);
    assert_eq!(forms::check_group(world, scenario, ""), []);
    assert_eq!(forms::from_beginning(world, "rides", "billing"), FromBeginning::Nothing);
    assert_eq!(forms::from_beginning(world, "rides", "my-group"), FromBeginning::Works);
    assert_eq!(forms::from_beginning(world, "rides", ""), FromBeginning::Works);
    assert!(forms::topics_of_group(world, "billing").iter().any(|topic| &**topic == "rides"));
}

/// `--from-beginning` is `auto.offset.reset`: where something is committed it changes nothing.
#[test]
fn from_the_beginning_is_offered_where_it_changes_something() {
    let mut session = cluster(1);
    run(&mut session, "$ kafka-topics.sh --create --topic letters --partitions 2 --bootstrap-server localhost:9092");
    for word in ["a", "b", "c", "d"] {
        let keyed = "--reader-property parse.key=true --reader-property key.separator=:";
        let line =
            format!("$ kafka-console-producer.sh --topic letters {keyed} --bootstrap-server localhost:9092\n> {word}:{word}\n^D");
        run(&mut session, &line);
    }
    assert_eq!(forms::from_beginning(session.world(), "letters", "readers"), FromBeginning::Works);
    let read = "--group readers --from-beginning --timeout-ms 6000 --bootstrap-server localhost:9092";
    let first = run(&mut session, &format!("$ kafka-console-consumer.sh --topic letters {read}"));
    assert!(first.contains("Processed a total of 4 messages"), "{first}");
    assert_eq!(forms::from_beginning(session.world(), "letters", "readers"), FromBeginning::Nothing);
    let again = run(&mut session, &format!("$ kafka-console-consumer.sh --topic letters {read}"));
    assert!(again.contains("Processed a total of 0 messages"), "{again}");
    run(
        &mut session,
        "$ kafka-consumer-groups.sh --delete-offsets --group readers --topic letters:1 --bootstrap-server localhost:9092",
    );
    assert_eq!(forms::from_beginning(session.world(), "letters", "readers"), FromBeginning::In(vec![1]));
}

#[test]
fn a_share_group_takes_no_consumer() {
    let mut session = cluster(1);
    run(&mut session, "$ kafka-topics.sh --create --topic jobs --bootstrap-server localhost:9092");
    run(
        &mut session,
        "$ kafka-console-share-consumer.sh --topic jobs --group workers --timeout-ms 3000 --bootstrap-server localhost:9092",
    );
    let remarks = forms::check_group(session.world(), None, "workers");
    let output = run(
        &mut session,
        "$ kafka-console-consumer.sh --topic jobs --group workers --timeout-ms 4000 --bootstrap-server localhost:9092",
    );
    let words = remarks[0].kafka.as_deref().expect("Kafka’s words");
    assert!(is_wrong(&remarks) && output.contains(words), "{remarks:?}\n{output}");
}

#[test]
fn offsets_outside_of_the_log_are_told() {
    let mut session = cluster(1);
    run(&mut session, "$ kafka-topics.sh --create --topic letters --bootstrap-server localhost:9092");
    run(&mut session, "$ kafka-console-producer.sh --topic letters --bootstrap-server localhost:9092\n> a\n> b\n> c\n> d\n^D");
    let read = "--group readers --from-beginning --max-messages 4 --bootstrap-server localhost:9092";
    run(&mut session, &format!("$ kafka-console-consumer.sh --topic letters {read}"));
    for to in [0, 2, 4, 100, -3] {
        let remarks = forms::check_reset(session.world(), "letters", None, to);
        let line = commands::reset_offsets(
            &Bootstrap::of(session.world()),
            "readers",
            "letters",
            None,
            &commands::ResetTo::Offset(to),
            &[],
        );
        let output = run(&mut session, &line[0]);
        assert_eq!(!remarks.is_empty(), output.contains("WARN"), "{to}: {remarks:?}\n{output}");
        let words = remarks.first().and_then(|remark| remark.kafka.as_ref());
        assert!(words.is_none_or(|words| output.contains(words.as_str())), "{to}: {remarks:?}\n{output}");
    }
    let partition = TopicPartition::new("letters", 0);
    for (before, weight) in [
        ("2", Weight::Note),
        ("5", Weight::Wrong),
        ("-2", Weight::Wrong),
        ("x", Weight::Wrong),
        ("2", Weight::Warning),
        ("-1", Weight::Note),
    ] {
        let remarks = forms::check_delete_records(session.world(), &partition, before);
        assert_eq!(remarks.iter().map(|remark| remark.weight).max(), Some(weight), "{before}: {remarks:?}");
        let Ok(offset) = before.parse() else { continue };
        let blocks = commands::delete_records(&Bootstrap::of(session.world()), &partition, offset);
        run(&mut session, &blocks[0]);
        let output = run(&mut session, &blocks[1]);
        assert_eq!(weight == Weight::Wrong, output.contains("error:"), "{before}: {remarks:?}\n{output}");
        let words = remarks[0].kafka.as_ref();
        assert!(words.is_none_or(|words| output.contains(words.as_str())), "{before}: {remarks:?}\n{output}");
    }
}
