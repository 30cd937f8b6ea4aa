//! A clerk: works through all records of a poll, then commits, then polls again. No auto-commit.
//!
//! ```text
//! Polled → the time that the records take → commit → Committed, taken or refused → poll → …
//! ```

use super::ORDERS;
use crate::base::Span;
use crate::engine::client::{AutoOffsetReset, ConsumerConfig};
use crate::engine::program::{Behaviour, Context, Event};
use crate::scenario::parts::core::{ServiceCore, consumer_config};

/// The group of all clerks.
pub const CLERKS: &str = "clerks";
/// max.poll.interval.ms of the clerks. Kafka's default is 5 minutes; 15 s run out while one looks on.
pub const MAX_POLL_INTERVAL_MS: u64 = 15_000;
/// max.poll.records, as it is by default.
pub const MAX_POLL_RECORDS: u32 = 500;
/// The same for the clerk that takes few at a time.
pub const FEW_POLL_RECORDS: u32 = 2;

/// What one order takes, unless a person has said otherwise.
const ORDER_TIME: Span = Span::from_ms(50);
const WORKED: u64 = 1;

#[derive(Clone, Hash, Debug)]
pub struct Clerk {
    name: String,
    max_poll_records: u32,
    pub core: ServiceCore,
    /// Records of the batch that is worked on; 0 between two batches.
    batch: u32,
    /// Commits that were taken since the last refusal.
    pub committed: u32,
    /// Commits that were refused.
    pub refused: u32,
}

impl Clerk {
    pub fn new(name: &str, max_poll_records: u32) -> Self {
        let name = name.to_owned();
        Self { name, max_poll_records, core: ServiceCore::default(), batch: 0, committed: 0, refused: 0 }
    }
}

impl Behaviour for Clerk {
    fn on(&mut self, event: Event, context: &mut Context<'_>) {
        if let Event::Tell(words) = &event {
            // It commits when a batch is done, and at no other time.
            self.core.not_understood(words, "nothing: clerks only work", context);
            return;
        }
        if self.core.routine(&event, context) {
            return;
        }
        match event {
            Event::Started => {
                let config = ConsumerConfig {
                    enable_auto_commit: false,
                    max_poll_records: self.max_poll_records,
                    max_poll_interval_ms: MAX_POLL_INTERVAL_MS,
                    ..consumer_config(&self.name, CLERKS, AutoOffsetReset::Earliest)
                };
                self.core.open_consumer(context, config, ORDERS);
            }
            Event::Polled { records, .. } if records.is_empty() => self.core.poll(context),
            Event::Polled { records, .. } => {
                self.batch = records.count();
                self.core.read = self.core.read.saturating_add(self.batch.into());
                let each = context.record_time().unwrap_or(ORDER_TIME);
                context.timer(Span(each.0.saturating_mul(self.batch.into())), WORKED);
            }
            Event::Timer { token: WORKED } => self.core.commit(context, None),
            Event::Committed { result, .. } => {
                let orders = match std::mem::take(&mut self.batch) {
                    1 => "1 order".to_owned(),
                    count => format!("{count} orders"),
                };
                match result {
                    Ok(()) => {
                        self.committed = self.committed.saturating_add(1);
                        self.core.say(context, format!("worked through {orders}, committed"));
                    }
                    Err(error) => {
                        self.refused = self.refused.saturating_add(1);
                        self.committed = 0;
                        self.core.say(context, format!("worked through {orders}; the commit was refused: {error}"));
                    }
                }
                self.core.poll(context);
            }
            _ => {}
        }
    }
}
