//! What the view says by itself: arithmetic, quoting, times, JSON.

use std::collections::BTreeMap;

use kafka_playground::base::{SimTime, Timestamp, TopicPartition};
use kafka_playground::engine::client::partitioner::{murmur2, partition_for_key};
use kafka_playground::session::Session;
use kafka_playground::session::script::{self, Line};
use kafka_playground::view::commands::{self, Bootstrap, NewRecord, ResetTo};
use kafka_playground::view::explain;
use kafka_playground::view::flights::progress;
use kafka_playground::view::group::GroupKind;
use kafka_playground::view::text::{self, ValueText};
use serde_json::Value;

use crate::vectors;

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
}

/// Each sentence holds the very numbers that Kafka's own partitioner gave.
#[test]
fn the_partition_explains_itself_with_kafkas_numbers() {
    let vectors = vectors::read("partitioner.jsonl");
    let mut checked = 0;
    for row in vectors.text.lines().map(|row| serde_json::from_str::<Value>(row).expect("json")) {
        let (Some(hex), Some(partitions)) = (row["key_hex"].as_str(), row["partitions"].as_object()) else { continue };
        let key = unhex(hex);
        let hash = row["murmur2"].as_i64().expect("a hash") as i32;
        let positive = row["positive"].as_i64().expect("a number");
        for (count, partition) in partitions {
            let count: i32 = count.parse().expect("a count");
            let partition = partition.as_i64().expect("a partition") as i32;
            let why = explain::partition_of_key(&key, partition, count);
            let sum = format!(") = {hash:#010x}; {hash:#010x} & 0x7fffffff = {positive}; {positive} % {count} = {partition}.");
            assert!(why.starts_with("Same key, same partition") && why.ends_with(&sum), "{why}\nlacks\n{sum}");
            checked += 1;
        }
    }
    assert!(checked > 100 || !vectors.own, "only {checked} rows");
}

#[test]
fn a_record_from_before_partitions_were_added_says_so() {
    let key = (0..).map(|n| format!("ride-{n}")).find(|key| {
        let key = key.as_bytes();
        partition_for_key(key, 3) != partition_for_key(key, 4) && partition_for_key(key, 3) > 1
    });
    let key = key.expect("a key that moves");
    let before = partition_for_key(key.as_bytes(), 3);
    let why = explain::partition_of_key(key.as_bytes(), before, 4);
    let positive = murmur2(key.as_bytes()) & i32::MAX;
    assert!(why.contains(&format!("{positive} % 3 = {before}, as when the topic had 3 partitions")), "{why}");
}

#[test]
fn the_range_rule_gives_each_partition_once() {
    for partitions in 0..12 {
        for members in 1..8 {
            let mut given = Vec::new();
            for place in 0..members {
                let why = explain::range("rides", partitions, members, place, explain::order(false));
                if let Some((_, own)) = why.split_once("it gets partition") {
                    let numbers: Vec<usize> = own
                        .trim_matches(|letter: char| !letter.is_ascii_digit())
                        .split(" to ")
                        .map(|n| n.parse().expect(&why))
                        .collect();
                    given.extend(numbers[0]..=*numbers.last().expect("a number"));
                } else {
                    assert!(why.contains("nothing is left for it"), "{why}");
                }
            }
            assert_eq!(given, (0..partitions).collect::<Vec<_>>(), "{partitions} partitions, {members} members");
        }
    }
    assert!(
        explain::range("rides", 7, 3, 1, explain::order(false))
            .starts_with("rides: 7 / 3 = 2, 7 % 3 = 1: the first member gets 3, the others 2.")
    );
}

#[test]
fn lag_is_a_subtraction_and_nothing_committed_is_not_zero() {
    assert!(explain::lag(9, Some(7)).starts_with("LOG-END-OFFSET 9 − committed 7 = 2."));
    assert!(explain::lag(9, None).contains("not 0"));
}

