//! Commits and the coordinator that takes them (`ConsumerCoordinator`, `AbstractCoordinator`).
//!
//! - A commit waits until the coordinator is known, is asked again when the coordinator has moved, and is answered once.
//! - Auto-commit is part of a poll: every auto.commit.interval.ms it commits the positions that *earlier* polls returned.
//!   It also comes before each rebalance and on close.

use super::core::Core;
use super::membership::{Committer, Membership};
use super::{COORDINATOR_LOGGER, PartitionState, SubscriptionKind};
use crate::base::java::{hash_order, partition_hash};
use crate::base::{Offset, SimTime, Span, Timestamp, TopicPartition};
use crate::engine::client::membership::POLL_COST;
use crate::engine::client::{ClientContext, ClientTimer, Event};
use crate::engine::protocol::{CommittedOffset, ErrorCode, OffsetCommitRequest, OffsetCommitResponse, Request};

fn committed_offset(offset: Offset, leader_epoch: Option<i32>) -> CommittedOffset {
    CommittedOffset { offset, leader_epoch, metadata: "".into(), commit_timestamp: Timestamp(0) }
}

/// Who waits for a commit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Purpose {
    /// The program: it is told.
    Program,
    /// Nobody.
    Auto,
    /// The rebalance that is about to begin.
    BeforeRebalance,
    /// The close.
    Close,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Commit {
    offsets: Vec<(TopicPartition, CommittedOffset)>,
    purpose: Purpose,
    /// The generation that it was sent with.
    generation_id: i32,
}

impl Core {
    // ---- commits

    /// All positions, as they would be committed (`SubscriptionState.allConsumed`).
    fn consumed(&self) -> Vec<(TopicPartition, CommittedOffset)> {
        let consumed = |(partition, state): (&TopicPartition, &PartitionState)| {
            let offset = state.position.filter(|_| !state.validating)?;
            Some((partition.clone(), committed_offset(offset, state.last_epoch)))
        };
        self.partitions.iter().filter_map(consumed).collect()
    }

    pub(super) fn commit_for_program(
        &mut self,
        cx: &mut ClientContext<'_>,
        member: Committer<'_>,
        offsets: Option<Vec<(TopicPartition, Offset)>>,
    ) {
        let offsets = match offsets {
            None => self.consumed(),
            Some(given) => {
                // An application of streams takes the epoch with the offset from the record, others give an offset alone.
                let with_epoch = self.config.streams.is_some();
                let epoch = |partition: &TopicPartition| {
                    self.partitions.get(partition).filter(|_| with_epoch).and_then(|state| state.last_epoch)
                };
                let commit = |(partition, offset)| {
                    let committed = committed_offset(offset, epoch(&partition));
                    (partition, committed)
                };
                given.into_iter().map(commit).collect()
            }
        };
        let refused = if self.config.group_id.is_none() {
            Some(ErrorCode::InvalidGroupId)
        } else if offsets.is_empty() {
            None
        } else {
            // CommitFailedException: the partitions may already belong to someone else.
            member.refusal.filter(|_| self.kind == SubscriptionKind::Topics)
        };
        if refused.is_some() || offsets.is_empty() {
            let result = refused.map_or(Ok(()), Err);
            cx.emit_after(POLL_COST, Event::Committed { consumer: cx.id, result });
            return;
        }
        self.add_commit(cx, member, offsets, Purpose::Program);
    }

    /// Commits that are not answered yet.
    pub(super) fn pending_commits(&self) -> usize {
        self.commits_waiting.len() + self.commits_in_flight.len()
    }

    fn add_commit(
        &mut self,
        cx: &mut ClientContext<'_>,
        member: Committer<'_>,
        offsets: Vec<(TopicPartition, CommittedOffset)>,
        purpose: Purpose,
    ) {
        self.commits_waiting.push_back(Commit { offsets, purpose, generation_id: -1 });
        self.send_commits(cx, member);
    }

