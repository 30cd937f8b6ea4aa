//! A share partition against Kafka's own class (`tests/vectors/share-partition.jsonl`, made by
//! `tests/vectors/SharePartitionVectors.java`), and what must hold whatever is asked of it.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::rc::Rc;

use kafka_playground::base::{MemberId, Offset, SimTime, Span, Timestamp};
use kafka_playground::engine::log::{Batch, BatchBuilder};
use kafka_playground::engine::protocol::{
    AcknowledgeType, AcknowledgementBatch, AcquiredRecords, ShareAcquireMode, ShareGroupOffset, StateWrite,
};
use kafka_playground::engine::share::{Limits, SharePartition, Wish};
use serde_json::{Value, json};

use crate::vectors;

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("a number, not {value}"))
}

fn member(value: &Value) -> MemberId {
    MemberId::from(value.as_str().unwrap())
}

fn rows(value: &Value) -> Vec<&Value> {
    value.as_array().unwrap().iter().collect()
}

/// A batch of records from one offset to another (inclusive).
fn batch(first: i64, last: i64) -> Rc<Batch> {
    let mut builder = BatchBuilder::new(0);
    for offset in first..=last {
        builder.push(Timestamp(0), None, Some(format!("v{offset}").as_bytes()), &[]);
    }
    Rc::new(builder.build(-1, -1, -1).placed(Offset(first), 0))
}

fn acknowledge_type(id: i64) -> AcknowledgeType {
    match id {
        0 => AcknowledgeType::Gap,
        1 => AcknowledgeType::Accept,
        2 => AcknowledgeType::Release,
        3 => AcknowledgeType::Reject,
        _ => AcknowledgeType::Renew,
    }
}

/// A share partition with what is kept of it.
struct Subject {
    share: SharePartition,
    kept: ShareGroupOffset,
    limits: Limits,
    now: SimTime,
}

impl Subject {
    fn new(row: &Value) -> Self {
        let start = Offset(number(&row["start"]));
        let limits = Limits {
            delivery_count_max: number(&row["maxDelivery"]) as u16,
            records_max: number(&row["maxLocks"]),
            lock_duration: Span::from_ms(number(&row["lockMs"]) as u64),
            renew: row["renew"].as_bool().unwrap(),
        };
        let mut kept = ShareGroupOffset::initialized(start, 1, None);
        kept.delivery_complete_count = -1;
        Self { share: SharePartition::new(start, 0, 1), kept, limits, now: SimTime::ZERO }
    }

    fn keep(&mut self, write: Option<StateWrite>) {
        if let Some(write) = write {
            self.kept = self.kept.updated(write.start_offset, write.delivery_complete_count, &write.batches);
        }
    }

    /// Does what the row says; the answer as the row has it.
    fn step(&mut self, row: &Value) -> Value {
        self.now = SimTime::from_ms(number(&row["at"]) as u64);
        for write in self.share.time_out_locks(self.now, &self.limits) {
            self.keep(Some(write));
        }
        match row["op"].as_str().unwrap() {
            "acquire" => {
                let read: Vec<Rc<Batch>> = rows(&row["read"]).iter().map(|b| batch(number(&b[0]), number(&b[1]))).collect();
                let by_record = row["byRecord"].as_bool().unwrap();
                let wish = Wish {
                    member: &member(&row["member"]),
                    mode: if by_record { ShareAcquireMode::RecordLimit } else { ShareAcquireMode::BatchOptimized },
                    batch_size: number(&row["batchSize"]),
                    records_max: number(&row["max"]),
                    fetch_offset: self.share.next_fetch_offset(),
                    now: self.now,
                };
                let row = |got: &AcquiredRecords| json!([got.first_offset.0, got.last_offset.0, got.delivery_count]);
                let acquired = self.share.acquire(&wish, &read, &self.limits);
                json!({ "acquired": acquired.iter().map(row).collect::<Vec<_>>() })
            }
            "acknowledge" => {
                let batches: Vec<AcknowledgementBatch> = rows(&row["batches"])
                    .iter()
                    .map(|row| AcknowledgementBatch {
                        first_offset: Offset(number(&row[0])),
                        last_offset: Offset(number(&row[1])),
                        types: rows(&row[2]).into_iter().map(|id| acknowledge_type(number(id))).collect(),
                    })
                    .collect();
                match self.share.acknowledge(&member(&row["member"]), &batches, self.now, &self.limits) {
                    Ok(write) => {
                        self.keep(write);
                        json!({ "error": null, "words": "" })
                    }
                    Err((error, words)) => json!({ "error": error.name(), "words": words }),
                }
            }
            "release" => {
                let write = self.share.release_acquired(&member(&row["member"]), &self.limits);
                self.keep(write);
                json!({})
            }
            "time" => json!({}),
            "logStart" => {
                self.share.log_start_moved(Offset(number(&row["to"])));
                json!({})
            }
            _ => {
                self.share = SharePartition::restored(self.kept.start_offset, 0, 1, &self.kept.batches);
                json!({})
            }
        }
    }

    fn after(&self) -> Value {
        let records: Vec<Value> = self
            .share
            .batches()
            .iter()
            .flat_map(|batch| batch.each())
            .map(|(offset, state)| {
                let member = state.member.as_ref().map_or("", |member| member.as_str());
                json!([offset.0, state.state.id(), state.delivery_count, member])
            })
            .collect();
        let kept: Vec<Value> = self
            .kept
            .batches
            .iter()
            .map(|batch| json!([batch.first_offset.0, batch.last_offset.0, batch.state.id(), batch.delivery_count]))
            .collect();
        json!({
            "start": self.share.start_offset.0,
            "end": self.share.end_offset.0,
            "next": self.share.next_fetch_offset().0,
            "complete": self.share.delivery_complete_count,
            "canAcquire": self.share.can_acquire(&self.limits),
            "records": records,
            "kept": kept,
            "keptStart": self.kept.start_offset.0,
            "keptComplete": self.kept.delivery_complete_count,
        })
    }
}

#[test]
fn a_share_partition_does_what_kafkas_does() {
    let vectors = vectors::read("share-partition.jsonl");
    let mut subject: Option<Subject> = None;
    let (mut steps, mut failures) = (0, Vec::new());
    for (line, text) in vectors.text.lines().enumerate() {
        let row: Value = serde_json::from_str(text).unwrap();
        if row.get("run").is_some() {
            subject = Some(Subject::new(&row));
            continue;
        }
        let Some(subject) = subject.as_mut() else { continue };
        steps += 1;
        let answer = subject.step(&row);
        for (key, value) in answer.as_object().unwrap() {
            if row[key] != *value {
                failures.push(format!("line {}: {key} is {value}: {text}", line + 1));
            }
        }
        let after = subject.after();
        if after != row["after"] {
            failures.push(format!("line {}: after it {after}\n  not {}\n  {text}", line + 1, row["after"]));
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
    assert!(steps > 1000 || !vectors.own, "only {steps} steps");
}
