//! The forms behind actions. Each shows, as it is filled in, the command that does the same.

use std::collections::BTreeMap;
use std::rc::Rc;

use yew::prelude::*;

use super::command::Command;
use super::dialogs::{Window, use_first_focus};
use super::hooks::{Page, use_page};
use super::state::Do;
use crate::base::TopicPartition;
use crate::view::commands::{self, NewRecord, ResetTo, real_commands};
use crate::view::inspect::Form;

/// What a form comes to: the blocks that do it, or what is still missing.
type Outcome = Result<Vec<String>, String>;

#[derive(Properties, PartialEq)]
struct FootProps {
    outcome: Outcome,
    label: AttrValue,
}

/// The command so far, and the button that runs it.
#[component]
fn Foot(props: &FootProps) -> Html {
    let page = use_page();
    let (text, problem) = match &props.outcome {
        Ok(blocks) => (real_commands(blocks).unwrap_or_else(|| blocks.join("\n")), None),
        Err(problem) => (String::new(), Some(problem.clone())),
    };
    html! {
        <>
            if !text.is_empty() {
                <p class="field-label">{ "The same as a command" }</p>
                <Command {text} />
            }
            <p class="field-error" role="status">{ problem.clone().unwrap_or_default() }</p>
            <div class="row window-foot">
                <button type="submit" class="button button-strong" disabled={problem.is_some()}>{ &props.label }</button>
                <button type="button" class="button button-quiet" onclick={page.doing(Do::CloseDialog)}>{ "Cancel" }</button>
            </div>
        </>
    }
}

/// Runs what the form comes to, and closes it.
fn submitting(page: &Page, outcome: &Outcome) -> Callback<SubmitEvent> {
    let (page, outcome) = (page.clone(), outcome.clone());
    Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        if let Ok(blocks) = &outcome {
            page.dispatch(Do::CloseDialog);
            page.give(blocks);
        }
    })
}

fn typing(state: &UseStateHandle<String>) -> Callback<InputEvent> {
    let state = state.clone();
    Callback::from(move |event: InputEvent| {
        if let Some(input) = event.target_dyn_into::<web_sys::HtmlInputElement>() {
            state.set(input.value());
        } else if let Some(area) = event.target_dyn_into::<web_sys::HtmlTextAreaElement>() {
            state.set(area.value());
        }
    })
}

fn choosing(state: &UseStateHandle<String>) -> Callback<Event> {
    let state = state.clone();
    Callback::from(move |event: Event| {
        if let Some(select) = event.target_dyn_into::<web_sys::HtmlSelectElement>() {
            state.set(select.value());
        }
    })
}

fn ticking(state: &UseStateHandle<bool>) -> Callback<Event> {
    let state = state.clone();
    Callback::from(move |event: Event| {
        if let Some(input) = event.target_dyn_into::<web_sys::HtmlInputElement>() {
            state.set(input.checked());
        }
    })
}

/// A line to write in.
fn field(label: &str, state: &UseStateHandle<String>, node: Option<NodeRef>) -> Html {
    html! {
        <label class="field"><span>{ label }</span>
            <input class="input mono" type="text" autocomplete="off" spellcheck="false" value={(**state).clone()}
                oninput={typing(state)} ref={node.unwrap_or_default()} />
        </label>
    }
}

fn number(label: &str, state: &UseStateHandle<String>, min: i64) -> Html {
    html! {
        <label class="field"><span>{ label }</span>
            <input class="input mono" type="number" min={min.to_string()} value={(**state).clone()} oninput={typing(state)} />
        </label>
    }
}

fn tick(label: &str, state: &UseStateHandle<bool>) -> Html {
    html! {
        <label class="check"><input type="checkbox" checked={**state} onchange={ticking(state)} /><span>{ label }</span></label>
    }
}

// ---- a topic

#[component]
pub fn CreateTopic() -> Html {
    let page = use_page();
    let first = use_first_focus();
    let name = use_state_eq(|| "rides".to_owned());
    let partitions = use_state_eq(|| "3".to_owned());
    let compact = use_state_eq(|| false);
    let outcome: Outcome = match partitions.trim().parse::<i32>() {
        _ if name.trim().is_empty() => Err("A topic needs a name.".to_owned()),
        Ok(partitions) => {
            let mut configs = BTreeMap::new();
            if *compact {
                configs.insert("cleanup.policy".to_owned(), "compact".to_owned());
            }
            Ok(commands::create_topic(name.trim(), Some(partitions), &configs))
        }
        Err(_) => Err("The number of partitions is a whole number.".to_owned()),
    };
    html! {
        <form onsubmit={submitting(&page, &outcome)}>
            { field("Name", &name, Some(first)) }
            { number("Partitions", &partitions, 1) }
            { tick("Compacted: keeps at least the last record of each key", &compact) }
            <Foot {outcome} label="Create the topic" />
        </form>
    }
}

// ---- the view's forms

#[derive(Properties, PartialEq)]
pub struct FormProps {
    pub form: Form,
}

