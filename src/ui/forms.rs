//! The forms behind actions. Each shows, as it is filled in, the command that does the same.

use std::collections::BTreeMap;

use yew::prelude::*;

use super::command::command;
use super::dialogs::share_link;
use super::hooks::{Page, value_of};
use super::state::{Dialog, Do};
use crate::view::commands::{self, Bootstrap, NewRecord, ResetTo, real_commands};
use crate::view::inspect::{Form, SeekRange};

/// What a form comes to: the blocks that do it, or what is still missing.
type Outcome = Result<Vec<String>, String>;

/// What has been filled in so far. Each form says in `first` what its places hold.
#[derive(Clone, PartialEq, Default)]
pub struct Filled {
    texts: [String; 3],
    ticks: [bool; 2],
    /// Made once, when the window opened: a free name, a link.
    made: String,
}

type Filling = UseStateHandle<Filled>;

impl Filled {
    /// What a window begins with.
    pub fn first(page: &Page, dialog: &Dialog) -> Self {
        let session = page.session.look();
        let world = session.world();
        let texts = |one: &str, two: &str| [one.to_owned(), two.to_owned(), String::new()];
        let (texts, ticks, made) = match dialog {
            Dialog::Help | Dialog::CommandLog | Dialog::Reset | Dialog::Lesson(_) => return Self::default(),
            Dialog::Share => ([share_link(page, true), String::new(), String::new()], [false; 2], share_link(page, false)),
            Dialog::CreateTopic => (texts("rides", "3"), [false; 2], String::new()),
            Dialog::Form(Form::Produce { like: Some(record), .. }) => {
                let text = |text: &Option<String>| text.clone().unwrap_or_default();
                let texts = [text(&record.key), text(&record.value), header_lines(&record.headers)];
                (texts, [record.key.is_none(), record.value.is_none()], String::new())
            }
            Dialog::Form(Form::Produce { topic, partition, .. }) => {
                let count = world.cluster().topic(topic).map_or(1, |topic| topic.partitions.len() as i32);
                // A key that leads to the partition that was asked for.
                let key = partition.and_then(|partition| commands::key_for_partition(partition, count));
                (texts(key.as_deref().unwrap_or("key-1"), r#"{"hello":"world"}"#), [false; 2], String::new())
            }
            Dialog::Form(Form::StartConsumer { group, .. }) => {
                (texts(group.as_deref().unwrap_or("billing"), ""), [true, false], commands::free_terminal(world, "c"))
            }
            Dialog::Form(Form::AddPartitions { current, .. }) => (texts(&(current + 1).to_string(), ""), [false; 2], String::new()),
            Dialog::Form(Form::ResetOffsets { .. }) => (texts("earliest", "0"), [false; 2], String::new()),
            Dialog::Form(Form::Seek { topic_partition, position, .. }) => {
                (texts(&position.to_string(), &topic_partition.to_string()), [false; 2], String::new())
            }
            Dialog::Form(Form::DeleteRecords { high_watermark, .. }) => {
                (texts(&high_watermark.to_string(), ""), [false; 2], String::new())
            }
        };
        Self { texts, ticks, made }
    }

    pub fn made(&self) -> &str {
        &self.made
    }

    /// The other of the two links.
    pub fn until_now(&self) -> &str {
        &self.texts[0]
    }

    fn text(&self, at: usize) -> &str {
        self.texts[at].trim()
    }
}

/// A form's parts: its fields, what it comes to, and the words on its button.
type Parts = (Html, Outcome, &'static str);

/// One of the view's forms; `None`: the one that creates a topic.
pub fn form_html(page: &Page, form: Option<&Form>, filled: &Filling) -> Html {
    let at = &Bootstrap::of(page.session.look().world());
    let (fields, outcome, label) = match form {
        None => create_topic(at, filled),
        Some(Form::Produce { topic, partition, .. }) => produce(at, topic, *partition, filled),
        Some(Form::StartConsumer { topic, .. }) => start_consumer(at, topic, filled),
        Some(Form::AddPartitions { topic, current }) => {
            let outcome = whole(filled, 0, "The number of partitions is a whole number.")
                .map(|count| commands::add_partitions(at, topic, i32::try_from(count).unwrap_or(i32::MAX)));
            let why = "No record moves. From then on many keys lead to another partition than before.";
            (one_number("Partitions in all", i64::from(*current) + 1, why, filled), outcome, "Add partitions")
        }
        Some(Form::ResetOffsets { group, topic }) => reset_offsets(page, at, group, topic, filled),
        Some(Form::Seek { service, partitions, reset, .. }) => seek(service, partitions, reset, filled),
        Some(Form::DeleteRecords { topic_partition, .. }) => {
            let outcome = whole(filled, 0, "An offset is a whole number; -1 stands for the high watermark.")
                .map(|before| commands::delete_records(at, topic_partition, before));
            let why = "The log’s start moves; offsets stay as they are.";
            (one_number("Delete all records before this offset", -1, why, filled), outcome, "Delete records")
        }
    };
    let (text, problem) = match &outcome {
        Ok(blocks) => (real_commands(blocks).or_else(|| seek_in_code(form, filled)).unwrap_or_else(|| blocks.join("\n")), None),
        Err(problem) => (String::new(), Some(problem.clone())),
    };
    // Runs what the form comes to, and closes it.
    let onsubmit = {
        let page = page.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Ok(blocks) = &outcome {
                page.dispatch(Do::CloseDialog);
                page.give(blocks);
            }
        })
    };
    html! {
        <form {onsubmit}>
            { fields }
            if !text.is_empty() {
                <p class="field-label">
                    { if matches!(form, Some(Form::Seek { .. })) { "The same in the consumer’s own code" } else { "The same as a command" } }
                </p>
                { command(page, &text) }
            }
            <p class="field-error" role="status">{ problem.as_deref().unwrap_or_default() }</p>
            <div class="row window-foot">
                <button type="submit" class="button button-strong" disabled={problem.is_some()}>{ label }</button>
                <button type="button" class="button button-quiet" onclick={page.doing(Do::CloseDialog)}>{ "Cancel" }</button>
            </div>
        </form>
    }
}

fn whole(filled: &Filled, at: usize, problem: &str) -> Result<i64, String> {
    filled.text(at).parse::<i64>().map_err(|_| problem.to_owned())
}

// ---- fields

/// Takes in what was typed or chosen.
fn typing(filled: &Filling, at: usize) -> Callback<Event> {
    let filled = filled.clone();
    Callback::from(move |event: Event| {
        let mut next = (*filled).clone();
        next.texts[at] = value_of(&event);
        filled.set(next);
    })
}

/// A line to write in; a number where `min` says the least.
fn field(label: &str, filled: &Filling, at: usize, min: Option<i64>) -> Html {
    let typed = typing(filled, at);
    html! {
        <label class="field"><span>{ label }</span>
            <input class="input mono" type={if min.is_some() { "number" } else { "text" }} min={min.map(|min| min.to_string())}
                autocomplete="off" spellcheck="false" autofocus={at == 0} value={filled.texts[at].clone()}
                oninput={move |event: InputEvent| typed.emit(event.into())} />
        </label>
    }
}

/// A form of one number.
fn one_number(label: &str, min: i64, why: &'static str, filled: &Filling) -> Html {
    html! { <>{ field(label, filled, 0, Some(min)) }<p class="quiet">{ why }</p></> }
}

fn tick(label: &str, filled: &Filling, at: usize) -> Html {
    let changed = filled.clone();
    let onclick = Callback::from(move |_: MouseEvent| {
        let mut next = (*changed).clone();
        next.ticks[at] = !next.ticks[at];
        changed.set(next);
    });
    html! {
        <label class="check"><input type="checkbox" checked={filled.ticks[at]} {onclick} /><span>{ label }</span></label>
    }
}

/// A choice: each with its value and its words.
pub fn choice(label: &str, chosen: &str, onchange: Callback<Event>, options: &[(&str, &str)]) -> Html {
    html! {
        <label class="field"><span>{ label }</span>
            <select class="select" {onchange}>{ for options.iter().map(|(value, words)| option(value, words, *value == chosen)) }</select>
        </label>
    }
}

pub fn option(value: &str, words: &str, selected: bool) -> Html {
    html! { <option value={value.to_owned()} {selected}>{ words }</option> }
}

/// A choice of a partition, or of all.
pub fn partition_choice(label: &str, chosen: &str, onchange: Callback<Event>, partitions: usize) -> Html {
    let names: Vec<String> = (0..partitions).map(|one| one.to_string()).collect();
    let mut options = vec![("", "all")];
    options.extend(names.iter().map(|name| (name.as_str(), name.as_str())));
    choice(label, chosen, onchange, &options)
}

// ---- the forms

fn create_topic(at: &Bootstrap, filled: &Filling) -> Parts {
    let outcome = match whole(filled, 1, "The number of partitions is a whole number.") {
        _ if filled.text(0).is_empty() => Err("A topic needs a name.".to_owned()),
        partitions => partitions.map(|partitions| {
            let mut configs = BTreeMap::new();
            if filled.ticks[0] {
                configs.insert("cleanup.policy".to_owned(), "compact".to_owned());
            }
            commands::create_topic(at, filled.text(0), Some(i32::try_from(partitions).unwrap_or(i32::MAX)), &configs)
        }),
    };
    let fields = html! {
        <>
            { field("Name", filled, 0, None) }
            { field("Partitions", filled, 1, Some(1)) }
            { tick("Compacted: keeps at least the last record of each key", filled, 0) }
        </>
    };
    (fields, outcome, "Create the topic")
}

fn produce(at: &Bootstrap, topic: &str, partition: Option<i32>, filled: &Filling) -> Parts {
    let [null_key, null_value] = filled.ticks;
    let outcome = parse_headers(&filled.texts[2]).and_then(|headers| {
        commands::produce(
            at,
            &NewRecord {
                topic: topic.to_owned(),
                key: (!null_key).then(|| filled.texts[0].clone()),
                value: (!null_value).then(|| filled.texts[1].clone()),
                headers,
            },
        )
    });
    let typed = typing(filled, 2);
    let fields = html! {
        <>
            if !null_key { { field("Key", filled, 0, None) } }
            { tick("No key (null): the sticky partitioner chooses", filled, 0) }
            if !null_value { { field("Value", filled, 1, None) } }
            { tick("Null value: a tombstone", filled, 1) }
            <label class="field"><span>{ "Headers, one per line: name=value, or a name alone for null (empty: none)" }</span>
                <textarea class="input mono" rows="2" spellcheck="false" value={filled.texts[2].clone()}
                    oninput={move |event: InputEvent| typed.emit(event.into())} />
            </label>
            if partition.is_some() && !null_key {
                <p class="quiet">{ "The console producer cannot name a partition; this key leads to the one you chose." }</p>
            }
        </>
    };
    (fields, outcome, "Write the record")
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

fn start_consumer(at: &Bootstrap, topic: &str, filled: &Filling) -> Parts {
    let group = filled.text(0);
    let outcome = Ok(commands::start_consumer(at, &filled.made, topic, (!group.is_empty()).then_some(group), filled.ticks[0]));
    let fields = html! {
        <>
            { field("Group (empty: one made up for this consumer)", filled, 0, None) }
            { tick("From the beginning, where the group has committed nothing", filled, 0) }
            <p class="quiet">{ format!("A console consumer called {}. Choose it on the stage to stop it or make it crash.", filled.made) }</p>
        </>
    };
    (fields, outcome, "Start the consumer")
}

/// The partition that is chosen; its places: the offset, and the partition's name.
fn chosen<'f>(partitions: &'f [SeekRange], filled: &Filling) -> Option<&'f SeekRange> {
    let named = partitions.iter().find(|one| one.topic_partition.to_string() == filled.text(1));
    named.or_else(|| partitions.first())
}

