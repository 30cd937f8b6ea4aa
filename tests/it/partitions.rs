//! Maps and sets by partition are, for all to see, the sorted ones; and what waits is found by its partitions.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use kafka_playground::base::{
    BrokerId, Offset, PartitionMap, PartitionSet, SimTime, SortedMap, SortedSet, TopicName, TopicPartition, WorldHasher,
};
use kafka_playground::engine::broker::{ParkedFetch, Purgatory};
use kafka_playground::engine::network::{Endpoint, RequestRef};
use kafka_playground::engine::protocol::{FetchPartition, FetchRequest, Request};
use proptest::prelude::*;

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = WorldHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

#[derive(Clone, Debug)]
enum Step {
    Insert(TopicPartition, u8),
    Remove(TopicPartition),
    Clear,
}

/// Something done to a map or a set, each time with a name of its own allocation.
fn step() -> impl Strategy<Value = Step> {
    let partition =
        (prop::sample::select(vec!["a", "ab", "b", "t"]), 0..200).prop_map(|(topic, at)| TopicPartition::new(topic, at));
    prop_oneof![
        6 => (partition.clone(), any::<u8>()).prop_map(|(partition, value)| Step::Insert(partition, value)),
        3 => partition.prop_map(Step::Remove),
        1 => Just(Step::Clear),
    ]
}

proptest! {
    #[test]
    fn a_map_by_partition_is_the_sorted_map(steps in prop::collection::vec(step(), 0..300)) {
        let mut map = PartitionMap::new();
        let mut sorted = SortedMap::new();
        for step in steps {
            match step {
                Step::Insert(partition, value) => {
                    prop_assert_eq!(map.insert(&partition, value), sorted.insert(partition, value));
                }
                Step::Remove(partition) => prop_assert_eq!(map.remove(&partition), sorted.remove(&partition)),
                // Else it would stay small.
                Step::Clear if sorted.len() > 40 => {
                    map.clear();
                    sorted.clear();
                }
                Step::Clear => {}
            }
            prop_assert!(map.iter().eq(sorted.iter()));
            prop_assert!(sorted.iter().all(|(partition, value)| map.get(partition) == Some(value)));
            prop_assert_eq!(hash_of(&map), hash_of(&sorted));
        }
    }

    #[test]
    fn a_set_of_partitions_is_the_sorted_set(steps in prop::collection::vec(step(), 0..300)) {
        let mut set = PartitionSet::default();
        let mut sorted = SortedSet::new();
        for step in steps {
            match step {
                Step::Insert(partition, _) => prop_assert_eq!(set.insert(&partition), sorted.insert(partition)),
                Step::Remove(partition) => {
                    prop_assert_eq!(set.contains(&partition), sorted.contains(&partition));
                    prop_assert_eq!(set.remove(&partition), sorted.remove(&partition));
                }
                Step::Clear => {
                    set.clear();
                    sorted.clear();
                }
            }
            prop_assert!(set.iter().eq(sorted.iter().cloned()));
            prop_assert_eq!((set.len(), set.is_empty()), (sorted.len(), sorted.is_empty()));
            prop_assert_eq!(hash_of(&set), hash_of(&sorted));
        }
    }
}

#[test]
fn a_copy_of_a_map_shares_its_values_and_changes_alone() {
    let at = |partition| TopicPartition::new("t", partition);
    let mut map: PartitionMap<Rc<u8>> = PartitionMap::new();
    (0..10).for_each(|partition| drop(map.insert(&at(partition), Rc::new(partition as u8))));
    let mut copy = map.clone();
    assert!(map.values().zip(copy.values()).all(|(one, other)| Rc::ptr_eq(one, other)));
    copy.remove(&at(3));
    *copy.get_or_insert_with(&at(4), Rc::default) = Rc::new(40);
    assert_eq!((map.get(&at(3)).map(|value| **value), map.get(&at(4)).map(|value| **value)), (Some(3), Some(4)));
    assert_eq!((copy.get(&at(3)), copy.get(&at(4)).map(|value| **value)), (None, Some(40)));
}

#[test]
fn names_are_equal_by_text_whatever_they_share() {
    let (one, copy, other) = (TopicName::from("t"), TopicName::from("t"), TopicName::from("u"));
    assert!(one == one.clone() && one == copy && one != other && one < other && other > copy);
    assert_eq!(hash_of(&one), hash_of(&copy));
}

#[test]
fn waiting_requests_are_found_by_the_partitions_that_they_wait_for() {
    let request = |correlation| RequestRef { from: Endpoint::Broker(BrokerId(1)), correlation };
    let wanted = |partition| FetchPartition {
        topic_partition: TopicPartition::new("t", partition),
        fetch_offset: Offset::ZERO,
        current_leader_epoch: None,
        partition_max_bytes: 1,
    };
    let parked = |partitions: &[i32]| {
        let partitions = partitions.iter().copied().map(wanted).collect();
        let fetch = FetchRequest { max_wait_ms: 1, min_bytes: 1, max_bytes: 1, rack_id: None, partitions };
        ParkedFetch { request: Rc::new(Request::Fetch(fetch)), deadline: SimTime::ZERO }
    };
    let mut purgatory = Purgatory::default();
    purgatory.insert(request(2), parked(&[0, 1]));
    purgatory.insert(request(1), parked(&[1, 2]));
    let touched = |purgatory: &Purgatory<ParkedFetch>, partitions: &[i32]| -> Vec<u32> {
        let partitions: Vec<TopicPartition> = partitions.iter().map(|partition| TopicPartition::new("t", *partition)).collect();
        purgatory.touched(&partitions).map(|(request, _)| request.correlation).collect()
    };
    assert_eq!(touched(&purgatory, &[0]), [2]);
    assert_eq!(touched(&purgatory, &[0, 1]), [1, 2], "each once, in order");
    assert_eq!(touched(&purgatory, &[3]), [0u32; 0]);
    purgatory.remove(&request(2));
    assert_eq!((touched(&purgatory, &[0, 1]), purgatory.len()), (vec![1], 1));
    purgatory.insert(request(1), parked(&[5]));
    assert_eq!(
        (touched(&purgatory, &[1, 2]), touched(&purgatory, &[5])),
        (vec![], vec![1]),
        "what it waited for before is forgotten"
    );
}
