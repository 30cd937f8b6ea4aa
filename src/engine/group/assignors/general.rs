//! Sticky assignment where members subscribe to different topics (`AbstractStickyAssignor.GeneralAssignmentBuilder`).

use super::problem::Problem;
use crate::base::{SortedMap, SortedSet};

pub(super) fn build(problem: &Problem<'_>) -> Vec<Vec<usize>> {
    let mut general = General::new(problem);
    let revoked = general.drop_unsubscribed();
    let unassigned: Vec<usize> =
        general.all_partitions().into_iter().filter(|partition| general.owner[*partition].is_none()).collect();
    general.by_load = (0..general.assignment.len()).map(|member| (general.assignment[member].len(), member)).collect();
    general.balance(unassigned, revoked);
    general.assignment
}

struct General<'p, 'a> {
    problem: &'p Problem<'a>,
    assignment: Vec<Vec<usize>>,
    owner: Vec<Option<usize>>,
    /// For each topic its subscribers, by member id.
    subscribers: Vec<Vec<usize>>,
    /// For each member its topics, in order.
    topics: Vec<SortedSet<usize>>,
    /// Members that take part, the least loaded first.
    by_load: SortedSet<(usize, usize)>,
    /// Partitions that have moved: from whom, to whom.
    moves: SortedMap<usize, (usize, usize)>,
    /// The same by topic and pair.
    moved: SortedMap<(usize, usize, usize), SortedSet<usize>>,
}

impl<'p, 'a> General<'p, 'a> {
    fn new(problem: &'p Problem<'a>) -> Self {
        Self {
            problem,
            assignment: problem.owned.clone(),
            owner: vec![None; problem.all.topic_of.len()],
            subscribers: problem.all.subscribers(),
            topics: problem.all.subscribed.iter().map(|topics| topics.iter().copied().collect()).collect(),
            by_load: SortedSet::new(),
            moves: SortedMap::new(),
            moved: SortedMap::new(),
        }
    }

    /// Topics with few subscribers first, then by name.
    fn all_partitions(&self) -> Vec<usize> {
        let mut topics: Vec<usize> = (0..self.subscribers.len()).collect();
        topics.sort_by_key(|topic| self.subscribers[*topic].len());
        topics.into_iter().flat_map(|topic| self.problem.all.partitions_of(topic)).collect()
    }

    /// True when a member owned what it no longer may have.
    fn drop_unsubscribed(&mut self) -> bool {
        let mut revoked = false;
        for (member, partitions) in self.assignment.iter_mut().enumerate() {
            let may = |partition: &usize| {
                self.topics[member].contains(&self.problem.all.topic_of[*partition])
                    && !self.problem.racks.mismatch(member, *partition)
            };
            let before = partitions.len();
            partitions.retain(may);
            revoked |= partitions.len() != before;
            partitions.iter().for_each(|partition| self.owner[*partition] = Some(member));
        }
        revoked
    }

    fn balance(&mut self, mut unassigned: Vec<usize>, revoked: bool) {
        let initializing = self.by_load.as_slice().last().is_none_or(|(load, _)| *load == 0);
        let racks = &self.problem.racks;
        if racks.matter {
            let near: Vec<usize> = unassigned.iter().copied().filter(|partition| !self.give(*partition, true)).collect();
            near.into_iter().for_each(|partition| {
                self.give(partition, false);
            });
        } else {
            unassigned.iter().for_each(|partition| {
                self.give(*partition, false);
            });
        }
        // What only one member can have, and members who can have nothing else, stay out of it.
        let shared = |general: &Self, partition: &usize| general.subscribers[general.problem.all.topic_of[*partition]].len() >= 2;
        let mut all = self.all_partitions();
        all.retain(|partition| shared(self, partition));
        unassigned.retain(|partition| shared(self, partition));
        for member in 0..self.assignment.len() {
            if !self.takes_part(member) {
                self.by_load.remove(&(self.assignment[member].len(), member));
            }
        }
        let before = (self.assignment.clone(), self.owner.clone());
        let score_before = self.score();
        if !revoked {
            self.reassign(&unassigned);
        }
        let moved = self.reassign(&all);
        if !initializing && moved && self.score() >= score_before {
            (self.assignment, self.owner) = before;
        }
    }

    /// To the least loaded member that may have it.
    fn give(&mut self, partition: usize, by_rack: bool) -> bool {
        let topic = self.problem.all.topic_of[partition];
        let fits = |(_, member): &&(usize, usize)| {
            self.topics[*member].contains(&topic) && !(by_rack && self.problem.racks.mismatch(*member, partition))
        };
        let Some((load, member)) = self.by_load.iter().find(fits).copied() else {
            return false;
        };
        self.by_load.remove(&(load, member));
        self.assignment[member].push(partition);
        self.owner[partition] = Some(member);
        self.by_load.insert((load + 1, member));
        true
    }

