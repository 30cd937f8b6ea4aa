//! The Logs view: producers, partitions, groups, and between them what is in flight.

use std::rc::Rc;

use yew::prelude::*;

use super::flights::FlightLayer;
use super::groups::Groups;
use super::partition::Partition;
use super::producers::Producers;
use crate::base::TopicName;
use crate::ui::command::Command;
use crate::ui::hooks::{Page, use_page, use_width};
use crate::ui::icon::icon;
use crate::ui::records::fullest;
use crate::ui::state::{Dialog, Do};
use crate::view::commands;
use crate::view::inspect::{Form, Selection};
use crate::view::logs::{LogsView, LogsWindow, TopicView, logs, partitions};
use crate::view::text::count;

/// Topics drawn at first, and how many more each wish adds.
const TOPICS_AT_ONCE: usize = 12;

#[component]
pub fn Logs() -> Html {
    let page = use_page();
    let topics_shown = use_state_eq(|| TOPICS_AT_ONCE);
    let (strip, probe, picture) = (use_node_ref(), use_node_ref(), use_node_ref());
    let (strip_width, cell_width) = (use_width(strip.clone()), use_width(probe.clone()));
    let cells_max = if cell_width > 0 { (strip_width / cell_width).clamp(1, 200) as usize } else { 1 };
    let window = LogsWindow { internal: page.ui.settings.internal, topics: 0..*topics_shown, ..LogsWindow::default() };
    let view = logs(page.session.look().world(), &window);
    let group = shown_group(&page, &view);
    let more = {
        let topics_shown = topics_shown.clone();
        Callback::from(move |_: MouseEvent| topics_shown.set(*topics_shown + TOPICS_AT_ONCE))
    };
    html! {
        <section class="logs" aria-label="Logs">
            <Toolbar groups={view.groups.iter().map(|group| group.group_id.clone()).collect::<Vec<_>>()} group={group.clone()}
                topics={view.topics.iter().map(|topic| topic.name.clone()).collect::<Vec<_>>()} />
            <div class="logs-scroll">
                <div class="logs-picture" ref={picture.clone()}>
                    <Producers producers={Rc::new(view.producers.clone())} count={view.producer_count} />
                    <div class="topics">
                        <div class="strip-probe" aria-hidden="true">
                            <span></span><div ref={strip}></div><span></span>
                        </div>
                        <div class="cell-probe" ref={probe} aria-hidden="true"></div>
                        if view.topics.is_empty() { <NoTopics /> }
                        { for view.topics.iter().map(|topic| html! {
                            <Topic key={topic.name.to_string()} topic={topic.clone()} group={group.clone()} {cells_max}
                                revision={page.ui.revision} />
                        }) }
                        if view.topic_count > view.topics.len() {
                            <button type="button" class="button" onclick={more}>
                                { format!("Show more topics ({} are not shown)", view.topic_count - view.topics.len()) }
                            </button>
                        }
                    </div>
                    <Groups groups={Rc::new(view.groups.clone())} count={view.group_count}
                        consumers={Rc::new(view.consumers.clone())} shown={group} />
                    <FlightLayer {picture} />
                </div>
            </div>
        </section>
    }
}

/// The group whose commits fill the cells: the one chosen, else the first.
fn shown_group(page: &Page, view: &LogsView) -> Option<Rc<str>> {
    let chosen = page.ui.group.clone().filter(|group| view.groups.iter().any(|known| known.group_id == *group));
    chosen.or_else(|| view.groups.first().map(|group| group.group_id.clone()))
}

#[derive(Properties, PartialEq)]
struct ToolbarProps {
    groups: Vec<Rc<str>>,
    group: Option<Rc<str>>,
    topics: Vec<Rc<str>>,
}

