//! A column's body: who read each partition, on a scale that all columns share, and what it comes to.

use yew::prelude::*;

use crate::base::SimTime;
use crate::view::group::{Lane, Segment};
use crate::view::readers::{Readers, lane_words};
use crate::view::text;

pub fn body(readers: &Readers) -> Html {
    html! {
        <>
            <div class="lesson-readers">
                <p class="readers-scale" aria-hidden="true">
                    <span>{ seconds(readers.from) }</span><span>{ seconds(readers.until) }</span>
                </p>
                <ul aria-label="Who reads each partition">{ for readers.lanes.iter().map(|lane| lane_html(readers, lane)) }</ul>
            </div>
            <dl class="readers-figures">
                { for readers.figures().into_iter().map(|(what, how_much)| html! {
                    <div key={what}><dt>{ what }</dt><dd>{ how_much }</dd></div>
                }) }
            </dl>
        </>
    }
}

fn seconds(at: SimTime) -> String {
    format!("{} s", at.ms() / 1000)
}

fn lane_html(readers: &Readers, lane: &Lane) -> Html {
    let partition = lane.topic_partition.partition;
    html! {
        <li key={partition} class="readers-lane">
            <span class="readers-name" aria-hidden="true">{ partition }</span>
            <div class="readers-bar" aria-hidden="true">{ for lane.segments.iter().map(|segment| segment_html(readers, segment)) }</div>
            <span class="visually-hidden">{ format!("Partition {partition}: {}", lane_words(lane)) }</span>
        </li>
    }
}

fn segment_html(readers: &Readers, segment: &Segment) -> Html {
    let length = readers.until.since(readers.from).ms().max(1) as f64;
    let percent = |from: SimTime, to: SimTime| to.since(from).ms() as f64 * 100.0 / length;
    let place = format!(
        "inset-inline-start:{:.2}%;inline-size:{:.2}%",
        percent(readers.from, segment.from),
        percent(segment.from, segment.until)
    );
    match &segment.owner {
        Some(owner) => {
            let style = format!("{place};--hue:{}", text::hue(owner.as_bytes()));
            html! { <span class="readers-segment" {style}>{ owner.to_string() }</span> }
        }
        None => html! { <span class="readers-segment readers-none" style={place}></span> },
    }
}

/// What the signs of the picture mean.
pub fn legend() -> Html {
    html! {
        <ul class="lesson-legend" aria-label="Legend">
            <li>{ "One lane for each partition; c1, c2, c3: its reader" }</li>
            <li><span class="swatch swatch-none" aria-hidden="true"></span>{ "nobody reads" }</li>
        </ul>
    }
}
