//! A share group as the records of `__consumer_offsets` say it is (`GroupMetadataManager.replay`, `onLoaded`): read when a
//! coordinator begins. The sessions of its members begin anew.

use std::rc::Rc;

use super::{ShareGroup, ShareMember, hash_of, heartbeat, records};
use crate::base::{GroupId, MemberId, SimTime, SortedMap, Timestamp, TopicId, TopicName, TopicPartition};
use crate::engine::broker::{BrokerTimer, Outcome};
use crate::engine::group::consumer::loading::{Names, length, tagged};
use crate::engine::group::records::Reader;
use crate::engine::node::NodeContext;
use crate::engine::share::ShareTimer;

/// The groups read so far.
pub type Groups = SortedMap<GroupId, Rc<ShareGroup>>;

/// Takes a record in whose key begins with this type. `None` for one of another shape.
pub fn take_in(
    groups: &mut Groups,
    names: &Names,
    kind: i16,
    mut key: Reader<'_>,
    value: Option<&[u8]>,
    now: SimTime,
) -> Option<()> {
    let group_id = GroupId::from(key.string()?);
    let Some(bytes) = value else {
        return take_out(groups, &group_id, kind, key);
    };
    let mut value = Reader { bytes };
    value.i16()?;
    let group = Rc::make_mut(groups.get_or_insert_with(group_id, || Rc::new(ShareGroup::new())));
    match kind {
        records::GROUP_METADATA_KEY => {
            group.group_epoch = value.i32()?;
            group.metadata_hash = value.i64()?;
        }
        records::TARGET_METADATA_KEY => {
            group.assignment_epoch = value.i32()?;
            let at = tagged(&mut value)?.and_then(|mut field| field.i64());
            group.assigned_at = at.map(|at| SimTime::from_timestamp(Timestamp(at)));
        }
        records::TARGET_MEMBER_KEY => {
            let partitions = partitions(&mut value, names)?;
            group.target.insert(key.string()?.into(), partitions);
        }
        records::STATE_PARTITIONS_KEY => {
            let initializing = topics(&mut value, names)?;
            group.initializing = initializing.into_iter().map(|(topic, partitions)| (topic, (partitions, now))).collect();
            group.initialized = topics(&mut value, names)?;
        }
        _ => {
            let member_id = MemberId::from(key.string()?);
            let member = group.members.get_or_insert_with(member_id, || ShareMember::new(String::new(), String::new(), now));
            match kind {
                records::MEMBER_METADATA_KEY => {
                    member.rack_id = value.compact_nullable()?.map(str::to_owned);
                    member.client_id = value.compact_string()?.to_owned();
                    member.client_host = value.compact_string()?.to_owned();
                    let topics = (0..length(&mut value)?).map(|_| value.compact_string().map(TopicName::from));
                    member.topics = topics.collect::<Option<_>>()?;
                }
                _ => {
                    (member.member_epoch, member.previous_epoch) = (value.i32()?, value.i32()?);
                    value.take(1)?;
                    member.assignment = partitions(&mut value, names)?;
                }
            }
        }
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
        records::MEMBER_METADATA_KEY => {
            group.members.remove(&MemberId::from(key.string()?));
        }
        records::TARGET_MEMBER_KEY => {
            group.target.remove(&MemberId::from(key.string()?));
        }
        _ => {}
    }
    Some(())
}

fn numbers(value: &mut Reader<'_>) -> Option<Vec<i32>> {
    let numbers = (0..length(value)?).map(|_| value.i32()).collect();
    tagged(value)?;
    numbers
}

fn topic_id(value: &mut Reader<'_>) -> Option<TopicId> {
    Some(TopicId(u128::from_be_bytes(value.take(16)?.try_into().ok()?)))
}

/// A topic that is gone is left out, also where another has its name now.
fn topics(value: &mut Reader<'_>, names: &Names) -> Option<SortedMap<TopicName, Vec<i32>>> {
    let mut topics = SortedMap::new();
    for _ in 0..length(value)? {
        let topic_id = topic_id(value)?;
        value.compact_string()?;
        let numbers = numbers(value)?;
        if let Some(name) = names.get(&topic_id) {
            topics.insert(name.clone(), numbers);
        }
    }
    Some(topics)
}

fn partitions(value: &mut Reader<'_>, names: &Names) -> Option<Vec<TopicPartition>> {
    let mut partitions = Vec::new();
    for _ in 0..length(value)? {
        let topic_id = topic_id(value)?;
        let numbers = numbers(value)?;
        if let Some(name) = names.get(&topic_id) {
            partitions.extend(numbers.into_iter().map(|number| TopicPartition::new(name.clone(), number)));
        }
    }
    Some(partitions)
}

/// All has been read: the topics as they are now, if they are still those of the records, and a whole session for each
/// member.
pub fn begin(cx: &NodeContext<'_>, group_id: &GroupId, group: &mut ShareGroup, outcome: &mut Outcome) {
    let metadata = heartbeat::metadata(cx.metadata, group);
    if hash_of(&metadata) == group.metadata_hash {
        group.metadata = metadata;
    }
    let deadline = cx.now + cx.group_configs(group_id).share_session_timeout;
    for (member_id, member) in group.members.iter_mut() {
        member.watch(deadline);
        let timer = ShareTimer::Session { group_id: group_id.clone(), member_id: member_id.clone() };
        outcome.timers.push((deadline, BrokerTimer::Share(timer)));
    }
}

