//! One partition as a trough: its lane, its records, its marks. Nothing of it touches the next.
//!
//! ```text
//!    ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┐            the lane: what is written flies along it
//! 0  [ 4 ][ 5 ][ 6 ][ 7 ]{ 8 }¦ 9 ¦     cells of one width; the window follows the log's end until it is moved
//!                ▲ billing 6 ──lag 3┘    the chosen group, and its lag as a length
//!           ▲ 2 groups                   all others
//! ```

use std::rc::Rc;

use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::{Picked, Starts, move_window, rem};
use crate::base::{ClientId, Offset, TopicPartition};
use crate::ui::app::hooks::Page;
use crate::ui::app::state::Do;
use crate::view::View;
use crate::view::inspect::{self, Selection};
use crate::view::logs::PartitionView;
use crate::view::row::{self, RecordCell, RowStart};
use crate::view::stage::{Chosen, Item, Others, Place, Stage, Strip, Target, short_key};
use crate::view::text::count;

/// The record that is chosen: what has not its key, and who has not fetched it, is drawn quietly.
#[derive(Clone, PartialEq)]
pub struct Tracing {
    pub topic_partition: TopicPartition,
    pub offset: i64,
    pub key: Option<Rc<str>>,
    /// Who sent it, while that producer runs.
    pub writer: Option<ClientId>,
    /// Names of the readers that have fetched it.
    pub fetched: Vec<Rc<str>>,
}

impl Tracing {
    pub fn of(page: &Page, stage: &Stage, strips: &[Strip]) -> Option<Tracing> {
        let Some(Selection::Record { topic_partition, offset }) = &page.ui.selection else { return None };
        let strip = strips.iter().find(|strip| strip.topic_partition == *topic_partition)?;
        let cell = strip.cells().find(|cell| cell.offset == offset.0)?;
        let partitions = stage.topics.iter().flat_map(|topic| &topic.partitions);
        let markers = &partitions.into_iter().find(|partition| partition.topic_partition == *topic_partition)?.markers;
        let beyond = |at: Option<i64>| at.is_some_and(|at| at > offset.0);
        let has_fetched = |reader: &&crate::view::stage::Reader| {
            markers
                .iter()
                .filter(|marker| marker.group.is_some() && marker.group == reader.group)
                .any(|marker| beyond(marker.position) || beyond(marker.committed_offset))
        };
        Some(Tracing {
            topic_partition: topic_partition.clone(),
            offset: offset.0,
            key: cell.key.clone(),
            writer: inspect::writer(View::of(&page.session.look()).into(), topic_partition, *offset),
            fetched: stage.readers.iter().filter(has_fetched).map(|reader| reader.name.clone()).collect(),
        })
    }

    fn is_same(&self, partition: &TopicPartition, cell: &RecordCell) -> bool {
        (self.key.is_some() && cell.key == self.key) || (self.topic_partition == *partition && self.offset == cell.offset)
    }
}

/// `y`: where it begins in its topic, and whether it has the second row of marks. `first_row`: the group of the first row,
/// and whether it stands in for the chosen one.
pub fn partition(
    page: &Page,
    drawn: &Picked,
    view: &PartitionView,
    (y, others): (i32, bool),
    (first_row, second): (Option<&str>, bool),
    prefix: &str,
) -> Html {
    let tp = &view.topic_partition;
    let place = format!("inset-block-start:{};block-size:{}", rem(y), rem(drawn.plan.row_height(others)));
    let Some(strip) = drawn.strip(tp) else {
        return html! {
            <div key={tp.partition} class="partition partition-gone" style={place}><p class="quiet">{ format!("{tp} has no replica left") }</p></div>
        };
    };
    let target = Target::Partition(tp.clone());
    let quarter = drawn.plan.pitch() / 4;
    let chosen = strip.chosen(&view.markers, first_row, second, quarter);
    html! {
        <div key={tp.partition} class={classes!("partition", drawn.ring_class(&target))} style={place} data-ring={target.name()}>
            { label(page, view, strip) }
            <div class="strip">
                <div class="lane" style={format!("--n:{}", strip.quarters())}></div>
                <div class="strip-line">
                    { cells(page, drawn, strip, first_row, prefix) }
                    { slot(strip, &drawn.starts) }
                </div>
                if let Some(chosen) = &chosen { { ruler(page, strip, chosen) } }
                if others {
                    <div class="others-row">
                        { for strip.others(&view.markers, first_row, quarter).iter().map(|mark| others_mark(strip, mark)) }
                    </div>
                }
            </div>
            { drawn.badges(&target) }
        </div>
    }
}

