//! Lives here: the forms behind actions. Each shows, as it is filled in, the command that does the same, and what is wrong.
//! Never here: which rule is broken: `view::forms` asks Kafka's own checks.

mod fields;
mod offsets;

pub use fields::Filled;

use std::collections::BTreeMap;
use std::rc::Rc;

use yew::prelude::*;

use crate::ui::app::hooks::Page;
use crate::ui::app::state::{Dialog, Do};
use crate::ui::parts::command::command;
use crate::view::View;
use crate::view::commands::{self, Bootstrap, NewRecord, real_commands};
use crate::view::forms::{self, FromBeginning, Remark, TopicForm, is_wrong};
use crate::view::inspect::Form;
use crate::view::records;
use fields::{Field, Filling, name_choice, tick, typing};

/// The place of the topic in the forms that choose one.
const TOPIC: usize = 5;

impl Filled {
    /// What a window begins with.
    pub fn first(page: &Page, dialog: &Dialog) -> Self {
        let session = page.session.look();
        let view = View::of(&session);
        match dialog {
            Dialog::Help | Dialog::CommandLog | Dialog::Reset | Dialog::Lesson(_) => Self::default(),
            Dialog::Share => Self::of([&page.share_link(true)], [false; 2], page.share_link(false)),
            Dialog::CreateTopic => {
                let replicas = forms::usual_replicas(view.into());
                let least = if replicas > 2 { "2" } else { "1" };
                Self::of([&forms::free_topic(view.into(), "rides"), "3", &replicas.to_string(), least, ""], [false; 2], "")
            }
            Dialog::Form(form) => first_of_form(page, form),
        }
    }
}

fn first_of_form(page: &Page, form: &Form) -> Filled {
    let session = page.session.look();
    let view = View::of(&session);
    match form {
        Form::Produce { topic, like: Some(record), .. } => {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            let texts = [&*text(&record.key), &*text(&record.value), &*header_lines(&record.headers), "", "", &**topic];
            Filled::of(texts, [record.key.is_none(), record.value.is_none()], "")
        }
        Form::Produce { topic, partition, .. } => {
            let count = view.partition_count(topic).max(1) as i32;
            // A key that leads to the partition that was asked for.
            let key = partition.and_then(|partition| commands::key_for_partition(partition, count));
            let key = key.as_deref().unwrap_or("key-1");
            Filled::of([key, r#"{"hello":"world"}"#, "", "", "", &**topic], [false; 2], "")
        }
        Form::StartConsumer { topic, group } => {
            let free = view.free_group();
            let group = group.as_deref().unwrap_or(&free);
            Filled::of([group, "", "", "", "", &**topic], [true, false], commands::free_terminal(view.into(), "c"))
        }
        Form::AddPartitions { current, .. } => Filled::of([&(current + 1).to_string()], [false; 2], ""),
        Form::ResetOffsets { topic, .. } => Filled::of(["earliest", "0", "", "", "", &**topic], [false; 2], ""),
        Form::Seek { topic_partition, position, .. } => {
            Filled::of([&position.to_string(), &topic_partition.to_string()], [false; 2], "")
        }
        Form::DeleteRecords { high_watermark, .. } => Filled::of([&high_watermark.to_string()], [false; 2], ""),
    }
}

/// A form's parts: its fields; the blocks that do it, or `None` while something is wrong; the words on its button.
struct Parts {
    fields: Html,
    blocks: Option<Vec<String>>,
    label: &'static str,
}

/// One of the view's forms; `None`: the one that creates a topic.
pub fn form_html(page: &Page, form: Option<&Form>, filled: &Filling) -> Html {
    let at = &Bootstrap::of(View::of(&page.session.look()).into());
    let parts = match form {
        None => create_topic(page, at, filled),
        Some(Form::Produce { topic, partition, .. }) => produce(page, at, topic, *partition, filled),
        Some(Form::StartConsumer { .. }) => start_consumer(page, at, filled),
        Some(Form::AddPartitions { topic, current }) => add_partitions(page, at, topic, *current, filled),
        Some(Form::ResetOffsets { group, .. }) => offsets::reset_offsets(page, at, group, filled),
        Some(Form::Seek { service, partitions, reset, .. }) => offsets::seek(service, partitions, reset, filled),
        Some(Form::DeleteRecords { topic_partition, .. }) => offsets::delete_records(page, at, topic_partition, filled),
    };
    let Parts { fields, blocks, label } = parts;
    let in_code = offsets::seek_in_code(form, filled);
    let text = blocks.as_ref().map(|blocks| real_commands(blocks).or(in_code).unwrap_or_else(|| blocks.join("\n")));
    let ready = blocks.is_some();
    let onsubmit = {
        let page = page.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(blocks) = &blocks {
                give(&page, blocks);
            }
        })
    };
    html! {
        <form class="form" {onsubmit}>
            { fields }
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                <p class="field-label">
                    { if matches!(form, Some(Form::Seek { .. })) { "The same in the consumer’s own code" } else { "The same as a command" } }
                </p>
                { command(page, &text) }
            }
            <p class="field-error form-error" role="alert">{ page.ui.form_error.clone().unwrap_or_default() }</p>
            <div class="row window-foot">
                <button type="submit" class="button button-strong" disabled={!ready}>{ label }</button>
                <button type="button" class="button button-quiet" onclick={page.doing(Do::CloseDialog)}>{ "Cancel" }</button>
            </div>
        </form>
    }
}

