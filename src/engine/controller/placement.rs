//! Which brokers get the replicas of new partitions: in turn over racks and brokers (`StripedReplicaPlacer`).

use crate::base::{BrokerId, put_in_order, sort};
use crate::engine::protocol::ErrorCode;

/// A broker that replicas can be put on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsableBroker {
    pub id: BrokerId,
    pub rack: Option<String>,
    pub fenced: bool,
}

/// Gives a number below its argument.
type Draw<'a> = &'a mut dyn FnMut(u64) -> u64;

#[derive(Default)]
struct BrokerList {
    brokers: Vec<BrokerId>,
    epoch: usize,
    index: usize,
    offset: usize,
}

#[derive(Default)]
struct Rack {
    name: Option<String>,
    unfenced: BrokerList,
    fenced: BrokerList,
}

impl BrokerList {
    fn initialize(&mut self, draw: Draw<'_>) {
        if !self.brokers.is_empty() {
            sort(&mut self.brokers);
            self.offset = draw(self.brokers.len() as u64) as usize;
        }
    }

    fn next(&mut self, epoch: usize) -> Option<BrokerId> {
        if self.brokers.is_empty() {
            return None;
        }
        if self.epoch != epoch {
            self.epoch = epoch;
            self.index = 0;
            self.offset = (self.offset + 1) % self.brokers.len();
        }
        if self.index >= self.brokers.len() {
            return None;
        }
        let at = (self.index + self.offset) % self.brokers.len();
        self.index += 1;
        Some(self.brokers[at])
    }
}

/// `Collections.shuffle`.
fn shuffle<T>(items: &mut [T], draw: Draw<'_>) {
    for size in (2..=items.len()).rev() {
        items.swap(size - 1, draw(size as u64) as usize);
    }
}

/// Replicas for `partitions` new partitions, leader first; or why not.
pub fn place(brokers: &[UsableBroker], partitions: i32, factor: i16, draw: Draw<'_>) -> Result<Vec<Vec<BrokerId>>, String> {
    let mut racks: Vec<Rack> = Vec::new();
    for broker in brokers {
        let at = racks.iter().position(|rack| rack.name == broker.rack).unwrap_or_else(|| {
            racks.push(Rack { name: broker.rack.clone(), ..Rack::default() });
            racks.len() - 1
        });
        let list = if broker.fenced { &mut racks[at].fenced } else { &mut racks[at].unfenced };
        list.brokers.push(broker.id);
    }
    put_in_order(&mut racks, &|one, other| one.name < other.name);
    for rack in &mut racks {
        rack.fenced.initialize(draw);
        rack.unfenced.initialize(draw);
    }
    let offset = if racks.is_empty() { 0 } else { draw(racks.len() as u64) as usize };
    if factor < 1 {
        return Err(format!("Invalid replication factor {factor}: the replication factor must be positive."));
    }
    let unfenced = brokers.iter().filter(|broker| !broker.fenced).count();
    if unfenced == 0 {
        return Err("All brokers are currently fenced, or have all their log directories cordoned.".to_owned());
    }
    if factor as usize > brokers.len() {
        return Err(format!(
            "The target replication factor of {factor} cannot be reached because only {} broker(s) are registered or some brokers \
             have all their log directories cordoned.",
            brokers.len()
        ));
    }
    let mut order: Vec<usize> = (0..racks.len()).collect();
    let (mut epoch, mut offset) = (0, offset);
    let mut placed = Vec::new();
    for _ in 0..partitions {
        // One broker has no other order: Kafka then lets the epochs go on.
        if epoch == unfenced && unfenced > 1 {
            shuffle(&mut order, draw);
            for rack in &mut racks {
                for list in [&mut rack.fenced, &mut rack.unfenced] {
                    shuffle(&mut list.brokers, draw);
                }
            }
            epoch = 0;
        }
        offset %= racks.len();
        placed.push(place_one(&mut racks, &order, epoch, offset, factor as usize));
        epoch += 1;
        offset += 1;
    }
    Ok(placed)
}

fn place_one(racks: &mut [Rack], order: &[usize], epoch: usize, offset: usize, factor: usize) -> Vec<BrokerId> {
    let count = racks.len();
    let mut replicas = Vec::with_capacity(factor);
    let mut first = None;
    for step in 0..count {
        let at = (offset + step) % count;
        if let Some(broker) = racks[order[at]].unfenced.next(epoch) {
            replicas.push(broker);
            first = Some(at);
            break;
        }
    }
    let mut at = offset;
    // Each rack is asked again and again until all its brokers are taken.
    for _ in 0..(factor + 2) * (count + 1) {
        if replicas.len() == factor {
            break;
        }
        if first == Some(at) {
            // The leader's rack has had its turn in the first round.
            first = None;
        } else {
            let rack = &mut racks[order[at]];
            replicas.extend(rack.unfenced.next(epoch).or_else(|| rack.fenced.next(epoch)));
        }
        at = (at + 1) % count;
    }
    replicas
}

/// `validateManualPartitionAssignment`: brokers that are known, each once, and as many as the other partitions have.
pub(super) fn check_replicas(
    brokers: &[BrokerId],
    replicas: &[BrokerId],
    factor: Option<usize>,
) -> Result<(), (ErrorCode, String)> {
    let wrong = |why: String| Err((ErrorCode::InvalidReplicaAssignment, why));
    if replicas.is_empty() {
        return wrong("The manual partition assignment includes an empty replica list.".to_owned());
    }
    let mut sorted = replicas.to_vec();
    sort(&mut sorted);
    for (at, broker) in sorted.iter().enumerate() {
        if !brokers.contains(broker) {
            return wrong(format!("The manual partition assignment includes broker {broker}, but no such broker is registered."));
        }
        if at > 0 && sorted[at - 1] == *broker {
            return wrong(format!("The manual partition assignment includes the broker {broker} more than once."));
        }
    }
    match factor.filter(|factor| *factor != replicas.len()) {
        Some(factor) => wrong(format!(
            "The manual partition assignment includes a partition with {} replica(s), but this is not consistent with previous \
             partitions, which have {factor} replica(s).",
            replicas.len()
        )),
        None => Ok(()),
    }
}