fn label(page: &Page, view: &PartitionView, strip: &Strip) -> Html {
    let tp = &view.topic_partition;
    let selection = Selection::Partition(tp.clone());
    let selected = page.ui.selection.as_ref() == Some(&selection);
    let words = format!(
        "{tp}, leader {}, {}",
        match (view.leader, view.leader_runs) {
            (None, _) => "none".to_owned(),
            (Some(leader), true) => format!("broker {leader}"),
            (Some(leader), false) => format!("broker {leader}, which is down and not yet replaced"),
        },
        count(strip.log_end_offset - strip.log_start_offset, "offset")
    );
    html! {
        <button type="button" class={classes!("partition-label", (!view.leader_runs).then_some("leaderless"))}
            aria-pressed={selected.to_string()} aria-label={words.clone()} title={words}
            onclick={page.doing(Do::Select(Some(selection)))}>{ tp.partition }</button>
    }
}

/// The box that the next record will lie in; where the window was moved away, the way back to it.
fn slot(strip: &Strip, starts: &UseStateHandle<Starts>) -> Html {
    let end = strip.log_end_offset;
    let shown = if end >= 10_000 { short_number(end) } else { end.to_string() };
    if !strip.has_later {
        let title = format!("Log end offset {end}: the next record gets it");
        return html! {
            <span class="slot" {title}><span class="visually-hidden">{ format!("log end offset {end}") }</span>
                <span aria-hidden="true">{ shown }</span></span>
        };
    }
    let onclick = {
        let (starts, tp) = (starts.clone(), strip.topic_partition.clone());
        Callback::from(move |_: MouseEvent| move_window(&starts, &tp, RowStart::Tail))
    };
    let label = format!("To the log’s end, {end}, of {}", strip.topic_partition);
    html! { <button type="button" class="slot slot-away" aria-label={label.clone()} title={label} {onclick}>{ "▸" }{ shown }</button> }
}

/// `12k`, `1.2M`: four letters at most.
fn short_number(number: i64) -> String {
    match number {
        ..1_000_000 => format!("{}k", number / 1000),
        1_000_000..10_000_000 => format!("{}.{}M", number / 1_000_000, number / 100_000 % 10),
        _ => format!("{}M", number / 1_000_000),
    }
}

/// The records of the window. One stop for the Tab key; arrow keys walk inside, the wheel moves the window.
fn cells(page: &Page, drawn: &Picked, strip: &Strip, group: Option<&str>, prefix: &str) -> Html {
    let tp = &strip.topic_partition;
    if strip.items.is_empty() {
        let words = if strip.log_end_offset > 0 { "no records left" } else { "no records yet" };
        return html! { <div class="cells cells-empty"><span>{ words }</span></div> };
    }
    let selected = match &page.ui.selection {
        Some(Selection::Record { topic_partition, offset }) if topic_partition == tp => Some(offset.0),
        _ => None,
    };
    let id = |offset: i64| format!("cell-{tp}-{offset}");
    let active = selected.filter(|offset| strip.cells().any(|cell| cell.offset == *offset));
    let onkeydown = {
        let (page, strip, starts) = (page.clone(), strip.clone(), drawn.starts.clone());
        let cells_max = drawn.plan.cells as i64;
        Callback::from(move |event: KeyboardEvent| on_key(&page, &starts, &strip, selected, cells_max, &event))
    };
    let onwheel = {
        let (strip, starts, cells_max) = (strip.clone(), drawn.starts.clone(), drawn.plan.cells as i64);
        Callback::from(move |event: WheelEvent| on_wheel(&starts, &strip, cells_max, &event))
    };
    html! {
        <div class="cells" role="listbox" tabindex="0" aria-orientation="horizontal"
            aria-label={format!("Records of {tp}")} aria-activedescendant={active.map(id)} {onkeydown} {onwheel}>
            { for strip.items.iter().map(|item| match item {
                Item::Cell(cell) => cell_html(page, drawn, tp, cell, id(cell.offset), selected == Some(cell.offset), group, prefix),
                Item::Fold(between) => html! {
                    <span key={format!("fold {between}")} class="strip-fold" role="presentation" title={format!("{} between", count(*between, "record"))}>
                        <span>{ between }</span></span>
                },
            }) }
        </div>
    }
}

