//! What a rebalance of a large group costs, for each assignor: all that is assigned for the first time, and what happens when
//! one member leaves. `benches/jvm/Assignors.java` runs Kafka's own assignors on the same input.

use super::pace::Pace;
use kafka_playground::base::{MemberId, SortedMap, SortedSet, TopicName, TopicPartition};
use kafka_playground::engine::group::assignors::{
    self, AssignableTopic, Assignment, SERVER_ASSIGNORS, TargetAssignment, TargetMember,
};
use kafka_playground::engine::protocol::{JoinedMember, Subscription, UserData};

const MEMBERS: usize = 1000;
const TOPICS: usize = 10;
const PARTITIONS: i32 = 1000;
const CLASSIC: [&str; 4] = ["range", "roundrobin", "sticky", "cooperative-sticky"];

type Topics = SortedMap<TopicName, AssignableTopic>;

fn member_id(member: usize) -> MemberId {
    MemberId::from(format!("member-{member:04}"))
}

fn topics() -> Topics {
    let topic = AssignableTopic { partition_count: PARTITIONS, replica_racks: Vec::new() };
    (0..TOPICS).map(|at| (TopicName::from(format!("topic-{at}").as_str()), topic.clone())).collect()
}

/// A member as it joins. Only the sticky assignors say what it owns, in the generation that was.
fn joined(name: &str, topics: &Topics, member: usize, given: Option<&Assignment>) -> JoinedMember {
    let member_id = member_id(member);
    let mut subscription = Subscription { topics: topics.keys().cloned().collect(), generation_id: -1, ..Subscription::default() };
    let owned = given.and_then(|given| given.get(&member_id)).cloned();
    match (name, owned) {
        ("sticky", Some(partitions)) => subscription.user_data = UserData::Owned { partitions, generation_id: 1 },
        ("cooperative-sticky", Some(partitions)) => {
            subscription.owned_partitions = partitions;
            subscription.generation_id = 1;
        }
        _ => {}
    }
    JoinedMember { member_id, group_instance_id: None, subscription: subscription.into() }
}

async fn classic(pace: &Pace<'_>, name: &str, topics: &Topics) -> [f64; 2] {
    let all: Vec<JoinedMember> = (0..MEMBERS).map(|member| joined(name, topics, member, None)).collect();
    let given = assignors::assign(name, topics, &all).expect("an assignor");
    let left: Vec<JoinedMember> = (1..MEMBERS).map(|member| joined(name, topics, member, Some(&given))).collect();
    let first = fastest(pace, || assignors::assign(name, topics, &all)).await;
    [first, fastest(pace, || assignors::assign(name, topics, &left)).await]
}

async fn server(pace: &Pace<'_>, name: &str, topics: &Topics) -> [f64; 2] {
    let subscribed: SortedSet<TopicName> = topics.keys().cloned().collect();
    let target = |member, given: Option<&TargetAssignment<'_>>| {
        let member_id = member_id(member);
        let previous = given.and_then(|given| given.get(&member_id)).map(|given| given.to_vec()).unwrap_or_default();
        (member_id, previous)
    };
    let all: Vec<(MemberId, Vec<TopicPartition>)> = (0..MEMBERS).map(|member| target(member, None)).collect();
    let given = assignors::assign_target(name, topics, &members(&all, &subscribed)).expect("an assignor");
    let left: Vec<(MemberId, Vec<TopicPartition>)> = (1..MEMBERS).map(|member| target(member, Some(&given))).collect();
    let (all, left) = (members(&all, &subscribed), members(&left, &subscribed));
    let first = fastest(pace, || assignors::assign_target(name, topics, &all)).await;
    [first, fastest(pace, || assignors::assign_target(name, topics, &left)).await]
}

fn members<'a>(targets: &'a [(MemberId, Vec<TopicPartition>)], topics: &'a SortedSet<TopicName>) -> Vec<TargetMember<'a>> {
    let member = |(member_id, previous): &'a (MemberId, Vec<TopicPartition>)| TargetMember {
        member_id: member_id.clone(),
        group_instance_id: None,
        topics,
        previous,
    };
    targets.iter().map(member).collect()
}

/// The fastest run, in microseconds, as its counterpart counts. A browser's clock is coarse: some runs are timed as one.
async fn fastest<T>(pace: &Pace<'_>, mut work: impl FnMut() -> T) -> f64 {
    const WARM_UP_MS: f64 = 200.0;
    const RUNS_MS: f64 = 1000.0;
    const TIMED_MS: f64 = 5.0;
    let mut timed = |runs: u32| {
        let start = pace.now();
        for _ in 0..runs {
            std::hint::black_box(work());
        }
        pace.now() - start
    };
    let (begun, mut runs) = (pace.now(), 0);
    while pace.now() - begun < WARM_UP_MS {
        timed(1);
        runs += 1;
        pace.breathe().await;
    }
    let runs = (f64::from(runs) * TIMED_MS / WARM_UP_MS).ceil() as u32;
    let (begun, mut best) = (pace.now(), f64::INFINITY);
    while pace.now() - begun < RUNS_MS {
        best = best.min(timed(runs) * 1000.0 / f64::from(runs));
        pace.breathe().await;
    }
    best
}

pub async fn run(pace: &Pace<'_>, print: &mut dyn FnMut(&str)) {
    let topics = topics();
    let mut show = |protocol: &str, name: &str, [first, leaves]: [f64; 2]| {
        print(&format!("{protocol:<8} {name:<19} first        {:>10.2} ms", first / 1000.0));
        print(&format!("{protocol:<8} {name:<19} one leaves   {:>10.2} ms", leaves / 1000.0));
    };
    for name in CLASSIC {
        show("classic", name, classic(pace, name, &topics).await);
    }
    for name in SERVER_ASSIGNORS {
        show("consumer", name, server(pace, name, &topics).await);
    }
}
