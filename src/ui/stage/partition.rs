//! One partition: its label, a window of its records, and the marks of those who read it.
//!
//! ```text
//!  0  ◂ [ 4 ][ 5 ][ 6 ][ 7 ]{ 8 }¦ 9        cells of one width; the window follows the log's end until it is moved
//!                  ▲ billing               a committed offset is a mark between two records
//! ```

use std::rc::Rc;

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::base::{Offset, TopicPartition, put_in_order};
use crate::ui::hooks::Page;
use crate::ui::icon::icon;
use crate::ui::state::Do;
use crate::view::inspect::Selection;
use crate::view::logs::{Marker, PartitionView};
use crate::view::row::{PartitionRow, RecordCell, RowStart, partition_row};
use crate::view::text::count;

#[derive(Properties, PartialEq)]
pub struct PartitionProps {
    /// Its records may have changed when the page has.
    pub page: Page,
    pub partition: PartitionView,
    pub group: Option<Rc<str>>,
    /// Cells that fit.
    pub cells_max: usize,
}

#[component]
pub fn Partition(props: &PartitionProps) -> Html {
    let page = &props.page;
    let start = use_state_eq(|| RowStart::Tail);
    let tp = &props.partition.topic_partition;
    let row = partition_row(page.session.look().world(), tp, *start, props.cells_max);
    let selected = selected_offset(page, tp);
    {
        // A record that is chosen elsewhere comes into the window.
        let (start, row) = (start.clone(), row.clone());
        let cells_max = props.cells_max as i64;
        use_effect_with(selected, move |selected| {
            let (Some(offset), Some(row)) = (*selected, row) else { return };
            if !row.cells.iter().any(|cell| cell.offset == offset) && offset < row.log_end_offset {
                start.set(RowStart::From(Offset((offset - cells_max / 2).max(row.log_start_offset))));
            }
        });
    }
    let Some(row) = row else {
        return html! { <p class="partition-gone">{ format!("{tp} has no leader") }</p> };
    };
    let onkeydown = {
        let (page, start, row, tp) = (page.clone(), start.clone(), row.clone(), tp.clone());
        let cells_max = props.cells_max as i64;
        Callback::from(move |event: KeyboardEvent| on_key(&page, &start, &row, &tp, selected, cells_max, &event))
    };
    let select = page.doing(Do::Select(Some(Selection::Partition(tp.clone()))));
    let is_selected = page.ui.selection == Some(Selection::Partition(tp.clone()));
    let label = format!(
        "{tp}, leader {}, {}",
        props.partition.leader.map_or_else(|| "none".to_owned(), |leader| format!("broker {leader}")),
        count(row.log_end_offset - row.log_start_offset, "offset")
    );
    html! {
        <div class="partition">
            <button type="button" class="partition-label" aria-pressed={is_selected.to_string()} aria-label={label}
                title={format!("Partition {}", tp.partition)} onclick={select}>{ tp.partition }</button>
            <div class="strip">
                <div class="strip-line">
                    { cells(page, &row, props.group.as_deref(), selected, onkeydown) }
                    <span class="leo" title={format!("Log end offset {}: the next record gets it", row.log_end_offset)}>
                        <span class="visually-hidden">{ "log end offset " }</span>{ row.log_end_offset }
                    </span>
                </div>
                { marks(&row, &props.partition.markers, props.group.as_deref()) }
            </div>
            { ends(&row, &start, props.cells_max) }
        </div>
    }
}

fn selected_offset(page: &Page, tp: &TopicPartition) -> Option<i64> {
    match &page.ui.selection {
        Some(Selection::Record { topic_partition, offset }) if topic_partition == tp => Some(offset.0),
        _ => None,
    }
}

/// The ways to move the window.
fn ends(row: &PartitionRow, start: &UseStateHandle<RowStart>, cells_max: usize) -> Html {
    let cells_max = cells_max as i64;
    let to = |start: &UseStateHandle<RowStart>, to: RowStart| {
        let start = start.clone();
        Callback::from(move |_: MouseEvent| start.set(to))
    };
    let first = row.cells.first().map_or(row.log_start_offset, |cell| cell.offset);
    let last = row.cells.last().map_or(row.log_end_offset, |cell| cell.offset + 1);
    let later = if last + cells_max >= row.log_end_offset { RowStart::Tail } else { RowStart::From(Offset(last)) };
    let earlier = RowStart::From(Offset((first - cells_max).max(row.log_start_offset)));
    let name = &row.topic_partition;
    html! {
        <div class="partition-end">
            if row.has_earlier || row.has_later {
                <span class="pager">
                    <button type="button" class="pager-button pager-back" aria-label={format!("Earlier records of {name}")}
                        disabled={!row.has_earlier} onclick={to(start, earlier)}>{ icon("chevron") }</button>
                    <button type="button" class="pager-button pager-on" aria-label={format!("Later records of {name}")}
                        disabled={!row.has_later} onclick={to(start, later)}>{ icon("chevron") }</button>
                </span>
            }
        </div>
    }
}

