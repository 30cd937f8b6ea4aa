//! The TypeScript types of the JavaScript API are written by hand: here each answer of the API is held against its type, field by
//! field, so that neither can change alone.

use std::collections::{BTreeMap, BTreeSet};

use kafka_playground::base::Span;
use kafka_playground::session::Session;
use kafka_playground::view::View;
use kafka_playground::view::api;
use serde::Serialize;
use serde_json::Value;

/// `interface` and `type` declarations, by name: an interface's body in braces, and what it extends before it.
fn declarations() -> BTreeMap<String, String> {
    let source = include_str!("../../src/js/types.rs");
    let text = source.split("r#\"").nth(1).and_then(|rest| rest.split("\"#").next()).expect("the types stand in one raw string");
    let mut code = String::new();
    for part in text.split("/**").enumerate() {
        code += if part.0 == 0 { part.1 } else { part.1.split_once("*/").expect("a comment ends").1 };
    }
    let mut known = BTreeMap::new();
    for item in code.split("export ").flat_map(|part| part.split("\ninterface ").map(str::trim)) {
        let item = item.strip_prefix("interface ").unwrap_or(item);
        if let Some((name, body)) = item.strip_prefix("type ").and_then(|alias| alias.split_once('=')) {
            known.insert(
                name.trim().to_owned(),
                body.split("declare").next().unwrap_or_default().trim().trim_end_matches(';').to_owned(),
            );
        } else if let Some((head, body)) = item.split_once('{') {
            let (name, base) = head.split_once(" extends ").unwrap_or((head, ""));
            let body = format!("{{{body}");
            let joined = if base.is_empty() { body } else { format!("{} & {body}", base.trim()) };
            known.insert(name.trim().to_owned(), joined.trim().to_owned());
        }
    }
    known
}

/// The parts of a text between separators that stand in no bracket.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '{' | '(' | '[' | '<' => depth += 1,
            '}' | ')' | ']' | '>' => depth -= 1,
            _ if letter == separator && depth == 0 => {
                parts.push(text[from..at].trim());
                from = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text[from..].trim());
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

/// The objects that a type allows, each with its fields; a union has several.
fn objects(known: &BTreeMap<String, String>, ts: &str) -> Vec<BTreeMap<String, String>> {
    let ts = ts.trim();
    let ts = ts.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(ts).trim();
    if let [_, _, ..] = split(ts, '|')[..] {
        return split(ts, '|').into_iter().flat_map(|one| objects(known, one)).collect();
    }
    if let [first, second] = split(ts, '&')[..] {
        let join = |one: &BTreeMap<String, String>, other: BTreeMap<String, String>| one.clone().into_iter().chain(other).collect();
        let firsts = objects(known, first);
        return firsts.iter().flat_map(|one| objects(known, second).into_iter().map(move |other| join(one, other))).collect();
    }
    if let Some(body) = ts.strip_prefix('|').or(ts.strip_prefix('{')).and_then(|rest| rest.trim_end().strip_suffix('}')) {
        let field = |text: &str| text.split_once(':').map(|(name, ts)| (name.trim().to_owned(), ts.trim().to_owned()));
        return vec![split(body, ';').into_iter().filter_map(field).collect()];
    }
    known.get(ts).map_or_else(Vec::new, |declared| objects(known, declared))
}

