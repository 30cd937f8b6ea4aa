//! A group of the consumer protocol as the records of `__consumer_offsets` say it is (`GroupMetadataManager.replay`,
//! `onLoaded`): read when a coordinator begins. Sessions begin anew, and so does the time to give up partitions.

use std::rc::Rc;

use super::super::GroupTimer;
use super::super::loading::subscription;
use super::super::records::Reader;
use super::regex::ResolvedRegex;
use super::work::ConsumerWork;
use super::{ClassicMember, ConsumerGroup, ConsumerMember, ReconciliationState, records, target};
use crate::base::{GroupId, MemberId, SimTime, SortedMap, Span, Timestamp, TopicId, TopicName, TopicPartition};
use crate::engine::broker::{Broker, Outcome};
use crate::engine::node::NodeContext;

/// The groups read so far.
pub type Groups = SortedMap<GroupId, Rc<ConsumerGroup>>;

/// Topics by id: records name them so. A topic that is gone has nobody's partitions.
pub type Names = SortedMap<TopicId, TopicName>;

pub fn names(cx: &NodeContext<'_>) -> Names {
    cx.metadata.topics().map(|(name, topic)| (topic.topic_id, name.clone())).collect()
}

/// Takes a record in whose key begins with this type. `None` for one of another shape.
pub fn take_in(groups: &mut Groups, names: &Names, kind: i16, mut key: Reader<'_>, value: Option<&[u8]>) -> Option<()> {
    let group_id = GroupId::from(key.string()?);
    let Some(bytes) = value else {
        return take_out(groups, &group_id, kind, key);
    };
    let mut value = Reader { bytes };
    value.i16()?;
    let group = Rc::make_mut(groups.get_or_insert_with(group_id, || Rc::new(ConsumerGroup::new())));
    match kind {
        records::GROUP_METADATA_KEY => {
            group.group_epoch = value.i32()?;
            group.metadata_hash = tagged(&mut value)?.and_then(|mut field| field.i64()).unwrap_or(0);
        }
        records::TARGET_METADATA_KEY => {
            group.assignment_epoch = value.i32()?;
            let at = tagged(&mut value)?.and_then(|mut field| field.i64());
            group.assigned_at = at.map(|at| SimTime::from_timestamp(Timestamp(at)));
        }
        records::REGULAR_EXPRESSION_KEY => {
            let regex = key.string()?.to_owned();
            let topics = (0..length(&mut value)?).map(|_| value.compact_string().map(TopicName::from));
            let topics = topics.collect::<Option<_>>()?;
            value.i64()?;
            let at = SimTime::from_timestamp(Timestamp(value.i64()?));
            group.regexes.insert(regex, ResolvedRegex::read(topics, at));
        }
        _ => take_in_member(group, names, kind, MemberId::from(key.string()?), value)?,
    }
    Some(())
}

fn take_out(groups: &mut Groups, group_id: &GroupId, kind: i16, mut key: Reader<'_>) -> Option<()> {
    if kind == records::GROUP_METADATA_KEY {
        groups.remove(group_id);
        return Some(());
    }
    let group = Rc::make_mut(groups.get_mut(group_id)?);
    match kind {
        records::REGULAR_EXPRESSION_KEY => {
            group.regexes.remove(key.string()?);
        }
        records::TARGET_MEMBER_KEY => {
            group.target.remove(key.string()?);
        }
        records::CURRENT_ASSIGNMENT_KEY => {
            let mut member = group.members.get(key.string()?)?.as_ref().clone();
            (member.epoch, member.previous_epoch) = (-1, -1);
            (member.assigned, member.pending_revocation) = (SortedMap::new(), SortedMap::new());
            group.put(member);
        }
        records::MEMBER_METADATA_KEY => {
            group.remove(&MemberId::from(key.string()?));
        }
        _ => {}
    }
    Some(())
}

fn take_in_member(group: &mut ConsumerGroup, names: &Names, kind: i16, id: MemberId, mut value: Reader<'_>) -> Option<()> {
    if kind == records::TARGET_MEMBER_KEY {
        let partitions = partitions(&mut value, names, false)?;
        group.target.insert(id, partitions.into_keys().collect());
        return Some(());
    }
    let known = group.members.get(&id).map(|known| known.as_ref().clone());
    let mut member = known.unwrap_or_else(|| ConsumerMember::new(id));
    match kind {
        records::MEMBER_METADATA_KEY => {
            member.instance_id = value.compact_nullable()?.map(str::to_owned);
            member.rack_id = value.compact_nullable()?.map(str::to_owned);
            member.client_id = value.compact_string()?.to_owned();
            member.client_host = value.compact_string()?.to_owned();
            let topics = (0..length(&mut value)?).map(|_| value.compact_string().map(TopicName::from));
            member.subscribed_topics = topics.collect::<Option<_>>()?;
            member.subscribed_regex = value.compact_nullable()?.unwrap_or_default().to_owned();
            member.rebalance_timeout = milliseconds(value.i32()?);
            member.server_assignor = value.compact_nullable()?.map(str::to_owned);
            member.classic = match tagged(&mut value)? {
                None => None,
                Some(field) => Some(classic(field)?),
            };
        }
        records::CURRENT_ASSIGNMENT_KEY => {
            (member.epoch, member.previous_epoch) = (value.i32()?, value.i32()?);
            member.state = match value.take(1)?.first()? {
                1 => ReconciliationState::UnrevokedPartitions,
                2 => ReconciliationState::UnreleasedPartitions,
                _ => ReconciliationState::Stable,
            };
            member.assigned = partitions(&mut value, names, true)?;
            member.pending_revocation = partitions(&mut value, names, true)?;
        }
        _ => return Some(()),
    }
    group.put(member);
    Some(())
}

