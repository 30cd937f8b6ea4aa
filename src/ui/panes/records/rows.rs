//! The table's rows, its head, and the line below it.

use std::rc::Rc;

use yew::prelude::*;

use super::columns;
use super::table::{At, Sizes, Table, at};
use super::{Handle, on_key};
use crate::base::Offset;
use crate::ui::app::hooks::Page;
use crate::ui::app::state::{Dialog, Do};
use crate::ui::parts::command::copy_button;
use crate::ui::parts::icon::icon;
use crate::view::View;
use crate::view::inspect::{Form, Selection};
use crate::view::records::{self, RecordFilter, RecordList, TableRow};
use crate::view::text::{ValueText, grouped};

/// Characters of the columns that every table has: time, and the least of a key.
const TIME_CHARS: usize = 14;
const KEY_CHARS: usize = 12;

/// The field that stands for a whole value.
pub const WHOLE_VALUE: &str = "";

pub fn selection((topic_partition, offset): &At) -> Selection {
    Selection::Record { topic_partition: topic_partition.clone(), offset: Offset(*offset) }
}

/// What the columns are, from left to right.
pub struct Layout {
    /// The partition has a column of its own.
    partition: bool,
    offset_chars: usize,
    /// The fields that are shown; `WHOLE_VALUE` for the value as it is written.
    pub fields: Vec<String>,
}

impl Layout {
    /// Characters of all columns but the fields'.
    fn fixed_chars(&self, narrow: bool) -> usize {
        let partition = if !self.partition {
            0
        } else if narrow {
            4
        } else {
            11
        };
        partition + self.offset_chars + 2 + if narrow { 0 } else { TIME_CHARS } + KEY_CHARS
    }
}

/// So wide a table has room for the time.
const NARROW_CHARS: f64 = 64.0;

fn layout(handle: &Handle, topic: &str, partitions: usize, sizes: Sizes) -> (Layout, bool) {
    let page = &handle.page;
    let mut table = handle.table.borrow_mut();
    let chars = if sizes.width > 0.0 { sizes.width / sizes.letter } else { 100.0 };
    let narrow = chars < NARROW_CHARS;
    let offsets = table.rows.iter().map(|row| row.offset.to_string().len()).max().unwrap_or(1);
    let mut layout = Layout {
        partition: partitions > 1 && page.ui.filter.partition.is_none(),
        offset_chars: offsets.max(6) + 1,
        fields: Vec::new(),
    };
    let room = (chars as usize).saturating_sub(layout.fixed_chars(narrow) + 2);
    let chosen = page.ui.settings.columns.iter().find(|(known, _)| known == topic).map(|(_, fields)| fields.clone());
    layout.fields = match chosen {
        Some(fields) => fields,
        None if table.columns.is_empty() => Vec::new(),
        None => table.auto_columns(room),
    };
    if layout.fields.is_empty() {
        layout.fields.push(WHOLE_VALUE.to_owned());
    }
    (layout, narrow)
}