#[expect(clippy::too_many_arguments, reason = "a cell is where all that is known of the picture meets")]
fn cell_html(
    page: &Page,
    drawn: &Picked,
    tp: &TopicPartition,
    cell: &RecordCell,
    id: String,
    selected: bool,
    group: Option<&str>,
    prefix: &str,
) -> Html {
    let committed = group.is_some_and(|group| cell.committed_by.iter().any(|by| &**by == group));
    let target = Target::Record(tp.clone(), cell.offset);
    let same = drawn.tracing.as_ref().is_some_and(|tracing| tracing.is_same(tp, cell));
    let class = classes!(
        "cell",
        committed.then_some("cell-committed"),
        cell.above_high_watermark.then_some("cell-above"),
        cell.tombstone.then_some("cell-tombstone"),
        cell.control.then_some("cell-control"),
        cell.hue.is_none().then_some("cell-null"),
        same.then_some("same"),
        drawn.ring_class(&target),
    );
    let style = cell.hue.map(|hue| format!("--hue:{hue}"));
    let onclick = page.doing(Do::Select(Some(Selection::Record { topic_partition: tp.clone(), offset: Offset(cell.offset) })));
    html! {
        <div key={cell.offset} {id} {class} {style} role="option" aria-selected={selected.to_string()} title={title(cell)} {onclick}
            data-ring={target.name()}>
            <b class="cell-word">{ word(cell) }</b>
            <span class="cell-key">{ key_text(cell, prefix, drawn.plan.density.tall) }</span>
            <span class="cell-offset"><span class="visually-hidden">{ " offset " }</span>{ cell.offset }</span>
            <span class="visually-hidden">{ cell_words(cell, committed, group) }</span>
            { drawn.badges(&target) }
        </div>
    }
}

/// What happened, else the value as it begins.
fn word(cell: &RecordCell) -> String {
    match &cell.word {
        _ if cell.control => "◆".to_owned(),
        _ if cell.tombstone => "tombstone".to_owned(),
        Some(word) => word.to_string(),
        None => cell.value_preview.to_string(),
    }
}

fn key_text(cell: &RecordCell, prefix: &str, tall: bool) -> Rc<str> {
    match &cell.key {
        _ if cell.control => "".into(),
        Some(key) if key.is_empty() => "“”".into(),
        Some(key) => short_key(key, prefix, tall),
        None => "null".into(),
    }
}

fn title(cell: &RecordCell) -> String {
    let word = cell.word.as_ref().map_or(String::new(), |word| format!("{word}, "));
    match (&cell.key, cell.tombstone) {
        (_, true) => format!("offset {}: a tombstone", cell.offset),
        (Some(key), _) => format!("{word}offset {}: {key} → {}", cell.offset, cell.value_preview),
        (None, _) => format!("{word}offset {}: {}", cell.offset, cell.value_preview),
    }
}

/// What the cell shows by its look alone.
fn cell_words(cell: &RecordCell, committed: bool, group: Option<&str>) -> String {
    let mut words = String::new();
    if cell.control {
        words += ", transaction marker";
    }
    if cell.tombstone {
        words += ", tombstone";
    }
    if cell.above_high_watermark {
        words += ", not yet visible to readers";
    }
    if let (true, Some(group)) = (committed, group) {
        words += &format!(", committed by {group}");
    }
    words
}

// ---- marks

/// The chosen group's mark, and its lag as a length.
fn ruler(page: &Page, strip: &Strip, chosen: &Chosen) -> Html {
    let end = strip.at(strip.high_watermark);
    let first = strip.cells().next().map_or(-1, |cell| cell.offset).to_string();
    let at = match chosen.place {
        Place::Before => 0,
        Place::At(at) => at,
        Place::After => end,
    };
    let (before, after) = (chosen.place == Place::Before, chosen.place == Place::After);
    let class =
        classes!("mark", chosen.left.then_some("mark-left"), before.then_some("mark-before"), after.then_some("mark-after"));
    let sign = html! { <span class="tri" aria-hidden="true"></span> };
    let name = html! {
        <button type="button" class="pill" title={format!("Committed offset of {}: {}", chosen.group, chosen.committed_offset)}
            onclick={page.doing(Do::Group(Some(chosen.group.clone())))}>
            { chosen.group.to_string() }{ " " }<i>{ chosen.committed_offset }</i>
            if chosen.beside && chosen.lag > 0 { <span class="lag-beside">{ format!("lag {}", chosen.lag) }</span> }</button>
    };
    // The bracket and its number are drawn where the strip shows the log's end.
    let lag = chosen.lag > 0 && !strip.has_later;
    html! {
        // Marks slide while the window stands; where it has moved, they stand with its records at once.
        <div key={first} class={classes!("ruler", chosen.second.then_some("second"))}>
            if lag && at < end {
                <span class={classes!("span", before.then_some("span-open"))} style={format!("--from:{at};--to:{end}")}></span>
            }
            <span {class} style={format!("--at:{at}")}>
                if chosen.left { { name }{ sign } } else { { sign }{ name } }
            </span>
            if lag && !chosen.beside { <span class="behind" style={format!("--at:{end}")}>{ format!("lag {}", chosen.lag) }</span> }
        </div>
    }
}

