//! The Logs view: producers, partitions, groups, and between them what is in flight.

use std::rc::Rc;

use yew::prelude::*;

use super::flights::FlightLayer;
use super::groups::groups;
use super::partition::Partition;
use super::producers::producers;
use crate::base::TopicName;
use crate::ui::command::command;
use crate::ui::forms::option;
use crate::ui::hooks::{Page, PageProps, use_width, value_of};
use crate::ui::icon::icon;
use crate::ui::records::fullest;
use crate::ui::state::{Dialog, Do};
use crate::view::commands::{self, Bootstrap};
use crate::view::inspect::{Form, Selection};
use crate::view::logs::{LogsView, LogsWindow, TopicView, logs, partitions};
use crate::view::text::count;

/// Topics drawn at first, and how many more each wish adds.
const TOPICS_AT_ONCE: usize = 12;

#[component]
pub fn Logs(props: &PageProps) -> Html {
    let page = &props.page;
    let topics_shown = use_state_eq(|| TOPICS_AT_ONCE);
    let (strip, probe, picture) = (use_node_ref(), use_node_ref(), use_node_ref());
    let (strip_width, cell_width) = (use_width(strip.clone()), use_width(probe.clone()));
    let cells_max = if cell_width > 0 { (strip_width / cell_width).clamp(1, 200) as usize } else { 1 };
    let window = LogsWindow { internal: page.ui.settings.internal, topics: 0..*topics_shown, ..LogsWindow::default() };
    let view = logs(page.session.look().world(), &window);
    let group = shown_group(page, &view);
    let more = {
        let topics_shown = topics_shown.clone();
        Callback::from(move |_: MouseEvent| topics_shown.set(*topics_shown + TOPICS_AT_ONCE))
    };
    html! {
        <section class="logs" aria-label="Logs">
            { toolbar(page, &view, group.as_deref()) }
            <div class="logs-scroll">
                <div class="logs-picture" ref={picture.clone()}>
                    { producers(page, &view) }
                    <div class="topics">
                        <div class="strip-probe" aria-hidden="true">
                            <span></span><div ref={strip}></div><span></span>
                        </div>
                        <div class="cell-probe" ref={probe} aria-hidden="true"></div>
                        // A list of its own: it comes and goes as a whole, and the probes beside it stay.
                        <div class="topic-list">
                            if view.topics.is_empty() { { no_topics(page) } }
                            { for view.topics.iter().map(|topic| topic_html(page, topic, group.as_ref(), cells_max)) }
                            if view.topic_count > view.topics.len() {
                                <button type="button" class="button" onclick={more}>
                                    { format!("Show more topics ({} are not shown)", view.topic_count - view.topics.len()) }
                                </button>
                            }
                        </div>
                    </div>
                    { groups(page, &view, group.as_deref()) }
                    <FlightLayer page={page.clone()} {picture} />
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

fn toolbar(page: &Page, view: &LogsView, group: Option<&str>) -> Html {
    let topics: Vec<Rc<str>> = view.topics.iter().map(|topic| topic.name.clone()).collect();
    let topic = page.ui.topic.clone().filter(|topic| topics.contains(topic));
    let topic = topic.or_else(|| fullest(&page.session.look(), &topics));
    let group_change = {
        let page = page.clone();
        Callback::from(move |event: Event| {
            page.dispatch(Do::Group(Some(value_of(&event).as_str().into())));
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
                    onclick={page.doing(Do::Open(Dialog::Form(Form::Produce { topic: topic.clone(), partition: None, like: None })))}>
                    { icon("plus") }{ "Record" }
                </button>
                <button type="button" class="button"
                    onclick={page.doing(Do::Open(Dialog::Form(Form::StartConsumer { topic, group: None })))}>
                    { icon("plus") }{ "Consumer" }
                </button>
            }
            <div class="toolbar-end">
                if !view.groups.is_empty() {
                    <label class="toolbar-label">
                        <span class="swatch swatch-filled" aria-hidden="true"></span>{ "committed by" }
                        <select class="select" onchange={group_change}>
                            { for view.groups.iter().map(|known| {
                                option(&known.group_id, &known.group_id, group == Some(&*known.group_id))
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
fn no_topics(page: &Page) -> Html {
    let lines = commands::create_topic(&Bootstrap::of(page.session.look().world()), "rides", Some(3), &Default::default());
    let typed = lines.first().map_or("", |line| line.trim_start_matches("$ "));
    html! {
        <div class="empty">
            <h3>{ "There are no topics yet" }</h3>
            <p>{ "A topic is a named log, split into partitions. Records are appended to a partition and keep their place. \
                  This command makes a topic with three partitions:" }</p>
            { command(page, typed) }
            <div class="row">
                <button type="button" class="button button-strong" onclick={page.giving(lines.clone())}>{ icon("terminal") }{ "Type it for me" }</button>
                <button type="button" class="button" onclick={page.doing(Do::Open(Dialog::CreateTopic))}>
                    { "Choose name and partitions" }
                </button>
            </div>
        </div>
    }
}

fn topic_html(page: &Page, topic: &TopicView, group: Option<&Rc<str>>, cells_max: usize) -> Html {
    let (fold, all) = (format!("topic {}", topic.name), format!("all of {}", topic.name));
    // Kafka's own topics are folded at first, the others are not.
    let folded = topic.internal != page.ui.is_unfolded(&fold);
    let shown = if page.ui.is_unfolded(&all) {
        partitions(page.session.look().world(), &topic.name, 0..topic.partition_count)
    } else {
        topic.partitions.clone()
    };
    let selection = Selection::Topic(TopicName(topic.name.clone()));
    let selected = page.ui.selection.as_ref() == Some(&selection);
    let records: i64 = topic.partitions.iter().map(|partition| partition.log_end_offset - partition.log_start_offset).sum();
    html! {
        <section key={&*topic.name} class="topic" aria-label={format!("Topic {}", topic.name)}>
            <header class="topic-head">
                <button type="button" class={if folded { "fold folded" } else { "fold" }} aria-expanded={(!folded).to_string()}
                    aria-label={format!("Partitions of {}", topic.name)} onclick={page.doing(Do::Fold(fold))}>{ icon("chevron") }</button>
                <h3><button type="button" class="name-button" aria-pressed={selected.to_string()}
                    onclick={page.doing(Do::Select(Some(selection)))}>{ topic.name.to_string() }</button></h3>
                <span class="topic-facts">
                    { count(topic.partition_count as i64, "partition") }
                    if folded { { format!(" · {}", count(records, "offset")) } }
                    if topic.compacted { <span class="badge">{ "compacted" }</span> }
                    if topic.internal { <span class="badge">{ "internal" }</span> }
                </span>
            </header>
            if !folded {
                { for shown.iter().map(|partition| html! {
                    <Partition key={partition.topic_partition.partition} page={page.clone()} partition={partition.clone()}
                        group={group.cloned()} {cells_max} />
                }) }
                if shown.len() < topic.partition_count {
                    <button type="button" class="button button-quiet" onclick={page.doing(Do::Fold(all))}>
                        { format!("Show all {} partitions", topic.partition_count) }
                    </button>
                }
            }
        </section>
    }
}
