//! What a drawing of each view costs: making the structs that the page draws, of a cluster of 10 brokers with 200 partitions,
//! 50 groups and a trace that is as long as it gets.

use super::pace::Pace;
use kafka_playground::base::{GroupId, Span};
use kafka_playground::engine::World;
use kafka_playground::scenario::CATALOG;
use kafka_playground::session::Session;
use kafka_playground::view::cluster::{ClusterWindow, cluster, cluster_flights, traffic};
use kafka_playground::view::flights::flights;
use kafka_playground::view::group::{board, groups, history, why};
use kafka_playground::view::inspect::{Selection, inspect};
use kafka_playground::view::narrate::{marks, narrate};
use kafka_playground::view::records::RecordList;
use kafka_playground::view::row::RowStart;
use kafka_playground::view::stage::{Window, lanes, stage, strip};

const BROKERS: u32 = 10;
const TOPICS: usize = 10;
const PARTITIONS: usize = 20;
const GROUPS: usize = 50;
const MEMBERS: usize = 2;

/// The limit for each view, in milliseconds.
const MOST: f64 = 4.0;

/// Drawings measured of each view. The clock runs on between them, as it does for a page.
const DRAWINGS: u32 = 20;
const BETWEEN: Span = Span::from_ms(20);

/// Groups of the three kinds, each with members that read a topic that is written to.
async fn loaded(pace: &Pace<'_>) -> Session {
    let mut session = Session::empty(7, BROKERS, CATALOG);
    let say = |session: &mut Session, line: String| {
        session.input(&line).expect("it can be said");
        session.advance(Span::from_ms(50), u64::MAX);
    };
    const AT: &str = "--bootstrap-server localhost:9092";
    for topic in 0..TOPICS {
        say(
            &mut session,
            format!("$ kafka-topics.sh --create --topic t{topic} --partitions {PARTITIONS} --replication-factor 3 {AT}"),
        );
        session.advance(Span::from_secs(2), u64::MAX);
        let perf = "--num-records 600000 --throughput 20 --record-size 100 --producer-props bootstrap.servers=localhost:9092";
        say(&mut session, format!("@p{topic} $ kafka-producer-perf-test.sh --topic t{topic} {perf}"));
    }
    for member in 0..GROUPS * MEMBERS {
        let (group, topic) = (member % GROUPS, member % TOPICS);
        let (tool, options) = match group % 5 {
            0 => ("kafka-console-share-consumer.sh", ""),
            1 => ("kafka-console-consumer.sh", "--command-property group.protocol=consumer"),
            _ => ("kafka-console-consumer.sh", ""),
        };
        say(&mut session, format!("@c{member} $ {tool} --topic t{topic} --group g{group} {AT} {options}"));
        pace.breathe().await;
    }
    for _ in 0..5000 {
        if session.world().trace().start() > 0 {
            return session;
        }
        session.advance(Span::from_ms(200), u64::MAX);
        pace.breathe().await;
    }
    panic!("the trace is not full: {} entries", session.world().trace().len());
}

/// The mean of several drawings, after a first one.
fn drawn(pace: &Pace<'_>, session: &mut Session, draw: &mut dyn FnMut(&World) -> usize) -> f64 {
    let mut took = 0.0;
    for at in 0..=DRAWINGS {
        session.advance(BETWEEN, u64::MAX);
        let start = pace.now();
        assert!(std::hint::black_box(draw(session.world())) > 0, "there is something to draw");
        took += if at > 0 { pace.now() - start } else { 0.0 };
    }
    took / f64::from(DRAWINGS)
}

fn logs(world: &World) -> usize {
    let stage = stage(world, None, &Window::default());
    let shown = stage.topics.iter().flat_map(|topic| &topic.partitions).take(12);
    let strips = shown.filter_map(|partition| strip(world, &partition.topic_partition, RowStart::Tail, 40, &[])).count();
    std::hint::black_box(lanes(world, &stage.readers, world.now()));
    strips + stage.readers.len() + flights(world, world.now(), 200).flights.len()
}

fn group(world: &World, id: &str) -> usize {
    let id = GroupId::from(id);
    let Some(board) = board(world, &id) else { return 0 };
    let why = why(world, &id, &board.history);
    board.members.len() + why.map_or(0, |why| why.members.len()) + groups(world).len()
}

fn cluster_view(world: &World) -> usize {
    let view = cluster(world, &ClusterWindow::default());
    std::hint::black_box((traffic(world, world.now(), None), cluster_flights(world, world.now(), 200)));
    view.rows.len()
}

pub async fn run(pace: &Pace<'_>, print: &mut dyn FnMut(&str)) {
    let mut session = loaded(pace).await;
    let inspected = |selection: Selection| move |world: &World| inspect(world, None, &selection).map_or(0, |seen| seen.facts.len());
    let mut since = 0;
    let mut timeline = |world: &World| {
        let (all, next) = marks(world, since);
        std::hint::black_box((all, narrate(world, since)));
        since = next;
        1
    };
    let consumer = session.world().clients().find(|client| session.world().consumer(client.id).is_some()).map(|client| client.id);
    let views: [(&str, &mut dyn FnMut(&World) -> usize); 10] = [
        ("Logs", &mut logs),
        ("Groups, classic", &mut |world| group(world, "g2")),
        ("Groups, consumer", &mut |world| group(world, "g1")),
        ("Groups, share", &mut |world| group(world, "g0")),
        ("Cluster", &mut cluster_view),
        ("Records", &mut |world| {
            let list = RecordList::of(world, "t0", None);
            list.before(list.end(), 100).len()
        }),
        ("timeline and narration", &mut timeline),
        ("inspector of a group", &mut inspected(Selection::Group("g2".into()))),
        ("inspector of a share group", &mut inspected(Selection::Group("g0".into()))),
        ("inspector of a consumer", &mut inspected(Selection::Consumer(consumer.expect("there are consumers")))),
    ];
    for (name, draw) in views {
        let took = drawn(pace, &mut session, draw);
        pace.breathe().await;
        let over = if took > MOST { "  too much" } else { "" };
        print(&format!("{:<52} {took:>9.3} ms{over}", format!("drawing {name}")));
    }
    // Less of the trace than was read is another one.
    session.seek(session.cursor() - 1000);
    let start = pace.now();
    std::hint::black_box(history(session.world(), &"g2".into()));
    print(&format!("{:<52} {:>9.3} ms", "reading the trace anew, after a jump", pace.now() - start));
}
