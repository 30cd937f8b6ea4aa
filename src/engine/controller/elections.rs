//! What an event makes of one partition: who leads, who is in sync, who may still lead without loss (KIP-966).
//!
//! ```text
//!  event                        │ asked of the builder              │ what follows
//!  broker fenced, shut down     │ target ISR without it             │ another leader of the ISR, else of the ELR, else none
//!  broker back after a crash    │ the same, its log not to be trusted│ out of the ELR too
//!  broker unfenced              │ nothing                           │ a leader for a partition without one
//!  AlterPartition of the leader │ its target ISR                    │ reassignment completes when all added are in sync
//!  elect-leaders                │ PREFERRED or UNCLEAN              │ the first replica; or any live one, with loss
//! ```
//!
//! Mirrors `PartitionChangeBuilder`.

use crate::base::{BrokerId, sort};
use crate::engine::metadata::PartitionState;
use crate::engine::protocol::Election;

pub struct PartitionChange<'a> {
    partition: &'a PartitionState,
    may_lead: &'a dyn Fn(BrokerId) -> bool,
    min_isr: usize,
    pub election: Election,
    pub elr_enabled: bool,
    pub target_isr: Vec<BrokerId>,
    pub target_replicas: Vec<BrokerId>,
    pub target_adding: Vec<BrokerId>,
    pub target_removing: Vec<BrokerId>,
    pub unclean_shutdown: Vec<BrokerId>,
    pub recovering: bool,
}

impl<'a> PartitionChange<'a> {
    pub fn new(partition: &'a PartitionState, may_lead: &'a dyn Fn(BrokerId) -> bool, min_isr: usize) -> Self {
        Self {
            partition,
            may_lead,
            min_isr,
            election: Election::Online,
            elr_enabled: true,
            target_isr: partition.isr.clone(),
            target_replicas: partition.replicas.clone(),
            target_adding: partition.adding.clone(),
            target_removing: partition.removing.clone(),
            unclean_shutdown: Vec::new(),
            recovering: partition.recovering,
        }
    }

    /// The partition after the event; `None` when nothing changes.
    pub fn build(mut self) -> Option<PartitionState> {
        self.complete_reassignment();
        let mut elr = self.target_elr();
        let (leader, unclean) = self.elect(&elr);
        let mut next = self.partition.clone();
        let mut bump = leader != self.partition.leader;
        next.isr = if self.elr_enabled || !self.target_isr.is_empty() { self.target_isr.clone() } else { next.isr };
        next.recovering = self.recovering;
        if bump && let Some(leader) = leader {
            if unclean {
                next.recovering = true;
            }
            // A leader from outside the ISR begins with itself alone.
            if unclean || !self.target_isr.contains(&leader) {
                next.isr = vec![leader];
            }
        }
        elr.retain(|replica| !next.isr.contains(replica));
        next.leader = leader;
        next.elr = if unclean && bump { Vec::new() } else { elr };
        if self.elr_enabled {
            next.last_known_elr = self.last_known(&next);
        }
        // Who is taken out of the replicas must not go on believing the old epoch.
        bump |= self.partition.replicas.iter().any(|replica| !self.target_replicas.contains(replica));
        next.replicas = self.target_replicas;
        next.adding = self.target_adding;
        next.removing = self.target_removing;
        if next == *self.partition && !bump {
            return None;
        }
        next.leader_epoch += i32::from(bump);
        next.partition_epoch += 1;
        Some(next)
    }

    fn complete_reassignment(&mut self) {
        if self.target_adding.is_empty() && self.target_removing.is_empty() {
            return;
        }
        let stays = |replica: &&BrokerId| !self.target_removing.contains(replica);
        let isr: Vec<BrokerId> = self.target_isr.iter().filter(stays).copied().collect();
        let replicas: Vec<BrokerId> = self.target_replicas.iter().filter(stays).copied().collect();
        if isr.is_empty() || replicas.is_empty() || !self.target_adding.iter().all(|added| isr.contains(added)) {
            return;
        }
        // With fewer replicas than before, all that stay must be in sync.
        if self.target_adding.len() < self.target_removing.len() && !replicas.iter().all(|replica| isr.contains(replica)) {
            return;
        }
        self.target_isr = isr;
        self.target_replicas = replicas;
        self.target_adding.clear();
        self.target_removing.clear();
    }

    /// Those who left the ISR when it was too small to acknowledge anything without them.
    fn target_elr(&self) -> Vec<BrokerId> {
        if !self.elr_enabled || self.target_isr.len() >= self.min_isr {
            return Vec::new();
        }
        let mut elr: Vec<BrokerId> = self.partition.elr.iter().chain(&self.partition.isr).copied().collect();
        elr.retain(|replica| !self.target_isr.contains(replica) && !self.unclean_shutdown.contains(replica));
        sort(&mut elr);
        elr.dedup();
        elr
    }

    /// The leader, and whether records may be lost by it.
    fn elect(&self, elr: &[BrokerId]) -> (Option<BrokerId>, bool) {
        // Eligible replicas count only when nobody is in sync.
        let valid = |replica: &BrokerId| {
            (self.target_isr.contains(replica) || self.target_isr.is_empty() && elr.contains(replica)) && (self.may_lead)(*replica)
        };
        let preferred = (self.election == Election::Preferred).then(|| self.target_replicas.first()).flatten();
        let mut candidates = preferred.into_iter().chain(&self.partition.leader).chain(&self.target_replicas);
        if let Some(leader) = candidates.find(|replica| valid(replica)) {
            return (Some(*leader), false);
        }
        if let ([last], true, true) =
            (self.partition.last_known_elr.as_slice(), self.elr_enabled && elr.is_empty(), self.target_isr.is_empty())
            && (self.may_lead)(*last)
        {
            return (Some(*last), true);
        }
        if self.election == Election::Unclean {
            let any = self.target_replicas.iter().find(|replica| (self.may_lead)(**replica));
            return (any.copied(), any.is_some());
        }
        (None, false)
    }

    /// The last leader of a partition that has none.
    fn last_known(&self, next: &PartitionState) -> Vec<BrokerId> {
        let before = &self.partition.last_known_elr;
        if next.leader.is_some() {
            return Vec::new();
        }
        match self.partition.leader {
            Some(leader) => vec![leader],
            None => before.clone(),
        }
    }
}
