//! Above the picture: the names of its columns, what can be added, the legend; and what an empty log says.

use std::rc::Rc;

use yew::prelude::*;

use super::{Picked, rem, topic_group};
use crate::ui::app::hooks::Page;
use crate::ui::app::state::{Dialog, Do};
use crate::ui::parts::command::command;
use crate::ui::parts::icon::icon;
use crate::ui::parts::menu::{Menu, MenuItem};
use crate::view::View;
use crate::view::commands;
use crate::view::commands::Bootstrap;
use crate::view::inspect::Form;
use crate::view::stage::Shape;

pub fn head(page: &Page, drawn: Option<&Picked>) -> Html {
    let (pens, lanes, readers) = drawn.map_or((80, 40, 320), |drawn| (drawn.plan.pens, drawn.plan.lanes, drawn.plan.readers));
    let phone = drawn.is_some_and(|drawn| drawn.plan.shape == Shape::Phone);
    let legend_open = page.ui.is_unfolded(LEGEND);
    let style = format!("--pens:{};--lanes:{};--readers:{}", rem(pens), rem(lanes), rem(readers));
    html! {
        <header class="stage-head" {style}>
            if !phone { <span class="who">{ "Who writes" }</span> }
            <h2>{ "The log" }</h2>
            if let Some(group) = drawn.filter(|_| !phone).and_then(filled_by) {
                <span class="head-group">{ "filled: committed by " }<b>{ group }</b></span>
            }
            <div class="stage-tools">
                { add_menu(page, drawn, phone) }
                if !phone {
                    <button type="button" class="stage-chip" aria-expanded={legend_open.to_string()} onclick={page.doing(Do::Fold(LEGEND.to_owned()))}>
                        { icon("help") }{ "Legend" }
                    </button>
                }
            </div>
            if !phone { <h2 class="who-reads">{ "Who reads, and what each makes of it" }</h2> }
            if legend_open {
                <div class="legend-card" data-layer="legend" role="region" aria-label="Legend">
                    { legend() }
                    { terms() }
                    <button type="button" class="button button-small" onclick={page.doing(Do::Fold(LEGEND.to_owned()))}>{ "Close" }</button>
                </div>
            }
        </header>
    }
}

pub const LEGEND: &str = "legend";

/// The group whose commits fill the records: of the first topic, where another may stand in for the chosen one.
fn filled_by(drawn: &Picked) -> Option<String> {
    let topics = drawn.stage.topics.iter().map(|topic| topic.groups());
    topics.filter_map(|groups| topic_group(&groups, drawn.group.as_deref()).0.map(str::to_owned)).next()
}

/// What can be made: a topic, a record, a consumer; and whether Kafka's own topics are shown. On a phone, all there is.
fn add_menu(page: &Page, drawn: Option<&Picked>, phone: bool) -> Html {
    let topics: Vec<Rc<str>> = drawn.iter().flat_map(|drawn| &drawn.stage.topics).map(|topic| topic.name.clone()).collect();
    let topic = page.ui.topic.clone().filter(|topic| topics.contains(topic));
    let topic = topic.or_else(|| View::of(&page.session.look()).fullest_topic(&topics));
    let mut items = vec![MenuItem::new("plus", "Topic", page.doing(Do::Open(Dialog::CreateTopic)))];
    if let Some(topic) = topic {
        let produce = Form::Produce { topic: topic.clone(), partition: None, like: None };
        items.push(MenuItem::new("plus", "Record", page.doing(Do::Open(Dialog::Form(produce)))));
        let consume = Form::StartConsumer { topic, group: None };
        items.push(MenuItem::new("plus", "Consumer", page.doing(Do::Open(Dialog::Form(consume)))));
    }
    let internal = page.ui.settings.internal;
    let label = if internal { "Hide Kafka’s own topics" } else { "Show Kafka’s own topics" };
    let mut own = MenuItem::new(if internal { "check" } else { "list" }, label, page.doing(Do::Internal(!internal)));
    own.hint = Some("__consumer_offsets above all".into());
    own.ruled = true;
    items.push(own);
    if phone {
        items.push(MenuItem::new("help", "Legend", page.doing(Do::Fold(LEGEND.to_owned()))));
        return html! { <Menu label="Add" class="menu-chip" end=true {items}>{ icon("plus") }</Menu> };
    }
    html! { <Menu label="Add" class="menu-chip" {items}>{ icon("plus") }{ "Add" }</Menu> }
}

/// The shapes as they are drawn, and what each stands for.
pub fn legend() -> Html {
    html! {
        <ul class="legend" aria-label="Legend">
            <li title="committed by the chosen group"><i class="key-box read"></i>{ "committed" }
                <span class="legend-more">{ " by the chosen group" }</span></li>
            <li><i class="key-box"></i>{ "not yet" }</li>
            <li title="not visible to consumers yet"><i class="key-box above"></i>{ "not visible" }
                <span class="legend-more">{ " yet" }</span></li>
            <li><i class="key-tri"></i>{ "committed offset" }</li>
            <li><i class="key-lag"></i>{ "lag" }</li>
            <li><i class="key-slot"></i>{ "log end" }</li>
        </ul>
    }
}

/// The words of the picture, each in a sentence.
const TERMS: [(&str, &str); 7] = [
    ("Topic", "A named log, cut into partitions."),
    ("Partition", "A log of its own. The records of one key lie in one of them, in order; several are read by several at once."),
    ("Offset", "A record’s number in its partition. It is never given twice."),
    ("Consumer group", "Programs under one name that share the partitions of a topic, and have one place in each."),
    ("Committed offset ▲", "Where the group goes on after a restart: the next record to be read."),
    (
        "Lag",
        "Records between ▲ and the end of what can be read. That of a group that runs goes up and down; that of one that is off only grows.",
    ),
    ("Not visible", "Written, but not yet on all in-sync replicas: above the high watermark. Consumers get it in a moment."),
];

fn terms() -> Html {
    html! { <dl class="terms">{ for TERMS.iter().map(|(term, words)| html! { <div><dt>{ *term }</dt><dd>{ *words }</dd></div> }) }</dl> }
}

/// An empty list that shows how it is filled.
pub fn no_topics(page: &Page) -> Html {
    let lines =
        commands::create_topic(&Bootstrap::of(View::of(&page.session.look()).into()), "rides", Some(3), &Default::default());
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