/// A record in plain words.
pub fn describe(kind: i16, mut key: Reader<'_>, value: Option<&[u8]>) -> Option<String> {
    let group = key.string()?;
    let who = match kind {
        records::MEMBER_METADATA_KEY | records::TARGET_MEMBER_KEY | records::CURRENT_ASSIGNMENT_KEY => {
            format!("share group {group}, member {}", key.string()?)
        }
        _ => format!("share group {group}"),
    };
    let what = match kind {
        records::MEMBER_METADATA_KEY => "subscription",
        records::GROUP_METADATA_KEY => "group epoch",
        records::TARGET_METADATA_KEY => "assignment epoch",
        records::TARGET_MEMBER_KEY => "target assignment",
        records::CURRENT_ASSIGNMENT_KEY => "current assignment",
        _ => "partitions with share state",
    };
    let Some(bytes) = value else {
        return Some(format!("{who}: {what} dropped"));
    };
    let mut value = Reader { bytes };
    value.i16()?;
    match kind {
        records::GROUP_METADATA_KEY | records::TARGET_METADATA_KEY => Some(format!("{who}: {what} {}", value.i32()?)),
        records::MEMBER_METADATA_KEY => {
            for _ in 0..3 {
                value.compact_nullable()?;
            }
            let topics: Option<Vec<&str>> = (0..length(&mut value)?).map(|_| value.compact_string()).collect();
            Some(format!("{who}: {what} {}", topics?.join(", ")))
        }
        _ => Some(format!("{who}: {what} changed")),
    }
}

#[cfg(test)]
mod tests {
    // A test may panic: that is how it fails.
    #![allow(clippy::unwrap_used)]

    use super::super::records::difference;
    use super::*;
    use crate::base::{BrokerId, Prng};
    use crate::engine::controller::{Cluster, TopicChange};
    use crate::engine::group::records::{Record, describe_record};

    fn cluster() -> Cluster {
        let mut cluster = Cluster::new(&[BrokerId(1)], &[], 1, 1);
        let replicas = vec![vec![BrokerId(1)]; 3];
        let jobs = TopicChange::Created { name: "jobs".into(), internal: false, replicas, configs: SortedMap::new() };
        cluster.apply(&mut Prng::new(1, "ids"), jobs);
        cluster
    }

    fn group() -> ShareGroup {
        let [zero, one] = [0, 1].map(|partition| TopicPartition::new("jobs", partition));
        let mut member = ShareMember::new("c".to_owned(), "/h".to_owned(), SimTime::ZERO);
        (member.member_epoch, member.previous_epoch) = (3, 2);
        member.topics = [TopicName::from("jobs")].into_iter().collect();
        member.assignment = vec![zero.clone()];
        member.rack_id = Some("r".to_owned());
        let mut group = ShareGroup::new();
        (group.group_epoch, group.assignment_epoch, group.metadata_hash) = (4, 3, 5);
        group.assigned_at = Some(SimTime::from_ms(1234));
        group.target = [("m".into(), vec![zero, one])].into();
        group.members = [("m".into(), member)].into();
        group.initializing = [("jobs".into(), (vec![2], SimTime::ZERO))].into();
        group.initialized = [("jobs".into(), vec![0, 1])].into();
        group
    }

    fn read(cluster: &Cluster, written: &[Record]) -> Groups {
        let names: Names = cluster.topics().map(|(name, topic)| (topic.topic_id, name.clone())).collect();
        let mut groups = Groups::new();
        for (key, value) in written {
            let mut key = Reader { bytes: key };
            let kind = key.i16().unwrap();
            take_in(&mut groups, &names, kind, key, value.as_deref(), SimTime::ZERO).unwrap();
        }
        groups
    }

    #[test]
    fn a_group_is_read_as_it_was_written() {
        let (cluster, group, id) = (cluster(), group(), GroupId::from("g"));
        let mut written = difference(&cluster, &id, None, Some(&group));
        assert_eq!(read(&cluster, &written).get("g").unwrap().as_ref(), &group);
        let mut later = group.clone();
        later.members = SortedMap::new();
        later.target = SortedMap::new();
        later.group_epoch = 5;
        later.initializing = SortedMap::new();
        written.extend(difference(&cluster, &id, Some(&group), Some(&later)));
        assert_eq!(read(&cluster, &written).get("g").unwrap().as_ref(), &later);
        assert!(difference(&cluster, &id, Some(&later), Some(&later)).is_empty(), "nothing has changed");
        written.extend(difference(&cluster, &id, Some(&later), None));
        assert!(read(&cluster, &written).is_empty(), "nothing is left of a group that was dropped");
    }

    #[test]
    fn records_have_words() {
        let written = difference(&cluster(), &"g".into(), None, Some(&group()));
        let words: Vec<String> = written.iter().map(|(key, value)| describe_record(key, value.as_deref()).unwrap()).collect();
        assert_eq!(
            words,
            [
                "share group g, member m: subscription jobs",
                "share group g: group epoch 4",
                "share group g, member m: target assignment changed",
                "share group g: assignment epoch 3",
                "share group g, member m: current assignment changed",
                "share group g: partitions with share state changed",
            ]
        );
    }
}
