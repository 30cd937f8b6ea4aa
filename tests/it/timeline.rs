//! The laws of the timeline: seeking is replaying, undoing is as if it had not been done, a fork leaves no trace.

use kafka_playground::base::{ClientId, SimTime, Span};
use kafka_playground::engine::Program;
use kafka_playground::engine::client::{ConsumerConfig, ProducerConfig};
use kafka_playground::engine::program::{Behaviour, Context, Event, NewRecord};
use kafka_playground::session::{ScenarioEntry, Session};
use proptest::prelude::*;

/// Sends records now and then, and reads them again: something that never ends and draws chance.
#[derive(Clone, Hash, Debug, Default)]
struct Busy {
    producer: Option<ClientId>,
    consumer: Option<ClientId>,
    sent: u64,
    read: u64,
}

impl Behaviour for Busy {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        match event {
            Event::Started => {
                self.producer = Some(context.producer(ProducerConfig::default()));
                let config = ConsumerConfig { group_id: Some("busy".into()), ..ConsumerConfig::default() };
                let consumer = context.consumer(config);
                context.subscribe(consumer, &["t"]);
                context.poll(consumer, Span::from_ms(200));
                self.consumer = Some(consumer);
                context.timer(Span::from_ms(5), 0);
            }
            Event::Timer { .. } => {
                let Some(producer) = self.producer else { return };
                for _ in 0..context.chance().between(1, 4) {
                    let key = context.chance().below(7).to_string();
                    let value = self.sent.to_string();
                    let key = Some(key.as_bytes());
                    context.send(producer, NewRecord { topic: "t", key, value: Some(value.as_bytes()), ..NewRecord::default() });
                    self.sent += 1;
                }
                let pause = Span::from_ms(context.chance().between(1, 40));
                context.timer(pause, 0);
            }
            Event::Polled { consumer, records } => {
                self.read += u64::from(records.count());
                context.poll(consumer, Span::from_ms(200));
            }
            Event::Interrupt => context.exit(130),
            _ => {}
        }
    }
}

fn service(name: &str) -> Option<Box<dyn Program>> {
    name.starts_with("busy").then(|| Box::new(Busy::default()) as Box<dyn Program>)
}

const CATALOG: &[ScenarioEntry] =
    &[ScenarioEntry { name: "busy", title: "Busy", script: "! scenario busy\n$ start-service busy-1\n", service }];

fn open(seed: u64) -> Session {
    Session::open(&format!("! scenario busy\n! seed {seed}\n$ start-service busy-1\n"), CATALOG).expect("a good script")
}

/// What a person might do.
#[derive(Clone, Debug)]
enum Act {
    Advance(u64),
    Step,
    Back,
    Seek(u64),
    Start(u8),
    Kill(u8),
    Undo,
    Redo,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1u64..2000).prop_map(Act::Advance),
        2 => Just(Act::Step),
        2 => Just(Act::Back),
        2 => (0u64..1200).prop_map(Act::Seek),
        2 => (1u8..4).prop_map(Act::Start),
        2 => (1u8..4).prop_map(Act::Kill),
        2 => Just(Act::Undo),
        1 => Just(Act::Redo),
    ]
}

fn perform(session: &mut Session, act: &Act) {
    match act {
        Act::Advance(ms) => {
            session.advance(Span::from_ms(*ms), 100_000);
        }
        Act::Step => {
            session.step();
        }
        Act::Back => {
            session.back();
        }
        Act::Seek(per_mille) => session.seek(session.end_cursor() * per_mille / 1000),
        Act::Start(n) => {
            let _ = session.input(&format!("$ start-service busy-{n}"));
        }
        Act::Kill(n) => {
            let _ = session.input(&format!("$ kill-service busy-{n}"));
        }
        Act::Undo => {
            session.undo();
        }
        Act::Redo => {
            session.redo();
        }
    }
}

/// The state at a cursor, by a session that has only the script to go by.
fn replayed(session: &Session, cursor: u64) -> u64 {
    let mut fresh = Session::open(&session.script(), CATALOG).expect("its own script");
    fresh.seek(0);
    while fresh.cursor() < cursor && fresh.step() {}
    fresh.hash()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_state_is_what_a_replay_from_the_start_gives(seed in 0u64..1000, acts in prop::collection::vec(act(), 1..14)) {
        let mut session = open(seed);
        for act in &acts {
            perform(&mut session, act);
            prop_assert!(session.world().failure().is_none());
        }
        let cursor = session.cursor();
        prop_assert_eq!(session.hash(), replayed(&session, cursor));
        // And seeking to any moment and back changes nothing.
        let here = session.hash();
        session.seek(cursor / 2);
        prop_assert_eq!(session.hash(), replayed(&session, cursor / 2));
        session.seek(cursor);
        prop_assert_eq!(session.hash(), here);
    }

    #[test]
    fn undo_is_as_if_it_had_not_been_done(seed in 0u64..1000, acts in prop::collection::vec(act(), 0..8), wait in 1u64..3000) {
        let mut session = open(seed);
        for act in &acts {
            perform(&mut session, act);
        }
        session.advance(Span::from_ms(wait), 100_000);
        let before = (session.hash(), session.cursor(), session.now(), session.script(), session.end_cursor());
        session.input("$ start-service busy-9").expect("a service");
        let after = (session.hash(), session.cursor(), session.now(), session.script());
        prop_assert_ne!(after.0, before.0);
        prop_assert!(session.undo());
        let undone = (session.hash(), session.cursor(), session.now(), session.script(), session.end_cursor());
        prop_assert_eq!(undone, before);
        prop_assert!(session.redo());
        prop_assert_eq!((session.hash(), session.cursor(), session.now(), session.script()), after);
    }
}

