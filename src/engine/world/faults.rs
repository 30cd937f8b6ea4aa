//! What goes wrong in a cluster, and how it is put right: processes that end, stand still and start again, disks that are
//! slow or empty, links that are slow, lossy or cut.
//!
//! ```text
//!  a request to …            │ its sender learns
//!  a broker that is down     │ at once that the connection is refused; what waited there, that it was reset
//!  a broker that is frozen   │ nothing: it gives up after request.timeout.ms, or is answered when the broker thaws
//!  the far end of a cut link │ the same: TCP keeps it, and brings it over when the link is mended
//! ```

use std::rc::Rc;

use super::World;
use super::agenda::Due;
use crate::base::{BrokerId, ClientId, SimTime, Span};
use crate::engine::broker::Broker;
use crate::engine::client::ClientKind;
use crate::engine::controller::brokers;
use crate::engine::group_coordinator;
use crate::engine::metadata::{CONTROLLER, OFFSETS_TOPIC};
use crate::engine::network::{Body, Endpoint, Host, LinkFault, Loss, Message, RequestRef};
use crate::engine::node::{BrokerTimer, Outcome};
use crate::engine::protocol::Recipient;
use crate::engine::share::ShareTimer;
use crate::engine::trace::TraceEvent;

/// `replica.socket.timeout.ms`.
const REQUEST_TIMEOUT: Span = Span::from_secs(30);

/// How long a broker's process takes from its start until it asks the controller to let it in.
const START_UP: Span = Span::from_ms(1000);

impl World {
    /// Heartbeats, the look for followers that lag, and the controller's own checks. A single broker has no need of them.
    pub(super) fn begin_background_work(&mut self) {
        let ids: Vec<BrokerId> = self.brokers.keys().copied().collect();
        if ids.contains(&self.cluster().controller) {
            return;
        }
        let controller = CONTROLLER;
        let session = self.broker_configs().broker_session_timeout;
        for id in ids {
            self.begin_broker_work(id, SimTime::ZERO);
            self.timer(controller, self.now() + session, BrokerTimer::BrokerSession { broker: id });
        }
        self.timer(controller, self.now() + brokers::UNCLEAN_CHECK, BrokerTimer::ElectUnclean);
        if self.broker_configs().auto_leader_rebalance {
            self.timer(controller, self.now() + brokers::rebalance_interval(&self.informed()), BrokerTimer::RebalanceLeaders);
        }
    }

    fn begin_broker_work(&mut self, id: BrokerId, from: SimTime) {
        let lag_max = self.broker_configs().replica_lag_time_max;
        self.timer(id, from, BrokerTimer::Heartbeat);
        self.timer(id, from + lag_max.half(), BrokerTimer::IsrExpiration);
    }

    fn timer(&mut self, broker: BrokerId, at: SimTime, timer: BrokerTimer) {
        self.agenda.push(at, Due::BrokerTimer { broker, timer });
    }

    // ---- messages

    /// Sends a message on its way and says when it arrives; if it cannot now, when it would have.
    pub(super) fn send(&mut self, from: Endpoint, to: Endpoint, correlation: u32, body: Body) -> SimTime {
        let message = Message { sent_at: self.now(), from, to, correlation, body };
        if self.network.is_sound() {
            let arrives = self.network.arrival(from, to, self.now(), LinkFault::default());
            self.agenda.push(arrives, Due::Arrive(message));
            return arrives;
        }
        let (one, other) = (self.host(from), self.host(to));
        let fault = self.network.fault(one.clone(), other.clone());
        let arrives = self.network.arrival(from, to, self.now(), fault);
        if fault.cut || matches!(message.body, Body::Request(_)) && (fault.slow + fault.slow) > self.patience(from) {
            self.times_out(&message);
        }
        if fault.cut {
            self.network.hold(one, other, message);
        } else {
            self.agenda.push(arrives, Due::Arrive(message));
        }
        arrives
    }

