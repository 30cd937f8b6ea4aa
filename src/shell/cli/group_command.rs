//! What `kafka-consumer-groups.sh`, `kafka-share-groups.sh` and `kafka-streams-groups.sh` have in common.

use super::admin_command::Admin;
use super::exception::Exception;
use super::exit::Done;
use super::options::{Given, OptionError, Refusal};
use super::queries::joined;
use crate::base::java::{copied_order, hash_order, split, string_hash};
use crate::base::{GroupId, SortedMap, Span, TopicPartition, sort};
use crate::engine::client::CallError;
use crate::engine::protocol::ListedGroup;

/// A table with a blank line above it: columns with a least width, all but the last padded to their widest cell.
pub struct Table<'r, R> {
    rows: &'r [R],
    /// Names, least widths, and the cells of all rows.
    columns: Vec<(&'static str, usize, Vec<String>)>,
}

impl<'r, R> Table<'r, R> {
    pub fn of(rows: &'r [R]) -> Self {
        Self { rows, columns: Vec::new() }
    }

    /// One column more. `least`: its width; 0 where nothing is padded.
    pub fn column(&mut self, name: &'static str, least: usize, cell: impl Fn(&R) -> String) {
        self.columns.push((name, least, self.rows.iter().map(cell).collect()));
    }

    pub fn print(&self, admin: &mut Admin<'_, '_, '_>) {
        let width = |least: usize, cells: &[String]| match least {
            0 => 0,
            least => cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0).max(least),
        };
        let widths: Vec<usize> = self.columns.iter().map(|(_, least, cells)| width(*least, cells)).collect();
        let line = |cells: Vec<&str>| {
            let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            padded.join(" ")
        };
        admin.print("");
        admin.print(line(self.columns.iter().map(|(name, ..)| *name).collect()));
        for row in 0..self.rows.len() {
            admin.print(line(self.columns.iter().map(|(.., cells)| cells[row].as_str()).collect()));
        }
    }
}

/// A cell that may have nothing in it.
pub fn or_dash(text: Option<impl ToString>) -> String {
    text.map_or("-".to_owned(), |text| text.to_string())
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

/// What `--describe` and `--delete-offsets` must come with. `wrong`: how the tool tells an option that is there twice.
pub fn check_actions(given: &Given, wrong: fn(OptionError) -> Refusal) -> Result<(), Refusal> {
    let has = |name: &str| given.has(name);
    if has("describe") {
        if !has("group") && !has("all-groups") {
            return Err(Refusal::usage("Option [describe] takes one of these options: [all-groups], [group]"));
        }
        if ["members", "offsets", "state"].iter().filter(|option| has(option)).count() > 1 {
            return Err(Refusal::usage("Option [describe] takes at most one of these options: [members], [offsets], [state]"));
        }
        if given.value("state").map_err(wrong)?.is_some() {
            return Err(Refusal::usage("Option [describe] does not take a value for [state]"));
        }
    }
    if has("delete-offsets") && (!has("group") || !has("topic")) {
        return Err(Refusal::usage("Option [delete-offsets] takes the following options: [group], [topic]"));
    }
    Ok(())
}

/// `--timeout`, as an `int` of milliseconds; without it half a minute.
pub fn timeout(given: &Given) -> Span {
    let ms = given.long("timeout").ok().flatten().unwrap_or(30_000);
    Span::from_ms(u64::try_from(ms as i32).unwrap_or(0))
}

/// The words of `--state` or `--type`, each one of those that are known.
pub fn choices(given: &Given, option: &str, known: &[&'static str], wrong: impl Fn(&str) -> String) -> Done<Vec<&'static str>> {
    let Some(text) = given.value(option)?.filter(|text| !text.is_empty()) else { return Ok(Vec::new()) };
    let named = |word: &str| known.iter().find(|name| name.eq_ignore_ascii_case(word.trim())).copied();
    let chosen: Option<Vec<&'static str>> = split(text, ',').into_iter().map(named).collect();
    chosen.ok_or_else(|| Refusal::usage(wrong(text)).into())
}

/// An exception as the tools' service has it that makes the client: of files it is wrapped.
pub fn in_service(thrown: Exception) -> Exception {
    if thrown.class.starts_with("java.nio.") { thrown.runtime() } else { thrown }
}

/// What a failed command tells: an `IllegalArgumentException` with the page of options, any other with status 0.
pub fn fail(admin: &mut Admin<'_, '_, '_>, kind: &str, thrown: Exception) -> i32 {
    if thrown.is_illegal_argument() {
        return admin.refuse(Refusal::usage(thrown.message));
    }
    admin.print("");
    let told = format!("Error: Executing {kind} group command failed due to {}", thrown.message);
    told.split('\n').for_each(|line| admin.print(line));
    admin.errors(thrown.stack());
    0
}

/// What `listGroups` fails with when nobody can be asked.
pub fn not_listed(call: CallError) -> Exception {
    let CallError::NoNode { .. } = &call else { return Exception::code(call) };
    let failed = Exception::java("org.apache.kafka.common.KafkaException", "Failed to find brokers to send ListGroups");
    failed.because(Exception::code(call))
}

/// The groups that `--group` or `--all-groups` means, in the order in which the results of a call list them.
pub fn wanted(
    admin: &mut Admin<'_, '_, '_>,
    given: &Given,
    listed: impl Fn(&mut Admin<'_, '_, '_>) -> Done<Vec<ListedGroup>>,
) -> Done<Vec<GroupId>> {
    let groups: Vec<GroupId> = match given.has("all-groups") {
        true => listed(admin)?.into_iter().map(|group| group.group_id).collect(),
        false => given.values("group").map(GroupId::from).collect(),
    };
    Ok(ordered(groups))
}

/// Groups, each once, in the order in which the results of a call list them.
pub fn ordered(mut groups: Vec<GroupId>) -> Vec<GroupId> {
    sort(&mut groups);
    groups.dedup();
    hash_order(&mut groups, 16, |group| string_hash(group.as_str()));
    copied_order(&mut groups, |group| string_hash(group.as_str()));
    groups
}

/// What has become of groups that were to be deleted: an exception for each that was not.
pub fn tell_deleted(admin: &mut Admin<'_, '_, '_>, kind: &str, mut results: Vec<(GroupId, Result<(), String>)>) {
    hash_order(&mut results, 16, |(group, _)| string_hash(group.as_str()));
    let deleted = results.iter().filter(|(_, result)| result.is_ok()).map(|(group, _)| format!("'{group}'"));
    let deleted = joined(deleted, ", ");
    let failed: Vec<_> = results.iter().filter_map(|(group, result)| Some((group, result.as_ref().err()?))).collect();
    if failed.is_empty() {
        // That of streams groups joins names with their marks, and so has marks without any name.
        let deleted = if kind == "streams" && deleted.is_empty() { "''" } else { &deleted };
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
        let end = if kind == "streams" { "." } else { "" };
        admin.print(format!("These {kind} groups were deleted successfully: {deleted}{end}"));
    }
}
