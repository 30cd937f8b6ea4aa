//! The controller's decisions against what `PartitionChangeBuilder` and `StripedReplicaPlacer` answered.

use kafka_playground::base::BrokerId;
use kafka_playground::engine::controller::elections::PartitionChange;
use kafka_playground::engine::controller::placement::{UsableBroker, place};
use kafka_playground::engine::metadata::PartitionState;
use kafka_playground::engine::protocol::Election;
use serde_json::Value;

use crate::vectors;

fn rows(name: &str) -> Vec<Value> {
    vectors::read(name).text.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect()
}

fn brokers(value: &Value) -> Vec<BrokerId> {
    value.as_array().into_iter().flatten().map(|id| BrokerId(id.as_i64().expect("an id") as i32)).collect()
}

fn partition(value: &Value) -> PartitionState {
    let mut state = PartitionState::new(brokers(&value["replicas"]));
    let number = |name: &str| value[name].as_i64().expect("a number") as i32;
    state.isr = brokers(&value["isr"]);
    state.leader = Some(BrokerId(number("leader"))).filter(|leader| leader.0 >= 0);
    state.leader_epoch = number("leader_epoch");
    state.partition_epoch = number("partition_epoch");
    state.elr = brokers(&value["elr"]);
    state.last_known_elr = brokers(&value["last_known_elr"]);
    state.recovering = value["recovery_state"] == "RECOVERING";
    state.adding = brokers(&value["adding_replicas"]);
    state.removing = brokers(&value["removing_replicas"]);
    state
}

#[test]
fn partitions_change_as_the_real_builder_changes_them() {
    let mut wrong = Vec::new();
    for row in rows("isr-elections.jsonl") {
        let before = partition(&row["before"]);
        let live = brokers(&row["live_brokers"]);
        let may_lead = |broker| live.contains(&broker);
        let mut change = PartitionChange::new(&before, &may_lead, row["min_insync_replicas"].as_u64().expect("a number") as usize);
        change.elr_enabled = row["elr_enabled"] == true;
        change.election = match row["election"].as_str() {
            Some("PREFERRED") => Election::Preferred,
            Some("UNCLEAN") => Election::Unclean,
            _ => Election::Online,
        };
        if row["target_isr"].is_array() {
            change.target_isr = brokers(&row["target_isr"]);
        }
        if let Some(state) = row["target_recovery_state"].as_str() {
            change.recovering = state == "RECOVERING";
        }
        change.unclean_shutdown = brokers(&row["unclean_shutdown_replicas"]);
        if row["merged_replicas"].is_array() {
            let goal = brokers(&row["target_replicas"]);
            change.target_replicas = brokers(&row["merged_replicas"]);
            change.target_adding = goal.iter().filter(|id| !before.replicas.contains(id)).copied().collect();
            change.target_removing = before.replicas.iter().filter(|id| !goal.contains(id)).copied().collect();
        }
        let after = change.build();
        let expected = (row["changed"] == true).then(|| partition(&row["after"]));
        if after != expected {
            wrong.push(format!("{} step {}: {after:?}\n  is not {expected:?}", row["case"], row["step"]));
        }
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn replicas_are_placed_as_the_real_placer_places_them() {
    let mut wrong = Vec::new();
    for row in rows("replica-placement.jsonl") {
        let usable: Vec<UsableBroker> = row["brokers"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|broker| UsableBroker {
                id: BrokerId(broker["id"].as_i64().expect("an id") as i32),
                rack: broker["rack"].as_str().map(str::to_owned),
                fenced: broker["fenced"] == true,
            })
            .collect();
        let mut draws = row["draws"].as_array().expect("draws").iter();
        let mut off = Vec::new();
        let mut draw = |bound: u64| {
            let next = draws.next();
            let pair = next.map(|next| (next[0].as_u64().unwrap_or(0), next[1].as_u64().unwrap_or(0)));
            if pair.map(|(bound, _)| bound) != Some(bound) {
                off.push(format!("drew below {bound}, the real one {pair:?}"));
            }
            pair.map_or(0, |(_, value)| value % bound)
        };
        let (count, factor) = (row["partitions"].as_i64().expect("a count"), row["replication_factor"].as_i64().expect("a factor"));
        let placed = place(&usable, count as i32, factor as i16, &mut draw);
        let expected = match row["message"].as_str() {
            Some(message) => Err(message.to_owned()),
            None => Ok(row["assignment"].as_array().into_iter().flatten().map(brokers).collect::<Vec<_>>()),
        };
        if placed != expected || !off.is_empty() {
            wrong.push(format!("{} {count}x{factor} {}: {placed:?}\n  is not {expected:?} {off:?}", row["cluster"], row["random"]));
        }
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}