#[component]
pub fn FormView(props: &FormProps) -> Html {
    let (title, inner): (String, Html) = match &props.form {
        Form::Produce { topic, partition } => {
            (format!("Write a record to {topic}"), html! { <Produce topic={topic.clone()} partition={*partition} /> })
        }
        Form::StartConsumer { topic, group } => {
            (format!("Read {topic}"), html! { <StartConsumer topic={topic.clone()} group={group.clone()} /> })
        }
        Form::AddPartitions { topic, current } => {
            (format!("Add partitions to {topic}"), html! { <AddPartitions topic={topic.clone()} current={*current} /> })
        }
        Form::ResetOffsets { group, topic } => {
            (format!("Reset the offsets of {group}"), html! { <ResetOffsets group={group.clone()} topic={topic.clone()} /> })
        }
        Form::Seek { service, topic_partition, position } => (
            format!("Move {service} in {topic_partition}"),
            html! { <Seek service={service.clone()} topic_partition={topic_partition.clone()} position={*position} /> },
        ),
        Form::DeleteRecords { topic_partition, high_watermark } => (
            format!("Delete records of {topic_partition}"),
            html! { <DeleteRecords topic_partition={topic_partition.clone()} high_watermark={*high_watermark} /> },
        ),
    };
    html! { <Window {title}>{ inner }</Window> }
}

#[derive(Properties, PartialEq)]
struct ProduceProps {
    topic: Rc<str>,
    partition: Option<i32>,
}

#[component]
fn Produce(props: &ProduceProps) -> Html {
    let page = use_page();
    let first = use_first_focus();
    let key = {
        let (session, topic, partition) = (page.session.clone(), props.topic.clone(), props.partition);
        use_state_eq(move || {
            let session = session.look();
            let count = session.world().cluster().topic(&topic).map_or(1, |topic| topic.partitions.len() as i32);
            // A key that leads to the partition that was asked for.
            partition.and_then(|partition| commands::key_for_partition(partition, count)).unwrap_or_else(|| "key-1".to_owned())
        })
    };
    let value = use_state_eq(|| r#"{"hello":"world"}"#.to_owned());
    let headers = use_state_eq(String::new);
    let (null_key, null_value) = (use_state_eq(|| false), use_state_eq(|| false));
    let outcome: Outcome = parse_headers(&headers).and_then(|headers| {
        commands::produce(&NewRecord {
            topic: props.topic.to_string(),
            key: (!*null_key).then(|| (*key).clone()),
            value: (!*null_value).then(|| (*value).clone()),
            headers,
        })
    });
    html! {
        <form onsubmit={submitting(&page, &outcome)}>
            if !*null_key { { field("Key", &key, Some(first)) } }
            { tick("No key (null): the sticky partitioner chooses", &null_key) }
            if !*null_value {
                <label class="field"><span>{ "Value" }</span>
                    <input class="input mono" type="text" autocomplete="off" spellcheck="false" value={(*value).clone()}
                        oninput={typing(&value)} />
                </label>
            }
            { tick("Null value: a tombstone", &null_value) }
            <label class="field"><span>{ "Headers, one per line: name=value (empty: none)" }</span>
                <textarea class="input mono" rows="2" spellcheck="false" value={(*headers).clone()} oninput={typing(&headers)} />
            </label>
            if props.partition.is_some() && !*null_key {
                <p class="quiet">{ "The console producer cannot name a partition; this key leads to the one you chose." }</p>
            }
            <Foot {outcome} label="Write the record" />
        </form>
    }
}

fn parse_headers(text: &str) -> Result<Vec<(String, Option<String>)>, String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| match line.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), Some(value.to_owned()))),
            _ => Err(format!("“{line}” is no header: write name=value.")),
        })
        .collect()
}

#[derive(Properties, PartialEq)]
struct StartConsumerProps {
    topic: Rc<str>,
    group: Option<Rc<str>>,
}

#[component]
fn StartConsumer(props: &StartConsumerProps) -> Html {
    let page = use_page();
    let first = use_first_focus();
    let group = use_state_eq(|| props.group.as_ref().map_or_else(|| "billing".to_owned(), ToString::to_string));
    let terminal = {
        let session = page.session.clone();
        use_memo((), move |()| commands::free_terminal(session.look().world(), "c"))
    };
    let beginning = use_state_eq(|| true);
    let group_name = group.trim();
    let outcome: Outcome =
        Ok(commands::start_consumer(&terminal, &props.topic, (!group_name.is_empty()).then_some(group_name), *beginning));
    html! {
        <form onsubmit={submitting(&page, &outcome)}>
            { field("Group (empty: one made up for this consumer)", &group, Some(first)) }
            { tick("From the beginning, where the group has committed nothing", &beginning) }
            <p class="quiet">{ format!("A console consumer called {}. Choose it on the stage to stop it or make it crash.", *terminal) }</p>
            <Foot {outcome} label="Start the consumer" />
        </form>
    }
}

#[derive(Properties, PartialEq)]
struct AddPartitionsProps {
    topic: Rc<str>,
    current: i32,
}

