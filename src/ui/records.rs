//! The Records view: a topic's records as a table, filtered, a screenful at a time.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::forms::{choice, partition_choice};
use super::hooks::{self, Page, value_of};
use super::icon::icon;
use super::state::{Dialog, Do};
use crate::base::{Offset, Timestamp};
use crate::session::Session;
use crate::view::inspect::{Form, Selection};
use crate::view::logs::partitions;
use crate::view::records::{From, RecordFilter, RecordRow, RecordTable, record_rows, topic_names};
use crate::view::text::timestamp_text;

/// Rows drawn.
const ROWS_MAX: usize = 60;

/// Partitions looked at to find the fullest topic.
const PARTITIONS_COUNTED: usize = 12;

pub fn records(page: &Page) -> Html {
    let (topics, table, topic, partitions) = {
        let session = page.session.look();
        let world = session.world();
        let topics = topic_names(world, page.ui.settings.internal);
        let topic = page.ui.topic.clone().filter(|topic| topics.contains(topic)).or_else(|| fullest(&session, &topics));
        let table = topic.as_ref().map(|topic| record_rows(world, topic, &page.ui.filter, ROWS_MAX)).unwrap_or_default();
        let count = topic.as_ref().and_then(|topic| world.cluster().topic(topic)).map_or(0, |topic| topic.partitions.len());
        (topics, table, topic, count)
    };
    let Some(topic) = topic else {
        return html! {
            <div class="records"><div class="empty">
                <h3>{ "There are no topics yet" }</h3>
                <p>{ "Records lie in topics. Create one, then write to it." }</p>
                <button type="button" class="button button-strong" onclick={page.doing(Do::Open(Dialog::CreateTopic))}>
                    { icon("plus") }{ "Create a topic" }
                </button>
            </div></div>
        };
    };
    html! {
        <section class="records" aria-label="Records">
            { filters(page, &topics, &topic, partitions) }
            { table_html(page, &table, &topic) }
        </section>
    }
}

/// The topic with the most offsets: the one to show where none was chosen.
pub fn fullest(session: &Session, topics: &[Rc<str>]) -> Option<Rc<str>> {
    let offsets = |topic: &Rc<str>| -> i64 {
        partitions(session.world(), topic, 0..PARTITIONS_COUNTED).iter().map(|partition| partition.log_end_offset).sum()
    };
    topics.iter().rev().max_by_key(|topic| offsets(topic)).cloned()
}

/// Changes one thing of the filter to what was typed or chosen.
fn filtering(page: &Page, change: fn(&mut RecordFilter, String)) -> Callback<Event> {
    let page = page.clone();
    Callback::from(move |event: Event| {
        let mut filter = page.ui.filter.clone();
        change(&mut filter, value_of(&event));
        page.dispatch(Do::Filter(filter));
    })
}

fn search(label: &str, class: &'static str, value: &str, typed: Callback<Event>) -> Html {
    html! {
        <label {class}><span>{ label }</span>
            <input class="input" type="search" value={value.to_owned()} oninput={move |event: InputEvent| typed.emit(event.into())} />
        </label>
    }
}

fn filters(page: &Page, topics: &[Rc<str>], topic: &str, partitions: usize) -> Html {
    let filter = &page.ui.filter;
    let topic_change = {
        let page = page.clone();
        Callback::from(move |event: Event| page.dispatch(Do::Topic(value_of(&event).as_str().into())))
    };
    let topics: Vec<(&str, &str)> = topics.iter().map(|topic| (&**topic, &**topic)).collect();
    let partition = filter.partition.map_or(String::new(), |partition| partition.to_string());
    let partition_change = filtering(page, |filter, text| filter.partition = text.parse().ok());
    html! {
        <form class="filters" role="search" aria-label="Filter records" onsubmit={|event: SubmitEvent| event.prevent_default()}>
            { choice("Topic", topic, topic_change, &topics) }
            { partition_choice("Partition", &partition, partition_change, partitions) }
            { search("Key contains", "field", &filter.key, filtering(page, |filter, text| filter.key = text)) }
            { search("Value contains", "field field-wide", &filter.value, filtering(page, |filter, text| filter.value = text)) }
            { seek(page) }
        </form>
    }
}

