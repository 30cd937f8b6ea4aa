//! The controllers among themselves (KRaft): who leads, in which epoch, and what happens when it is gone.
//!
//! ```text
//!  the leader                                   │ there is none until
//!  stops in an orderly way                      │ the others have voted, at once (EndQuorumEpoch)
//!  crashes, or is cut off from a majority       │ controller.quorum.fetch.timeout.ms is over, and a vote
//!  and no majority is left                      │ a majority runs and reaches one another again
//! ```
//!
//! Without a leader the metadata stands still: nobody is fenced or elected, no topic is made; brokers serve what they lead.
//! The metadata log itself is not modelled: a vote goes to any controller that reaches a majority.

use crate::base::{BrokerId, Prng, SimTime, SortedMap, Span};

/// `controller.quorum.fetch.timeout.ms`: a follower that hears nothing for so long calls an election.
const FETCH_TIMEOUT: Span = Span::from_ms(2000);

/// `controller.quorum.election.timeout.ms`: each waits up to so much longer, so that not all ask at once.
const ELECTION_JITTER_MS: u64 = 1000;

/// A vote takes a request and its answer, and a look at the log.
const VOTE: Span = Span::from_ms(20);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Voter {
    pub running: bool,
    /// When it last heard of the leader, where it does not run.
    pub stopped_at: SimTime,
}

#[derive(Clone, Hash, Debug)]
pub struct Quorum {
    pub voters: SortedMap<BrokerId, Voter>,
    /// The active controller.
    pub leader: Option<BrokerId>,
    pub leader_epoch: i32,
    pub leader_since: SimTime,
    /// When there will be a vote.
    pub election_at: Option<SimTime>,
}

impl Quorum {
    pub(in crate::engine) fn new(voters: &[BrokerId], seed: u64) -> Self {
        let voter = |id: &BrokerId| (*id, Voter { running: true, stopped_at: SimTime::ZERO });
        let mut quorum = Self {
            voters: voters.iter().map(voter).collect(),
            leader: None,
            leader_epoch: 0,
            leader_since: SimTime::ZERO,
            election_at: None,
        };
        quorum.vote(SimTime::ZERO, seed, &|_, _| true);
        quorum
    }

    pub fn is_running(&self, id: BrokerId) -> bool {
        self.voters.get(&id).is_some_and(|voter| voter.running)
    }

    fn has_majority(&self, id: BrokerId, reach: &dyn Fn(BrokerId, BrokerId) -> bool) -> bool {
        let reached = self.voters.iter().filter(|(other, voter)| voter.running && (**other == id || reach(id, **other)));
        self.is_running(id) && reached.count() * 2 > self.voters.len()
    }

    /// Something has changed: is the leader still one? If not, when there is a vote. True when there is no leader any more.
    pub(in crate::engine) fn look(
        &mut self,
        now: SimTime,
        seed: u64,
        orderly: bool,
        reach: &dyn Fn(BrokerId, BrokerId) -> bool,
    ) -> bool {
        let Some(leader) = self.leader else {
            if self.election_at.is_none() && self.voters.keys().any(|id| self.has_majority(*id, reach)) {
                self.election_at = Some(now + VOTE + self.jitter(seed));
            }
            return false;
        };
        if self.has_majority(leader, reach) {
            return false;
        }
        self.leader = None;
        self.election_at = Some(now + if orderly { VOTE } else { FETCH_TIMEOUT + self.jitter(seed) });
        true
    }

    fn jitter(&self, seed: u64) -> Span {
        Span::from_ms(Prng::new(seed, &format!("quorum timeout {}", self.leader_epoch)).below(ELECTION_JITTER_MS))
    }

    /// The vote; the new leader, if anybody has a majority.
    pub(in crate::engine) fn vote(
        &mut self,
        now: SimTime,
        seed: u64,
        reach: &dyn Fn(BrokerId, BrokerId) -> bool,
    ) -> Option<BrokerId> {
        self.election_at = None;
        let able: Vec<BrokerId> = self.voters.keys().copied().filter(|id| self.has_majority(*id, reach)).collect();
        let epoch = self.leader_epoch + 1;
        let chosen = Prng::new(seed, &format!("quorum vote {epoch}")).below(able.len().max(1) as u64);
        let leader = able.get(chosen as usize).copied()?;
        (self.leader, self.leader_epoch, self.leader_since) = (Some(leader), epoch, now);
        Some(leader)
    }
}