/// An input in the past, with nothing due between it and the input that it sets aside: both have the same cursor.
#[test]
fn undoing_right_before_an_input_set_aside_does_not_give_that_one_too() {
    let mut session = open(0);
    session.advance(Span::from_ms(1000), 100_000);
    let next = session.world().next_time().expect("a busy service").0;
    let now = session.now().0;
    assert!(next > now + 2, "there is time between");
    session.advance(Span::from_us((next - now) / 2), 100_000);
    session.input("$ start-service busy-2").expect("a service");
    session.seek_time(SimTime::from_ms(1000));
    let before = (session.hash(), session.cursor(), session.now());
    session.input("$ start-service busy-9").expect("a service");
    let after = (session.hash(), session.cursor(), session.now());
    assert!(session.undo());
    assert_eq!((session.hash(), session.cursor(), session.now()), before);
    assert!(session.redo());
    assert_eq!((session.hash(), session.cursor(), session.now()), after);
}

#[test]
fn a_fork_leaves_no_trace_of_the_old_future() {
    let mut session = open(3);
    session.advance(Span::from_secs(5), 100_000);
    session.input("$ start-service busy-2").expect("a service");
    session.advance(Span::from_secs(5), 100_000);
    let old_end = (session.hash(), session.cursor());

    session.seek_time(SimTime::from_ms(2000));
    assert_eq!(session.would_set_aside(), Some(1));
    session.input("$ start-service busy-3").expect("a service");
    assert_eq!(session.would_set_aside(), None);
    session.advance(Span::from_secs(8), 100_000);
    assert!(session.world().program_named("busy-2").is_none());
    assert_eq!(session.hash(), replayed(&session, session.cursor()));

    // Undo brings the old future back.
    assert!(session.undo());
    assert!(session.would_set_aside().is_some());
    session.seek(old_end.1);
    assert_eq!(session.hash(), old_end.0);
}

#[test]
fn a_refused_input_changes_nothing() {
    let mut session = open(1);
    session.advance(Span::from_secs(1), 100_000);
    let before = (session.hash(), session.cursor(), session.script(), session.can_undo());
    for wrong in [
        "",
        "hello",
        "$",
        "$ start-service nobody",
        "$ kill-service nobody",
        "@x ^C",
        "! seed 3",
        "$ start-service busy-1",
        "> text",
    ] {
        assert!(session.input(wrong).is_err(), "{wrong}");
    }
    assert_eq!((session.hash(), session.cursor(), session.script(), session.can_undo()), before);
}

#[test]
fn back_at_the_very_beginning_stays_there() {
    let mut session = open(1);
    session.seek(0);
    assert!(!session.back());
    assert_eq!(session.cursor(), 0);
}

#[test]
fn broken_scripts_and_links_are_refused_in_words() {
    let message = |script: &str| Session::open(script, CATALOG).err().expect("refused").to_string();
    assert!(message("! scenario nowhere").contains("busy"));
    assert!(message("! at soon").contains("line 1"));
    assert!(message("<script>alert(1)</script>").contains("line 1"));
    assert!(message(&"# x\n".repeat(300_000)).contains("limit"));
    assert!(message("! scenario busy\n$ start-service nobody").contains("nobody"));
    for link in ["", "%%%", "AAAA", "eJw"] {
        assert!(kafka_playground::session::link_to_script(link).is_err(), "{link}");
    }
    let session = open(5);
    let script = session.script();
    let link = session.link();
    assert_eq!(kafka_playground::session::link_to_script(link.strip_prefix("s=").expect("a fragment")).expect("a link"), script);
}

#[test]
fn a_saved_session_runs_without_the_page() {
    let mut session = open(4);
    session.advance(Span::from_ms(1234), 100_000);
    session.input("$ start-service busy-2").expect("a service");
    session.advance(Span::from_ms(2500), 100_000);
    session.input("$ kafka-topics.sh --list --bootstrap-server localhost:9092").expect("a tool");
    session.advance(Span::from_secs(2), 100_000);
    let transcript = kafka_playground::session::transcript::run(&session.script(), CATALOG).expect("its own script");
    assert!(transcript.contains("! at 1.234\n$ start-service busy-2"), "{transcript}");
    assert!(transcript.contains("localhost:9092\n__consumer_offsets\nt\n"), "{transcript}");
}

/// A link made in the past ends there: neither later inputs nor later moments are in it.
#[test]
fn a_link_to_this_moment_leaves_out_what_lies_ahead() {
    let mut session = open(5);
    session.advance(Span::from_secs(2), 1_000_000);
    let (here, hash) = (session.now(), session.hash());
    session.advance(Span::from_secs(1), 1_000_000);
    session.input("$ start-service busy-2").expect("it can be started");
    session.advance(Span::from_secs(1), 1_000_000);
    assert_eq!(session.script_until_now(), session.script(), "at the end the two are one");
    session.seek_time(here);
    let link = session.link_until_now();
    let script = kafka_playground::session::link_to_script(link.trim_start_matches("s=")).expect("a link");
    assert!(!script.contains("busy-2"), "{script}");
    let shared = Session::open(&script, CATALOG).expect("a script");
    assert_eq!((shared.now(), shared.end_time(), shared.hash()), (here, here, hash));
    assert!(session.script().contains("busy-2"), "nothing is lost by making a link");
}