/// The table with all that belongs to it.
pub fn table_html(handle: &Handle, topic: &Rc<str>, partitions: usize, sizes: Sizes, scroller: &NodeRef, probe: &NodeRef) -> Html {
    let (layout, narrow) = layout(handle, topic, partitions, sizes);
    let table = handle.table.borrow();
    let is_empty = table.rows.is_empty();
    let onkeydown = {
        let handle = handle.clone();
        Callback::from(move |event: KeyboardEvent| on_key(&handle, &event))
    };
    let space = table.extent.map_or(0.0, |extent| extent.space());
    let active = table.cursor.as_ref().filter(|cursor| table.rows.iter().any(|row| at(row) == **cursor)).map(row_id);
    let count = table.extent.map_or(0, |extent| extent.rows);
    let widths = widths(&layout, &table, narrow);
    let least: usize = widths.iter().map(|(chars, _)| chars).sum();
    html! {
        <>
            <div class={classes!("rows-scroll", is_empty.then_some("rows-none"))} ref={scroller.clone()} data-testid="records-scroll">
                <div class="rows-probe" ref={probe.clone()} aria-hidden="true"></div>
                <div class="rows-space" style={format!("height:{}px;min-width:{least}ch", space + sizes.row)}>
                    <div class="rows-view" style={format!("height:{}px", sizes.body + sizes.row)}>
                        <table class="records-table" role="grid" tabindex="0" aria-label={format!("Records of {topic}")}
                            aria-rowcount={(count + 1).to_string()} aria-activedescendant={active} data-testid="records-table" {onkeydown}>
                            <colgroup>{ for widths.iter().map(|(chars, last)| html! {
                                <col style={(!last).then(|| format!("width:{chars}ch"))} />
                            }) }</colgroup>
                            { head(&layout, &table, narrow) }
                            <tbody style={format!("transform:translateY({}px)", -table.above)}>
                                { for table.rows.iter().map(|row| row_html(handle, &table, &layout, row, narrow, sizes)) }
                            </tbody>
                        </table>
                    </div>
                </div>
            </div>
            if is_empty { { nothing(handle, &table, topic) } }
            { foot(handle, &table, &layout, topic) }
        </>
    }
}

/// Characters of each column, and whether it is the last one, which takes what is left.
fn widths(layout: &Layout, table: &Table, narrow: bool) -> Vec<(usize, bool)> {
    let mut widths = Vec::new();
    if layout.partition {
        widths.push(if narrow { 4 } else { 11 });
    }
    widths.push(layout.offset_chars + 2);
    if !narrow {
        widths.push(TIME_CHARS);
    }
    let key = table.rows.iter().filter_map(|row| row.key.as_ref()).map(|key| key.chars().count()).max().unwrap_or(4);
    widths.push((key + 4).clamp(KEY_CHARS, if narrow { 16 } else { 26 }));
    widths.extend(layout.fields.iter().map(|field| {
        let known = table.columns.iter().find(|column| column.path == *field);
        known.map_or(24, |column| column.width() + 2)
    }));
    let last = widths.len() - 1;
    widths.into_iter().enumerate().map(|(at, chars)| (chars, at == last)).collect()
}

fn head(layout: &Layout, table: &Table, narrow: bool) -> Html {
    let is_number = |field: &str| table.columns.iter().any(|column| column.path == field && column.numbers);
    html! {
        <thead><tr>
            if layout.partition {
                <th scope="col" class="number">{ if narrow { html! { <abbr title="Partition">{ "P." }</abbr> } } else { html! { "Partition" } } }</th>
            }
            <th scope="col" class="number">{ "Offset" }</th>
            if !narrow { <th scope="col">{ "Time" }</th> }
            <th scope="col">{ "Key" }</th>
            { for layout.fields.iter().map(|field| match field.as_str() {
                WHOLE_VALUE => html! { <th scope="col">{ "Value" }</th> },
                name => html! {
                    <th scope="col" class={classes!("field-name", is_number(name).then_some("number"))} title={name.to_owned()}>{ name }</th>
                },
            }) }
        </tr></thead>
    }
}

fn row_id((topic_partition, offset): &At) -> String {
    format!("record-{}-{offset}", topic_partition.partition)
}

