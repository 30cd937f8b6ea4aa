//! A rebalance as a sequence of steps, and what each partition saw of it.

use std::rc::Rc;

use crate::base::{SimTime, Span, TopicPartition};

/// What kind of step it is: it decides the sign and the sentence that says why it comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepKind {
    Crashed,
    /// Left, or was given up by the coordinator.
    Gone,
    Trigger,
    Told,
    GaveUp,
    Joined,
    AllJoined,
    HandedIn,
    /// Consumer protocol: the coordinator has computed a target, or its state has changed otherwise.
    Target,
    /// Consumer protocol: what a member may own next.
    Reconciles,
    Got,
    /// Another round, or another reason before the first was over.
    Again,
    Done,
}

impl StepKind {
    /// Why this step comes, in a sentence or two.
    pub fn why(self) -> &'static str {
        match self {
            Self::Crashed => {
                "It says no goodbye. Its coordinator notices when its session is over; until then its partitions wait."
            }
            Self::Gone => {
                "A member that leaves says so, and the group rebalances at once. One that says nothing goes when a clock runs out."
            }
            Self::Trigger => {
                "Members came or went, or what they subscribe to has changed: who reads what has to be worked out anew."
            }
            Self::Told => {
                "Nobody calls a member. It learns of the rebalance when its next heartbeat is answered with REBALANCE_IN_PROGRESS."
            }
            Self::GaveUp => "A partition has one reader at a time: who may have to hand it on stops reading first, and commits.",
            Self::Joined => {
                "The coordinator answers no JoinGroup before all known members have sent theirs, or their rebalance timeout is over."
            }
            Self::AllJoined => "The generation grows: requests of the one before are refused from now on.",
            Self::HandedIn => "One of the members, the leader, runs the assignor. The coordinator passes on what it says.",
            Self::Target => {
                "The coordinator runs the assignor itself. Each member is led to the target on its own; nobody waits for all."
            }
            Self::Reconciles => {
                "With each heartbeat a member learns what it may own next: first it gives up, then it takes what is free."
            }
            Self::Got => "It takes in its partitions inside a poll, and goes on where the group has committed.",
            Self::Again => "What has changed meanwhile asks for another round.",
            Self::Done => "From here on there are only heartbeats, fetches and commits, until something changes.",
        }
    }

    /// The sign before the step.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Crashed => "✕",
            Self::Gone => "←",
            Self::Trigger | Self::Again => "!",
            Self::Told => "?",
            Self::GaveUp => "−",
            Self::Joined => "→",
            Self::AllJoined => "=",
            Self::HandedIn | Self::Target => "#",
            Self::Reconciles => "~",
            Self::Got => "+",
            Self::Done => "✓",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    pub at: SimTime,
    pub kind: StepKind,
    /// The member that it is about.
    pub member: Option<Rc<str>>,
    pub text: String,
}

/// Who read a partition from when on; `None`: nobody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    pub from: SimTime,
    pub until: SimTime,
    pub owner: Option<Rc<str>>,
}

/// One partition from the first step of a rebalance to the last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lane {
    pub topic_partition: TopicPartition,
    pub segments: Vec<Segment>,
}

impl Lane {
    /// How long nobody read it.
    pub fn unread(&self) -> Span {
        let gaps = self.segments.iter().filter(|segment| segment.owner.is_none());
        gaps.fold(Span::ZERO, |sum, gap| sum + gap.until.since(gap.from))
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rebalance {
    /// When the coordinator, or with the consumer protocol the group epoch, began it.
    pub began: SimTime,
    /// `None` while it goes on.
    pub until: Option<SimTime>,
    /// What triggered it, in one line.
    pub trigger: String,
    /// The generation or group epoch that it leads to, once known.
    pub generation: Option<i32>,
    pub steps: Vec<Step>,
    /// By partition.
    pub lanes: Vec<Lane>,
}

impl Rebalance {
    /// From the first step, which may lie before its begin: a crash that is not noticed yet.
    pub fn from(&self) -> SimTime {
        self.steps.first().map_or(self.began, |step| step.at)
    }

    /// To the last step, or to `now` while it goes on.
    pub fn to(&self, now: SimTime) -> SimTime {
        self.until.unwrap_or(now).max(self.from())
    }

    /// How long nobody read, over all partitions together.
    pub fn unread(&self) -> Span {
        self.lanes.iter().fold(Span::ZERO, |sum, lane| sum + lane.unread())
    }

    /// The last step that has come by this moment.
    pub fn step_at(&self, now: SimTime) -> Option<usize> {
        self.steps.iter().rposition(|step| step.at <= now)
    }
}
