//! Facts of a share consumer.

use super::super::{group, text};
use super::clients::program_actions;
use super::{Fact, Inspection, Selection};
use crate::base::ClientId;
use crate::engine::world::World;
use crate::session::ScenarioEntry;
use crate::view::parts::clients::owner_name;

pub(super) fn consumer(world: &World, scenario: Option<&ScenarioEntry>, id: ClientId) -> Option<Inspection> {
    let (client, consumer) = (world.client(id)?, world.share_consumer(id)?);
    let config = consumer.config();
    let name = owner_name(world, client);
    let mut facts = vec![
        Fact::new("Client id", &client.client_id),
        Fact::new("Share group", &config.group_id)
            .why("Its members read partitions together. Each record goes to one of them, and they say of each what became of it.")
            .link(Selection::Group(config.group_id.clone())),
    ];
    facts.extend(consumer.member_id().map(|member| Fact::new("Member id", member)));
    let board = group::board(world, &config.group_id);
    let card = board.iter().flat_map(|board| &board.members).find(|card| card.client == Some(id));
    if let Some(card) = card {
        let state = [card.state.word(), card.note.as_str()].join("; ");
        facts.push(Fact::new("State", state.trim_end_matches("; ")));
    }
    let partitions = consumer.assignment();
    let value = match partitions {
        [] => "nothing".to_owned(),
        some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    facts.push(Fact::new("Assignment", value).why("Others may have the same partitions: nobody has to give one up for it."));
    facts.push(
        Fact::new("In hand", text::count(consumer.unacknowledged() as i64, "record"))
            .why("Given to its program by the last poll, and nothing said of them yet. What is said goes with its next fetch."),
    );
    let actions = program_actions(scenario, &name);
    Some(Inspection { kind: "Share consumer", title: name.to_string(), facts, value: None, actions })
}
