//! What is in flight, drawn anew with each moment: written records on the lane of their partition, read ones beside the card
//! that they go to. Where a flight is follows from the moment that is shown; nothing moves when the clock does not.

use std::rc::Rc;

use yew::prelude::*;

use super::rem;
use crate::base::{SimTime, TopicPartition};
use crate::ui::app::hooks::{Page, use_moment};
use crate::view::View;
use crate::view::stage::{Flier, Hop, Lanes, Reader};

/// From this speed on a lane shows how many records come in a second instead of each of them, in thousandths.
const TOO_FAST: u32 = 5000;

/// Simulated time over which records are counted then, in microseconds.
const RATE_OVER_US: u64 = 2_000_000;

/// The half of a flier's width, and of a hop's.
const FLIER_HALF: i32 = 48;
const HOP: i32 = 22;

/// A partition's lane.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    pub topic_partition: TopicPartition,
    pub y: i32,
    pub lane: i32,
    pub cell: i32,
    /// Where the lane begins, and where the box for the next record does.
    pub from: i32,
    pub slot: i32,
    pub log_end_offset: i64,
    pub at_tail: bool,
}

#[derive(Properties, PartialEq)]
pub struct FliersProps {
    pub page: Page,
    pub rows: Rc<Vec<Row>>,
    /// The middle of each card's head, by reader.
    pub cards: Rc<[Option<i32>]>,
    pub readers: Rc<[Reader]>,
    /// The key of the record that is chosen: all else is drawn quietly.
    pub traced: Option<Rc<str>>,
    /// The readers stand beside the log.
    pub wide: bool,
}

/// Log ends at earlier moments, to count from.
type Seen = Vec<(SimTime, Vec<i64>)>;

#[component]
pub fn Fliers(props: &FliersProps) -> Html {
    let page = &props.page;
    use_moment(&page.frames);
    let seen = use_mut_ref(Seen::default);
    let fast = page.ui.settings.speed.0 >= TOO_FAST && page.ui.clock.runs();
    let session = page.session.look();
    let now = session.now();
    if fast {
        let rates = rates(&mut seen.borrow_mut(), now, &props.rows);
        return html! { <div class="fliers" aria-hidden="true">{ for props.rows.iter().zip(rates).map(|(row, rate)| rate_html(row, rate)) }</div> };
    }
    seen.borrow_mut().clear();
    let Lanes { written, read } = View::of(&session).lanes(&props.readers);
    html! {
        <div class="fliers" aria-hidden="true">
            { for written.iter().filter_map(|flier| {
                let row = props.rows.iter().find(|row| row.topic_partition == flier.topic_partition && row.at_tail)?;
                Some(flier_html(flier, row, props.traced.as_deref()))
            }) }
            if props.wide {
                { for read.iter().filter_map(|hop| Some(hop_html(hop, (*props.cards.get(hop.reader)?)?, props.traced.as_deref()))) }
            }
        </div>
    }
}

fn flier_html(flier: &Flier, row: &Row, traced: Option<&str>) -> Html {
    let (from, until) = (row.from + FLIER_HALF + 4, row.slot - FLIER_HALF / 2);
    let x = from + (until - from).max(0) * i32::from(flier.progress) / 1000;
    let line = format!(
        "inset-block-start:{};inset-inline-start:{};inline-size:{};block-size:{}",
        rem(row.y + row.lane / 2),
        rem(row.from),
        rem(row.slot + 17 - row.from),
        rem(row.lane - row.lane / 2)
    );
    let slot =
        format!("inset-block-start:{};inset-inline-start:{};block-size:{}", rem(row.y + row.lane), rem(row.slot), rem(row.cell));
    let place = format!("translate:{} {}", rem(x), rem(row.y + row.lane / 2));
    let hue = flier.hue.map_or(String::new(), |hue| format!(";--hue:{hue}"));
    let quiet = traced.is_some_and(|key| flier.record_key.as_deref() != Some(key));
    html! {
        <div key={flier.key.clone()} class={quiet.then_some("quiet-flight")}>
            <span class="lane-on" style={line}></span>
            <span class="slot-on" style={slot}></span>
            <span class={classes!("flier", flier.hue.is_none().then_some("cell-null"))} style={place + &hue} data-flight="written">
                <span>
                    if let Some(word) = &flier.word { <b>{ word.to_string() }</b>{ " " } }
                    { flier.record_key.as_deref().unwrap_or("null").to_owned() }
                    if flier.records > 1 { <b>{ format!(" ×{}", flier.records) }</b> }
                </span>
            </span>
        </div>
    }
}

fn hop_html(hop: &Hop, y: i32, traced: Option<&str>) -> Html {
    // Along the card's own stub: from the bus to the card.
    let x = 8 * i32::from(hop.progress) / 1000 - HOP - 8;
    let hue = hop.hue.map_or(String::new(), |hue| format!(";--hue:{hue}"));
    let quiet = traced.is_some_and(|key| hop.keys.iter().all(|known| &**known != key));
    let class = classes!("hop", hop.hue.is_none().then_some("cell-null"), quiet.then_some("quiet-flight"));
    let style = format!("inset-block-start:{};translate:{} 0{hue}", rem(y - HOP / 2), rem(x));
    html! { <span key={format!("hop {}", hop.reader)} {class} {style} data-flight="read">{ hop.records }</span> }
}

/// Records that came to each partition in a second of simulated time.
fn rates(seen: &mut Seen, now: SimTime, rows: &[Row]) -> Vec<i64> {
    let ends: Vec<i64> = rows.iter().map(|row| row.log_end_offset).collect();
    seen.retain(|(at, known)| *at <= now && now.0 - at.0 <= RATE_OVER_US && known.len() == ends.len());
    let rate = |place: usize| {
        let (at, known) = seen.first()?;
        let past = now.0 - at.0;
        (past > 0).then(|| (ends[place] - known[place]).max(0) * 1_000_000 / past as i64)
    };
    let rates = (0..ends.len()).map(|place| rate(place).unwrap_or(0)).collect();
    if seen.last().is_none_or(|(at, _)| now.0 - at.0 >= RATE_OVER_US / 8) {
        seen.push((now, ends));
    }
    rates
}

fn rate_html(row: &Row, rate: i64) -> Html {
    if rate == 0 || !row.at_tail {
        return html! {};
    }
    let place = format!("translate:{} {}", rem((row.from + row.slot) / 2), rem(row.y + row.lane / 2));
    html! { <span key={row.topic_partition.to_string()} class="flier rate" style={place} data-flight="rate"><span>{ format!("{rate} a second") }</span></span> }
}