    /// A message that cannot be handled now: who has asked does not wait for ever.
    fn times_out(&mut self, message: &Message) {
        let asked_by = match message.body {
            Body::Request(_) => message.from,
            Body::Response(_) | Body::Lost(_) => message.to,
            Body::Closed => return,
        };
        let request = RequestRef { from: asked_by, correlation: message.correlation };
        self.agenda.push(message.sent_at + self.patience(asked_by), Due::TimesOut(request));
    }

    /// How long one waits for an answer: `request.timeout.ms` of a client.
    fn patience(&self, endpoint: Endpoint) -> Span {
        match endpoint {
            Endpoint::Client(client) => self.client(client).map_or(REQUEST_TIMEOUT, |client| client.request_timeout()),
            Endpoint::Broker(_) => REQUEST_TIMEOUT,
        }
    }

    /// Tells who has asked that there will be no answer.
    pub(super) fn send_lost(&mut self, node: BrokerId, request: RequestRef, loss: Loss) {
        self.send(Endpoint::Broker(node), request.from, request.correlation, Body::Lost(loss));
    }

    pub(super) fn host(&self, endpoint: Endpoint) -> Host {
        match endpoint {
            Endpoint::Broker(id) => Host::Node(id),
            Endpoint::Client(id) => {
                let program = self.client(id).and_then(|client| self.program(client.owner));
                Host::Program(program.map_or_else(|| "".into(), |program| program.name.clone()))
            }
        }
    }

    /// What is for a frozen broker waits until it thaws.
    pub(super) fn hold_back(&mut self, due: Due) -> Option<Due> {
        let broker = match &due {
            Due::BrokerTimer { broker, .. } => *broker,
            Due::Arrive(Message { to: Endpoint::Broker(broker), .. }) => *broker,
            _ => return Some(due),
        };
        if !self.frozen.contains_key(&broker) {
            return self.forward_later(broker, due);
        }
        if let Due::Arrive(message @ Message { body: Body::Request(_), .. }) = &due {
            self.times_out(&message.clone());
        }
        if let Some(held) = self.frozen.get_mut(&broker) {
            held.push(due);
        }
        None
    }

    /// Who has asked gives up.
    pub(super) fn lose(&mut self, request: RequestRef) {
        let message = Message {
            sent_at: self.now(),
            from: request.from,
            to: request.from,
            correlation: request.correlation,
            body: Body::Lost(Loss::TimedOut),
        };
        self.arrive(message);
    }

    /// A client is about to be gone: where its connections still get through, brokers learn of it, whatever it died of.
    pub(super) fn end_share_sessions(&mut self, id: ClientId) {
        if !self.client(id).is_some_and(|client| matches!(client.kind, ClientKind::Share(_))) {
            return;
        }
        let brokers: Vec<BrokerId> = self.brokers().map(|broker| broker.id).collect();
        for broker in brokers {
            let (from, to) = (Endpoint::Client(id), Endpoint::Broker(broker));
            let fault = self.network.fault(self.host(from), self.host(to));
            if !fault.cut {
                let at = self.network.arrival(from, to, self.now(), LinkFault::default());
                let timer = BrokerTimer::Share(ShareTimer::Disconnected { client: id });
                self.agenda.push(at, Due::BrokerTimer { broker, timer });
            }
        }
    }

    // ---- processes

    /// Ends a broker's process: in an orderly way, or (`crash`) without a word to the controller. What is on its disk stays.
    pub fn stop_broker(&mut self, id: BrokerId, crash: bool) {
        if let Some(broker) = self.brokers.get_mut(&id).filter(|broker| broker.starting) {
            Rc::make_mut(broker).starting = false;
        }
        if !self.is_running(id) {
            return;
        }
        self.thaw_broker(id);
        if !crash && self.in_touch(id) {
            let outcome = brokers::fence(&self.informed(), id, false);
            self.carry_out(self.cluster().controller, outcome);
        }
        let Some(broker) = self.brokers.get_mut(&id).map(Rc::make_mut) else { return };
        let waiting = broker.waiting_requests();
        broker.stop(crash);
        self.agenda.forget_timers(id);
        for request in waiting {
            self.send_lost(id, request, Loss::Closed);
        }
        let connected: Vec<_> = self.clients().filter(|client| client.is_connected_to(id)).map(|client| client.id).collect();
        for client in connected {
            self.send(Endpoint::Broker(id), Endpoint::Client(client), 0, Body::Closed);
        }
        self.record(TraceEvent::BrokerStopped { broker: id, crash });
    }

