//! The members of a share group. Several may have the same partition.

use std::rc::Rc;

use super::members::{self, MemberCard, MemberStanding, OwnedPartition, Says};
use super::words;
use super::{Groups, History};
use crate::base::{GroupId, MemberId, SortedSet, TopicPartition, put_in_order};
use crate::engine::client::{Client, ModernState, ShareConsumer};
use crate::engine::group::{ShareGroup, ShareMember};
use crate::engine::protocol::{AcknowledgeType, RecordState};
use crate::engine::world::World;
use crate::shell::Shell;
use crate::view::parts::text;

type Own<'w> = (&'w Client, &'w ShareConsumer);

/// The members that the coordinator counts and the share consumers that are on their way, by name.
pub fn cards(groups: &Groups<'_>, id: &GroupId, group: Option<&ShareGroup>, history: &History) -> Vec<MemberCard> {
    let world = groups.world;
    let mut consumers: Vec<Own<'_>> = groups.share_consumers(id).to_vec();
    let mut cards = Vec::new();
    if let Some(group) = group {
        for (member_id, member) in &group.members {
            let at = consumers.iter().position(|(_, consumer)| consumer.member_id() == Some(member_id));
            let own = at.map(|at| consumers.remove(at));
            let mut card = card(world, Some(member_id), &member.client_id, own.map(|(client, _)| client), history);
            counted(world, id, group, (member_id, member), own, history, &mut card);
            cards.push(card);
        }
    }
    cards.extend(consumers.into_iter().map(|own| uncounted(world, own, history)));
    put_in_order(&mut cards, &|one, other| one.name < other.name);
    cards
}

/// The card with what it says of each record, where that is known.
fn card(world: &World, member: Option<&MemberId>, client_id: &str, own: Option<&Client>, history: &History) -> MemberCard {
    let card = members::card(world, member, client_id, own, history);
    let program = own.and_then(|client| world.program(client.owner)).or(world.program_named(&card.name));
    let acknowledges = program.and_then(|program| program.state::<Shell>()).and_then(Shell::acknowledges);
    let says = acknowledges.and_then(|kind| match kind {
        AcknowledgeType::Accept => Some(Says::Accept),
        AcknowledgeType::Release => Some(Says::Release),
        AcknowledgeType::Reject => Some(Says::Reject),
        AcknowledgeType::Gap | AcknowledgeType::Renew => None,
    });
    MemberCard { shares: true, says, ..card }
}

fn counted(
    world: &World,
    id: &GroupId,
    group: &ShareGroup,
    (member_id, member): (&MemberId, &ShareMember),
    own: Option<Own<'_>>,
    history: &History,
    card: &mut MemberCard,
) {
    card.topics = member.topics.iter().map(|topic| topic.0.clone()).collect();
    let is_leaving = own.is_some_and(|(_, consumer)| consumer.member_state() == ModernState::Leaving);
    let is_stale = own.is_some_and(|(_, consumer)| consumer.member_state() == ModernState::Stale);
    card.state = match own {
        None => MemberStanding::Gone,
        Some(_) if is_leaving => MemberStanding::Leaving,
        Some(_) if is_stale => MemberStanding::Left,
        Some(_) if member.member_epoch < group.assignment_epoch => MemberStanding::BehindTarget,
        Some(_) => MemberStanding::Stable,
    };
    let epoch = member.member_epoch;
    let mut notes = vec![match card.state {
        MemberStanding::Gone => format!("epoch {epoch}; its coordinator has not noticed yet"),
        MemberStanding::BehindTarget => {
            format!("epoch {epoch}; its next heartbeat brings it the assignment of epoch {}", group.assignment_epoch)
        }
        _ => format!("epoch {epoch}"),
    }];
    match held(world, id, member_id) {
        0 => {}
        held => notes.push(format!("holds {}", text::count(held, "record"))),
    }
    if let Some((_, consumer)) = own
        && member.assignment.len() != consumer.assignment().len()
        && card.state == MemberStanding::Stable
    {
        notes.push("has not been told its partitions yet".to_owned());
    }
    card.note = notes.join(", ");
    let other_names = |partition: &TopicPartition| -> Vec<Rc<str>> {
        let others = group.members.iter().filter(|(other, known)| *other != member_id && known.assignment.contains(partition));
        history.names_of(others.map(|(other, _)| other))
    };
    let assigned = member.assignment.iter().map(|partition| OwnedPartition {
        topic_partition: partition.clone(),
        since: None,
        reads: own.is_some(),
        revoking: false,
        shared_with: other_names(partition),
    });
    card.partitions = assigned.collect();
}

/// Records that the member holds, over all partitions.
fn held(world: &World, id: &GroupId, member: &MemberId) -> i64 {
    let shares = world.brokers().flat_map(|broker| broker.share.partitions.iter());
    let own = shares.filter(|((group, _), _)| group == id).flat_map(|(_, share)| share.batches());
    let runs = own.flat_map(|batch| batch.runs());
    runs.filter(|(.., state)| state.state == RecordState::Acquired && state.member.as_ref() == Some(member))
        .map(|(first, last, _)| last.0 - first.0 + 1)
        .sum()
}

/// A share consumer that the coordinator does not count: not yet, or no longer.
fn uncounted(world: &World, own: Own<'_>, history: &History) -> MemberCard {
    let (client, consumer) = own;
    let mut card = card(world, None, &client.client_id, Some(client), history);
    let topics: SortedSet<Rc<str>> = consumer.subscription().map(|topic| topic.0.clone()).collect();
    card.topics = topics.into_iter().collect();
    (card.state, card.note) = match consumer.member_state() {
        ModernState::Stale => (MemberStanding::Left, "did not poll in time; it joins again with its next poll".to_owned()),
        ModernState::Fatal => (MemberStanding::Failed, String::new()),
        ModernState::Leaving => (MemberStanding::Leaving, String::new()),
        _ => (MemberStanding::Joining, "its first heartbeat is on its way".to_owned()),
    };
    card
}

/// `jobs-0 with c2`: whom a member has a partition together with.
impl OwnedPartition {
    pub fn company(&self) -> String {
        format!("with {}", words::names(&self.shared_with))
    }
}
