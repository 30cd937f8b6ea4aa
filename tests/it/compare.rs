//! Runs of a lesson, side by side.

use kafka_playground::base::Span;
use kafka_playground::scenario::CATALOG;
use kafka_playground::scenario::lessons::{LESSONS, Lesson, lesson};
use kafka_playground::session::Session;
use kafka_playground::view::compare::{Body, Column, Comparison, Piece, Word, changes, script_pieces};
use kafka_playground::view::group::history;
use kafka_playground::view::readers::Readers;

/// All runs, to their end.
fn played(lesson: &'static Lesson) -> Comparison {
    let mut comparison = Comparison::begin(lesson);
    while comparison.play_next().expect("its script opens") {}
    comparison
}

fn words(comparison: &Comparison, step: usize) -> Vec<Vec<Word>> {
    let fates = |column: &&Column| match &column.body {
        Body::Replicas(body) => body.fates.iter().map(|fate| fate.word).collect(),
        Body::Readers(_) => panic!("it is about records"),
    };
    comparison.columns(step).iter().map(fates).collect()
}

fn readers(comparison: &Comparison, step: usize) -> Vec<Readers> {
    let body = |column: &&Column| match &column.body {
        Body::Readers(body) => body.clone(),
        Body::Replicas(_) => panic!("it is about readers"),
    };
    comparison.columns(step).iter().map(body).collect()
}

/// acks=1 loses what only the leader had; acks=all with one in sync loses what only it had; with two nothing is lost.
#[test]
fn two_settings_decide_what_is_lost() {
    let lesson = lesson("lost-record").expect("the lesson is there");
    let comparison = played(lesson);
    use Word::{Kept, Lost, NotSent, OutOfReach, Waiting};
    assert_eq!(words(&comparison, 0), vec![vec![Kept, NotSent, NotSent]; 3]);
    assert_eq!(words(&comparison, 1), [[Kept, Kept, NotSent], [Kept, Waiting, NotSent], [Kept, Waiting, NotSent]]);
    assert_eq!(words(&comparison, 2), [[Kept, Lost, NotSent], [Kept, Kept, NotSent], [Kept, Kept, NotSent]]);
    assert_eq!(words(&comparison, 4), [[Kept, Lost, Kept], [Kept, Kept, Kept], [Kept, Kept, Waiting]]);
    assert_eq!(words(&comparison, 5), [[OutOfReach; 3], [OutOfReach; 3], [Kept; 3]]);
    assert_eq!(words(&comparison, 6), [[Kept, Lost, Lost], [Kept, Kept, Lost], [Kept; 3]]);
}

/// The pieces, each run's own at the marked places, are the run's script.
#[test]
fn the_marked_script_is_the_script_of_each_run() {
    for lesson in LESSONS {
        let pieces = script_pieces(lesson);
        assert!(pieces.iter().filter(|piece| matches!(piece, Piece::Differs(_))).count() >= 2, "{}", lesson.name);
        for (run, variant) in lesson.variants.iter().enumerate() {
            let text = |piece: &Piece| match piece {
                Piece::Same(text) => text.clone(),
                Piece::Differs(values) => values[run].to_owned(),
            };
            assert_eq!(pieces.iter().map(text).collect::<String>(), lesson.script_of(variant), "{}", lesson.name);
        }
    }
}

#[test]
fn what_changes_is_told_in_words() {
    let comparison = played(lesson("lost-record").expect("the lesson is there"));
    let (before, now) = (comparison.columns(1), comparison.columns(2));
    let said = changes(Some(before[0]), now[0]);
    assert!(said.starts_with("The leader’s word is enough: broker 1: down, not in sync, has "), "{said}");
    assert!(said.contains("; broker 2: leader, in sync, has ride-1 paid at offset 0; "), "{said}");
    assert!(said.ends_with("; ride-2 paid: acknowledged, and lost, on no running broker."), "{said}");
    assert_eq!(changes(Some(now[0]), now[0]), "The leader’s word is enough: nothing has changed.");
    let chips: Vec<Vec<(&str, bool)>> =
        now.iter().map(|column| column.settings.iter().map(|chip| (chip.text, chip.differs)).collect()).collect();
    let (acks, min) = ("acks=all", "min.insync.replicas=1");
    assert_eq!(chips[0], [("acks=1", false), (min, false)]);
    assert_eq!(chips[1], [(acks, true), (min, false)]);
    assert_eq!(chips[2], [(acks, false), ("min.insync.replicas=2", true)]);
}

/// Only eager stops the whole group and interrupts what stays; the others move what must move. The figures are what the
/// history of the run, opened by itself, says.
#[test]
fn only_an_eager_join_stops_the_world() {
    let lesson = lesson("join").expect("the lesson is there");
    let comparison = played(lesson);
    let last = lesson.steps.len() - 1;
    let runs = readers(&comparison, last);
    let [eager, cooperative, modern] = runs.as_slice() else { panic!("three runs") };
    assert!(eager.stopped() > Span::ZERO);
    assert_eq!([cooperative.stopped(), modern.stopped()], [Span::ZERO; 2]);
    assert_eq!([cooperative.in_vain, modern.in_vain, cooperative.needless(), modern.needless()], [0; 4]);
    assert_eq!([eager.in_vain, eager.needless(), eager.interrupted()], [7, 1, 6], "the last step’s text says so");
    assert_eq!(runs.iter().map(|run| run.needed).collect::<Vec<_>>(), [4; 3], "two to the third, and two of who leaves");
    for (at, run) in runs.iter().enumerate() {
        let session = Session::open(comparison.script(at).expect("it was played"), CATALOG).expect("it is a script");
        let past = history(session.world(), &"g".into());
        let told = past.rebalances.iter().filter(|rebalance| rebalance.from() >= run.from);
        assert_eq!(told.fold(Span::ZERO, |sum, rebalance| sum + rebalance.unread()), run.unread());
        assert!(run.lanes.iter().all(|lane| lane.segments.last().is_some_and(|segment| segment.owner.is_some())));
    }
    // All begin alike; in the middle of the join, eager is done and the others are not.
    assert!(readers(&comparison, 0).iter().all(|run| run.unread() == Span::ZERO && run.lanes.len() == 6 && run.steps == 0));
    assert_eq!(readers(&comparison, 2).iter().map(|run| run.moved).collect::<Vec<_>>(), [3, 0, 0]);
    assert_eq!(readers(&comparison, 3).iter().map(|run| run.moved).collect::<Vec<_>>(), [3, 2, 2]);
}