    /// Starts a broker on the disk that it has. It fetches what it missed, and asks the controller to let it in.
    pub fn start_broker(&mut self, id: BrokerId) {
        if !self.brokers.contains_key(&id) || self.is_running(id) {
            return;
        }
        if let Some(broker) = self.brokers.get_mut(&id).filter(|broker| !broker.starting) {
            Rc::make_mut(broker).starting = true;
            self.record(TraceEvent::BrokerStarted { broker: id });
        }
        self.finish_start(id);
    }

    /// A broker that cannot reach the controller does not come up.
    fn finish_start(&mut self, id: BrokerId) {
        if !self.in_touch(id) {
            return;
        }
        let offsets_topic = self.cluster().topic(OFFSETS_TOPIC).map(|topic| topic.partitions.len() as i32);
        let unclean = self.brokers.get_mut(&id).map(Rc::make_mut).is_some_and(|broker| {
            broker.offsets_partitions = offsets_topic;
            (broker.running, broker.starting) = (true, false);
            std::mem::take(&mut broker.unclean)
        });
        let outcome = brokers::register(&self.informed(), id, unclean);
        self.carry_out(self.cluster().controller, outcome);
        self.catch_up_with_metadata(id);
        self.begin_broker_work(id, self.now() + START_UP);
    }

    fn is_running(&self, id: BrokerId) -> bool {
        self.broker(id).is_some_and(|broker| broker.running)
    }

    /// Suspends a broker's process (SIGSTOP): it keeps all it has and answers nothing.
    pub fn freeze_broker(&mut self, id: BrokerId) {
        if self.is_running(id) {
            self.frozen.get_or_default(id);
            self.lose_touch();
            self.record(TraceEvent::BrokerFrozen { broker: id });
        }
    }

    /// Lets a suspended broker go on: all that came meanwhile is handled now, in order, as if no time had passed.
    pub fn thaw_broker(&mut self, id: BrokerId) {
        let Some(held) = self.frozen.remove(&id) else { return };
        for due in held {
            self.agenda.push(self.now(), due);
        }
        // Then it hears what has become of the cluster.
        let at = self.network.arrival(
            Endpoint::Broker(self.cluster().controller),
            Endpoint::Broker(id),
            self.now(),
            LinkFault::default(),
        );
        self.agenda.push(at, Due::BrokerTimer { broker: id, timer: BrokerTimer::MetadataArrives });
        self.record(TraceEvent::BrokerThawed { broker: id });
    }

    /// The disk is replaced by an empty one. A broker that runs is stopped by it.
    pub fn wipe_disk(&mut self, id: BrokerId) {
        self.stop_broker(id, true);
        if let Some(broker) = self.brokers.get_mut(&id).map(Rc::make_mut) {
            broker.replicas.clear();
            broker.unclean = true;
            self.record(TraceEvent::DiskWiped { broker: id });
        }
    }

    /// Each write to the broker's disk takes this much longer; nothing mends it.
    pub fn slow_disk(&mut self, id: BrokerId, slow: Span) {
        if let Some(broker) = self.brokers.get_mut(&id).map(Rc::make_mut) {
            broker.slow_disk = slow;
            self.record(TraceEvent::DiskSlow { broker: id, slow });
        }
    }

    // ---- links

    /// Sets what is wrong between each of `ones` and each of `others`, in both directions; the default mends it.
    pub fn set_link(&mut self, ones: &[Host], others: &[Host], fault: LinkFault) {
        for one in ones {
            for other in others.iter().filter(|other| *other != one) {
                self.network.set_fault(one.clone(), other.clone(), fault);
            }
        }
        self.record(TraceEvent::LinksChanged { ones: ones.into(), others: others.into(), fault });
        self.after_link_change();
    }