fn classic(mut field: Reader<'_>) -> Option<ClassicMember> {
    let session_timeout = milliseconds(field.i32()?);
    let mut protocols = Vec::new();
    for _ in 0..length(&mut field)? {
        let name = field.compact_string()?.to_owned();
        let count = length(&mut field)?;
        let metadata = Reader { bytes: field.take(count)? };
        field.unsigned_varint()?;
        protocols.push((name, Rc::new(subscription(metadata).unwrap_or_default())));
    }
    Some(ClassicMember { session_timeout, protocols })
}

fn milliseconds(number: i32) -> Span {
    Span::from_ms(u64::try_from(number).unwrap_or(0))
}

pub(in crate::engine::group) fn length(value: &mut Reader<'_>) -> Option<usize> {
    usize::try_from(value.unsigned_varint()?.checked_sub(1)?).ok()
}

/// The tagged field with tag 0, where there is one.
pub(in crate::engine::group) fn tagged<'r>(value: &mut Reader<'r>) -> Option<Option<Reader<'r>>> {
    if value.unsigned_varint()? == 0 {
        return Some(None);
    }
    value.unsigned_varint()?;
    let size = usize::try_from(value.unsigned_varint()?).ok()?;
    Some(Some(Reader { bytes: value.take(size)? }))
}

fn partitions(value: &mut Reader<'_>, names: &Names, with_epochs: bool) -> Option<SortedMap<TopicPartition, i32>> {
    let mut found = SortedMap::new();
    for _ in 0..length(value)? {
        let topic_id = TopicId(u128::from_be_bytes(value.take(16)?.try_into().ok()?));
        let numbers: Vec<i32> = (0..length(value)?).map(|_| value.i32()).collect::<Option<_>>()?;
        let mut epochs = tagged(value)?.filter(|_| with_epochs);
        if let Some(epochs) = &mut epochs {
            length(epochs)?;
        }
        for number in numbers {
            let epoch = epochs.as_mut().map_or(Some(0), Reader::i32)?;
            if let Some(name) = names.get(&topic_id) {
                found.insert(TopicPartition::new(name.clone(), number), epoch);
            }
        }
    }
    Some(found)
}

/// All has been read: the topics as they are now, if they are still those of the records, and the timers.
pub fn begin(
    cx: &NodeContext<'_>,
    broker: &Broker,
    group_id: &GroupId,
    group: &ConsumerGroup,
    outcome: &mut Outcome,
) -> ConsumerGroup {
    let mut work = ConsumerWork::with(cx, broker, group_id, group.clone());
    target::remember_topics_of_records(&mut work);
    let session_timeout = work.configs().consumer_session_timeout;
    let ids: Vec<MemberId> = work.group.members.keys().cloned().collect();
    for member_id in ids {
        work.renew_session(&member_id, session_timeout);
        let now = work.now();
        let Some(member) = work.member_mut(&member_id) else { continue };
        if member.state == ReconciliationState::UnrevokedPartitions {
            let deadline = now + member.rebalance_timeout;
            member.timers.revocation = Some((deadline, member.epoch));
            work.timer(deadline, GroupTimer::Revocation { member: member_id });
        }
    }
    outcome.timers.append(&mut work.outcome.timers);
    work.group
}

/// A record in plain words.
pub fn describe(kind: i16, mut key: Reader<'_>, value: Option<&[u8]>) -> Option<String> {
    let group = key.string()?.to_owned();
    let who = match kind {
        records::MEMBER_METADATA_KEY | records::TARGET_MEMBER_KEY | records::CURRENT_ASSIGNMENT_KEY => {
            format!("group {group}, member {}", key.string()?)
        }
        records::REGULAR_EXPRESSION_KEY => format!("group {group}, expression {}", key.string()?),
        _ => format!("group {group}"),
    };
    let what = match kind {
        records::MEMBER_METADATA_KEY => "subscription",
        records::TARGET_MEMBER_KEY => "target assignment",
        records::CURRENT_ASSIGNMENT_KEY => "current assignment",
        records::TARGET_METADATA_KEY => "assignment epoch",
        records::GROUP_METADATA_KEY => "group epoch",
        _ => "topics",
    };
    let Some(bytes) = value else {
        return Some(format!("{who}: {what} dropped"));
    };
    let mut value = Reader { bytes };
    value.i16()?;
    let told = match kind {
        records::GROUP_METADATA_KEY | records::TARGET_METADATA_KEY => value.i32()?.to_string(),
        records::MEMBER_METADATA_KEY => {
            for _ in 0..4 {
                value.compact_nullable()?;
            }
            let topics = (0..length(&mut value)?).map(|_| value.compact_string());
            topics.collect::<Option<Vec<&str>>>()?.join(", ")
        }
        records::TARGET_MEMBER_KEY => format!("of {}", counted(partition_count(&mut value)?)),
        records::CURRENT_ASSIGNMENT_KEY => {
            let epoch = value.i32()?;
            value.take(5)?;
            let (assigned, pending) = (partition_count(&mut value)?, partition_count(&mut value)?);
            let pending = if pending == 0 { String::new() } else { format!(", {} to give up", counted(pending)) };
            format!("of {} at epoch {epoch}{pending}", counted(assigned))
        }
        _ => {
            let topics = (0..length(&mut value)?).map(|_| value.compact_string());
            topics.collect::<Option<Vec<&str>>>()?.join(", ")
        }
    };
    Some(format!("{who}: {what} {told}"))
}