    pub(super) fn send_commits(&mut self, cx: &mut ClientContext<'_>, member: Committer<'_>) {
        if self.commits_waiting.is_empty() {
            return;
        }
        self.coordinator.find(cx);
        let (true, Some(group_id)) = (self.coordinator.is_ready(), self.config.group_id.clone()) else { return };
        let managed = self.kind == SubscriptionKind::Topics;
        while let Some(mut commit) = self.commits_waiting.pop_front() {
            if let Some(error) = member.refusal.filter(|_| managed) {
                // CommitFailedException: what it would commit may already belong to someone else.
                self.commit_over(cx, &commit, Some((error, refused_here(error))));
                continue;
            }
            commit.generation_id = if managed { member.generation_id } else { -1 };
            let request = OffsetCommitRequest {
                group_id: group_id.clone(),
                generation_id: commit.generation_id,
                member_id: member.member_id.cloned().filter(|_| managed),
                group_instance_id: self.config.group_instance_id.clone().filter(|_| managed),
                offsets: commit.offsets.clone(),
            };
            if let Some(correlation) = self.coordinator.request(cx, Request::OffsetCommit(request)) {
                self.commits_in_flight.insert(correlation, commit);
            }
        }
    }

    pub(super) fn commit_answered(
        &mut self,
        membership: &mut Membership,
        cx: &mut ClientContext<'_>,
        correlation: u32,
        response: &OffsetCommitResponse,
    ) {
        let Some(commit) = self.commits_in_flight.remove(&correlation) else {
            return;
        };
        for (partition, error) in &response.partitions {
            if let Some(error) = error.filter(|_| !self.is_modern()) {
                log_failed(cx, partition, &commit.offsets, error);
            }
            if error.is_none()
                && let Some(state) = self.partitions.get_mut(partition)
                && let Some((_, committed)) = commit.offsets.iter().find(|(sent, _)| sent == partition)
            {
                state.committed = Some(committed.offset);
            }
        }
        let error = response.partitions.iter().find_map(|(_, error)| *error);
        match error {
            Some(
                error @ (ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable | ErrorCode::CoordinatorLoadInProgress),
            ) => {
                self.coordinator.failed(cx, error);
                self.commit_again(cx, commit);
                return;
            }
            // The epoch has grown since: the same with the new one, before what is committed is given up.
            Some(ErrorCode::StaleMemberEpoch)
                if commit.purpose == Purpose::BeforeRebalance && membership.committer().generation_id >= 0 =>
            {
                self.commits_waiting.push_back(commit);
                self.coordinator.failed(cx, ErrorCode::CoordinatorLoadInProgress);
                return;
            }
            Some(error) => match membership {
                Membership::Classic(classic) => classic.commit_refused(self, error, commit.generation_id),
                Membership::Consumer(_) => log_auto_commit(cx, &commit, error),
            },
            None => {}
        }
        self.commit_over(cx, &commit, error.map(|error| (error, refused_there(error))));
    }

    /// `error`: with the words of the exception that a commit which is waited for throws.
    fn commit_over(&mut self, cx: &mut ClientContext<'_>, commit: &Commit, error: Option<(ErrorCode, &str)>) {
        match commit.purpose {
            Purpose::Program => {
                let result = error.map_or(Ok(()), |(error, _)| Err(error));
                cx.emit(Event::Committed { consumer: cx.id, result });
            }
            Purpose::BeforeRebalance => self.has_committed = true,
            Purpose::Close => {
                if let Some((_, why)) = error.filter(|_| !self.is_modern()) {
                    log_not_closed(cx, &commit.offsets, why);
                }
            }
            Purpose::Auto => {}
        }
    }

    pub(super) fn commit_lost(&mut self, cx: &mut ClientContext<'_>, correlation: u32) {
        if let Some(commit) = self.commits_in_flight.remove(&correlation) {
            self.coordinator.failed(cx, ErrorCode::NotCoordinator);
            self.commit_again(cx, commit);
        }
    }

    /// After an error that passes. An automatic commit is not sent again, as its offsets may be older by then than what is
    /// committed: those of that time are committed soon (`RetriableCommitFailedException`).
    fn commit_again(&mut self, cx: &mut ClientContext<'_>, commit: Commit) {
        if commit.purpose == Purpose::Auto {
            let soon = cx.now + Span::from_ms(self.config.retry_backoff_ms);
            self.next_auto_commit = self.next_auto_commit.map(|at| at.min(soon));
        } else {
            self.commits_waiting.push_back(commit);
        }
    }

    // ---- auto-commit

    fn auto_commits(&self) -> bool {
        self.config.enable_auto_commit && self.config.group_id.is_some()
    }

