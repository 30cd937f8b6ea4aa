//! Runs of a lesson, side by side.

use kafka_playground::scenario::lessons::{LESSONS, lesson};
use kafka_playground::view::compare::{Comparison, Piece, Word, changes, script_pieces};

fn words(comparison: &Comparison, step: usize) -> Vec<Vec<Word>> {
    comparison.columns(step).iter().map(|column| column.fates.iter().map(|fate| fate.word).collect()).collect()
}

/// acks=1 loses what only the leader had; acks=all with one in sync loses what only it had; with two nothing is lost.
#[test]
fn two_settings_decide_what_is_lost() {
    let lesson = lesson("lost-record").expect("the lesson is there");
    let comparison = Comparison::new(lesson).expect("its scripts open");
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
    let comparison = Comparison::new(lesson("lost-record").expect("the lesson is there")).expect("its scripts open");
    let (before, now) = (comparison.columns(1), comparison.columns(2));
    let said = changes(Some(before[0]), now[0]);
    assert!(said.starts_with("The leader’s word is enough: broker 1: down, not in sync, has "), "{said}");
    assert!(said.contains("; broker 2: leader, in sync, has ride-1 paid at offset 0; "), "{said}");
    assert!(said.ends_with("; ride-2 paid: acknowledged, and lost, on no running broker."), "{said}");
    assert_eq!(changes(Some(now[0]), now[0]), "The leader’s word is enough: nothing has changed.");
    let chips: Vec<Vec<(&str, bool)>> =
        now.iter().map(|column| column.settings.iter().map(|chip| (chip.text.as_str(), chip.differs)).collect()).collect();
    let (acks, min) = ("acks=all", "min.insync.replicas=1");
    assert_eq!(chips[0], [("acks=1", false), (min, false)]);
    assert_eq!(chips[1], [(acks, true), (min, false)]);
    assert_eq!(chips[2], [(acks, false), ("min.insync.replicas=2", true)]);
}