fn row_html(handle: &Handle, table: &Table, layout: &Layout, row: &TableRow, narrow: bool, sizes: Sizes) -> Html {
    let record = at(row);
    let open = table.open.as_ref() == Some(&record);
    let is_cursor = table.cursor.as_ref() == Some(&record);
    let selected = handle.page.ui.selection.as_ref() == Some(&selection(&record));
    let first = table.extent.map_or(0, |extent| extent.first);
    let onclick = {
        let (handle, record) = (handle.clone(), record.clone());
        Callback::from(move |_: MouseEvent| handle.toggle(record.clone()))
    };
    let class = classes!("record-row", is_cursor.then_some("cursor"), selected.then_some("selected"), open.then_some("open"));
    let style = row.hue.map(|hue| format!("--hue:{hue}"));
    let key = row.key.as_deref().unwrap_or("null").to_owned();
    let time = row.time.split_once(' ').map_or(row.time.clone(), |(_, time)| time.to_owned());
    let name = format!("offset {} of {}", row.offset, row.topic_partition);
    let columns = layout.fields.len() + 2 + usize::from(layout.partition) + usize::from(!narrow);
    html! {
        <key={row_id(&record)}>
            <tr {class} id={row_id(&record)} aria-rowindex={(row.position - first + 2).to_string()} {onclick}
                aria-selected={is_cursor.to_string()}>
                if layout.partition { <td class="number">{ row.topic_partition.partition }</td> }
                <td class="number">
                    <button type="button" class="row-button" tabindex="-1" aria-expanded={open.to_string()} aria-label={name}>{ row.offset }</button>
                </td>
                if !narrow { <td title={row.time.clone()}>{ time }</td> }
                <td><span class={classes!("key-chip", row.hue.is_none().then_some("cell-null"))} {style} title={key.clone()}>{ key }</span></td>
                { cells(layout, row) }
            </tr>
            if open { { detail(handle, table, &record, columns, sizes) } }
        </>
    }
}

/// The value's cells. One that has none of the fields stands across all of their columns.
fn cells(layout: &Layout, row: &TableRow) -> Html {
    let whole = |span: usize| match row.tombstone {
        true => html! { <td class="cell-null" colspan={span.to_string()}><s>{ "tombstone" }</s></td> },
        false => html! { <td colspan={span.to_string()}>{ &row.value_preview }</td> },
    };
    let Some(fields) = &row.fields else { return whole(layout.fields.len()) };
    let cell = |path: &String| {
        if path == WHOLE_VALUE {
            return whole(1);
        }
        match fields.iter().find(|field| field.path == *path) {
            Some(field) => {
                let long = field.text.chars().count() > 12;
                html! { <td class={field.kind.word()} title={long.then(|| field.text.clone())}>{ &field.text }</td> }
            }
            None => html! { <td class="cell-null"><span class="visually-hidden">{ "no such field" }</span></td> },
        }
    };
    html! { <>{ for layout.fields.iter().map(cell) }</> }
}

/// The record that is unfolded: headers, and its value as it is best read.
fn detail(handle: &Handle, table: &Table, record: &At, columns: usize, sizes: Sizes) -> Html {
    let page = &handle.page;
    let slots = table.extent.and_then(|extent| extent.unfolded).map_or(3, |(_, slots)| slots);
    let Some(row) = records::record_row(View::of(&page.session.look()).into(), &record.0, Offset(record.1)) else {
        return Html::default();
    };
    let kind = match row.value {
        ValueText::Null => "null: a tombstone",
        ValueText::Json(_) => "JSON",
        ValueText::Text(_) => "text",
        ValueText::Hex(_) => "bytes",
    };
    let style = format!("height:{}px", slots as f64 * sizes.row);
    html! {
        <tr class="record-more"><td colspan={columns.to_string()}>
            <div class="record-more-inner" style={format!("{style};width:{}px", sizes.width)}>
                <p class="record-more-head">
                    <span>{ format!("{kind}, {} bytes", grouped(row.size_bytes.into())) }</span>
                    { copy_button(page, row.value.as_str(), "Copy the value", false) }
                    <button type="button" class="button button-small" onclick={page.doing(Do::Select(Some(selection(record))))}>
                        { icon("target") }{ "Inspect" }
                    </button>
                </p>
                if !row.headers.is_empty() {
                    <dl class="pairs">
                        { for row.headers.iter().map(|(key, value)| html! {
                            <><dt>{ format!("header {key}") }</dt><dd class="mono">{ value.as_deref().unwrap_or("null") }</dd></>
                        }) }
                    </dl>
                }
                <pre tabindex="0" role="region" aria-label={format!("Value at offset {}", record.1)}>{ row.value.as_str() }</pre>
            </div>
        </td></tr>
    }
}