fn seek(service: &str, partitions: &[SeekRange], reset: &str, filled: &Filling) -> Parts {
    const WHOLE: &str = "An offset is a whole number, 0 or more.";
    let range = chosen(partitions, filled);
    let offset = whole(filled, 0, WHOLE).and_then(|offset| if offset < 0 { Err(WHOLE.to_owned()) } else { Ok(offset) });
    let outside = offset.as_ref().ok().zip(range).is_some_and(|(offset, range)| {
        let (start, end) = (range.log_start_offset, range.high_watermark);
        !(start..=end).contains(offset)
    });
    let outcome = match range {
        Some(range) => offset.map(|offset| commands::seek(service, &range.topic_partition, offset)),
        None => Err("The consumer reads no partition now.".to_owned()),
    };
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
            { field("Offset of the next record to read", filled, 0, Some(0)) }
            <p class="quiet">{ "A seek moves the position and commits nothing." }</p>
            if outside {
                <p class="quiet" role="status">
                    { format!("No record has this offset in the log, so auto.offset.reset ({reset}) decides where reading goes on.") }
                </p>
            }
        </>
    };
    (fields, outcome, "Seek")
}

/// No command moves a consumer: it does so itself.
fn seek_in_code(form: Option<&Form>, filled: &Filling) -> Option<String> {
    let Some(Form::Seek { partitions, .. }) = form else { return None };
    Some(commands::seek_call(&chosen(partitions, filled)?.topic_partition, filled.text(0).parse().ok()?))
}

