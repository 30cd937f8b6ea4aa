//! The Records view: a topic as one long list, of which no more is read than is shown; filters; the columns of JSON values.

use kafka_playground::base::{Offset, Timestamp, TopicPartition};
use kafka_playground::engine::World;
use kafka_playground::engine::client::partitioner::partition_for_key;
use kafka_playground::view::fields::{self, CellKind, Column};
use kafka_playground::view::records::{From, RecordFilter, RecordList, Search, TableRow, record_row};
use kafka_playground::view::row::{RowStart, partition_row};
use kafka_playground::view::text::ValueText;

use crate::view_world::{Bench, taxis};

/// What the table shows with a filter, read to the end.
fn rows(world: &World, topic: &str, filter: &RecordFilter, max: usize) -> Vec<TableRow> {
    let list = RecordList::of(world, topic, filter.partition);
    if filter.searches() {
        let mut search = Search::begin(&list, filter.from);
        while search.go_on(&list, filter, max, 1000) {}
        return search.rows(&list, 0, usize::MAX);
    }
    match filter.from {
        From::Tail => list.before(list.end(), max),
        from => list.window(list.place(from), max),
    }
}

/// Thirty records of five keys over three partitions.
fn thirty() -> Bench {
    let mut bench = Bench::told(&["create rides 3"]);
    for number in 0..30 {
        bench.tell(&format!("send rides ride-{} {{\"n\":{number},\"a\":1}}", number % 5));
        bench.pass(100);
    }
    bench
}

#[test]
fn the_table_filters_seeks_and_keeps_order() {
    let bench = thirty();
    let rows = |filter: RecordFilter, max| rows(&bench.world, "rides", &filter, max);
    let all = rows(RecordFilter { from: From::Beginning, ..Default::default() }, 100);
    assert_eq!(all.len(), 30);
    assert!(all.windows(2).all(|pair| pair[0].timestamp <= pair[1].timestamp));
    assert_eq!(all.iter().map(|row| row.position).collect::<Vec<_>>(), (0..30).collect::<Vec<_>>());
    assert_eq!(rows(RecordFilter::default(), 100), all);
    assert_eq!(rows(RecordFilter::default(), 7), all[23..], "the tail is the end of the whole");
    let one = rows(RecordFilter { key: "ride-3".into(), ..Default::default() }, 100);
    assert_eq!(one.len(), 6);
    let home = partition_for_key(b"ride-3", 3);
    assert!(one.iter().all(|row| row.topic_partition.partition == home && row.key.as_deref() == Some("ride-3")));
    assert!(one.windows(2).all(|pair| pair[0].offset < pair[1].offset));
    let only = rows(RecordFilter { partition: Some(home), ..Default::default() }, 100);
    assert!(only.len() >= 6 && only.iter().all(|row| row.topic_partition.partition == home && row.position == row.offset));
    let seventeen = |from| rows(RecordFilter { value: "\"n\":17,".into(), from, ..Default::default() }, 100);
    assert_eq!(seventeen(From::Tail), all[17..18]);
    assert_eq!(seventeen(From::Beginning), all[17..18]);
    assert_eq!(seventeen(From::Time(Timestamp(all[18].timestamp))), []);
    let later = Timestamp(all[10].timestamp);
    assert_eq!(rows(RecordFilter { from: From::Time(later), ..Default::default() }, 100), all[10..]);
    let from_two = rows(RecordFilter { from: From::Offset(Offset(2)), ..Default::default() }, 100);
    let first = all.iter().position(|row| row.offset >= 2).expect("there are some");
    assert_eq!(from_two, all[first..]);
    let full = record_row(&bench.world, &all[0].topic_partition, Offset(all[0].offset)).expect("it is there");
    assert_eq!(full.value, ValueText::Json("{\n  \"n\": 0,\n  \"a\": 1\n}".into()));
    assert_eq!(full.headers, [("trace".to_owned(), Some("7".to_owned()))]);
    assert_eq!(rows(RecordFilter { from: From::Offset(Offset(1000)), ..Default::default() }, 9), []);
    assert!(RecordList::of(&bench.world, "nowhere", None).window(0, 5).is_empty());
}

/// Scrolling by one row moves all rows by one: each window is a part of the same list.
#[test]
fn every_window_is_a_part_of_one_list() {
    let bench = thirty();
    for partition in [None, Some(0), Some(1), Some(2)] {
        let list = RecordList::of(&bench.world, "rides", partition);
        let all = list.window(list.first(), 1000);
        for (at, row) in all.iter().enumerate() {
            assert_eq!(list.window(row.position, 1000), all[at..]);
            assert_eq!(list.before(row.position, 4), all[at.saturating_sub(4)..at]);
            assert_eq!(list.position(&row.topic_partition, row.offset), row.position);
        }
    }
}

