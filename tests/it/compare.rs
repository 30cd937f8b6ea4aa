//! Runs of a lesson, side by side.

use kafka_playground::scenario::lessons::LESSONS;
use kafka_playground::view::compare::{Comparison, Word};

fn words(comparison: &mut Comparison, step: usize) -> Vec<Vec<Word>> {
    comparison.columns(step).iter().map(|column| column.fates.iter().map(|fate| fate.word).collect()).collect()
}

/// acks=1 loses what only the leader had; acks=all with one in sync loses what only it had; with two nothing is lost.
#[test]
fn two_settings_decide_what_is_lost() {
    let lesson = LESSONS.iter().find(|lesson| lesson.name == "lost-record").expect("the lesson is there");
    let mut comparison = Comparison::new(lesson).expect("its scripts open");
    use Word::{Kept, Lost, NotSent, OutOfReach, Waiting};
    assert_eq!(words(&mut comparison, 0), vec![vec![Kept, NotSent, NotSent]; 3]);
    assert_eq!(words(&mut comparison, 1), [[Kept, Kept, NotSent], [Kept, Waiting, NotSent], [Kept, Waiting, NotSent]]);
    assert_eq!(words(&mut comparison, 2), [[Kept, Lost, NotSent], [Kept, Kept, NotSent], [Kept, Kept, NotSent]]);
    assert_eq!(words(&mut comparison, 4), [[Kept, Lost, Kept], [Kept, Kept, Kept], [Kept, Kept, Waiting]]);
    assert_eq!(words(&mut comparison, 5), [[OutOfReach; 3], [OutOfReach; 3], [Kept; 3]]);
    assert_eq!(words(&mut comparison, 6), [[Kept, Lost, Lost], [Kept, Kept, Lost], [Kept; 3]]);
    // The way back is the same.
    assert_eq!(words(&mut comparison, 2), [[Kept, Lost, NotSent], [Kept, Kept, NotSent], [Kept, Kept, NotSent]]);
}
