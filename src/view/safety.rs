//! "Is my record safe?" in words: what the engine found by trying.

use crate::base::{BrokerId, Offset, TopicPartition};
use crate::engine::metadata::{PartitionState, Topic};
use crate::engine::safety::{Fate, Safety, Trial, safety};
use crate::engine::world::World;

/// What is to be said of a record's safety.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SafetyView {
    /// In one sentence.
    pub verdict: String,
    /// No loss of a single disk loses it.
    pub survives_one: bool,
    /// Copies, commitment and the settings that decide, each with why it matters.
    pub facts: Vec<(&'static str, String, String)>,
    pub trials: Vec<TrialView>,
}

/// What losing these disks for ever would do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrialView {
    /// `disk 1 and disk 2`.
    pub lost: String,
    pub outcome: Outcome,
    pub words: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Kept,
    Offline,
    Lost,
}

/// Tries it out. `None` where there is no record at the offset.
pub fn record_safety(world: &World, partition: &TopicPartition, offset: Offset) -> Option<SafetyView> {
    let topic = world.cluster().topic(partition.topic.as_str())?;
    let state = topic.partition(partition.partition)?;
    let found = safety(world, partition, offset)?;
    let trials: Vec<TrialView> = found.trials.iter().map(trial_view).collect();
    let singles = &trials[..state.replicas.len().min(trials.len())];
    Some(SafetyView {
        verdict: verdict(&found, singles, &trials),
        survives_one: singles.iter().all(|trial| trial.outcome != Outcome::Lost),
        facts: facts(&found, topic, state),
        trials,
    })
}

/// `disk 1, disk 2 and disk 3`.
pub(super) fn list(brokers: &[BrokerId], word: &str, and: &str) -> String {
    let words: Vec<String> = brokers.iter().map(|id| format!("{word}{id}")).collect();
    match words.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} {and} {last}", rest.join(", ")),
    }
}

fn trial_view(trial: &Trial) -> TrialView {
    let (outcome, words) = match &trial.fate {
        Fate::Kept { leader } => (Outcome::Kept, format!("kept: broker {leader} leads and has it")),
        Fate::Offline { copies } => {
            (Outcome::Offline, format!("not lost, but not readable: nobody may lead; it is on {}", list(copies, "disk ", "and")))
        }
        Fate::Lost => (Outcome::Lost, "lost".to_owned()),
    };
    TrialView { lost: list(&trial.lost, "disk ", "and"), outcome, words }
}

fn verdict(found: &Safety, singles: &[TrialView], all: &[TrialView]) -> String {
    let lost = |trials: &[TrialView]| trials.iter().filter(|trial| trial.outcome == Outcome::Lost).count();
    let deadly: Vec<&str> =
        singles.iter().filter(|trial| trial.outcome == Outcome::Lost).map(|trial| trial.lost.as_str()).collect();
    match (deadly.as_slice(), lost(all)) {
        ([], 0) if all.len() > singles.len() => "Safe from the loss of any two disks.".to_owned(),
        ([], _) => "Safe from the loss of any one disk.".to_owned(),
        (one, _) if found.copies.len() == 1 => {
            format!("Not safe: there is one copy, and it is lost with {}.", one.join(" or with "))
        }
        (one, _) => format!("Not safe: it is lost with {}.", one.join(" or with ")),
    }
}

fn facts(found: &Safety, topic: &Topic, state: &PartitionState) -> Vec<(&'static str, String, String)> {
    let of_replicas = format!("of {} replicas", state.replicas.len());
    let copies = format!("{} {of_replicas}: on {}", found.copies.len(), list(&found.copies, "disk ", "and"));
    let (committed, why) = match found.committed {
        true => ("yes", "It is below the high watermark: all in-sync replicas have it, and no clean election loses it."),
        false => (
            "no",
            "It is not below the high watermark: another leader may lack it. With acks=all its sender is not told yet; with \
             acks=1 it has been told.",
        ),
    };
    let unclean = topic.config("unclean.leader.election.enable");
    vec![
        ("Copies", copies, "Each on the disk of another broker. A disk outlives its process.".to_owned()),
        ("Committed", committed.to_owned(), why.to_owned()),
        ("In sync", list(&state.isr, "", "and"), "The next leader is one of these.".to_owned()),
        ("ELR", list(&state.elr, "", "and"), "When none of the ISR lives, one of these may lead without loss.".to_owned()),
        (
            "min.insync.replicas",
            topic.config("min.insync.replicas").to_owned(),
            "With fewer in sync nothing is committed and acks=all is refused: so many copies has what was acknowledged.".to_owned(),
        ),
        (
            "unclean election",
            unclean.to_owned(),
            if unclean == "true" {
                "When none of the ISR and the ELR lives, any replica may lead: what it lacks is lost."
            } else {
                "When none of the ISR and the ELR lives, the partition waits, and loses nothing."
            }
            .to_owned(),
        ),
    ]
}