/// Its places: what to reset to, how far, and the partition (empty: all).
fn reset_offsets(page: &Page, at: &Bootstrap, group: &str, topic: &str, filled: &Filling) -> Parts {
    let partitions = page.session.look().world().cluster().topic(topic).map_or(0, |topic| topic.partitions.len());
    let services = services_of(page, group);
    let kind = filled.text(0);
    let to = match (kind, whole(filled, 1, "A whole number is wanted.")) {
        ("earliest", _) => Ok(ResetTo::Earliest),
        ("latest", _) => Ok(ResetTo::Latest),
        ("offset", offset) => offset.map(ResetTo::Offset),
        (_, records) => records.map(ResetTo::ShiftBy),
    };
    let names: Vec<&str> = services.iter().map(String::as_str).collect();
    let outcome = to.map(|to| commands::reset_offsets(at, group, topic, filled.text(2).parse().ok(), &to, &names));
    let kinds = [
        ("earliest", "the earliest record"),
        ("latest", "the end"),
        ("offset", "an offset"),
        ("shift", "so many further (− is back)"),
    ];
    let fields = html! {
        <>
            { partition_choice(&format!("Partitions of {topic}"), filled.text(2), typing(filled, 2), partitions) }
            { choice("To", kind, typing(filled, 0), &kinds) }
            { match kind {
                "offset" => field("Offset", filled, 1, Some(0)),
                "shift" => field("Records", filled, 1, Some(i64::MIN)),
                _ => Html::default(),
            } }
            if !names.is_empty() {
                <p class="quiet">{ format!("The group must be inactive: {} will be stopped first and started again after.", names.join(", ")) }</p>
            }
        </>
    };
    (fields, outcome, "Reset the offsets")
}

/// The story's services that are members of a group now.
fn services_of(page: &Page, group: &str) -> Vec<String> {
    let session = page.session.look();
    let world = session.world();
    let Some(scenario) = session.scenario() else {
        return Vec::new();
    };
    let mut names: Vec<String> = world
        .clients()
        .filter(|client| {
            world
                .consumer(client.id)
                .is_some_and(|consumer| consumer.config().group_id.as_ref().is_some_and(|id| id.as_str() == group))
        })
        .filter_map(|client| world.program(client.owner))
        .filter(|program| program.is_running() && (scenario.service)(&program.name).is_some())
        .map(|program| program.name.to_string())
        .collect();
    names.dedup();
    names
}
