//! The forms about offsets: reset a group's, move a consumer, delete records before one.

use yew::prelude::*;

use super::fields::{Field, Filling, name_choice, typing};
use super::{Parts, TOPIC};
use crate::base::TopicPartition;
use crate::ui::app::hooks::Page;
use crate::ui::parts::choice::{choice, partition_choice};
use crate::view::View;
use crate::view::commands::{self, Bootstrap, ResetTo};
use crate::view::forms::{self, Remark, is_wrong};
use crate::view::inspect::{Form, SeekRange};

pub fn delete_records(page: &Page, at: &Bootstrap, partition: &TopicPartition, filled: &Filling) -> Parts {
    let remarks = forms::check_delete_records(View::of(&page.session.look()).into(), partition, filled.text(0));
    let fields = html! {
        <>
            { Field::number("Delete all records before this offset", 0, "offset", -1).html(filled, &remarks) }
            <p class="quiet">{ "The log’s start moves; offsets stay as they are." }</p>
        </>
    };
    let before = filled.whole(0).filter(|_| !is_wrong(&remarks));
    Parts { fields, blocks: before.map(|before| commands::delete_records(at, partition, before)), label: "Delete records" }
}

/// The partition that is chosen; its places: the offset, and the partition's name.
fn chosen<'f>(partitions: &'f [SeekRange], filled: &Filling) -> Option<&'f SeekRange> {
    let named = partitions.iter().find(|one| one.topic_partition.to_string() == filled.text(1));
    named.or_else(|| partitions.first())
}

pub fn seek(service: &str, partitions: &[SeekRange], reset: &str, filled: &Filling) -> Parts {
    let range = chosen(partitions, filled);
    let offset = filled.whole(0).filter(|offset| *offset >= 0);
    let mut remarks = Vec::new();
    match (range, offset) {
        (None, _) => remarks.push(Remark::plain("offset", "The consumer reads no partition now.")),
        (_, None) => remarks.push(Remark::plain("offset", "An offset is a whole number, 0 or more.")),
        (Some(range), Some(offset)) if !(range.log_start_offset..=range.high_watermark).contains(&offset) => {
            let words =
                format!("No record has this offset in the log, so auto.offset.reset ({reset}) decides where reading goes on.");
            remarks.push(Remark::warning("offset", words));
        }
        _ => {}
    }
    let names: Vec<(String, String)> = partitions
        .iter()
        .map(|one| {
            let words =
                format!("{}: at {}, log {} to {}", one.topic_partition, one.position, one.log_start_offset, one.high_watermark);
            (one.topic_partition.to_string(), words)
        })
        .collect();
    let options: Vec<(&str, &str)> = names.iter().map(|(name, words)| (name.as_str(), words.as_str())).collect();
    let fields = html! {
        <>
            { choice("Partition", filled.text(1), typing(filled, 1), &options) }
            { Field::number("Offset of the next record to read", 0, "offset", 0).html(filled, &remarks) }
            <p class="quiet">{ "A seek moves the position and commits nothing." }</p>
        </>
    };
    let blocks = range.zip(offset).map(|(range, offset)| commands::seek(service, &range.topic_partition, offset));
    Parts { fields, blocks, label: "Seek" }
}

/// No command moves a consumer: it does so itself.
pub fn seek_in_code(form: Option<&Form>, filled: &Filling) -> Option<String> {
    let Some(Form::Seek { partitions, .. }) = form else { return None };
    Some(commands::seek_call(&chosen(partitions, filled)?.topic_partition, filled.whole(0)?))
}

/// Its places: what to reset to, how far, and the partition (empty: all).
pub fn reset_offsets(page: &Page, at: &Bootstrap, group: &str, filled: &Filling) -> Parts {
    let session = page.session.look();
    let view = View::of(&session);
    let topic = filled.text(TOPIC);
    let partitions = view.partition_count(topic);
    let services = view.services_of_group(group);
    let (kind, number, only) = (filled.text(0), filled.whole(1), filled.text(2).parse().ok());
    let mut remarks = Vec::new();
    let to = match (kind, number) {
        ("earliest", _) => Some(ResetTo::Earliest),
        ("latest", _) => Some(ResetTo::Latest),
        (_, None) => {
            remarks.push(Remark::plain("offset", "A whole number is wanted."));
            None
        }
        ("offset", Some(offset)) => {
            remarks.extend(forms::check_reset(view.into(), topic, only, offset));
            Some(ResetTo::Offset(offset))
        }
        (_, Some(records)) => Some(ResetTo::ShiftBy(records)),
    };
    let names: Vec<&str> = services.iter().map(String::as_str).collect();
    let blocks = to.map(|to| commands::reset_offsets(at, group, topic, only, &to, &names));
    let kinds = [
        ("earliest", "the earliest record"),
        ("latest", "the end"),
        ("offset", "an offset"),
        ("shift", "so many further (− is back)"),
    ];
    let topics = forms::topics_of_group(view.into(), group);
    let fields = html! {
        <>
            if topics.len() > 1 { { name_choice("Topic", filled, TOPIC, topics.iter().map(|name| &**name)) } }
            { partition_choice(&format!("Partitions of {topic}"), filled.text(2), typing(filled, 2), partitions) }
            { choice("To", kind, typing(filled, 0), &kinds) }
            { match kind {
                "offset" => Field::number("Offset", 1, "offset", 0).html(filled, &remarks),
                "shift" => Field::number("Records", 1, "offset", -1).html(filled, &remarks),
                _ => Html::default(),
            } }
            if !names.is_empty() {
                <p class="quiet">{ format!("The group must be inactive: {} will be stopped first and started again after.", names.join(", ")) }</p>
            }
        </>
    };
    Parts { fields, blocks, label: "Reset the offsets" }
}
