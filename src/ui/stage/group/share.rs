//! A share group's records in flight: a strip for each partition, from the start to the end of what was handed out, the same
//! in words with the locks that run down, and what happened lately.

use yew::prelude::*;

use crate::base::{SimTime, Span};
use crate::ui::app::hooks::{Page, use_moment};
use crate::view::group::{Cell, GroupBoard, News, Run, ShareBoard, SharePartitionRow, Standing, words};
use crate::view::text;

/// Runs told in words, of each partition; of more there is a count.
const RUNS_MAX: usize = 12;

/// Said below the members.
pub const TOGETHER: &str = "Several members may have the same partition: each record goes to one of them, so they share the work of \
                            one partition, and can be more than there are partitions.";

pub fn share(page: &Page, board: &GroupBoard, share: &ShareBoard) -> Html {
    let legend = [Standing::Acquired, Standing::Available, Standing::Acknowledged, Standing::Archived];
    html! {
        <>
            <section class="group-section" aria-label="Records in flight">
                <h3>{ "Records in flight" }</h3>
                <p class="quiet">{ format!(
                    "From the start (SPSO), the first record that is not done with, to the last one handed out. A member holds a record \
                     for {} at most, and none comes more than {} times.",
                    words::span(share.lock_duration), share.delivery_count_max
                ) }</p>
                if share.partitions.is_empty() {
                    <p>{ nothing_yet(board) }</p>
                }
                <ul class="share-partitions">
                    { for share.partitions.iter().map(|row| partition(page, share, row)) }
                </ul>
                if share.partitions_more > 0 {
                    <p class="quiet">{ format!("and {}", text::count(share.partitions_more as i64, "other partition")) }</p>
                }
            </section>
            <section class="group-section" aria-label="What happened lately">
                <h3>{ "What happened lately" }</h3>
                if share.news.is_empty() { <p class="quiet">{ "Nothing yet." }</p> }
                <ol class="share-news">{ for share.news.iter().map(news) }</ol>
            </section>
            if share.partitions.iter().any(|row| !row.runs.is_empty()) {
                <dl class="share-legend">
                    { for legend.map(|standing| html! {
                        <div><dt><span aria-hidden="true">{ standing.sign() }</span>{ format!(" {}", standing.word()) }</dt><dd>{ standing.why() }</dd></div>
                    }) }
                </dl>
            }
        </>
    }
}

fn nothing_yet(board: &GroupBoard) -> &'static str {
    match board.topics.is_empty() {
        true => "There is no partition yet: the group has no members, and has read nothing.",
        false => "There is no partition yet: the group’s share state is made after its first heartbeat.",
    }
}

fn partition(page: &Page, share: &ShareBoard, row: &SharePartitionRow) -> Html {
    let name = row.topic_partition.to_string();
    let more = row.runs.len().saturating_sub(RUNS_MAX);
    html! {
        <li key={name.clone()} class="share-partition">
            <p class="share-partition-head">
                <span class="share-partition-name">{ &name }</span>
                <span>{ row.readers_words() }</span>
                if row.kept && row.start_offset.is_some() {
                    <span class="badge" title="Its leader has forgotten the locks: this is what the share coordinator keeps.">{ "as its share coordinator keeps it" }</span>
                }
                if let Some(lag) = row.lag() { <span class="quiet">{ format!("lag {lag}") }</span> }
            </p>
            <p class="group-figures">{ row.summary() }</p>
            { strip(share, row) }
            if !row.runs.is_empty() {
                <ul class="share-runs" aria-label={format!("Records in flight of {name}")}>
                    { for row.runs.iter().take(RUNS_MAX).map(|run| run_html(page, share, &name, run)) }
                    if more > 0 { <li class="quiet">{ format!("and {more} more") }</li> }
                </ul>
            }
        </li>
    }
}

/// The picture; the list below it says the same.
fn strip(share: &ShareBoard, row: &SharePartitionRow) -> Html {
    let Some(start) = row.start_offset else { return html! {} };
    let (cells, more) = row.cells();
    html! {
        <div class="share-strip" aria-hidden="true">
            <span class="share-edge" title="The start: all before it is done with">{ format!("start {start}") }</span>
            { for cells.iter().map(|cell| cell_html(share, cell)) }
            if more > 0 { <span class="share-edge">{ format!("+{more}") }</span> }
            if row.ahead() > 0 {
                <span class="share-cell share-cell-ahead"><span>{ format!("from {}", row.end_offset) }</span><span>{ format!("{} to come", row.ahead()) }</span></span>
            }
        </div>
    }
}

fn cell_html(share: &ShareBoard, cell: &Cell<'_>) -> Html {
    let run = cell.run;
    let hue = run.holder.as_ref().map(|holder| format!("--hue:{}", text::hue(holder.as_bytes())));
    let class = classes!(
        "share-cell",
        match run.standing {
            Standing::Available => None,
            Standing::Acquired => Some("share-cell-acquired"),
            Standing::Acknowledged => Some("share-cell-done"),
            Standing::Archived => Some("share-cell-archived"),
            Standing::Open => Some("share-cell-ahead"),
        }
    );
    let offsets = if cell.first == cell.last { cell.first.to_string() } else { format!("{}–{}", cell.first, cell.last) };
    let count =
        if run.delivery_count > 0 { format!(" {}/{}", run.delivery_count, share.delivery_count_max) } else { String::new() };
    html! {
        <span {class} style={hue} title={format!("{offsets}: {}", run.words(share.delivery_count_max))}>
            <span>{ offsets }</span>
            <span>{ format!("{}{count}", run.standing.sign()) }</span>
            if let Some(holder) = &run.holder { <span class="share-cell-holder">{ holder.to_string() }</span> }
        </span>
    }
}

fn run_html(page: &Page, share: &ShareBoard, partition: &str, run: &Run) -> Html {
    html! {
        <li key={run.first} class="share-run" title={run.standing.why()}>
            <span class="share-run-range">{ run.range() }</span>
            <span><span aria-hidden="true">{ format!("{} ", run.standing.sign()) }</span>{ run.words(share.delivery_count_max) }</span>
            if let Some(until) = run.locked_until {
                <Lock page={page.clone()} label={format!("Lock of {partition} {}", run.range())} {until} total={share.lock_duration} />
            }
        </li>
    }
}

fn news(news: &News) -> Html {
    html! {
        <li>
            <span class="share-news-time">{ text::clock_text(news.at) }</span>
            <span class="share-news-sign" aria-hidden="true">{ news.kind.sign() }</span>
            <span>{ &news.text }
                if news.times > 1 { <span class="badge share-news-times">{ format!("{} times", news.times) }</span> }
            </span>
        </li>
    }
}

#[derive(Properties, PartialEq)]
struct LockProps {
    page: Page,
    label: String,
    until: SimTime,
    total: Span,
}

/// Drawn anew with each frame: it runs down.
#[component]
fn Lock(props: &LockProps) -> Html {
    use_moment(&props.page.frames);
    let now = props.page.session.look().now();
    let clock = crate::view::group::Clock::until(props.until, props.total, now);
    super::members::meter_html(props.label.clone(), "lock", "share.record.lock.duration.ms", clock)
}