/// The kinds of places where the table can begin.
const KINDS: [(&str, &str); 4] = [("tail", "latest"), ("beginning", "beginning"), ("offset", "offset"), ("time", "time")];

/// Where the table begins.
fn seek(page: &Page) -> Html {
    let (kind, text) = match page.ui.filter.from {
        From::Tail => ("tail", String::new()),
        From::Beginning => ("beginning", String::new()),
        From::Offset(offset) => ("offset", offset.to_string()),
        From::Time(timestamp) => ("time", timestamp_text(timestamp)),
    };
    let kind_change = {
        let page = page.clone();
        Callback::from(move |event: Event| {
            let from = match value_of(&event).as_str() {
                "beginning" => From::Beginning,
                "offset" => From::Offset(Offset::ZERO),
                "time" => From::Time(page.session.look().now().timestamp()),
                _ => From::Tail,
            };
            page.dispatch(Do::Filter(RecordFilter { from, ..page.ui.filter.clone() }));
        })
    };
    let text_change = {
        let page = page.clone();
        Callback::from(move |event: Event| {
            let text = value_of(&event);
            let offset = text.trim().parse::<i64>().ok().filter(|offset| *offset >= 0);
            let (from, wrong) = match kind {
                "offset" => (offset.map(|offset| From::Offset(Offset(offset))), "An offset is a whole number, 0 or more."),
                _ => (
                    parse_time(&text).map(From::Time),
                    "Write a time as 00:12.430, as the clock shows it, or as 2026-01-01 00:00:12.430.",
                ),
            };
            match from {
                Some(from) => page.dispatch(Do::Filter(RecordFilter { from, ..page.ui.filter.clone() })),
                None => page.dispatch(Do::Wrong(Some(wrong))),
            }
        })
    };
    let wrong = page.ui.wrong;
    html! {
        <>
            { choice("From", kind, kind_change, &KINDS) }
            if matches!(kind, "offset" | "time") {
                <label class="field"><span>{ if kind == "offset" { "Offset" } else { "Time" } }</span>
                    <input class="input mono" type="text" value={text} onchange={text_change}
                        aria-invalid={wrong.is_some().then_some("true")} aria-describedby="seek-wrong" />
                </label>
            }
            <p id="seek-wrong" class="field-error" role="status">{ wrong.unwrap_or_default() }</p>
        </>
    }
}

/// `MM:SS.mmm` on the simulated clock, or a full date and time (UTC).
fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let time = text.split_once(' ').map_or(text, |(_, time)| time);
    let mut ms = 0i64;
    let parts: Vec<&str> = time.split(':').collect();
    if parts.is_empty() || parts.len() > 3 {
        return None;
    }
    for part in &parts {
        let (whole, fraction) = part.split_once('.').unwrap_or((part, ""));
        let whole: i64 = whole.parse().ok().filter(|whole| (0..100_000).contains(whole))?;
        let fraction: i64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<3}").get(..3)?.parse().ok()? };
        ms = ms * 60 + whole * 1000 + fraction;
    }
    Some(Timestamp(crate::base::time::EPOCH_MS + ms))
}