    fn most_possible(&self, member: usize) -> usize {
        self.topics[member].iter().map(|topic| self.problem.all.topics[*topic].count).sum()
    }

    fn takes_part(&self, member: usize) -> bool {
        let partitions = &self.assignment[member];
        partitions.len() < self.most_possible(member)
            || partitions.iter().any(|partition| self.subscribers[self.problem.all.topic_of[*partition]].len() >= 2)
    }

    fn load(&self, member: usize) -> usize {
        self.assignment[member].len()
    }

    /// The sum of the differences between any two members that take part.
    fn score(&self) -> usize {
        let loads = self.by_load.iter().map(|(load, _)| *load).enumerate();
        let (mut sum, mut score) = (0, 0);
        for (at, load) in loads {
            score += load * at - sum;
            sum += load;
        }
        score
    }

    /// Could no member take a partition from one that has at least two more?
    fn is_balanced(&self) -> bool {
        let (Some((least, _)), Some((most, _))) = (self.by_load.as_slice().first(), self.by_load.as_slice().last()) else {
            return true;
        };
        if *least + 1 >= *most {
            return true;
        }
        let mut heaviest = vec![0; self.subscribers.len()];
        for (load, member) in &self.by_load {
            for partition in &self.assignment[*member] {
                let topic = self.problem.all.topic_of[*partition];
                heaviest[topic] = heaviest[topic].max(*load);
            }
        }
        self.by_load.iter().all(|(load, member)| self.topics[*member].iter().all(|topic| load + 1 >= heaviest[*topic]))
    }

    /// `performReassignments`: goes over the partitions again and again while one of them moves.
    fn reassign(&mut self, partitions: &[usize]) -> bool {
        let mut moved_any = false;
        let mut balanced = self.is_balanced();
        loop {
            let mut moved = false;
            for partition in partitions {
                if balanced {
                    break;
                }
                if let Some((actual, to)) = self.better_owner(*partition) {
                    self.move_partition(actual, to);
                    moved = true;
                    balanced = self.is_balanced();
                }
            }
            moved_any |= moved;
            if !moved {
                return moved_any;
            }
        }
    }

    /// Who would better have the partition: its owner of an older generation, else one in its racks, else anyone. It may
    /// be another partition of the topic that moves for it, so that none goes back where one just came from.
    fn better_owner(&self, partition: usize) -> Option<(usize, usize)> {
        let owner = self.owner[partition]?;
        let load = self.load(owner);
        let plays = |member: usize| self.by_load.contains(&(self.load(member), member));
        let topic = self.problem.all.topic_of[partition];
        if let Some((previous, _)) = self.problem.previous.get(&partition)
            && plays(*previous)
            && load > self.load(*previous) + 1
        {
            return Some((self.actual(partition, owner, *previous), *previous));
        }
        let least = self.by_load.iter().find(|(_, member)| self.topics[*member].contains(&topic)).map(|(_, member)| *member)?;
        let racks = &self.problem.racks;
        let lighter = |other: &usize| plays(*other) && load > self.load(*other) + 1;
        let mut others = self.subscribers[topic].iter();
        let nearer = racks.share(owner, partition) && others.any(|other| racks.share(*other, partition) && lighter(other));
        (nearer || lighter(&least)).then(|| (self.actual(partition, owner, least), least))
    }

    /// `PartitionMovements.getTheActualPartitionToBeMoved`.
    fn actual(&self, partition: usize, from: usize, to: usize) -> usize {
        let topic = self.problem.all.topic_of[partition];
        let from = self.moves.get(&partition).map_or(from, |(source, _)| *source);
        let back = self.moved.get(&(topic, to, from)).and_then(|partitions| partitions.as_slice().first());
        back.copied().unwrap_or(partition)
    }

    fn move_partition(&mut self, partition: usize, to: usize) {
        let Some(from) = self.owner[partition] else {
            return;
        };
        self.by_load.remove(&(self.load(from), from));
        self.by_load.remove(&(self.load(to), to));
        self.note_move(partition, from, to);
        self.assignment[from].retain(|owned| *owned != partition);
        self.assignment[to].push(partition);
        self.owner[partition] = Some(to);
        self.by_load.insert((self.load(to), to));
        self.by_load.insert((self.load(from), from));
    }

    fn note_move(&mut self, partition: usize, from: usize, to: usize) {
        let topic = self.problem.all.topic_of[partition];
        let mut source = from;
        if let Some((earlier, through)) = self.moves.remove(&partition) {
            let key = (topic, earlier, through);
            if let Some(partitions) = self.moved.get_mut(&key) {
                partitions.remove(&partition);
                if partitions.is_empty() {
                    self.moved.remove(&key);
                }
            }
            if earlier == to {
                return;
            }
            source = earlier;
        }
        self.moves.insert(partition, (source, to));
        self.moved.get_or_default((topic, source, to)).insert(partition);
    }
}