/// Does a value fit a type? An object has all of its fields, and no other.
fn fits(known: &BTreeMap<String, String>, ts: &str, value: &Value) -> bool {
    let ts = ts.trim();
    if let Some(inner) = ts.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return fits(known, inner, value);
    }
    let one_of = split(ts, '|');
    if one_of.len() > 1 {
        return one_of.into_iter().any(|one| fits(known, one, value));
    }
    match (ts, value) {
        ("number", Value::Number(_)) | ("string", Value::String(_)) | ("boolean", Value::Bool(_)) | ("null", Value::Null) => true,
        ("Uint8Array", Value::Array(bytes)) => bytes.iter().all(Value::is_u64),
        ("Record<string, string>", Value::Object(fields)) => fields.values().all(Value::is_string),
        (_, Value::String(text)) if ts.starts_with('"') => ts.trim_matches('"') == text,
        (_, Value::Array(all)) if ts.ends_with("[]") => all.iter().all(|one| fits(known, ts.trim_end_matches("[]"), one)),
        (_, Value::Object(fields)) => objects(known, ts).iter().any(|wanted| {
            let same = wanted.keys().collect::<BTreeSet<_>>() == fields.keys().collect::<BTreeSet<_>>();
            same && wanted.iter().all(|(name, ts)| fits(known, ts, &fields[name]))
        }),
        _ => known.get(ts).is_some_and(|declared| !declared.starts_with('{') && fits(known, declared, value)),
    }
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("plain values")
}

#[test]
fn what_the_api_answers_is_what_its_types_say() {
    let known = declarations();
    let mut session = Session::empty(1, 3, &[]);
    let at = "--bootstrap-server localhost:9092";
    let run = |session: &mut Session, line: &str| {
        json(&api::run(session, &line.replace("AT", at)).unwrap_or_else(|why| panic!("{line}: {why}")))
    };
    let mut answers = vec![(
        "RunResult",
        run(&mut session, "kafka-topics.sh --create --topic t --replication-factor 3 --config retention.ms=9 AT"),
    )];
    run(
        &mut session,
        r"printf 'h:1\tk\tv\n' | kafka-console-producer.sh --topic t --reader-property parse.key=true --reader-property parse.headers=true AT",
    );
    for line in ["@c1 $ kafka-console-consumer.sh --topic t --group g AT", "@c2 $ kafka-console-consumer.sh --topic t --group s AT"]
    {
        answers.push(("RunResult", run(&mut session, line)));
    }
    run(&mut session, "@s1 $ kafka-console-share-consumer.sh --topic t --group shares AT");
    run(&mut session, "kafka-topics.sh --alter --topic t --partitions 2 AT");
    run(&mut session, "kill-broker 2");
    session.advance(Span::from_secs(20), 1_000_000);
    run(&mut session, "@c2 ^C");
    let view = View::of(&session);
    let trace = api::trace(view.into(), 0, 10_000).expect("a window");
    let kinds: BTreeSet<String> = trace.iter().map(|entry| entry["type"].to_string()).collect();
    assert!(kinds.len() >= 20, "too few kinds of entries to tell: {kinds:?}");
    answers.extend(trace.into_iter().map(|entry| ("TraceEntry", entry)));
    answers.push(("Topic[]", json(&api::topics(view.into()))));
    answers.push(("Partition[]", json(&api::partitions(view.into(), "t").expect("there"))));
    let records = (0..2).flat_map(|partition| api::records(view.into(), "t", partition, 0, 10).expect("there")).collect::<Vec<_>>();
    assert!(records.iter().any(|record| !record.headers.is_empty()), "one has a header");
    answers.push(("KafkaRecord[]", json(&records)));
    let groups = api::groups(view.into());
    assert!(groups.len() >= 3 && groups.iter().any(|group| !group.members.is_empty() && !group.offsets.is_empty()), "{groups:?}");
    answers.push(("Group[]", json(&groups)));
    answers.push(("Broker[]", json(&api::brokers(view.into()))));
    for (ts, answer) in &answers {
        assert!(fits(&known, ts, answer), "this is no {ts}: {answer}");
    }
    // It must be able to tell.
    let topic = &answers.iter().find(|(ts, _)| *ts == "Topic[]").expect("asked above").1[0];
    let (mut less, mut wrong) = (topic.clone(), topic.clone());
    less.as_object_mut().expect("an object").remove("name");
    wrong["internal"] = Value::from("no");
    assert!(fits(&known, "Topic", topic) && !fits(&known, "Topic", &less) && !fits(&known, "Topic", &wrong));
}
