//! A map and a set of partitions that find a partition by its number, not by comparing names. Both iterate, compare and hash
//! as `SortedMap<TopicPartition, V>` and `SortedSet<TopicPartition>` do.

use std::hash::{Hash, Hasher};

use super::derived::Derived;
use super::{SortedMap, TopicName, TopicPartition};

/// Values by partition, in the order of topic and number. For partitions of topics that exist: the index of a topic is as long
/// as its highest number.
///
/// ```text
///  entries  [a-0][a-2][b-1]          what is hashed
///  index    a: first 0, [0 - 1]      places from `first` on, by partition number
///           b: first 2, [- 0]
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PartitionMap<V> {
    entries: Vec<(TopicPartition, V)>,
    index: Derived<SortedMap<TopicName, TopicIndex>>,
}

#[derive(Clone, Debug, Default)]
struct TopicIndex {
    first: usize,
    count: usize,
    /// By partition number; `NONE` where there is no entry.
    places: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl<V> PartitionMap<V> {
    pub const fn new() -> Self {
        Self { entries: Vec::new(), index: Derived(SortedMap::new()) }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&TopicPartition, &V)> + ExactSizeIterator {
        self.entries.iter().map(|(partition, value)| (partition, value))
    }

    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &TopicPartition> + ExactSizeIterator {
        self.entries.iter().map(|(partition, _)| partition)
    }

    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator {
        self.entries.iter().map(|(_, value)| value)
    }

    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> + ExactSizeIterator {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    fn find(&self, partition: &TopicPartition) -> Option<usize> {
        let topic = self.index.0.get(&partition.topic)?;
        let place = *topic.places.get(usize::try_from(partition.partition).ok()?)?;
        (place != NONE).then(|| topic.first + place as usize)
    }

    pub fn get(&self, partition: &TopicPartition) -> Option<&V> {
        self.find(partition).map(|at| &self.entries[at].1)
    }

    pub fn get_mut(&mut self, partition: &TopicPartition) -> Option<&mut V> {
        self.find(partition).map(|at| &mut self.entries[at].1)
    }

    pub fn contains_key(&self, partition: &TopicPartition) -> bool {
        self.find(partition).is_some()
    }

    /// The partition's value; where there is none, the one made here is put there first. A negative number, which names no
    /// partition, counts as 0.
    pub fn get_or_insert_with(&mut self, partition: &TopicPartition, make: impl FnOnce() -> V) -> &mut V {
        let at = self.find(partition).unwrap_or_else(|| self.add(partition, make()));
        &mut self.entries[at].1
    }

    /// Puts the value there. Returns the one that it replaces.
    pub fn insert(&mut self, partition: &TopicPartition, value: V) -> Option<V> {
        match self.get_mut(partition) {
            Some(known) => Some(std::mem::replace(known, value)),
            None => {
                self.add(partition, value);
                None
            }
        }
    }

    fn add(&mut self, partition: &TopicPartition, value: V) -> usize {
        let number = partition.partition.max(0) as usize;
        if !self.index.0.contains_key(&partition.topic) {
            let first = self.entries.partition_point(|(known, _)| known.topic < partition.topic);
            self.index.0.insert(partition.topic.clone(), TopicIndex { first, ..TopicIndex::default() });
        }
        let mut place = 0;
        for (name, topic) in self.index.0.iter_mut() {
            if *name == partition.topic {
                if topic.places.len() <= number {
                    topic.places.resize(number + 1, NONE);
                }
                // Most are added in order.
                let later = topic.places[number + 1..].iter_mut().filter(|place| **place != NONE);
                let moved = later.map(|place| *place += 1).count();
                place = topic.first + topic.count - moved;
                topic.places[number] = (topic.count - moved) as u32;
                topic.count += 1;
            } else if *name > partition.topic {
                topic.first += 1;
            }
        }
        let partition = TopicPartition { topic: partition.topic.clone(), partition: number as i32 };
        self.entries.insert(place, (partition, value));
        place
    }

    pub fn remove(&mut self, partition: &TopicPartition) -> Option<V> {
        let at = self.find(partition)?;
        for (name, topic) in self.index.0.iter_mut() {
            if *name == partition.topic {
                let (before, after) = topic.places.split_at_mut(partition.partition as usize + 1);
                before[partition.partition as usize] = NONE;
                after.iter_mut().filter(|place| **place != NONE).for_each(|place| *place -= 1);
                topic.count -= 1;
            } else if *name > partition.topic {
                topic.first -= 1;
            }
        }
        self.index.0.retain(|_, topic| topic.count > 0);
        Some(self.entries.remove(at).1)
    }

    pub fn clear(&mut self) {
        *self = Self::new();
    }
}

// Not derived: that would ask for `V: Default`.
impl<V> Default for PartitionMap<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'m, V> IntoIterator for &'m PartitionMap<V> {
    type Item = (&'m TopicPartition, &'m V);
    type IntoIter = std::iter::Map<std::slice::Iter<'m, (TopicPartition, V)>, fn(&'m (TopicPartition, V)) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter().map(|(partition, value)| (partition, value))
    }
}

