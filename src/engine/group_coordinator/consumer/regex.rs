//! Subscriptions by regular expression, resolved by the coordinator (KIP-848; `maybeUpdateRegularExpressions`).
//!
//! An expression that is new to the group is resolved a moment later, beside the heartbeats; so is all of them when topics
//! have been made, and every ten minutes. Topics found or gone ask for a new target.

use super::work::ConsumerWork;
use super::{Refusal, target};
use crate::base::{GroupId, Pattern, SortedMap, SortedSet, Span, TopicName};
use crate::engine::broker::Broker;
use crate::engine::group::{ConsumerGroup, ConsumerMember, GroupTimer, ResolvedRegex, consumer_records};
use crate::engine::metadata::Cluster;
use crate::engine::node::{NodeContext, Outcome};
use crate::engine::protocol::ErrorCode;
use crate::engine::trace::GroupReason;

/// How long the resolver takes, on a thread of its own.
const RESOLVER_COST: Span = Span::from_ms(1);

/// `REGEX_BATCH_REFRESH_MIN_INTERVAL_MS`.
const REFRESH_MIN_INTERVAL: Span = Span::from_secs(10);

/// `group.consumer.regex.refresh.interval.ms`, a setting that Kafka keeps to itself.
const REFRESH_INTERVAL: Span = Span::from_secs(600);

/// What a request does to the expressions of a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RegexChange {
    None,
    /// Another expression, whose topics are not known yet.
    Unresolved,
    /// Another expression, or none any more: the topics are known.
    Resolved,
}

fn members_with(group: &ConsumerGroup, regex: &str) -> usize {
    group.members.values().filter(|member| member.subscribed_regex == regex).count()
}

/// Looks at the expression that a member brings, before the member is put into the group.
pub(super) fn take_in(work: &ConsumerWork<'_>, known: &ConsumerMember, updated: &ConsumerMember) -> Result<RegexChange, Refusal> {
    let (old, new) = (known.subscribed_regex.as_str(), updated.subscribed_regex.as_str());
    if old == new {
        return Ok(RegexChange::None);
    }
    if new.is_empty() {
        return Ok(RegexChange::Resolved);
    }
    if members_with(&work.group, new) == 0
        && let Err(what) = Pattern::re2(new)
    {
        let text = format!("SubscribedTopicRegex `{new}` is not a valid regular expression: {what}.");
        return Err((ErrorCode::InvalidRegularExpression, text));
    }
    Ok(if work.group.regexes.contains_key(new) { RegexChange::Resolved } else { RegexChange::Unresolved })
}

/// Drops the expressions that no member has any more.
pub(super) fn forget_unused(work: &mut ConsumerWork<'_>) {
    let used = |regex: &String| members_with(&work.group, regex) > 0;
    let unused: Vec<String> = work.group.regexes.keys().filter(|regex| !used(regex)).cloned().collect();
    for regex in unused {
        work.write(consumer_records::regex_tombstone(&work.group_id, &regex));
        work.group.regexes.remove(&regex);
    }
}

fn topics_mark(cluster: &Cluster) -> u128 {
    cluster.topics().fold(0, |mark, (_, topic)| mark ^ topic.topic_id.0)
}

/// Is it time to resolve the group's expressions again?
pub(super) fn is_refresh_due(cx: &NodeContext<'_>, group: &ConsumerGroup) -> bool {
    let wanted = |member: &std::rc::Rc<ConsumerMember>| !member.subscribed_regex.is_empty();
    if group.regex_timer || !group.members.values().any(wanted) {
        return false;
    }
    let unresolved = |member: &std::rc::Rc<ConsumerMember>| wanted(member) && !group.regexes.contains_key(&member.subscribed_regex);
    let Some(last) = group.regexes.values().next() else {
        return true;
    };
    if cx.now <= last.resolved_at + REFRESH_MIN_INTERVAL {
        return false;
    }
    group.members.values().any(unresolved)
        || last.topics_mark != topics_mark(cx.metadata)
        || cx.now > last.resolved_at + REFRESH_INTERVAL
}

pub(super) fn refresh_if_due(work: &mut ConsumerWork<'_>) {
    if is_refresh_due(work.cx, &work.group) {
        work.group.regex_timer = true;
        let at = work.now() + RESOLVER_COST;
        work.timer(at, GroupTimer::Regex);
    }
}

/// The resolver is done (`handleRegularExpressionsResult`).
pub(super) fn resolved(cx: &NodeContext<'_>, broker: &Broker, group_id: &GroupId) -> Outcome {
    let Some(mut work) = ConsumerWork::on(cx, broker, group_id) else {
        return Outcome::default();
    };
    work.group.regex_timer = false;
    let cluster = cx.metadata;
    let (now, topics_mark) = (cx.now, topics_mark(cluster));
    let wanted: SortedSet<String> = work.group.members.values().map(|member| member.subscribed_regex.clone()).collect();
    let mut found: SortedMap<String, ResolvedRegex> = SortedMap::new();
    for regex in wanted.into_iter().filter(|regex| !regex.is_empty()) {
        let pattern = Pattern::re2(&regex).ok();
        let matches = |name: &&TopicName| pattern.as_ref().is_some_and(|pattern| pattern.matches(name.as_str()));
        let topics = cluster.topics().map(|(name, _)| name).filter(matches).cloned().collect();
        found.insert(regex, ResolvedRegex { topics, resolved_at: now, topics_mark });
    }
    let mut bump = false;
    for (regex, resolved) in found {
        let before = work.group.regexes.get(&regex).map(|known| known.topics.clone()).unwrap_or_default();
        bump |= before != resolved.topics;
        work.write(consumer_records::regex(&work.group_id, &regex, &resolved));
        work.group.regexes.insert(regex, resolved);
    }
    if bump {
        work.because(GroupReason::MatchesChanged);
    }
    target::update_metadata(&mut work, bump);
    work.finish()
}