/// Splits a command into words as bash does, as far as `quote` goes: bare words and single quotes.
fn bash_words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut open) = (Vec::new(), String::new(), false, false);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => (quoted, open) = (!quoted, true),
            '\\' if !quoted => word.extend(letters.next()),
            ' ' if !quoted => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            letter => word.push(letter),
        }
    }
    assert!(!quoted, "an open quote: {line}");
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

/// `LineMessageReader` of Kafka's console producer.
fn read_as_kafka(block: &str) -> NewRecord {
    let block = script::parse_block(block).expect("a block of the script");
    let [Line::Command { command, .. }, Line::Typed { text, .. }, Line::EndOfInput { .. }] = block.lines.as_slice() else {
        panic!("a command, one line, its end: {:?}", block.lines);
    };
    let words = bash_words(command);
    let mut properties: BTreeMap<String, String> = BTreeMap::new();
    for pair in words.windows(2).filter(|pair| pair[0] == "--reader-property") {
        let (name, value) = pair[1].split_once('=').expect("name=value");
        properties.insert(name.to_owned(), value.to_owned());
    }
    let is_on = |name: &str| properties.get(name).is_some_and(|value| value == "true");
    let marker = properties.get("null.marker");
    let value_of = |text: &str| if Some(text) == marker.map(String::as_str) { None } else { Some(text.to_owned()) };
    let mut rest = text.as_str();
    let mut headers = Vec::new();
    if is_on("parse.headers") {
        let (all, after) = rest.split_once(properties["headers.delimiter"].as_str()).expect("the headers' end");
        rest = after;
        for pair in all.split(properties["headers.separator"].as_str()) {
            let (key, value) = pair.split_once(properties["headers.key.separator"].as_str()).expect("a header");
            headers.push((key.to_owned(), value_of(value)));
        }
    }
    let key = is_on("parse.key").then(|| {
        let (key, after) = rest.split_once(properties["key.separator"].as_str()).expect("the key's end");
        rest = after;
        key.to_owned()
    });
    let topic = words.iter().position(|word| word == "--topic").map(|at| words[at + 1].clone()).expect("a topic");
    NewRecord { topic, key, value: value_of(rest), headers }
}