    pub(super) fn start_auto_commit(&mut self, cx: &mut ClientContext<'_>) {
        if self.auto_commits() {
            self.next_auto_commit = Some(cx.now + Span::from_ms(self.config.auto_commit_interval_ms));
        }
    }

    /// Sets a timer for an auto-commit that falls into the poll that waits, unless one is set that comes early enough.
    pub(super) fn set_auto_commit_timer(&mut self, cx: &mut ClientContext<'_>, deadline: SimTime) {
        if let Some(at) = self.next_auto_commit
            && at > cx.now
            && at < deadline
            && self.auto_commit_timer_at.is_none_or(|armed| armed > at)
        {
            self.auto_commit_timer_at = Some(at);
            cx.timer_at(at, ClientTimer::AutoCommit);
        }
    }

    pub(super) fn auto_commit_timer_over(&mut self, now: SimTime) {
        self.auto_commit_timer_at.take_if(|at| *at == now);
    }

    pub(super) fn auto_commit_if_due(&mut self, cx: &mut ClientContext<'_>, member: Committer<'_>) {
        if self.next_auto_commit.is_some_and(|at| cx.now >= at) {
            self.start_auto_commit(cx);
            self.auto_commit(cx, member);
        }
    }

    /// Commits the positions and waits for nothing: not for the coordinator of a group that it is a member of, and with the
    /// consumer protocol not for the commit before (`AutoCommitState.shouldAutoCommit`).
    pub(super) fn auto_commit(&mut self, cx: &mut ClientContext<'_>, member: Committer<'_>) {
        let may_commit = self.kind == SubscriptionKind::Manual || member.is_settled();
        let offsets = self.consumed();
        let waits = self.is_modern()
            && self.commits_in_flight.values().any(|commit| matches!(commit.purpose, Purpose::Auto | Purpose::BeforeRebalance));
        // Without a membership the commit is what the coordinator is looked for (`commitOffsetsAsync`).
        let looks = self.kind == SubscriptionKind::Manual && !self.is_modern() && self.commits_waiting.is_empty();
        let ready = self.coordinator.is_ready() || looks;
        if self.auto_commits() && may_commit && ready && !waits && !offsets.is_empty() {
            self.add_commit(cx, member, offsets, Purpose::Auto);
        }
    }

    /// True when a commit is on its way that the rebalance has to wait for.
    pub(super) fn commit_before_rebalance(&mut self, cx: &mut ClientContext<'_>, member: Committer<'_>) -> bool {
        let offsets = self.consumed();
        let needed = self.auto_commits() && member.is_settled() && !offsets.is_empty();
        if needed {
            self.add_commit(cx, member, offsets, Purpose::BeforeRebalance);
        }
        needed
    }

    pub(super) fn commit_before_close(&mut self, cx: &mut ClientContext<'_>, member: Committer<'_>) {
        let may_commit = self.kind == SubscriptionKind::Manual || member.is_settled();
        let offsets = self.consumed();
        if !self.auto_commits() || offsets.is_empty() {
            return;
        }
        match member.refusal {
            Some(error) if !may_commit && !self.is_modern() => log_not_closed(cx, &offsets, refused_here(error)),
            _ if may_commit => self.add_commit(cx, member, offsets, Purpose::Close),
            _ => {}
        }
    }
}

/// `ConsumerCoordinator.sendOffsetCommitRequest`, where it does not send.
fn refused_here(error: ErrorCode) -> &'static str {
    match error {
        ErrorCode::RebalanceInProgress => {
            "Offset commit cannot be completed since the consumer is undergoing a rebalance for auto partition assignment. You can \
             try completing the rebalance by calling poll() and then retry the operation."
        }
        _ => {
            "Offset commit cannot be completed since the consumer is not part of an active group for auto partition assignment; it \
             is likely that the consumer was kicked out of the group."
        }
    }
}

/// `ConsumerCoordinator.OffsetCommitResponseHandler`, and `CommitFailedException` without words of its own.
fn refused_there(error: ErrorCode) -> &'static str {
    match error {
        ErrorCode::RebalanceInProgress => {
            "Offset commit cannot be completed since the consumer group is executing a rebalance at the moment. You can try \
             completing the rebalance by calling poll() and then retry commit again"
        }
        ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration => {
            "Commit cannot be completed since the group has already rebalanced and assigned the partitions to another member. This \
             means that the time between subsequent calls to poll() was longer than the configured max.poll.interval.ms, which \
             typically implies that the poll loop is spending too much time message processing. You can address this either by \
             increasing max.poll.interval.ms or by reducing the maximum size of batches returned in poll() with max.poll.records."
        }
        error => error.message(),
    }
}