/// The same where producers' times go back, markers and deleted records leave gaps, and a partition begins later.
#[test]
fn windows_fit_together_in_a_story() {
    let session = taxis(&[], 40);
    let world = session.world();
    for (topic, _) in world.cluster().topics() {
        let list = RecordList::of(world, topic.as_str(), None);
        let all = list.window(list.first(), 100_000);
        for (at, row) in all.iter().enumerate().step_by(7) {
            assert_eq!(list.window(row.position, 9), all[at..all.len().min(at + 9)], "{topic}");
            assert_eq!(list.position(&row.topic_partition, row.offset), row.position, "{topic}");
        }
        let mut seen: Vec<(TopicPartition, i64)> = all.iter().map(|row| (row.topic_partition.clone(), row.offset)).collect();
        let count = seen.len();
        kafka_playground::base::sort(&mut seen);
        seen.dedup();
        assert_eq!(seen.len(), count, "no record stands twice");
    }
}

/// A million records cost no more than ten thousand: what is read is counted, not timed.
#[test]
fn a_window_of_the_table_costs_the_same_among_a_million_records() {
    let mut bench = Bench::told(&["create rides 1", "create many 3"]);
    for _ in 0..100 {
        bench.tell("many rides 10000");
        bench.pass(1000);
    }
    for _ in 0..12 {
        bench.tell("many many 10000");
        bench.pass(1000);
    }
    let largest_batch = 16_384 / 8;
    for (topic, records, parts) in [("rides", 1_000_000, 1), ("many", 120_000, 3)] {
        let read = |look: &dyn Fn(&RecordList<'_>) -> Vec<TableRow>| {
            let list = RecordList::of(&bench.world, topic, None);
            assert_eq!(list.end(), records);
            assert_eq!(look(&list).len(), 50);
            list.records_read()
        };
        let costs = [
            read(&|list| list.window(0, 50)),
            read(&|list| list.window(records / 2 + 17, 50)),
            read(&|list| list.before(list.end(), 50)),
            read(&|list| list.window(list.place(From::Offset(Offset(records / 3 / parts))), 50)),
        ];
        // Finding the cut looks into some batches of each partition.
        let most = 50 + (parts as usize) * 12 * largest_batch;
        assert!(costs.iter().all(|cost| *cost <= most), "{topic}: {costs:?} records were read for 50 rows");
    }
    // A filter that fits nothing looks at so much at a time, and then asks.
    let list = RecordList::of(&bench.world, "rides", None);
    let filter = RecordFilter { value: "nothing".into(), ..Default::default() };
    for from in [From::Tail, From::Beginning] {
        let mut search = Search::begin(&list, from);
        let mut before = list.records_read();
        while search.go_on(&list, &filter, 50, 5000) {
            let read = list.records_read() - before;
            assert!(read <= 5000 + 4 * largest_batch, "{read} records were read at once");
            before = list.records_read();
        }
        assert!(search.asks(&list) && search.found() == 0, "{}", search.looked_at());
        let looked_at = search.looked_at();
        assert!((100_000..=110_000).contains(&looked_at), "{looked_at}");
        search.search_on();
        assert!(search.go_on(&list, &filter, 50, 5000) && search.looked_at() > looked_at);
    }
}

/// A search that has seen the end goes on with what arrives.
#[test]
fn a_search_finds_what_arrives_later() {
    let mut bench = thirty();
    let filter = RecordFilter { key: "ride-3".into(), ..Default::default() };
    let mut search = {
        let list = RecordList::of(&bench.world, "rides", None);
        let mut search = Search::begin(&list, From::Tail);
        while search.go_on(&list, &filter, 100, 7) {}
        assert!(search.is_over(&list) && search.found() == 6);
        search
    };
    bench.tell("send rides ride-3 later");
    bench.pass(100);
    let list = RecordList::of(&bench.world, "rides", None);
    assert!(!search.is_over(&list));
    search.go_on(&list, &filter, 100, 100);
    let found = search.rows(&list, 0, 100);
    assert_eq!(found.last().map(|row| row.value_preview.as_str()), Some("later"));
    assert_eq!((found.len(), search.looked_at()), (7, 31));
    assert_eq!(search.rows(&list, 6, 100), found[6..]);
    assert_eq!(search.index_of(&found[6].topic_partition, found[6].offset), Some(6));
}