/// What is said where there is no row.
fn nothing(handle: &Handle, table: &Table, topic: &Rc<str>) -> Html {
    let page = &handle.page;
    let filter = &page.ui.filter;
    let session = page.session.look();
    let list = RecordList::of(View::of(&session).into(), topic, filter.partition);
    let asks = table.search.as_ref().is_some_and(|search| search.asks(&list));
    let add = Do::Open(Dialog::Form(Form::Produce { topic: topic.clone(), partition: None, like: None }));
    html! {
        <div class="empty" data-testid="records-empty">
            if table.searching {
                <h3>{ "Searching" }</h3>
            } else if asks {
                <h3>{ "Nothing found so far" }</h3>
                <p>{ "Below it says how far the search has looked; it can go on." }</p>
            } else if filter.searches() {
                <h3>{ "No record fits" }</h3>
                <button type="button" class="button" onclick={page.doing(Do::Filter(RecordFilter { partition: filter.partition, ..RecordFilter::default() }))}>
                    { "Show all records" }
                </button>
            } else {
                <h3>{ match filter.partition {
                    Some(partition) => format!("{topic}-{partition} holds no records"),
                    None => format!("{topic} holds no records"),
                } }</h3>
                <button type="button" class="button button-strong" onclick={page.doing(add)}>{ icon("plus") }{ "Write a record" }</button>
            }
        </div>
    }
}

/// Where the table is, how far a search has looked, and the ways to both ends.
fn foot(handle: &Handle, table: &Table, layout: &Layout, topic: &Rc<str>) -> Html {
    let at_top = table.extent.is_none_or(|extent| !table.tail && table.top <= extent.first as f64);
    let first = handle.changing(|table| table.go_to_end(false));
    let latest = handle.changing(|table| table.go_to_end(true));
    html! {
        <div class="rows-foot">
            <button type="button" class="button button-small" aria-disabled={at_top.then_some("true")} onclick={first}>
                { icon("to-start") }{ "First" }
            </button>
            <button type="button" class="button button-small" aria-pressed={table.tail.to_string()} onclick={latest}
                title="Stay at the latest record">{ icon("to-end") }{ "Latest" }</button>
            <p class="rows-where quiet" data-testid="records-where">{ place_words(&handle.page, table, topic) }</p>
            { searched(handle, table, topic) }
            { columns::chooser(handle, table, layout, topic) }
        </div>
    }
}

/// `offsets 512340 to 512371 of 1,000,000`.
fn place_words(page: &Page, table: &Table, topic: &str) -> String {
    let Some((first, last)) = table.seen().filter(|_| table.search.is_none()) else { return String::new() };
    let session = page.session.look();
    let list = RecordList::of(View::of(&session).into(), topic, page.ui.filter.partition);
    let all = grouped(list.end() - list.first());
    if first.topic_partition == last.topic_partition && first.position == first.offset {
        return format!("Offsets {} to {} of {all}", grouped(first.offset), grouped(last.offset));
    }
    let place = |row: &TableRow| grouped(row.position - list.first() + 1);
    format!("Records {} to {} of {all}, by time", place(first), place(last))
}

/// How far a search has looked, and the way on.
fn searched(handle: &Handle, table: &Table, topic: &str) -> Html {
    let Some(search) = &table.search else { return Html::default() };
    let session = handle.page.session.look();
    let list = RecordList::of(View::of(&session).into(), topic, handle.page.ui.filter.partition);
    let on = handle.changing(|table| {
        if let Some(search) = &mut table.search {
            search.search_on();
        }
    });
    let (found, looked_at) = (grouped(search.found() as i64), grouped(search.looked_at() as i64));
    let all = grouped(list.end() - list.first());
    html! {
        <>
            <p class="rows-where" role="status" data-testid="records-searched">
                { format!("{found} found among {looked_at} of {all} looked at") }
                { if table.searching { " …" } else if search.is_over(&list) { "." } else { "" } }
            </p>
            if search.asks(&list) {
                <button type="button" class="button button-small" onclick={on}>{ icon("search") }{ "Search on" }</button>
            }
        </>
    }
}