/// Gives the lines. The form stays open, with all that was typed, where they are refused.
fn give(page: &Page, blocks: &[String]) {
    // Where a future would be set aside the page asks, and that lies below this window.
    let asks = page.session.look().would_set_aside().is_some();
    if asks {
        page.dispatch(Do::CloseDialog);
    }
    let before = page.session.look().inputs_applied();
    page.give(blocks);
    let is_given = page.session.look().inputs_applied() > before;
    let waits = !page.session.way().queue.is_empty();
    if !asks && (is_given || waits) {
        page.dispatch(Do::CloseDialog);
    }
}

// ---- the forms

fn create_topic(page: &Page, at: &Bootstrap, filled: &Filling) -> Parts {
    let session = page.session.look();
    let view = View::of(&session);
    let brokers = forms::broker_count(view.into());
    let compacted = filled.ticks[0];
    let form = TopicForm {
        name: filled.texts[0].clone(),
        partitions: filled.texts[1].clone(),
        replication_factor: filled.texts[2].clone(),
        min_insync_replicas: filled.texts[3].clone(),
        retention_ms: filled.texts[4].clone(),
        compacted,
    };
    let remarks = forms::check_topic(view.into(), &form);
    let fields = html! {
        <>
            { Field::text("Name", 0, "name").html(filled, &remarks) }
            <div class="fields-row">
                { Field::number("Partitions", 1, "partitions", 1).html(filled, &remarks) }
                if brokers > 1 {
                    { Field::number("Replication factor", 2, "replicas", 1).html(filled, &remarks) }
                    { Field::number("min.insync.replicas", 3, "min.insync.replicas", 1).html(filled, &remarks) }
                }
            </div>
            { tick("Compacted: keeps at least the last record of each key", filled, 0) }
            if !compacted {
                <details class="more" open={!filled.text(4).is_empty()}>
                    <summary>{ "How long records are kept" }</summary>
                    { Field::number("retention.ms (empty: the default, 7 days)", 4, "retention.ms", -1).html(filled, &remarks) }
                </details>
            }
        </>
    };
    let blocks = (!is_wrong(&remarks)).then(|| {
        let mut configs = BTreeMap::new();
        let mut config = |name: &str, value: &str| configs.insert(name.to_owned(), value.to_owned());
        if compacted {
            config("cleanup.policy", "compact");
        } else if !filled.text(4).is_empty() {
            config("retention.ms", filled.text(4));
        }
        // What is the default anyway is not said.
        if brokers > 1 && filled.text(3) != "1" {
            config("min.insync.replicas", filled.text(3));
        }
        let number = |at: usize| filled.whole(at).and_then(|number| i32::try_from(number).ok());
        let factor = number(2).filter(|factor| brokers > 1 && *factor != 1);
        commands::create_replicated(at, filled.text(0), number(1), factor, &configs)
    });
    Parts { fields, blocks, label: "Create the topic" }
}

fn add_partitions(page: &Page, at: &Bootstrap, topic: &str, current: i32, filled: &Filling) -> Parts {
    let remarks = forms::check_more_partitions(View::of(&page.session.look()).into(), topic, filled.text(0));
    let fields = html! {
        <>
            { Field::number("Partitions in all", 0, "partitions", i64::from(current) + 1).html(filled, &remarks) }
            <p class="quiet">{ "No record moves. From then on many keys lead to another partition than before." }</p>
        </>
    };
    let count = filled.whole(0).and_then(|count| i32::try_from(count).ok()).filter(|_| !is_wrong(&remarks));
    Parts { fields, blocks: count.map(|count| commands::add_partitions(at, topic, count)), label: "Add partitions" }
}

/// The topics that a person can choose from, with the one that is chosen.
fn topics(page: &Page, chosen: &str) -> Vec<Rc<str>> {
    let names = records::topic_names(View::of(&page.session.look()).into(), page.ui.settings.internal);
    let chosen = names.iter().all(|name| **name != *chosen).then(|| Rc::from(chosen));
    chosen.into_iter().chain(names).collect()
}