fn table_html(page: &Page, table: &RecordTable, topic: &Rc<str>) -> Html {
    if table.rows.is_empty() {
        let narrowed = page.ui.filter != RecordFilter::default();
        let add = Do::Open(Dialog::Form(Form::Produce { topic: topic.clone(), partition: None, like: None }));
        return html! {
            <div class="empty" data-testid="records-table">
                if table.gave_up {
                    <h3>{ "Nothing found so far" }</h3>
                    <p>{ format!("{} records were looked at, and none fits. Begin at another offset to search further.", table.scanned) }</p>
                } else if narrowed {
                    <h3>{ "No record fits" }</h3>
                    <button type="button" class="button" onclick={page.doing(Do::Filter(RecordFilter::default()))}>
                        { "Show all records" }
                    </button>
                } else {
                    <h3>{ format!("{topic} holds no records") }</h3>
                    <p>{ "Write the first one:" }</p>
                    <button type="button" class="button button-strong" onclick={page.doing(add)}>
                        { icon("plus") }{ "Produce a record" }
                    </button>
                }
            </div>
        };
    }
    html! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Table of records">
            <table class="records-table" data-testid="records-table">
                <thead><tr>
                    <th scope="col" class="number">{ "Partition" }</th><th scope="col" class="number">{ "Offset" }</th>
                    <th scope="col">{ "Time" }</th><th scope="col">{ "Key" }</th><th scope="col">{ "Value" }</th>
                </tr></thead>
                <tbody onkeydown={Callback::from(|event: KeyboardEvent| walk(&event))}>
                    { for table.rows.iter().map(|row| row_html(page, row)) }
                </tbody>
            </table>
            <p class="quiet table-foot">{ match (table.gave_up, table.more) {
                (true, _) => format!("{} records were looked at; there may be more that fit.", table.scanned),
                (_, true) => format!("{} records shown. Filter, or begin elsewhere, to see others.", table.rows.len()),
                _ => format!("{} records.", table.rows.len()),
            } }</p>
        </div>
    }
}

fn row_html(page: &Page, row: &RecordRow) -> Html {
    let name = format!("row {}-{}", row.topic_partition, row.offset);
    let open = page.ui.is_unfolded(&name);
    let selection = Selection::Record { topic_partition: row.topic_partition.clone(), offset: Offset(row.offset) };
    let selected = page.ui.selection.as_ref() == Some(&selection);
    let key = name.clone();
    let onclick = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| {
            page.dispatch(Do::Fold(name.clone()));
            page.dispatch(Do::Select(Some(selection.clone())));
        })
    };
    let style = row.hue.map(|hue| format!("--hue:{hue}"));
    let time = row.time.split_once(' ').map_or(row.time.clone(), |(_, time)| time.to_owned());
    html! {
        <key={key}>
            <tr class={if selected { "record-row selected" } else { "record-row" }}>
                <td class="number">{ row.topic_partition.partition }</td>
                <td class="number">
                    <button type="button" class="link row-button" aria-expanded={open.to_string()}
                        aria-label={format!("offset {} of {}", row.offset, row.topic_partition)} onclick={onclick.clone()}>
                        { row.offset }
                    </button>
                </td>
                <td class="mono" title={row.time.clone()} onclick={onclick.clone()}>{ time }</td>
                <td onclick={onclick.clone()}>
                    <span class={classes!("key-chip", row.hue.is_none().then_some("cell-null"))} {style}>
                        { row.key.as_deref().unwrap_or("null") }
                    </span>
                </td>
                <td class="mono value-preview" {onclick}>
                    { if matches!(row.value, crate::view::text::ValueText::Null) {
                        html! { <s>{ "tombstone" }</s> }
                    } else {
                        html! { &row.value_preview }
                    } }
                </td>
            </tr>
            if open {
                <tr class="record-more"><td colspan="5">
                    if !row.headers.is_empty() {
                        <dl class="pairs">
                            { for row.headers.iter().map(|(key, value)| html! {
                                <><dt>{ format!("header {key}") }</dt><dd class="mono">{ value.as_deref().unwrap_or("null") }</dd></>
                            }) }
                        </dl>
                    }
                    <pre tabindex="0" role="region" aria-label={format!("Value at offset {}", row.offset)}>{ row.value.as_str() }</pre>
                </td></tr>
            }
        </>
    }
}

/// Arrow keys walk over the rows' buttons.
fn walk(event: &KeyboardEvent) {
    let by = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => return,
    };
    let Ok(buttons) = hooks::document().query_selector_all(".row-button") else {
        return;
    };
    let active = hooks::document().active_element().map(web_sys::Node::from);
    let at = (0..buttons.length()).find(|at| buttons.item(*at) == active);
    let next = at.and_then(|at| u32::try_from(at as i32 + by).ok()).and_then(|next| buttons.item(next));
    if let Some(next) = next.and_then(|next| next.dyn_into::<web_sys::HtmlElement>().ok()) {
        event.prevent_default();
        let _ = next.focus();
    }
}