/// `maybeAutoCommitOffsetsSync`, of a consumer that is being closed.
fn log_not_closed(cx: &mut ClientContext<'_>, offsets: &[(TopicPartition, CommittedOffset)], why: &str) {
    let mut offsets: Vec<_> = offsets.iter().collect();
    hash_order(&mut offsets, 16, |(partition, _)| partition_hash(partition));
    let told = |(partition, committed): &(TopicPartition, CommittedOffset)| {
        let epoch = committed.leader_epoch.map_or("null".to_owned(), |epoch| epoch.to_string());
        format!("{partition}=OffsetAndMetadata{{offset={}, leaderEpoch={epoch}, metadata=''}}", committed.offset)
    };
    let offsets: Vec<String> = offsets.into_iter().map(told).collect();
    let text = format!("Synchronous auto-commit of offsets {{{}}} failed: {why}", offsets.join(", "));
    cx.log("WARN", text, COORDINATOR_LOGGER);
}

/// What `ConsumerCoordinator.OffsetCommitResponseHandler` writes to the log.
fn log_failed(
    cx: &mut ClientContext<'_>,
    partition: &TopicPartition,
    sent: &[(TopicPartition, CommittedOffset)],
    error: ErrorCode,
) {
    let retriable = matches!(
        error,
        ErrorCode::CoordinatorLoadInProgress
            | ErrorCode::CoordinatorNotAvailable
            | ErrorCode::NotCoordinator
            | ErrorCode::UnknownTopicOrPartition
            | ErrorCode::RequestTimedOut
    );
    let offset = sent.iter().find(|(other, _)| other == partition).map_or(Offset(-1), |(_, committed)| committed.offset);
    let text = format!("Offset commit failed on partition {partition} at offset {offset}: {}", error.message());
    cx.log(if retriable { "WARN" } else { "ERROR" }, text, COORDINATOR_LOGGER);
}

/// What is logged of an automatic commit that failed, with the consumer protocol: by `CommitRequestManager`, and by
/// `AbstractMembershipManager`, which goes on with the new assignment and yet tells of the error once more.
fn log_auto_commit(cx: &mut ClientContext<'_>, commit: &Commit, error: ErrorCode) {
    if !matches!(commit.purpose, Purpose::Auto | Purpose::BeforeRebalance) {
        return;
    }
    let mut offsets: Vec<&(TopicPartition, CommittedOffset)> = commit.offsets.iter().collect();
    hash_order(&mut offsets, 16, |(partition, _)| partition_hash(partition));
    let shown = |(partition, committed): &&(TopicPartition, CommittedOffset)| {
        let epoch = committed.leader_epoch.map_or("null".to_owned(), |epoch| epoch.to_string());
        format!("{partition}=OffsetAndMetadata{{offset={}, leaderEpoch={epoch}, metadata=''}}", committed.offset)
    };
    let offsets = offsets.iter().map(shown).collect::<Vec<_>>().join(", ");
    let exception = format!("org.apache.kafka.common.errors.{}: {}", error.exception(), error.message());
    if commit.purpose == Purpose::BeforeRebalance {
        let logger = "org.apache.kafka.clients.consumer.internals.ConsumerMembershipManager";
        let text = "Auto-commit request before reconciling new assignment failed. Will proceed with the reconciliation anyway.";
        cx.log_thrown("ERROR", text, logger, vec![exception.clone()]);
        let thrown = vec![
            format!("java.util.concurrent.CompletionException: {exception}"),
            "<stack>".to_owned(),
            format!("Caused by: {exception}"),
        ];
        cx.log_thrown("ERROR", "Reconciliation failed.", logger, thrown);
    }
    // What was to happen then first happens last, as with Java's futures.
    let text = format!("Auto-commit of offsets {{{offsets}}} failed");
    cx.log_thrown("WARN", text, "org.apache.kafka.clients.consumer.internals.CommitRequestManager", vec![exception]);
}
