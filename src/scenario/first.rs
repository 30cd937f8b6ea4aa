//! What the first screen plays: a shop that writes orders, and a kitchen that reads them. No story of the page's menu: the
//! first screen has a session of its own.
//!
//! ```text
//!   shop     order ─────▸           order ─────▸              one each PERIOD
//!   log               [3]                     [4]
//!   kitchen             ─────▸ cooks ─▸ commit ─────▸         polls again as soon as it has cooked
//! ```
//!
//! A message takes two seconds, so that it can be watched at the pace of the wall's clock.

use crate::base::{ClientId, Offset, Span, TopicPartition};
use crate::engine::Program;
use crate::engine::client::{AutoOffsetReset, ConsumerConfig, ProducerConfig};
use crate::engine::program::{Behaviour, Context, Event, NewRecord};
use crate::session::ScenarioEntry;

pub const TOPIC: &str = "orders";
pub const SHOP: &str = "shop";
pub const KITCHEN: &str = "kitchen";

/// Opens it where `index.html` shows it: three orders in the log, two of them committed, the fourth on its way.
pub const SCRIPT: &str = "! scenario first\n! seed 1\n! latency 1600\n\
    $ kafka-topics.sh --create --topic orders --partitions 1 --bootstrap-server localhost:9092\n\
    $ start-service kitchen\n$ sleep 40\n$ start-service shop\n! at 60.98\n";

pub const CATALOG: &[ScenarioEntry] = &[ScenarioEntry { name: "first", title: "First", script: SCRIPT, service }];

/// What is ordered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Order {
    pub table: &'static str,
    pub dish: &'static str,
    /// What the kitchen does with it.
    pub does: &'static str,
}

/// The orders, over and over.
const ORDERS: [Order; 4] = [
    Order { table: "table-1", dish: "tea", does: "makes tea" },
    Order { table: "table-2", dish: "soup", does: "cooks soup" },
    Order { table: "table-1", dish: "bread", does: "bakes bread" },
    Order { table: "table-3", dish: "cake", does: "bakes cake" },
];

/// The order with this offset. The partition holds nothing else.
pub fn order(offset: Offset) -> Order {
    ORDERS[offset.0.rem_euclid(ORDERS.len() as i64) as usize]
}

/// The partition that all of it is about.
pub fn partition() -> TopicPartition {
    TopicPartition::new(TOPIC, 0)
}

/// From one order to the next.
const PERIOD: Span = Span::from_ms(5600);
/// What the kitchen takes for an order, before it commits.
const COOKING: Span = Span::from_ms(900);
/// As long as a poll waits: the kitchen has nothing else to do.
const PATIENCE: Span = Span::from_secs(20);
const DUE: u64 = 1;

fn service(name: &str) -> Option<Box<dyn Program>> {
    match name {
        SHOP => Some(Box::new(Shop::default())),
        KITCHEN => Some(Box::new(Kitchen::default())),
        _ => None,
    }
}

#[derive(Clone, Hash, Default)]
struct Shop {
    producer: Option<ClientId>,
    /// Orders written: the next one's offset.
    written: i64,
}

impl Behaviour for Shop {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        match event {
            Event::Started => {
                let config = ProducerConfig { client_id: SHOP.to_owned(), ..ProducerConfig::default() };
                self.producer = Some(context.producer(config));
            }
            Event::Timer { token: DUE } => {}
            _ => return,
        }
        let Some(producer) = self.producer else { return };
        let Order { table, dish, .. } = order(Offset(self.written));
        let (key, value) = (Some(table.as_bytes()), Some(dish.as_bytes()));
        context.send(producer, NewRecord { topic: TOPIC, key, value, ..NewRecord::default() });
        self.written += 1;
        context.timer(PERIOD, DUE);
    }
}

#[derive(Clone, Hash, Default)]
struct Kitchen {
    consumer: Option<ClientId>,
}

impl Behaviour for Kitchen {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        match event {
            Event::Started => {
                // The broker answers a fetch when there is an order, not before.
                let config = ConsumerConfig {
                    client_id: KITCHEN.to_owned(),
                    group_id: Some(KITCHEN.into()),
                    auto_offset_reset: AutoOffsetReset::Earliest,
                    enable_auto_commit: false,
                    fetch_max_wait_ms: PATIENCE.ms(),
                    ..ConsumerConfig::default()
                };
                let consumer = context.consumer(config);
                self.consumer = Some(consumer);
                context.subscribe(consumer, &[TOPIC]);
                context.poll(consumer, PATIENCE);
            }
            Event::Polled { consumer, records } if records.is_empty() => context.poll(consumer, PATIENCE),
            Event::PollFailed { consumer, .. } => context.poll(consumer, PATIENCE),
            Event::Polled { .. } => context.timer(COOKING, DUE),
            Event::Timer { token: DUE } => {
                let Some(consumer) = self.consumer else { return };
                context.commit(consumer, None);
                context.poll(consumer, PATIENCE);
            }
            _ => {}
        }
    }
}