#[test]
fn offset_records_are_shown_in_words() {
    let session = taxis(&[], 25);
    let world = session.world();
    let all = rows(world, "__consumer_offsets", &RecordFilter::default(), 500);
    let commit = all.iter().find(|row| row.value_preview.starts_with("committed offset ")).expect("a commit");
    assert!(commit.key.as_deref().is_some_and(|key| key.starts_with("group ")) && commit.fields.is_none(), "{commit:?}");
    let row = partition_row(world, &commit.topic_partition, RowStart::From(Offset(commit.offset)), 1).expect("a row");
    assert_eq!(&*row.cells[0].value_preview, commit.value_preview);
    let only = RecordFilter { key: "group billing".into(), ..RecordFilter::default() };
    let found = rows(world, "__consumer_offsets", &only, 500);
    assert!(!found.is_empty() && found.len() <= all.len());
}

fn shown(value: &str) -> Vec<(String, CellKind, String)> {
    let fields = fields::of(value.as_bytes()).unwrap_or_else(|| panic!("no object: {value}"));
    fields.into_iter().map(|field| (field.path, field.kind, field.text)).collect()
}

#[test]
fn a_value_has_fields_in_the_order_they_are_written() {
    let cell = |path: &str, kind, text: &str| (path.to_owned(), kind, text.to_owned());
    let value = r#" {"kind":"a \"b\"\u00e9","z":1.0,"a":1e3,"ok":true,"none":null,"list":[1,{"x":2}],"empty":{},"route":{"from":"x","to":{"lat":-0.50,"deep":{"n":1}}}}"#;
    assert_eq!(
        shown(value),
        [
            cell("kind", CellKind::Text, "a \"b\"é"),
            cell("z", CellKind::Number, "1.0"),
            cell("a", CellKind::Number, "1e3"),
            cell("ok", CellKind::Bool, "true"),
            cell("none", CellKind::Null, "null"),
            cell("list", CellKind::Nested, r#"[1,{"x":2}]"#),
            cell("empty", CellKind::Nested, "{}"),
            cell("route.from", CellKind::Text, "x"),
            cell("route.to.lat", CellKind::Number, "-0.50"),
            cell("route.to.deep", CellKind::Nested, r#"{"n":1}"#),
        ]
    );
    assert_eq!(shown(r#"{"a":1,"b":2,"a":3}"#), [cell("a", CellKind::Number, "3"), cell("b", CellKind::Number, "2")]);
    assert_eq!(shown("{}"), []);
    for none in ["", "null", "12", "\"text\"", "[1,2]", "{\"a\":1", "{a:1}", "{\"a\":1} x", "hello"] {
        assert_eq!(fields::of(none.as_bytes()), None, "{none}");
    }
    assert_eq!(fields::of(&[b'{', 0xff, b'}']), None);
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(70_000));
    assert_eq!(fields::of(long.as_bytes()), None, "too long to be read at each drawing");
    let many: Vec<String> = (0..500).map(|number| format!("\"f{number}\":{number}")).collect();
    assert_eq!(shown(&format!("{{{}}}", many.join(","))).len(), fields::FIELDS_MAX);
}

#[test]
fn columns_are_learnt_and_chosen() {
    let mut columns: Vec<Column> = Vec::new();
    let learn = |columns: &mut Vec<Column>, value: &str| fields::learn(columns, &fields::of(value.as_bytes()).expect("an object"));
    learn(&mut columns, r#"{"rideId":"ride-119","fare":12.50,"eventType":"ride_requested"}"#);
    learn(&mut columns, r#"{"rideId":"ride-7","driver":"d-1","fare":null,"eventType":"ride_assigned","at":1}"#);
    learn(&mut columns, r#"{"fare":"free"}"#);
    let paths: Vec<(&str, bool)> = columns.iter().map(|column| (column.path.as_str(), column.numbers)).collect();
    assert_eq!(paths, [("rideId", false), ("driver", false), ("fare", false), ("eventType", false), ("at", true)]);
    assert_eq!(columns[3].chars, "ride_requested".len());
    let chosen = |chars| fields::chosen_by_width(&columns, chars);
    assert_eq!(chosen(1000), ["eventType", "rideId", "driver", "fare", "at"], "what happened stands first");
    assert_eq!(chosen(30), ["eventType", "rideId"]);
    assert_eq!(chosen(3), ["eventType"], "one at least");
}