#[test]
fn hostile_text_arrives_as_it_was_written() {
    let texts = [
        "plain",
        "",
        " leading and trailing ",
        "it's \"quoted\" `here` $HOME $(date) \\n \\",
        "a:b=c,d;e|f~g!h%i@j&k/l_m#n<o>p\tq",
        "::==,,;;~~",
        "NULL",
        "NULLL",
        "<script>alert('1')</script>&amp;",
        "Zoë 🚕 東京 \u{202e}right to left",
        "> typed",
        "^D",
        "$ rm -rf /",
        "# no comment",
    ];
    let mut checked = 0;
    for key in texts.iter().map(Some).chain([None]) {
        for value in texts.iter().map(Some).chain([None]) {
            for headers in [vec![], vec![("trace", Some("a=b,c")), ("NULL", None)], vec![("", Some("")), ("k:~", Some("'"))]] {
                let own = |text: &str| text.to_owned();
                let record = NewRecord {
                    topic: "rides".to_owned(),
                    key: key.map(|text| own(text)),
                    value: value.map(|text| own(text)),
                    headers: headers.iter().map(|(key, value)| (own(key), value.map(own))).collect(),
                };
                let blocks = commands::produce(&one_broker(), &record).expect("it can be said");
                assert_eq!(blocks.len(), 1);
                assert_eq!(read_as_kafka(&blocks[0]), record, "{}", blocks[0]);
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 15 * 15 * 3);
}

fn one_broker() -> Bootstrap {
    Bootstrap::of(Session::empty(1, 1, &[]).world())
}

/// One broker that is down must not keep a tool out, be the cluster large or small.
#[test]
fn a_command_names_brokers_that_run() {
    let named = |session: &Session| Bootstrap::of(session.world()).to_string();
    let mut session = Session::empty(1, 3, &[]);
    assert_eq!(named(&session), "--bootstrap-server localhost:9092,localhost:9093,localhost:9094");
    session.input("$ kill-broker 1").expect("a line");
    assert_eq!(named(&session), "--bootstrap-server localhost:9092,localhost:9093,localhost:9094", "it may come back");
    let mut session = Session::empty(1, 5, &[]);
    for line in ["$ kill-broker 1", "$ kill-broker 3"] {
        session.input(line).expect("a line");
    }
    assert_eq!(named(&session), "--bootstrap-server localhost:9093,localhost:9095,localhost:9096");
}

#[test]
fn what_the_console_producer_cannot_say_is_refused() {
    let record = NewRecord { topic: "t".into(), value: Some("two\nlines".into()), ..NewRecord::default() };
    assert!(commands::produce(&one_broker(), &record).expect_err("two lines").contains("one line"));
    let record = NewRecord { topic: "t".into(), headers: vec![("a\r".into(), None)], ..NewRecord::default() };
    assert!(commands::produce(&one_broker(), &record).is_err());
    assert!(commands::produce(&one_broker(), &NewRecord::default()).is_err(), "a record without topic");
}

/// A name with a line end would else begin a line of its own.
#[test]
fn no_name_begins_another_line() {
    let evil = "x\n$ kill-service billing\r\n'; reboot #";
    let partition = TopicPartition::new(evil, 0);
    let all = [
        commands::create_topic(&one_broker(), evil, Some(3), &BTreeMap::from([(evil.to_owned(), evil.to_owned())])),
        commands::delete_topic(&one_broker(), evil),
        commands::add_partitions(&one_broker(), evil, 4),
        commands::delete_records(&one_broker(), &partition, 7),
        commands::start_consumer(&one_broker(), "c1", evil, Some(evil), true),
        commands::reset_offsets(&one_broker(), evil, evil, Some(1), &ResetTo::Earliest, &[]),
        commands::describe_group(&one_broker(), GroupKind::Classic, evil),
    ];
    for block in all.iter().flatten() {
        let lines = script::parse_block(block).unwrap_or_else(|error| panic!("{block}: {error}")).lines;
        let commands = lines.iter().filter(|line| matches!(line, Line::Command { .. })).count();
        assert_eq!(commands, 1, "{block}");
        if let Line::Command { command, .. } = &lines[0] {
            bash_words(command);
        }
    }
}

#[test]
fn a_reset_stops_the_services_first_and_waits_for_them() {
    let blocks = commands::reset_offsets(&one_broker(), "billing", "rides", None, &ResetTo::Offset(4), &["billing"]);
    assert_eq!(
        blocks,
        [
            "$ stop-service billing",
            "$ kafka-consumer-groups.sh --reset-offsets --group billing --topic rides --to-offset 4 --execute \
             --bootstrap-server localhost:9092",
            "$ start-service billing",
        ]
    );
    let waits: Vec<_> = blocks.iter().map(|block| commands::waits_for(block)).collect();
    assert_eq!(waits, [Some("billing".to_owned()), Some("main".to_owned()), None]);
    let real = commands::real_commands(&blocks).expect("the tool is real");
    assert!(real.starts_with("kafka-consumer-groups.sh") && !real.contains('\n'), "{real}");
    assert_eq!(commands::real_commands(&commands::kill_service("billing")), None);
    assert_eq!(commands::waits_for("@c1 $ kafka-console-consumer.sh"), None);
    assert_eq!(commands::waits_for("@c1 ^C").as_deref(), Some("c1"));
}

#[test]
fn a_key_can_be_found_for_each_partition() {
    for count in [1, 3, 50] {
        for partition in 0..count {
            let key = commands::key_for_partition(partition, count).expect("a key");
            assert_eq!(partition_for_key(key.as_bytes(), count), partition);
        }
    }
    assert_eq!(commands::key_for_partition(3, 3), None);
}

#[test]
fn times_are_written_as_the_calendar_has_them() {
    for (ms, expected) in [
        (0, "1970-01-01 00:00:00.000"),
        (951_782_400_000, "2000-02-29 00:00:00.000"),
        (1_767_225_612_430, "2026-01-01 00:00:12.430"),
        (1_798_761_599_999, "2026-12-31 23:59:59.999"),
        (4_107_542_400_000, "2100-03-01 00:00:00.000"),
        (-1, "none"),
    ] {
        assert_eq!(text::timestamp_text(Timestamp(ms)), expected);
    }
    assert_eq!(text::clock_text(SimTime::from_ms(12_430)), "00:12.430");
    assert_eq!(text::clock_text(SimTime::from_ms(3_661_001)), "1:01:01.001");
}

#[test]
fn json_is_indented_and_not_a_sign_of_it_changed() {
    let written = r#"{"b":1.0,"a":[1e3,{},[],"x,y:{\"z\"} \\"],"b":null,"n":12345678901234567890123}"#;
    let ValueText::Json(json) = ValueText::of(Some(written.as_bytes())) else { panic!("it is JSON") };
    assert_eq!(
        json,
        "{\n  \"b\": 1.0,\n  \"a\": [\n    1e3,\n    {},\n    [],\n    \"x,y:{\\\"z\\\"} \\\\\"\n  ],\n  \"b\": null,\n  \"n\": \
         12345678901234567890123\n}"
    );
    assert_eq!(ValueText::of(Some(b"{\"open\": ")), ValueText::Text("{\"open\": ".into()));
    assert_eq!(ValueText::of(Some(b"42")), ValueText::Text("42".into()));
    assert_eq!(ValueText::of(Some(&[0xff, 0x00])), ValueText::Hex("0xff00".into()));
    assert_eq!(ValueText::of(None), ValueText::Null);
    assert_eq!(ValueText::of(Some(b"")), ValueText::Text(String::new()));
}

#[test]
fn previews_are_short_and_on_one_line() {
    assert_eq!(text::preview("a\tb\nc", 10), "a b c");
    assert_eq!(text::preview("abcdef", 4), "abc…");
    assert_eq!(text::preview("abcd", 4), "abcd");
    // The cut of a long text goes through a character of several bytes: still text.
    let long = "é".repeat(500);
    for chars in 1..40 {
        let shown = text::bytes_preview(&long.as_bytes()[..999], chars);
        assert!(!shown.starts_with("0x"), "{chars}: {shown}");
        assert_eq!(shown.chars().count(), chars);
    }
    assert!(text::bytes_preview(&[0xff; 100], 8).starts_with("0xffff"));
    assert_eq!(text::size_text(1023), "1023 B");
    assert_eq!(text::size_text(1536), "1.5 KiB");
    assert_eq!(text::size_text(5 * 1024 * 1024), "5.0 MiB");
}

#[test]
fn hues_stay_and_spread() {
    // Kept: a change of the hash would give every saved screenshot and habit other colours.
    let hues: Vec<u16> = ["ride-1", "ride-2", "ride-3", "ride-4"].iter().map(|key| text::hue(key.as_bytes())).collect();
    assert!(hues.iter().all(|hue| *hue < 360));
    let mut sorted: Vec<u16> = (0..100).map(|n| text::hue(format!("ride-{n}").as_bytes()) / 30).collect();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), 12, "a hundred keys use all of the circle");
    assert_eq!(text::hue(b"ride-7"), text::hue("ride-7".as_bytes()));
}

#[test]
fn a_flight_goes_from_its_sender_to_its_receiver() {
    let (sent, arrives) = (SimTime(1000), SimTime(1400));
    assert_eq!(progress(sent, arrives, SimTime(900)), 0);
    assert_eq!(progress(sent, arrives, sent), 0);
    assert_eq!(progress(sent, arrives, SimTime(1100)), 250);
    assert_eq!(progress(sent, arrives, arrives), 1000);
    assert_eq!(progress(sent, arrives, SimTime(9000)), 1000);
    assert_eq!(progress(sent, sent, sent), 1000);
}