fn on_key(
    page: &Page,
    start: &UseStateHandle<RowStart>,
    row: &PartitionRow,
    tp: &TopicPartition,
    selected: Option<i64>,
    cells_max: i64,
    event: &KeyboardEvent,
) {
    let (Some(first), Some(last)) = (row.cells.first().map(|cell| cell.offset), row.cells.last().map(|cell| cell.offset)) else {
        return;
    };
    let at = selected.and_then(|offset| row.cells.iter().position(|cell| cell.offset == offset));
    let neighbour = |by: i64| match at {
        Some(at) => row.cells.get((at as i64 + by).try_into().unwrap_or(usize::MAX)).map(|cell| cell.offset),
        None => Some(last),
    };
    let target = match event.key().as_str() {
        "ArrowRight" => neighbour(1).unwrap_or(last + 1),
        "ArrowLeft" => neighbour(-1).unwrap_or(first - 1),
        "PageUp" => first - cells_max,
        "PageDown" => last + cells_max,
        "Home" => row.log_start_offset,
        "End" => row.log_end_offset - 1,
        "ArrowUp" | "ArrowDown" => {
            event.prevent_default();
            return walk_rows(event, if event.key() == "ArrowUp" { -1 } else { 1 });
        }
        "Enter" => return page.to_inspector(),
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    let target = target.clamp(row.log_start_offset, (row.log_end_offset - 1).max(row.log_start_offset));
    // An offset without a record (a gap) leads to the next one in the same direction.
    let wanted = if target < first {
        RowStart::From(Offset(target))
    } else if target > last {
        RowStart::From(Offset((target - cells_max + 1).max(row.log_start_offset)))
    } else {
        **start
    };
    let moved = partition_row(page.session.look().world(), tp, wanted, cells_max as usize);
    let found = moved.as_ref().and_then(|moved| {
        let at_or_after = moved.cells.iter().find(|cell| cell.offset >= target);
        at_or_after.or_else(|| moved.cells.last()).map(|cell| cell.offset)
    });
    start.set(wanted);
    if let Some(offset) = found {
        page.dispatch(Do::Select(Some(Selection::Record { topic_partition: tp.clone(), offset: Offset(offset) })));
    }
}

/// To the row of cells above or below.
fn walk_rows(event: &KeyboardEvent, by: i32) {
    let Ok(rows) = crate::ui::hooks::document().query_selector_all(".cells[role=listbox]") else {
        return;
    };
    let here = event.current_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
    let at = (0..rows.length()).find(|at| rows.item(*at) == here);
    let next = at.and_then(|at| u32::try_from(at as i32 + by).ok()).and_then(|next| rows.item(next));
    if let Some(next) = next.and_then(|next| next.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = next.focus();
    }
}

/// The records of the window. One stop for the Tab key; arrow keys walk inside.
fn cells(page: &Page, row: &PartitionRow, group: Option<&str>, selected: Option<i64>, onkeydown: Callback<KeyboardEvent>) -> Html {
    let tp = &row.topic_partition;
    let spot = format!("partition-{tp}");
    if row.cells.is_empty() {
        let words = if row.log_end_offset > 0 { "no records left" } else { "no records yet" };
        return html! {
            <div class="cells cells-empty">
                <span>{ words }</span>
                <span class="next-cell" data-spot={format!("tail-{tp}")}></span>
                <span class="visually-hidden" data-spot={spot}></span>
            </div>
        };
    }
    let id = |offset: i64| format!("cell-{tp}-{offset}");
    let active = selected.filter(|offset| row.cells.iter().any(|cell| cell.offset == *offset));
    html! {
        <div class="cells" role="listbox" tabindex="0" aria-orientation="horizontal" data-spot={spot}
            aria-label={format!("Records of {tp}")} aria-activedescendant={active.map(id)} {onkeydown}>
            { for row.cells.iter().map(|cell| {
                let selection = Selection::Record { topic_partition: tp.clone(), offset: Offset(cell.offset) };
                let onclick = page.doing(Do::Select(Some(selection)));
                cell_html(cell, id(cell.offset), selected == Some(cell.offset), group, onclick)
            }) }
            <span class="next-cell" role="presentation" data-spot={format!("tail-{tp}")}></span>
        </div>
    }
}

fn cell_html(cell: &RecordCell, id: String, selected: bool, group: Option<&str>, onclick: Callback<MouseEvent>) -> Html {
    let committed = group.is_some_and(|group| cell.committed_by.iter().any(|by| &**by == group));
    let class = classes!(
        "cell",
        committed.then_some("cell-committed"),
        cell.above_high_watermark.then_some("cell-above"),
        cell.tombstone.then_some("cell-tombstone"),
        cell.control.then_some("cell-control"),
        cell.hue.is_none().then_some("cell-null"),
    );
    let style = cell.hue.map(|hue| format!("--hue:{hue}"));
    html! {
        <div key={cell.offset} {id} {class} {style} role="option" aria-selected={selected.to_string()}
            title={title(cell)} {onclick}>
            <span class="cell-key">{ match &cell.key {
                _ if cell.control => "◆".to_owned(),
                Some(key) if key.is_empty() => "“”".to_owned(),
                Some(key) => shortened(key),
                None => "null".to_owned(),
            } }</span>
            <span class="cell-offset"><span class="visually-hidden">{ " offset " }</span>{ cell.offset }</span>
            <span class="visually-hidden">{ cell_words(cell, committed, group) }</span>
        </div>
    }
}

/// Characters of a key that fit into a cell.
const KEY_CHARS: usize = 7;

/// A long key keeps its beginning and its end: what tells `ride-118` from `ride-119` is often the last character.
fn shortened(key: &str) -> String {
    let chars: Vec<char> = key.chars().collect();
    if chars.len() <= KEY_CHARS {
        return key.to_owned();
    }
    let half = KEY_CHARS / 2;
    chars[..half].iter().chain(['…'].iter()).chain(&chars[chars.len() - half..]).collect()
}

fn title(cell: &RecordCell) -> String {
    match (&cell.key, cell.tombstone) {
        (_, true) => format!("offset {}: a tombstone", cell.offset),
        (Some(key), _) => format!("offset {}: {key} → {}", cell.offset, cell.value_preview),
        (None, _) => format!("offset {}: {}", cell.offset, cell.value_preview),
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

/// A mark under the cells.
struct Mark {
    /// Cells to the left of it.
    at: usize,
    before_window: bool,
    names: Vec<Rc<str>>,
    shown_group: bool,
}

/// The committed offsets, as marks between records. Marks at one place share it.
fn marks(row: &PartitionRow, markers: &[Marker], group: Option<&str>) -> Html {
    let mut marks: Vec<Mark> = Vec::new();
    let first = row.cells.first().map_or(row.log_end_offset, |cell| cell.offset);
    for marker in markers {
        let (Some(name), Some(committed)) = (&marker.group, marker.committed_offset) else { continue };
        let at = row.cells.iter().position(|cell| cell.offset >= committed).unwrap_or(row.cells.len());
        let before_window = committed < first && at == 0;
        let shown_group = group == Some(&**name);
        match marks.iter_mut().find(|mark| mark.at == at && mark.before_window == before_window) {
            Some(mark) => {
                // The group that fills the cells is named first.
                if shown_group {
                    mark.names.insert(0, name.clone())
                } else {
                    mark.names.push(name.clone())
                }
                mark.shown_group |= shown_group;
            }
            None => marks.push(Mark { at, before_window, names: vec![name.clone()], shown_group }),
        }
    }
    put_in_order(&mut marks, &|one, other| (one.at, !one.before_window) < (other.at, !other.before_window));
    let places: Vec<usize> = marks.iter().map(|mark| mark.at).collect();
    let cells = row.cells.len();
    html! {
        <div class="marks">
            { for marks.iter().enumerate().map(|(index, mark)| {
                // A name has room until the next mark; after the last one there is the row's end.
                let room = match places.get(index + 1) {
                    Some(next) => (next - mark.at) as f64,
                    None => (cells - mark.at) as f64 + if cells == 0 { 3.0 } else { 1.9 },
                };
                let names = mark.names.iter().map(|name| name.to_string()).collect::<Vec<_>>().join(", ");
                let label = match mark.names.as_slice() {
                    [one] => one.to_string(),
                    [one, rest @ ..] => format!("{one} +{}", rest.len()),
                    [] => String::new(),
                };
                let class = if mark.shown_group { "mark mark-shown" } else { "mark" };
                let sign = if mark.before_window { "◂" } else { "▲" };
                html! {
                    <span key={format!("{}{sign}", mark.at)} {class} style={format!("--at:{};--room:{room}", mark.at)}
                        title={format!("Committed offset of {names}")}>
                        <span class="mark-sign" aria-hidden="true">{ sign }</span><span class="mark-name">{ label }</span>
                    </span>
                }
            }) }
        </div>
    }
}