fn produce(page: &Page, at: &Bootstrap, first: &str, partition: Option<i32>, filled: &Filling) -> Parts {
    let session = page.session.look();
    let view = View::of(&session);
    let topic = filled.text(TOPIC);
    // A compacted topic takes no record without a key: there the switch has no use.
    let needs_key = forms::needs_keys(view.into(), topic);
    let [null_key, null_value] = [filled.ticks[0] && !needs_key, filled.ticks[1]];
    let headers = parse_headers(&filled.texts[2]);
    let record = NewRecord {
        topic: topic.to_owned(),
        key: (!null_key).then(|| filled.texts[0].clone()),
        value: (!null_value).then(|| filled.texts[1].clone()),
        headers: headers.clone().unwrap_or_default(),
    };
    let mut remarks = forms::check_record(view.into(), &record);
    let line = commands::produce(at, &record);
    remarks.extend(headers.err().map(|sentence| Remark::plain("headers", sentence)));
    remarks.extend(line.as_ref().err().map(|sentence| Remark::plain("value", sentence.clone())));
    let names = topics(page, topic);
    let typed = typing(filled, 2);
    let fields = html! {
        <>
            { name_choice("Topic", filled, TOPIC, names.iter().map(|name| &**name)) }
            if !null_key { { Field::text("Key", 0, "key").html(filled, &remarks) } }
            if needs_key {
                <p class="quiet">{ format!("{topic} is compacted: each of its records needs a key.") }</p>
            } else {
                { tick("No key (null): the sticky partitioner chooses", filled, 0) }
            }
            if null_value {
                { fields::remarks_html(filled, 1, "value", &remarks) }
            } else {
                { Field::text("Value", 1, "value").html(filled, &remarks) }
            }
            { tick(if needs_key { "Null value: a tombstone, which deletes its key" } else { "Null value" }, filled, 1) }
            <details class="more" open={!filled.text(2).is_empty()}>
                <summary>{ "Headers" }</summary>
                <div class="field">
                    <label for="field-2">{ "One per line: name=value, or a name alone for null" }</label>
                    <textarea id="field-2" class="input mono" rows="2" spellcheck="false" value={filled.texts[2].clone()} aria-describedby="remarks-2"
                        oninput={move |event: InputEvent| typed.emit(event.into())} />
                    { fields::remarks_html(filled, 2, "headers", &remarks) }
                </div>
            </details>
            if let Some(partition) = partition.filter(|_| topic == first && !null_key) {
                { leads_to(view.partition_count(topic).max(1) as i32, partition, &filled.texts[0]) }
            }
        </>
    };
    Parts { fields, blocks: line.ok().filter(|_| !is_wrong(&remarks)), label: "Write the record" }
}

/// The console producer cannot name a partition: its key leads to one.
fn leads_to(count: i32, wanted: i32, key: &str) -> Html {
    let there = commands::partition_of(key, count);
    let words = if there == wanted {
        "The console producer cannot name a partition; this key leads to the one you chose.".to_owned()
    } else {
        format!("This key leads to partition {there}, not to {wanted}: the console producer cannot name a partition.")
    };
    html! { <p class="quiet" role="status">{ words }</p> }
}

/// Headers as they are written in the form; a null value has no `=`.
fn header_lines(headers: &[(String, Option<String>)]) -> String {
    let line = |(name, value): &(String, Option<String>)| match value {
        Some(value) => format!("{name}={value}"),
        None => name.clone(),
    };
    headers.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn parse_headers(text: &str) -> Result<Vec<(String, Option<String>)>, String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| match line.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), Some(value.to_owned()))),
            None => Ok((line.trim().to_owned(), None)),
            _ => Err(format!("“{line}” is no header: write name=value.")),
        })
        .collect()
}

fn start_consumer(page: &Page, at: &Bootstrap, filled: &Filling) -> Parts {
    let session = page.session.look();
    let view = View::of(&session);
    let (group, topic) = (filled.text(0), filled.text(TOPIC));
    let remarks = view.check_group(group);
    let beginning = forms::from_beginning(view.into(), topic, group);
    let from_beginning = filled.ticks[0] && beginning != FromBeginning::Nothing;
    let names = topics(page, topic);
    let fields = html! {
        <>
            { name_choice("Topic", filled, TOPIC, names.iter().map(|name| &**name)) }
            { Field::text("Group (empty: one made up for this consumer)", 0, "group").html(filled, &remarks) }
            { match beginning {
                FromBeginning::Works => tick("From the beginning", filled, 0),
                FromBeginning::In(partitions) => {
                    let list = partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                    let what = if partitions.len() == 1 { "partition" } else { "partitions" };
                    html! {
                        <>
                            { tick(&format!("From the beginning, in {what} {list}"), filled, 0) }
                            <p class="quiet">{ format!("In the others {group} has committed offsets, and goes on from there.") }</p>
                        </>
                    }
                }
                FromBeginning::Nothing => html! {
                    <p class="quiet" role="status">
                        { format!("{group} has committed offsets in {topic} and goes on from there: --from-beginning would change nothing.") }
                    </p>
                },
            } }
            <p class="quiet">{ format!("A console consumer called {}. Choose it on the stage to stop it or make it crash.", filled.made) }</p>
        </>
    };
    let blocks = commands::start_consumer(at, &filled.made, topic, (!group.is_empty()).then_some(group), from_beginning);
    Parts { fields, blocks: (!is_wrong(&remarks)).then_some(blocks), label: "Start the consumer" }
}
