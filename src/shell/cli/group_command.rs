//! What `kafka-consumer-groups.sh` and `kafka-share-groups.sh` have in common.

use super::admin_command::Admin;
use super::exception::Exception;
use super::exit::Done;
use super::options::{Given, Refusal};
use super::queries::joined;
use crate::base::{GroupId, SortedMap, TopicPartition, sort};
use crate::engine::protocol::ListedGroup;

/// A table with a blank line above it: columns with a least width, all but the last padded to their widest cell.
pub struct Table {
    /// Names with their least width; 0 where nothing is padded.
    pub columns: Vec<(&'static str, usize)>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub fn print(&self, admin: &mut Admin<'_, '_, '_>) {
        let width = |at: usize, least: usize| match least {
            0 => 0,
            least => self.rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0).max(least),
        };
        let widths: Vec<usize> = self.columns.iter().enumerate().map(|(at, (_, least))| width(at, *least)).collect();
        let line = |cells: Vec<&str>| {
            let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            padded.join(" ")
        };
        admin.print("");
        admin.print(line(self.columns.iter().map(|(name, _)| *name).collect()));
        for row in &self.rows {
            admin.print(line(row.iter().map(String::as_str).collect()));
        }
    }
}

/// `classic` as `Classic`.
pub fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| format!("{}{}", first.to_ascii_uppercase(), chars.as_str()))
}

/// Partitions by topic: `one:0;two:0,1`.
pub fn assignment(partitions: &[TopicPartition]) -> String {
    let mut topics: SortedMap<&str, Vec<i32>> = SortedMap::new();
    for partition in partitions {
        topics.get_or_default(partition.topic.as_str()).push(partition.partition);
    }
    let text = |(topic, mut partitions): (&str, Vec<i32>)| {
        sort(&mut partitions);
        format!("{topic}:{}", joined(partitions, ","))
    };
    joined(topics.into_iter().map(text), ";")
}

/// What `--describe` and `--delete-offsets` must come with.
pub fn check_actions(given: &Given) -> Result<(), Refusal> {
    let has = |name: &str| given.has(name);
    if has("describe") {
        if !has("group") && !has("all-groups") {
            return Err(Refusal::usage("Option [describe] takes one of these options: [all-groups], [group]"));
        }
        if ["members", "offsets", "state"].iter().filter(|option| has(option)).count() > 1 {
            return Err(Refusal::usage("Option [describe] takes at most one of these options: [members], [offsets], [state]"));
        }
        if given.has_argument("state") {
            return Err(Refusal::usage("Option [describe] does not take a value for [state]"));
        }
    }
    if has("delete-offsets") && (!has("group") || !has("topic")) {
        return Err(Refusal::usage("Option [delete-offsets] takes the following options: [group], [topic]"));
    }
    Ok(())
}

/// joptsimple's `UnavailableOptionException`.
pub fn unavailable(option: &str) -> Refusal {
    let what = format!("Option(s) [{option}] are unavailable given other options on the command line");
    Exception::java("joptsimple.UnavailableOptionException", &what).uncaught()
}

/// A failed command is told, and yet the tool ends with 0.
pub fn fail(admin: &mut Admin<'_, '_, '_>, kind: &str, thrown: Exception) -> i32 {
    admin.print("");
    admin.print(format!("Error: Executing {kind} group command failed due to {}", thrown.message));
    admin.errors(thrown.stack());
    0
}

/// The groups that `--group` or `--all-groups` means.
pub fn wanted(
    admin: &mut Admin<'_, '_, '_>,
    given: &Given,
    listed: impl Fn(&mut Admin<'_, '_, '_>) -> Done<Vec<ListedGroup>>,
) -> Done<Vec<GroupId>> {
    if given.has("all-groups") {
        return Ok(listed(admin)?.into_iter().map(|group| group.group_id).collect());
    }
    let mut groups: Vec<GroupId> = Vec::new();
    for name in given.values("group") {
        if !groups.iter().any(|known| known.as_str() == name) {
            groups.push(name.into());
        }
    }
    Ok(groups)
}

/// What has become of groups that were to be deleted: an exception for each that was not.
pub fn tell_deleted(admin: &mut Admin<'_, '_, '_>, kind: &str, results: Vec<(GroupId, Result<(), String>)>) {
    let deleted = results.iter().filter(|(_, result)| result.is_ok()).map(|(group, _)| format!("'{group}'"));
    let deleted = joined(deleted, ", ");
    let failed: Vec<_> = results.iter().filter_map(|(group, result)| Some((group, result.as_ref().err()?))).collect();
    if failed.is_empty() {
        admin.print(format!("Deletion of requested {kind} groups ({deleted}) was successful."));
        return;
    }
    admin.print("");
    admin.print(format!("Error: Deletion of some {kind} groups failed:"));
    for (group, exception) in failed {
        admin.print(format!("* Group '{group}' could not be deleted due to: {exception}"));
    }
    if !deleted.is_empty() {
        admin.print("");
        admin.print(format!("These {kind} groups were deleted successfully: {deleted}"));
    }
}
