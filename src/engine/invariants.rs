//! What must hold after every step. Checked in tests and debug builds; a broken one stops the simulation with a report.

use super::world::World;

pub fn check(world: &World) -> Result<(), String> {
    for broker in world.brokers() {
        for (partition, replica) in &broker.replicas {
            let log = &replica.log;
            if log.log_start_offset() > log.log_end_offset() {
                return Err(format!(
                    "{partition} on broker {}: the log starts at {} and ends at {}",
                    broker.id,
                    log.log_start_offset(),
                    log.log_end_offset()
                ));
            }
            if replica.high_watermark > log.log_end_offset() {
                return Err(format!(
                    "{partition} on broker {}: the high watermark {} lies beyond the log's end {}",
                    broker.id,
                    replica.high_watermark,
                    log.log_end_offset()
                ));
            }
        }
    }
    for (name, topic) in world.cluster().topics() {
        for (at, state) in topic.partitions.iter().enumerate() {
            if state.leader.is_some_and(|leader| !state.isr.contains(&leader)) {
                return Err(format!("{name}-{at}: the leader is not in the in-sync replicas"));
            }
        }
    }
    Ok(())
}
