//! What is offered at the cursor, and what statements that are no queries come to.

use super::lab::Lab;
use kafka_playground::streams::query::plan::{Candidate, CandidateKind, Plan, candidates};

fn lab() -> Lab {
    Lab::new(&[("rides", r#"{"id":"1","fare":2.5,"to":{"lat":1.5,"two words":1}}"#), ("other", r#"{"x":1}"#)]).with(
        "CREATE TABLE drivers (id STRING PRIMARY KEY, name STRING) WITH (KAFKA_TOPIC='drivers', PARTITIONS=3); \
               CREATE STREAM good AS SELECT id FROM rides;",
    )
}

/// The cursor is where `|` stands.
fn offered(text: &str, kind: CandidateKind) -> Vec<String> {
    let (at, text) = (text.find('|').expect("a cursor"), text.replace('|', ""));
    let (_, all) = candidates(&lab().catalog, &text, at);
    all.into_iter().filter(|candidate| candidate.kind == kind).map(|Candidate { text, .. }| text).collect()
}

#[test]
fn names_are_offered_where_they_can_stand() {
    use CandidateKind::{Field, Function, Keyword, Property, Query, Source};
    assert_eq!(offered("SELECT * FROM |", Source), ["drivers", "good", "rides", "other"]);
    assert_eq!(offered("SELECT * FROM r|", Source), ["rides"]);
    assert_eq!(offered("SELECT f| FROM rides", Field), ["fare"]);
    assert_eq!(offered("SELECT x FROM other; SELECT f| FROM rides; SELECT x FROM other", Field), ["fare"]);
    assert!(!offered("SELECT | FROM rides; SELECT x FROM other", Field).contains(&"x".to_owned()));
    assert_eq!(offered("SELECT r.| FROM rides r JOIN other o", Field), ["id", "fare", "to"]);
    assert_eq!(offered("SELECT d.n| FROM rides r JOIN drivers AS d", Field), ["name"]);
    assert_eq!(offered("SELECT r.to.| FROM rides r", Field), ["lat", "`two words`"]);
    assert_eq!(offered("SELECT to->l| FROM rides", Field), ["lat"]);
    assert_eq!(offered("SELECT id FROM rides WHERE row|", Field), ["ROWTIME", "ROWKEY"]);
    assert!(offered("SELECT co| FROM rides", Function).starts_with(&["COUNT(".to_owned(), "COUNT_DISTINCT(".to_owned()]));
    assert!(offered("SELECT r.co| FROM rides r", Function).is_empty());
    assert!(offered("SELECT id FROM rides |", Keyword).contains(&"WINDOW".to_owned()));
    assert_eq!(offered("CREATE STREAM s WITH (kaf|", Property), ["KAFKA_TOPIC="]);
    assert_eq!(offered("TERMINATE |", Query), ["Q_0"]);
    assert!(offered("SELECT 'x|", Field).is_empty());
}

#[test]
fn statements_say_what_is_to_be_done() {
    let lab = lab();
    let plan = |text: &str| lab.plan(text).unwrap_or_else(|error| panic!("{}", error.render(text)));
    assert_eq!(plan("TERMINATE ALL"), Plan::Terminate(vec!["Q_0".into()]));
    assert_eq!(plan("PAUSE good"), Plan::Pause(vec!["Q_0".into()]));
    assert_eq!(plan("RESUME q_0"), Plan::Resume(vec!["Q_0".into()]));
    assert_eq!(plan("EXPLAIN Q_0"), Plan::ExplainQuery("Q_0".into()));
    assert!(matches!(plan("DROP STREAM IF EXISTS nothing"), Plan::Nothing(_)));
    assert!(matches!(plan("CREATE STREAM IF NOT EXISTS good AS SELECT id FROM rides"), Plan::Nothing(_)));
    let Plan::Explain(text) = plan("EXPLAIN SELECT id FROM rides WHERE fare > 1") else { panic!("no text") };
    assert!(
        text.starts_with("Topologies:\n   Sub-topology: 0\n    Source: KSTREAM-SOURCE-0000000000 (topics: [rides])\n"),
        "{text}"
    );
    assert!(text.contains("Processor: KSTREAM-FILTER-0000000001") && text.contains("(topic: out)"), "{text}");
    let Plan::Describe(source) = plan("DESCRIBE rides") else { panic!("no source") };
    assert_eq!(source.columns[2].data_type.to_string(), "STRUCT<lat DOUBLE, two words BIGINT>");
    let Plan::Drop(dropped) = plan("DROP STREAM good DELETE TOPIC") else { panic!("no drop") };
    assert_eq!((dropped.query.as_deref(), dropped.delete_topic.as_deref()), (Some("Q_0"), Some("good")));
    let mut after = lab.catalog.clone();
    after.dropped(&dropped);
    assert!(after.queries.is_empty() && after.topic("good").is_none() && after.sources.len() == 1);
    let Plan::Query(query) =
        plan("CREATE OR REPLACE STREAM good WITH (KAFKA_TOPIC='better', PARTITIONS=5, REPLICAS=2) AS SELECT id FROM rides")
    else {
        panic!("no query")
    };
    assert_eq!((query.topic.as_str(), query.partitions, query.replicas, query.replaces), ("better", 5, Some(2), true));
    let Plan::Query(query) = plan("SELECT id FROM rides LIMIT 3") else { panic!("no query") };
    assert_eq!((query.topic.as_str(), query.limit, query.name), ("out", Some(3), None));
}

#[test]
fn what_is_seen_in_records_is_learnt() {
    use kafka_playground::streams::query::plan::{Topic, Type};
    let mut topic = Topic::new("t", 1);
    for record in [r#"{"a":1,"b":[1]}"#, r#"{"a":2.5,"b":[],"c":{"d":null}}"#, r#"{"c":{"d":"x"},"a":3}"#, "5", r#"{"b":"x"}"#] {
        topic.learn(&super::lab::json(record));
    }
    assert_eq!(Type::Row(topic.fields).to_string(), "STRUCT<a DOUBLE, b ANY, c STRUCT<d STRING>>");
}