#[component]
fn AddPartitions(props: &AddPartitionsProps) -> Html {
    let page = use_page();
    let count = use_state_eq(|| (props.current + 1).to_string());
    let outcome: Outcome = match count.trim().parse::<i32>() {
        Ok(count) => Ok(commands::add_partitions(&props.topic, count)),
        Err(_) => Err("The number of partitions is a whole number.".to_owned()),
    };
    html! {
        <form onsubmit={submitting(&page, &outcome)}>
            { number("Partitions in all", &count, i64::from(props.current) + 1) }
            <p class="quiet">{ "No record moves. From then on many keys lead to another partition than before." }</p>
            <Foot {outcome} label="Add partitions" />
        </form>
    }
}

#[derive(Properties, PartialEq)]
struct ResetOffsetsProps {
    group: Rc<str>,
    topic: Rc<str>,
}

#[component]
fn ResetOffsets(props: &ResetOffsetsProps) -> Html {
    let page = use_page();
    let kind = use_state_eq(|| "earliest".to_owned());
    let by = use_state_eq(|| "0".to_owned());
    let partition = use_state_eq(String::new);
    let (partitions, services) = {
        let session = page.session.look();
        let world = session.world();
        let partitions = world.cluster().topic(&props.topic).map_or(0, |topic| topic.partitions.len());
        (partitions, services_of(&page, &props.group))
    };
    let to = match (kind.as_str(), by.trim().parse::<i64>()) {
        ("earliest", _) => Ok(ResetTo::Earliest),
        ("latest", _) => Ok(ResetTo::Latest),
        ("offset", Ok(offset)) => Ok(ResetTo::Offset(offset)),
        ("shift", Ok(records)) => Ok(ResetTo::ShiftBy(records)),
        _ => Err("A whole number is wanted.".to_owned()),
    };
    let names: Vec<&str> = services.iter().map(String::as_str).collect();
    let outcome: Outcome = to.map(|to| commands::reset_offsets(&props.group, &props.topic, partition.parse().ok(), &to, &names));
    html! {
        <form onsubmit={submitting(&page, &outcome)}>
            <label class="field"><span>{ format!("Partitions of {}", props.topic) }</span>
                <select class="select" onchange={choosing(&partition)}>
                    <option value="" selected={partition.is_empty()}>{ "all" }</option>
                    { for (0..partitions).map(|one| html! {
                        <option value={one.to_string()} selected={*partition == one.to_string()}>{ one }</option>
                    }) }
                </select>
            </label>
            <label class="field"><span>{ "To" }</span>
                <select class="select" onchange={choosing(&kind)}>
                    { for [("earliest", "the earliest record"), ("latest", "the end"), ("offset", "an offset"), ("shift", "so many further (− is back)")]
                        .iter().map(|(value, words)| html! {
                            <option value={*value} selected={*value == kind.as_str()}>{ *words }</option>
                        }) }
                </select>
            </label>
            if matches!(kind.as_str(), "offset" | "shift") {
                { number(if *kind == "offset" { "Offset" } else { "Records" }, &by, if *kind == "offset" { 0 } else { i64::MIN }) }
            }
            if !names.is_empty() {
                <p class="quiet">{ format!("The group must be inactive: {} will be stopped first and started again after.", names.join(", ")) }</p>
            }
            <Foot {outcome} label="Reset the offsets" />
        </form>
    }
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

#[derive(Properties, PartialEq)]
struct SeekProps {
    service: Rc<str>,
    topic_partition: TopicPartition,
    position: i64,
}

#[component]
fn Seek(props: &SeekProps) -> Html {
    let page = use_page();
    let offset = use_state_eq(|| props.position.to_string());
    let outcome: Outcome = match offset.trim().parse::<i64>() {
        Ok(offset) if offset >= 0 => Ok(commands::seek(&props.service, &props.topic_partition, offset)),
        _ => Err("An offset is a whole number, 0 or more.".to_owned()),
    };
    html! {
        <form onsubmit={submitting(&page, &outcome)}>
            { number("Offset of the next record to read", &offset, 0) }
            <p class="quiet">{ "A seek moves the position and commits nothing." }</p>
            <Foot {outcome} label="Seek" />
        </form>
    }
}

#[derive(Properties, PartialEq)]
struct DeleteRecordsProps {
    topic_partition: TopicPartition,
    high_watermark: i64,
}

#[component]
fn DeleteRecords(props: &DeleteRecordsProps) -> Html {
    let page = use_page();
    let before = use_state_eq(|| props.high_watermark.to_string());
    let outcome: Outcome = match before.trim().parse::<i64>() {
        Ok(before) => Ok(commands::delete_records(&props.topic_partition, before)),
        Err(_) => Err("An offset is a whole number; -1 stands for the high watermark.".to_owned()),
    };
    html! {
        <form onsubmit={submitting(&page, &outcome)}>
            { number("Delete all records before this offset", &before, -1) }
            <p class="quiet">{ "The log’s start moves; offsets stay as they are." }</p>
            <Foot {outcome} label="Delete records" />
        </form>
    }
}