#[component]
fn Toolbar(props: &ToolbarProps) -> Html {
    let page = use_page();
    let topic = page.ui.topic.clone().filter(|topic| props.topics.contains(topic));
    let topic = topic.or_else(|| fullest(&page.session.look(), &props.topics));
    let group_change = {
        let page = page.clone();
        Callback::from(move |event: Event| {
            let value = event.target_dyn_into::<web_sys::HtmlSelectElement>().map(|select| select.value()).unwrap_or_default();
            page.dispatch(Do::Group(Some(value.as_str().into())));
        })
    };
    let internal = page.ui.settings.internal;
    html! {
        <div class="toolbar">
            <button type="button" class="button" onclick={page.doing(Do::Open(Dialog::CreateTopic))}>
                { icon("plus") }{ "Topic" }
            </button>
            if let Some(topic) = topic {
                <button type="button" class="button"
                    onclick={page.doing(Do::Open(Dialog::Form(Form::Produce { topic: topic.clone(), partition: None })))}>
                    { icon("plus") }{ "Record" }
                </button>
                <button type="button" class="button"
                    onclick={page.doing(Do::Open(Dialog::Form(Form::StartConsumer { topic, group: None })))}>
                    { icon("plus") }{ "Consumer" }
                </button>
            }
            <div class="toolbar-end">
                if !props.groups.is_empty() {
                    <label class="toolbar-label">
                        <span class="swatch swatch-filled" aria-hidden="true"></span>{ "committed by" }
                        <select class="select" onchange={group_change}>
                            { for props.groups.iter().map(|group| html! {
                                <option value={group.to_string()} selected={Some(group) == props.group.as_ref()}>
                                    { group.to_string() }
                                </option>
                            }) }
                        </select>
                    </label>
                }
                <button type="button" class="button button-quiet" aria-pressed={internal.to_string()}
                    title="Show Kafka's own topics, __consumer_offsets above all" onclick={page.doing(Do::Internal(!internal))}>
                    { icon(if internal { "check" } else { "plus" }) }{ "internal" }
                </button>
            </div>
        </div>
    }
}

/// An empty list that shows how it is filled.
#[component]
fn NoTopics() -> Html {
    let page = use_page();
    let lines = commands::create_topic("rides", Some(3), &Default::default());
    let command = lines.first().map(|line| line.trim_start_matches("$ ").to_owned()).unwrap_or_default();
    let onclick = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| page.give(&lines))
    };
    html! {
        <div class="empty">
            <h3>{ "There are no topics yet" }</h3>
            <p>{ "A topic is a named log, split into partitions. Records are appended to a partition and keep their place. \
                  This command makes a topic with three partitions:" }</p>
            <Command text={command} />
            <div class="row">
                <button type="button" class="button button-strong" {onclick}>{ icon("terminal") }{ "Type it for me" }</button>
                <button type="button" class="button" onclick={page.doing(Do::Open(Dialog::CreateTopic))}>
                    { "Choose name and partitions" }
                </button>
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct TopicProps {
    topic: TopicView,
    group: Option<Rc<str>>,
    cells_max: usize,
    revision: u64,
}

#[component]
fn Topic(props: &TopicProps) -> Html {
    let page = use_page();
    let folded = use_state_eq(|| props.topic.internal);
    let all = use_state_eq(|| false);
    let topic = &props.topic;
    let toggle = {
        let folded = folded.clone();
        Callback::from(move |_: MouseEvent| folded.set(!*folded))
    };
    let show_all = {
        let all = all.clone();
        Callback::from(move |_: MouseEvent| all.set(true))
    };
    let shown = if *all {
        partitions(page.session.look().world(), &topic.name, 0..topic.partition_count)
    } else {
        topic.partitions.clone()
    };
    let selection = Selection::Topic(TopicName(topic.name.clone()));
    let selected = page.ui.selection.as_ref() == Some(&selection);
    let records: i64 = topic.partitions.iter().map(|partition| partition.log_end_offset - partition.log_start_offset).sum();
    html! {
        <section class="topic" aria-label={format!("Topic {}", topic.name)}>
            <header class="topic-head">
                <button type="button" class={classes!("fold", folded.then_some("folded"))} aria-expanded={(!*folded).to_string()}
                    aria-label={format!("Partitions of {}", topic.name)} onclick={toggle}>{ icon("chevron") }</button>
                <h3><button type="button" class="name-button" aria-pressed={selected.to_string()}
                    onclick={page.doing(Do::Select(Some(selection)))}>{ topic.name.to_string() }</button></h3>
                <span class="topic-facts">
                    { count(topic.partition_count as i64, "partition") }
                    if *folded { { format!(" · {}", count(records, "offset")) } }
                    if topic.compacted { <span class="badge">{ "compacted" }</span> }
                    if topic.internal { <span class="badge">{ "internal" }</span> }
                </span>
            </header>
            if !*folded {
                { for shown.iter().map(|partition| html! {
                    <Partition key={partition.topic_partition.partition} partition={partition.clone()} group={props.group.clone()}
                        cells_max={props.cells_max} revision={props.revision} />
                }) }
                if shown.len() < topic.partition_count {
                    <button type="button" class="button button-quiet" onclick={show_all}>
                        { format!("Show all {} partitions", topic.partition_count) }
                    </button>
                }
            }
        </section>
    }
}