    /// Mends all links.
    pub fn heal_links(&mut self) {
        self.network.mend();
        self.record(TraceEvent::LinksMended);
        self.after_link_change();
    }

    fn after_link_change(&mut self) {
        for (from, to, message) in self.network.release() {
            // No longer cut, it may be slow or lossy still.
            let fault = self.network.fault(from, to);
            let at = self.network.arrival(message.from, message.to, self.now(), fault);
            self.agenda.push(at, Due::Arrive(message));
        }
        self.look_at_quorum(false);
        self.lose_touch();
        self.come_back_in_touch();
    }

    /// A request that only the controller can answer waits while it is out of the broker's reach.
    fn forward_later(&mut self, broker: BrokerId, due: Due) -> Option<Due> {
        let Due::Arrive(message @ Message { body: Body::Request(request), .. }) = &due else { return Some(due) };
        let waits = self.broker(broker).is_some_and(|broker| broker.running && broker.stale.is_some());
        if !waits || request.recipient() != Recipient::Controller {
            return Some(due);
        }
        let message = message.clone();
        self.times_out(&message);
        if let Some(broker) = self.brokers.get_mut(&broker) {
            Rc::make_mut(broker).forwarded.push(message);
        }
        None
    }

    /// Who has asked has given up: what waits for the controller is not passed on any more.
    pub(super) fn stop_forwarding(&mut self, request: RequestRef) {
        let is = |message: &Message| message.from == request.from && message.correlation == request.correlation;
        let brokers = self.brokers.values_mut().filter(|broker| broker.forwarded.iter().any(is));
        brokers.for_each(|broker| Rc::make_mut(broker).forwarded.retain(|message| !is(message)));
    }

    pub(super) fn come_back_in_touch(&mut self) {
        let back: Vec<BrokerId> = self.brokers().filter(|broker| broker.stale.is_some()).map(|broker| broker.id).collect();
        for id in back {
            self.catch_up_with_metadata(id);
        }
        let starting: Vec<BrokerId> = self.brokers().filter(|broker| broker.starting).map(|broker| broker.id).collect();
        for id in starting {
            self.finish_start(id);
        }
    }

    // ---- what a broker knows of the cluster

    /// Does the broker hear of changes of the metadata?
    fn in_touch(&self, id: BrokerId) -> bool {
        let Some(controller) = self.cluster().quorum.leader else { return false };
        let cut = !self.network.is_sound() && self.network.fault(Host::Node(id), Host::Node(controller)).cut;
        !cut && !self.frozen.contains_key(&id)
    }

    /// Those that hear nothing any more go on with what they know.
    pub(super) fn lose_touch(&mut self) {
        let hears = |broker: &&Broker| broker.running && broker.stale.is_none();
        let lost: Vec<BrokerId> = self.brokers().filter(hears).map(|broker| broker.id).collect();
        let metadata = self.cluster_rc();
        for id in lost {
            if self.in_touch(id) {
                continue;
            }
            if let Some(broker) = self.brokers.get_mut(&id) {
                Rc::make_mut(broker).stale = Some(metadata.clone());
            }
        }
    }

    /// A broker learns what the metadata has come to, and takes its roles.
    pub(super) fn catch_up_with_metadata(&mut self, id: BrokerId) {
        if !self.in_touch(id) || !self.is_running(id) {
            return;
        }
        let mut outcome = Outcome::default();
        if let Some(broker) = self.broker(id) {
            group_coordinator::expiry::catch_up(&self.informed(), broker, &mut outcome);
        }
        outcome.changes.extend(brokers::hears_all(id).changes);
        self.carry_out(id, outcome);
        let forwarded = self.brokers.get_mut(&id).map(|broker| std::mem::take(&mut Rc::make_mut(broker).forwarded));
        for message in forwarded.unwrap_or_default() {
            self.agenda.push(self.now(), Due::Arrive(message));
        }
    }
}
