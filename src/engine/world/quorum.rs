//! Controllers that stop and start, and what follows for the brokers.

use super::World;
use super::agenda::Due;
use crate::base::BrokerId;
use crate::engine::metadata::{CONTROLLER, RegistrationChange};
use crate::engine::network::Host;
use crate::engine::node::BrokerTimer;
use crate::engine::trace::TraceEvent;

impl World {
    /// Ends a controller's process; `crash`: without a word to the others.
    pub fn stop_controller(&mut self, id: BrokerId, crash: bool) {
        if !self.cluster().quorum.is_running(id) {
            return;
        }
        let now = self.now();
        if let Some(voter) = self.cluster_mut().quorum.voters.get_mut(&id) {
            (voter.running, voter.stopped_at) = (false, now);
        }
        self.record(TraceEvent::ControllerStopped { controller: id, crash });
        self.look_at_quorum(!crash);
    }

    pub fn start_controller(&mut self, id: BrokerId) {
        if !self.cluster().quorum.voters.contains_key(&id) || self.cluster().quorum.is_running(id) {
            return;
        }
        if let Some(voter) = self.cluster_mut().quorum.voters.get_mut(&id) {
            voter.running = true;
        }
        self.record(TraceEvent::ControllerStarted { controller: id });
        self.look_at_quorum(false);
    }

    /// Controllers or links have changed: is there still a leader, or will there be one?
    pub(super) fn look_at_quorum(&mut self, orderly: bool) {
        if self.cluster().quorum.voters.len() < 2 {
            return;
        }
        let (now, seed) = (self.now(), self.config().seed);
        let mut quorum = self.cluster().quorum.clone();
        let asked = quorum.election_at;
        let lost = quorum.look(now, seed, orderly, &|one, other| self.reach_one_another(one, other));
        let next = quorum.election_at;
        self.cluster_mut().quorum = quorum;
        if let Some(at) = next.filter(|_| next != asked) {
            self.agenda.push(at, Due::BrokerTimer { broker: CONTROLLER, timer: BrokerTimer::QuorumElection });
        }
        if lost {
            self.record(TraceEvent::ControllerLost);
            self.lose_touch();
        }
    }

    fn reach_one_another(&self, one: BrokerId, other: BrokerId) -> bool {
        self.network.is_sound() || !self.network.fault(Host::Node(one), Host::Node(other)).cut
    }

    /// The controllers vote. Who leads now gives all brokers their whole session, and they hear what they missed.
    pub(super) fn elect_controller(&mut self) {
        if self.cluster().quorum.election_at != Some(self.now()) {
            return;
        }
        let (now, seed) = (self.now(), self.config().seed);
        let mut quorum = self.cluster().quorum.clone();
        let leader = quorum.vote(now, seed, &|one, other| self.reach_one_another(one, other));
        let epoch = quorum.leader_epoch;
        let cluster = self.cluster_mut();
        cluster.quorum = quorum;
        let Some(controller) = leader else { return };
        cluster.controller = controller;
        for id in cluster.broker_ids.clone() {
            cluster.register(now, RegistrationChange::Heard(id));
        }
        self.record(TraceEvent::ControllerElected { controller, epoch });
        self.come_back_in_touch();
    }
}
