//! `--delete`, and the internal topics that go with groups.

use super::{StreamsGroups, described, listed, print_error};
use crate::base::java::{hash_order, string_hash};
use crate::base::{GroupId, TopicName};
use crate::engine::protocol::{DeleteTopicsRequest, TopicResult};
use crate::shell::cli::admin_command::{Admin, ask};
use crate::shell::cli::exception::Exception;
use crate::shell::cli::exit::Done;
use crate::shell::cli::group_command::{ordered, tell_deleted};

type InternalTopics = Vec<(GroupId, Vec<TopicName>)>;

impl StreamsGroups {
    pub(super) fn delete(&self, admin: &mut Admin<'_, '_, '_>) -> Done {
        let asked = self.groups(admin)?;
        let known = listed(admin)?.map_err(Exception::runtime)?;
        let mut results = Vec::new();
        let mut deletable = Vec::new();
        for group in asked {
            let refused = match known.iter().find(|known| known.group_id == group) {
                None => {
                    let what = format!("Group '{group}' does not exist or is not a streams group.");
                    Exception::illegal_argument(&what)
                }
                Some(known) if known.state == "Dead" => {
                    let what = format!("Streams group '{group}' group state is DEAD.");
                    Exception::java("java.lang.IllegalStateException", &what)
                }
                Some(known) if known.state != "Empty" => {
                    Exception::api("GroupNotEmptyException", &format!("Streams group '{group}' is not EMPTY."))
                }
                Some(_) => {
                    deletable.push(group);
                    continue;
                }
            };
            if results.iter().all(|(known, _)| *known != group) {
                results.push((group, Err(refused.line())));
            }
        }
        let deletable = ordered(deletable);
        let internal = match self.given.has("delete-all-internal-topics") && !deletable.is_empty() {
            true => internal_topics(admin, &deletable)?,
            false => Vec::new(),
        };
        let mut deleted = Vec::new();
        for group in deletable {
            let result = admin.delete_group(&group)?.map_err(|error| Exception::code(error).line());
            if result.is_ok() {
                deleted.push(group.clone());
            }
            results.push((group, result));
        }
        hash_order(&mut deleted, 16, |group| string_hash(group.as_str()));
        let failures = delete_internal(admin, &deleted, &internal)?;
        tell_deleted(admin, "streams", results);
        if !internal.is_empty() && !deleted.is_empty() {
            tell_internal(admin, &deleted, &internal, failures);
        }
        Ok(())
    }
}

/// `maybeDeleteInternalTopics`: the groups of which some stay, and why.
fn delete_internal(
    admin: &mut Admin<'_, '_, '_>,
    deleted: &[GroupId],
    internal: &InternalTopics,
) -> Done<Vec<(GroupId, Exception)>> {
    let mut failures = Vec::new();
    for group in deleted {
        let Some((_, topics)) = internal.iter().find(|(known, _)| known == group) else { continue };
        let mut failed = delete_topics(admin, topics.clone())?;
        let Some((_, first)) = failed.first().cloned() else { continue };
        hash_order(&mut failed, 16, |(topic, _)| string_hash(topic.as_str()));
        for (topic, _) in failed {
            admin.print(format!("Failed to delete internal topic: {topic}"));
        }
        failures.push((group.clone(), first));
    }
    Ok(failures)
}

/// `printInternalTopicErrors`.
fn tell_internal(
    admin: &mut Admin<'_, '_, '_>,
    deleted: &[GroupId],
    internal: &InternalTopics,
    mut failures: Vec<(GroupId, Exception)>,
) {
    if failures.is_empty() {
        let with_topics = deleted.iter().filter(|group| internal.iter().any(|(known, _)| known == *group));
        let names: Vec<&str> = with_topics.map(GroupId::as_str).collect();
        let names = names.join("', '");
        admin.print(format!("Deletion of associated internal topics of the streams groups ('{names}') was successful."));
        return;
    }
    admin.print("Deletion of some associated internal topics failed:");
    hash_order(&mut failures, 16, |(group, _)| string_hash(group.as_str()));
    for (group, thrown) in failures {
        let why = thrown.line();
        admin.print(format!("* Internal topics of the streams group '{group}' could not be deleted due to: {why}"));
    }
}

/// Deletes topics. What it gives are those that stay, and why.
pub(super) fn delete_topics(admin: &mut Admin<'_, '_, '_>, topics: Vec<TopicName>) -> Done<Vec<(TopicName, Exception)>> {
    if topics.is_empty() {
        return Ok(Vec::new());
    }
    let asked = topics.clone();
    Ok(match ask!(admin, DeleteTopics(DeleteTopicsRequest { topics })) {
        Ok(response) => {
            let failed = |result: &TopicResult| {
                let (error, words) = result.error.clone()?;
                Some((result.name.clone(), Exception::api(error.exception(), &words)))
            };
            response.topics.iter().filter_map(failed).collect()
        }
        Err(error) => asked.into_iter().map(|topic| (topic, Exception::code(error.clone()))).collect(),
    })
}

/// `retrieveInternalTopics`: of groups that have any.
pub(super) fn internal_topics(admin: &mut Admin<'_, '_, '_>, groups: &[GroupId]) -> Done<InternalTopics> {
    let mut found = Vec::new();
    for group in groups {
        match described(admin, group)? {
            Ok((_, topology)) => found.push((group, topology)),
            Err(thrown) => {
                let thrown = thrown.execution();
                print_error(admin, &format!("Retrieving internal topics failed due to {}", thrown.message));
                admin.errors(thrown.stack());
                return Ok(Vec::new());
            }
        }
    }
    let mut internal = Vec::new();
    for (group, topology) in found {
        let mut topics = Vec::new();
        for subtopology in &topology.subtopologies {
            for known in [&subtopology.repartition_source_topics, &subtopology.state_changelog_topics] {
                let mut names: Vec<TopicName> = known.iter().map(|topic| topic.name.clone()).collect();
                hash_order(&mut names, 16, |name| string_hash(name.as_str()));
                topics.extend(names);
            }
        }
        topics.retain(|topic| !topology.subtopologies.iter().any(|subtopology| subtopology.source_topics.contains(topic)));
        let (topics, others): (Vec<_>, Vec<_>) =
            topics.into_iter().partition(|topic| is_inferred_internal(topic.as_str(), group.as_str()));
        for topic in others {
            let what = format!(
                "The internal topic '{topic}' is not inferred as internal and thus will not be deleted with the group '{group}'."
            );
            print_error(admin, &what);
        }
        if !topics.is_empty() {
            internal.push((group.clone(), topics));
        }
    }
    Ok(internal)
}

/// `isInferredInternalTopic`.
fn is_inferred_internal(topic: &str, application: &str) -> bool {
    let of_application = topic.strip_prefix(application).is_some_and(|rest| rest.starts_with('-'));
    let ends = ["-changelog", "-repartition", "-subscription-registration-topic", "-subscription-response-topic"];
    let numbered = |kind: &str| {
        let parts = topic.strip_suffix("-topic").and_then(|name| name.rsplit_once('-'));
        parts.is_some_and(|(name, number)| {
            let before = name.strip_suffix(&format!("-KTABLE-FK-JOIN-SUBSCRIPTION-{kind}"));
            before.is_some_and(|before| !before.is_empty())
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    of_application && (ends.iter().any(|end| topic.ends_with(end)) || numbered("REGISTRATION") || numbered("RESPONSE"))
}