/// Partitions, each once, as one bit each: for sets that are filled and emptied all the time.
#[derive(Clone, Debug, Default)]
pub struct PartitionSet {
    topics: SortedMap<TopicName, Bits>,
    len: usize,
}

impl PartitionSet {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn clear(&mut self) {
        if self.len > 0 {
            self.topics.values_mut().for_each(Bits::clear);
            self.len = 0;
        }
    }

    pub fn contains(&self, partition: &TopicPartition) -> bool {
        let Ok(number) = usize::try_from(partition.partition) else { return false };
        self.len > 0 && self.topics.get(&partition.topic).is_some_and(|bits| bits.contains(number))
    }

    /// False when it was there already. A negative number, which names no partition, is not put there.
    pub fn insert(&mut self, partition: &TopicPartition) -> bool {
        let Ok(number) = usize::try_from(partition.partition) else { return false };
        let bits = match self.topics.get_mut(&partition.topic) {
            Some(bits) => bits,
            None => self.topics.get_or_default(partition.topic.clone()),
        };
        let new = bits.insert(number);
        self.len += usize::from(new);
        new
    }

    /// False when it was not there.
    pub fn remove(&mut self, partition: &TopicPartition) -> bool {
        let Ok(number) = usize::try_from(partition.partition) else { return false };
        let was = self.topics.get_mut(&partition.topic).is_some_and(|bits| bits.remove(number));
        self.len -= usize::from(was);
        was
    }

    /// The partitions, by topic and number.
    pub fn iter(&self) -> impl Iterator<Item = TopicPartition> {
        let partition = |(topic, number): (&TopicName, usize)| TopicPartition { topic: topic.clone(), partition: number as i32 };
        self.topics.iter().flat_map(|(topic, bits)| bits.iter().map(move |number| (topic, number))).map(partition)
    }
}

impl Hash for PartitionSet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.len);
        self.iter().for_each(|partition| partition.hash(state));
    }
}

/// A set of small numbers, one bit each.
#[derive(Clone, Debug, Default)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    pub fn contains(&self, number: usize) -> bool {
        self.words.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// False when it was there already.
    pub fn insert(&mut self, number: usize) -> bool {
        if self.words.len() <= number / 64 {
            self.words.resize(number / 64 + 1, 0);
        }
        let new = !self.contains(number);
        self.words[number / 64] |= 1 << (number % 64);
        new
    }

    /// False when it was not there.
    pub fn remove(&mut self, number: usize) -> bool {
        let was = self.contains(number);
        if was {
            self.words[number / 64] &= !(1 << (number % 64));
        }
        was
    }

    pub fn clear(&mut self) {
        self.words.fill(0);
    }

    /// The numbers, smallest first.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().filter(|(_, word)| **word != 0).flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let number = left.trailing_zeros() as usize;
                left &= left.wrapping_sub(1);
                (number < 64).then_some(at * 64 + number)
            })
        })
    }
}
