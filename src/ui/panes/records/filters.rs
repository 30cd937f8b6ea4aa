//! What narrows the table down, and the field that leads to a place in it.

use std::rc::Rc;

use yew::prelude::*;

use crate::base::{Offset, Timestamp};
use crate::ui::app::hooks::{self, Page, value_of};
use crate::ui::app::state::Do;
use crate::ui::parts::choice::{choice, partition_choice};
use crate::ui::parts::icon::icon;
use crate::view::records::{From, RecordFilter};
use crate::view::text::timestamp_text;

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

/// What the filters are called where they fold away.
const FOLDED: &str = "records filters";

pub fn filters(page: &Page, topics: &[Rc<str>], topic: &str, partitions: usize) -> Html {
    let filter = &page.ui.filter;
    let topic_change = {
        let page = page.clone();
        Callback::from(move |event: Event| page.dispatch(Do::Topic(value_of(&event).as_str().into())))
    };
    let topics: Vec<(&str, &str)> = topics.iter().map(|topic| (&**topic, &**topic)).collect();
    let partition = filter.partition.map_or(String::new(), |partition| partition.to_string());
    let partition_change = filtering(page, |filter, text| filter.partition = text.parse().ok());
    let open = page.ui.is_unfolded(FOLDED);
    let narrows = [filter.partition.is_some(), !filter.key.is_empty(), !filter.value.is_empty()];
    let count = narrows.iter().filter(|narrows| **narrows).count();
    let onsubmit = {
        let page = page.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            go(&page);
        })
    };
    html! {
        <form class={classes!("filters", open.then_some("open"))} role="search" aria-label="Filter records" {onsubmit}>
            { choice("Topic", topic, topic_change, &topics) }
            <button type="button" class="button filters-fold" aria-expanded={open.to_string()} onclick={page.doing(Do::Fold(FOLDED.to_owned()))}>
                { icon("search") }{ if count > 0 { format!("Filter ({count})") } else { "Filter".to_owned() } }
            </button>
            if partitions > 1 { { partition_choice("Partition", &partition, partition_change, partitions) } }
            { search("Key contains", "field", &filter.key, filtering(page, |filter, text| filter.key = text)) }
            { search("Value contains", "field", &filter.value, filtering(page, |filter, text| filter.value = text)) }
            { go_to(page) }
        </form>
    }
}

/// The field that leads to an offset or a time.
fn go_to(page: &Page) -> Html {
    let text = match page.ui.filter.from {
        From::Tail | From::Beginning => String::new(),
        From::Offset(offset) => offset.to_string(),
        From::Time(timestamp) => timestamp_text(timestamp),
    };
    // While one types there, it is the person's.
    let text = written(".go-to:focus-within input").unwrap_or(text);
    let wrong = page.ui.wrong;
    html! {
        <>
            <div class="field field-go">
                <label for="go-to">{ "Go to" }</label>
                <div class="go-to">
                    <input id="go-to" class="input mono" type="text" value={text} placeholder="offset or time" autocomplete="off" spellcheck="false"
                        aria-invalid={wrong.is_some().then_some("true")} aria-describedby="go-to-wrong" />
                    <button type="submit" class="button">{ "Go" }</button>
                </div>
            </div>
            <p id="go-to-wrong" class="field-error" role="status">{ wrong.unwrap_or_default() }</p>
        </>
    }
}

/// What a field holds, if it is there.
fn written(field: &str) -> Option<String> {
    let field = hooks::element(field)?;
    js_sys::Reflect::get(&field, &"value".into()).ok()?.as_string()
}

/// Goes to what was written.
fn go(page: &Page) {
    let Some(text) = written("#go-to") else { return };
    let text = text.trim();
    let offset = text.parse::<i64>().ok().filter(|offset| *offset >= 0).map(|offset| From::Offset(Offset(offset)));
    let from = match text {
        "" => Some(From::Tail),
        _ => offset.or_else(|| parse_time(text).map(From::Time)),
    };
    match from {
        Some(from) => page.dispatch(Do::Filter(RecordFilter { from, ..page.ui.filter.clone() })),
        None => page.dispatch(Do::Wrong(Some("Write an offset (1200) or a time (00:12.430, or 2026-01-01 00:00:12.430)."))),
    }
}

/// `MM:SS.mmm` on the simulated clock, or a full date and time (UTC).
fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let time = text.split_once(' ').map_or(text, |(_, time)| time);
    let mut ms = 0i64;
    let parts: Vec<&str> = time.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
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
