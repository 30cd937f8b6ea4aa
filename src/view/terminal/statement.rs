//! Completion of a statement of the query language: its words, what it can read, and the fields of the last records there.

use super::complete::{Candidates, Completion, completed};
use crate::base::{Offset, TopicPartition};
use crate::engine::world::World;
use crate::shell::query::{FILE, RECORDS, learn_statements};
use crate::streams::Serde;
use crate::streams::query::plan::{Candidate, CandidateKind, Catalog, Topic, candidates};
use crate::view::parts::row::leader_replica;
use crate::view::records::topic_names;

pub(super) fn complete(world: &World, before: &str, after: &str) -> Option<Completion> {
    let text = format!("{before}{after}");
    let (typed, all) = candidates(&catalog(world, &text), &text, before.len());
    let typed = typed.of(&text);
    let start = before.len() - typed.len();
    // Words are offered as this person writes them.
    let example = if typed.is_empty() { before } else { typed };
    let small = example.chars().any(char::is_lowercase) && !example.chars().any(char::is_uppercase);
    let shown = |candidate: Candidate| match candidate.kind {
        CandidateKind::Keyword | CandidateKind::Function if small => (candidate.text.to_lowercase(), candidate.about),
        _ => (candidate.text, candidate.about),
    };
    let mut found: Candidates = all.into_iter().map(shown).collect();
    found.dedup_by(|one, other| one.0 == other.0);
    completed(before, start, found)
}

/// What there is to read: topics, and what earlier statements made of them; of those that the text names, the fields.
fn catalog(world: &World, text: &str) -> Catalog {
    let mut catalog = Catalog::default();
    for name in topic_names(world, false) {
        let partitions = world.cluster().topic(&name).map_or(0, |topic| topic.partitions.len() as i32);
        catalog.topics.push(Topic::new(&*name, partitions));
    }
    learn_statements(&mut catalog, &world.file(FILE).unwrap_or_default(), text);
    let text = text.to_lowercase();
    let names = |name: &String| text.contains(&name.to_lowercase());
    let sources = &catalog.sources;
    let is_named =
        |topic: &Topic| names(&topic.name) || sources.iter().any(|source| source.topic == topic.name && names(&source.name));
    catalog.topics.iter_mut().filter(|topic| is_named(topic)).for_each(|topic| learn(world, topic));
    catalog
}

fn learn(world: &World, topic: &mut Topic) {
    for number in 0..topic.partitions {
        let Some(replica) = leader_replica(world, &TopicPartition::new(topic.name.as_str(), number)) else { continue };
        let end = replica.log.log_end_offset();
        replica.log.for_each_record(Offset((end.0 - RECORDS).max(0)), end, |record| {
            if let Some(Ok(value)) = record.value.map(|bytes| Serde::Json.deserialize(bytes)) {
                topic.learn(&value);
            }
            true
        });
    }
}