fn counted(count: usize) -> String {
    if count == 1 { "1 partition".to_owned() } else { format!("{count} partitions") }
}

fn partition_count(value: &mut Reader<'_>) -> Option<usize> {
    let mut count = 0;
    for _ in 0..length(value)? {
        value.take(16)?;
        let here = length(value)?;
        value.take(here.checked_mul(4)?)?;
        tagged(value)?;
        count += here;
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    // A test may panic: that is how it fails.
    #![allow(clippy::unwrap_used)]

    use super::super::TopicMetadata;
    use super::*;
    use crate::engine::protocol::{Subscription, UserData};

    fn group() -> ConsumerGroup {
        let topic = TopicMetadata { topic_id: TopicId(7), partition_count: 3 };
        let [zero, one] = [0, 1].map(|partition| TopicPartition::new("t", partition));
        let modern = ConsumerMember {
            instance_id: Some("i".to_owned()),
            rack_id: Some("r".to_owned()),
            client_id: "c".to_owned(),
            client_host: "/h".to_owned(),
            subscribed_topics: ["t", "u"].map(TopicName::from).into_iter().collect(),
            subscribed_regex: "x.*".to_owned(),
            server_assignor: Some("range".to_owned()),
            state: ReconciliationState::UnrevokedPartitions,
            epoch: 3,
            previous_epoch: 2,
            assigned: [(zero.clone(), 2)].into(),
            pending_revocation: [(one.clone(), 3)].into(),
            ..ConsumerMember::new("modern".into())
        };
        let subscription = Subscription {
            topics: vec!["t".into()],
            owned_partitions: vec![one],
            generation_id: 3,
            rack_id: None,
            user_data: UserData::Generation(3),
        };
        let protocols = vec![("cooperative-sticky".to_owned(), Rc::new(subscription))];
        let classic = Some(ClassicMember { session_timeout: Span::from_secs(45), protocols });
        let old = ConsumerMember { classic, epoch: 2, ..ConsumerMember::new("old".into()) };
        let mut group = ConsumerGroup { group_epoch: 4, assignment_epoch: 3, metadata_hash: 5, ..ConsumerGroup::new() };
        group.assigned_at = Some(SimTime::from_ms(1234));
        group.topics.insert("t".into(), topic);
        group.put(modern);
        group.put(old);
        group.target.insert("modern".into(), vec![zero].into());
        group.target.insert("old".into(), Rc::from([]));
        group
    }

    fn read(written: &[records::Record]) -> Groups {
        let (mut groups, names) = (Groups::new(), [(TopicId(7), "t".into())].into());
        for (key, value) in written {
            let mut key = Reader { bytes: key };
            let kind = key.i16().unwrap();
            take_in(&mut groups, &names, kind, key, value.as_deref()).unwrap();
        }
        groups
    }

    #[test]
    fn a_group_is_read_as_it_was_written() {
        let group = group();
        let mut expected = group.clone();
        expected.topics = SortedMap::new();
        let mut written = records::whole_group(&"g".into(), &group);
        let groups = read(&written);
        assert_eq!(groups.get("g").unwrap().as_ref(), &expected);
        written.extend(records::group_tombstones(&"g".into(), &group));
        assert!(read(&written).is_empty(), "nothing is left of a group that was dropped");
    }

    #[test]
    fn records_have_words() {
        let words: Vec<String> = records::whole_group(&"g".into(), &group())
            .iter()
            .map(|(key, value)| super::super::super::records::describe_record(key, value.as_deref()).unwrap())
            .collect();
        assert_eq!(
            words,
            [
                "group g, member modern: subscription t, u",
                "group g, member old: subscription ",
                "group g: group epoch 4",
                "group g, member modern: target assignment of 1 partition",
                "group g, member old: target assignment of 0 partitions",
                "group g: assignment epoch 3",
                "group g, member modern: current assignment of 1 partition at epoch 3, 1 partition to give up",
                "group g, member old: current assignment of 0 partitions at epoch 2",
            ]
        );
    }
}