fn others_mark(strip: &Strip, mark: &Others) -> Html {
    let at = match mark.place {
        Place::Before => 0,
        Place::At(at) => at,
        Place::After => strip.quarters(),
    };
    let before = mark.place == Place::Before;
    let class = classes!("mark", mark.left.then_some("mark-left"), before.then_some("mark-before"));
    let sign = html! { <span class="tri" aria-hidden="true"></span> };
    let label = html! { <em aria-hidden="true">{ &mark.label }</em> };
    html! {
        <span key={format!("{at}{before}")} {class} style={format!("--at:{at}")} title={format!("Committed offsets: {}", mark.title)}>
            <span class="visually-hidden">{ format!("Committed: {}. ", mark.title) }</span>
            if mark.left { { label }{ sign } } else { { sign }{ label } }
        </span>
    }
}

// ---- moving the window

fn on_wheel(starts: &UseStateHandle<Starts>, strip: &Strip, cells_max: i64, event: &WheelEvent) {
    // A wheel with one axis moves the page; sideways, or with Shift, it moves the window.
    let by = if event.shift_key() && event.delta_x() == 0.0 { event.delta_y() } else { event.delta_x() };
    let Some(first) = strip.cells().next().map(|cell| cell.offset).filter(|_| by.abs() >= 1.0) else { return };
    event.prevent_default();
    let to = first + if by > 0.0 { 1 } else { -1 };
    let tail = strip.log_end_offset - cells_max;
    move_window(
        starts,
        &strip.topic_partition,
        if to >= tail { RowStart::Tail } else { RowStart::From(Offset(to.max(strip.log_start_offset))) },
    );
}

fn on_key(
    page: &Page,
    starts: &UseStateHandle<Starts>,
    strip: &Strip,
    selected: Option<i64>,
    cells_max: i64,
    event: &KeyboardEvent,
) {
    let offsets: Vec<i64> = strip.cells().map(|cell| cell.offset).collect();
    let (Some(first), Some(last)) = (offsets.first().copied(), offsets.last().copied()) else { return };
    let at = selected.and_then(|offset| offsets.iter().position(|known| *known == offset));
    let neighbour = |by: i64| match at {
        Some(at) => usize::try_from(at as i64 + by).ok().and_then(|at| offsets.get(at).copied()),
        None => Some(last),
    };
    let target = match event.key().as_str() {
        "ArrowRight" => neighbour(1).unwrap_or(last + 1),
        "ArrowLeft" => neighbour(-1).unwrap_or(first - 1),
        "PageUp" => first - cells_max,
        "PageDown" => last + cells_max,
        "Home" => strip.log_start_offset,
        "End" => strip.log_end_offset - 1,
        "ArrowUp" | "ArrowDown" => {
            event.prevent_default();
            return walk_rows(event, if event.key() == "ArrowUp" { -1 } else { 1 });
        }
        "Enter" => return page.to_inspector(),
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    let target = target.clamp(strip.log_start_offset, (strip.log_end_offset - 1).max(strip.log_start_offset));
    let tp = &strip.topic_partition;
    let wanted = if target < first {
        RowStart::From(Offset(target))
    } else if target > last {
        RowStart::From(Offset((target - cells_max + 1).max(strip.log_start_offset)))
    } else {
        starts.get(tp).copied().unwrap_or(RowStart::Tail)
    };
    // An offset without a record (a gap) leads to the next one in the same direction.
    let moved = row::partition_row(View::of(&page.session.look()).into(), tp, wanted, cells_max as usize);
    let found = moved.as_ref().and_then(|moved| {
        let at_or_after = moved.cells.iter().find(|cell| cell.offset >= target);
        at_or_after.or_else(|| moved.cells.last()).map(|cell| cell.offset)
    });
    let found = if (first..=last).contains(&target) { Some(target) } else { found };
    move_window(starts, tp, wanted);
    if let Some(offset) = found {
        page.dispatch(Do::Select(Some(Selection::Record { topic_partition: tp.clone(), offset: Offset(offset) })));
    }
}

/// To the row of cells above or below.
fn walk_rows(event: &KeyboardEvent, by: i32) {
    let Ok(rows) = crate::ui::app::hooks::document().query_selector_all(".cells[role=listbox]") else {
        return;
    };
    let here = event.current_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
    let at = (0..rows.length()).find(|at| rows.item(*at) == here);
    let next = at.and_then(|at| u32::try_from(at as i32 + by).ok()).and_then(|next| rows.item(next));
    if let Some(next) = next.and_then(|next| next.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = next.focus();
    }
}
