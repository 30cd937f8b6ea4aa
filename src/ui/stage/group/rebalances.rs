//! The rebalances of a group: one at a time, as steps that take the clock to their moment, and as one lane for each partition
//! that shows who read it between two steps.

use std::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

use super::members::focus_next;
use crate::base::{SimTime, sort};
use crate::session::Input;
use crate::ui::app::hooks::{self, Page, use_size, value_of};
use crate::ui::app::state::Do;
use crate::ui::parts::choice::option;
use crate::ui::parts::icon::icon;
use crate::view::group::{GroupBoard, Lane, Rebalance, Segment, Step, words};
use crate::view::text;

/// Lanes drawn; of more there is a count.
const LANES_MAX: usize = 24;

/// The rebalances known so far. Those ahead of the cursor stay while the future that they belong to does.
#[derive(Default, PartialEq)]
pub struct Known {
    group: Rc<str>,
    sessions: u32,
    inputs: usize,
    last: Option<Input>,
    cursor: u64,
    rebalances: Rc<Vec<Rc<Rebalance>>>,
}

#[derive(Properties, PartialEq)]
pub struct RebalancesProps {
    pub page: Page,
    pub board: Rc<GroupBoard>,
    pub known: Rc<RefCell<Known>>,
}

#[component]
pub fn Rebalances(props: &RebalancesProps) -> Html {
    let RebalancesProps { page, board, known } = props;
    let chosen = use_state_eq(|| None::<SimTime>);
    let bar = use_node_ref();
    let width = use_size(bar.clone()).0;
    let rebalances = refresh(page, board, &mut known.borrow_mut());
    let now = page.session.look().now();
    let by_choice = chosen.and_then(|began| rebalances.iter().position(|rebalance| rebalance.began == began));
    let by_time = rebalances.iter().rposition(|rebalance| rebalance.from() <= now);
    let Some(at) = by_choice.or(by_time).or(if rebalances.is_empty() { None } else { Some(0) }) else {
        return html! {};
    };
    let rebalance = &rebalances[at];
    let step_at = rebalance.step_at(now);
    let go = {
        let (page, chosen, began) = (page.clone(), chosen.clone(), rebalance.began);
        Callback::from(move |step: Step| {
            chosen.set(Some(began));
            page.move_in_time(&|session| session.seek_time(step.at));
            page.dispatch(Do::Said(step.text));
        })
    };
    let onchange = {
        let (chosen, rebalances) = (chosen.clone(), rebalances.clone());
        Callback::from(move |event: Event| {
            let at = value_of(&event).parse().ok().and_then(|at: usize| rebalances.get(at));
            chosen.set(at.map(|rebalance| rebalance.began));
        })
    };
    // Several steps may share a moment: one goes on to the next moment, and back to the last one.
    let here = step_at.map(|at| rebalance.steps[at].at);
    let before = rebalance.steps.iter().rfind(|step| here.is_some_and(|here| step.at < here)).cloned();
    let after = rebalance.steps.iter().find(|step| step.at > now).cloned();
    let names = rebalances.iter().enumerate().rev().map(|(number, rebalance)| {
        let words = format!("{} {}", text::clock_text(rebalance.began), text::preview(&rebalance.trigger, 48));
        option(&number.to_string(), &words, number == at)
    });
    html! {
        <section class="group-section" aria-label="Rebalances">
            <div class="group-section-head">
                <h3>{ "Rebalance" }</h3>
                <select class="select" aria-label="Which rebalance" {onchange}>{ for names }</select>
                { step_button("step-back", "The step before", before, &go) }
                { step_button("step", "The next step", after, &go) }
            </div>
            { for board.history.unnoticed.iter().map(|step| html! {
                <p class="group-unnoticed">
                    { format!("{} {}. The coordinator has not noticed yet: the group rebalances when the session is over.",
                        text::clock_text(step.at), step.text) }
                </p>
            }) }
            <p class="group-figures">{ figures(rebalance, now) }</p>
            <div class="group-rebalance">
                { steps(rebalance, step_at, &go) }
                { lanes(rebalance, now, &bar, width) }
            </div>
        </section>
    }
}

fn step_button(sign: &'static str, label: &'static str, to: Option<Step>, go: &Callback<Step>) -> Html {
    let disabled = to.is_none();
    let onclick = to.map(|step| go.reform(move |_: MouseEvent| step.clone()));
    html! {
        <button type="button" class="icon-button" aria-label={label} title={label} aria-disabled={disabled.then_some("true")} {onclick}>
            { icon(sign) }
        </button>
    }
}

/// How long it took, and what it cost.
fn figures(rebalance: &Rebalance, now: SimTime) -> String {
    let took = words::span(rebalance.to(now).since(rebalance.began));
    let took = match rebalance.until {
        Some(_) => format!("It took {took}."),
        None => format!("It goes on, for {took} now."),
    };
    let is_read = |lane: &Lane| lane.segments.iter().any(|segment| segment.owner.is_some());
    let unread: Vec<&Lane> = rebalance.lanes.iter().filter(|lane| lane.unread().0 > 0).collect();
    let longest = unread.iter().max_by_key(|lane| lane.unread());
    let cost = match longest {
        None if rebalance.lanes.iter().any(is_read) => "Each partition was read all the time.".to_owned(),
        None => "No partition has a reader yet.".to_owned(),
        Some(longest) => format!(
            "{} of {} had no reader for a while, {} in sum; the longest was {} with {}.",
            unread.len(),
            text::count(rebalance.lanes.len() as i64, "partition"),
            words::span(rebalance.unread()),
            longest.topic_partition,
            words::span(longest.unread())
        ),
    };
    format!("{took} {cost}")
}

fn steps(rebalance: &Rebalance, step_at: Option<usize>, go: &Callback<Step>) -> Html {
    let from = rebalance.from();
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => -1,
            _ => return,
        };
        walk_over(&event, ".group-step", by);
    });
    html! {
        <ol class="group-steps" {onkeydown}>
            { for rebalance.steps.iter().enumerate().map(|(at, step)| {
                let ahead = step_at.is_none_or(|here| at > here);
                let current = step_at == Some(at);
                let onclick = {
                    let step = step.clone();
                    go.reform(move |_: MouseEvent| step.clone())
                };
                html! {
                    <li key={at}>
                        <button type="button" class={classes!("group-step", ahead.then_some("group-step-ahead"))}
                            aria-current={current.then_some("step")} title={step.kind.why()} {onclick}>
                            <span class="group-step-sign" aria-hidden="true">{ step.kind.sign() }</span>
                            <span class="group-step-text">{ &step.text }</span>
                            <span class="group-step-time">{ format!("+{}", words::offset(step.at.since(from))) }</span>
                        </button>
                        if current { <p class="group-step-why">{ step.kind.why() }</p> }
                    </li>
                }
            }) }
        </ol>
    }
}

/// One lane for each partition. Each column is the time from one step to the next, however long; the last one is what
/// comes after. `width` is that of a lane's bar: a reader's name stands only where it fits.
fn lanes(rebalance: &Rebalance, now: SimTime, bar: &NodeRef, width: i32) -> Html {
    let mut times: Vec<SimTime> = rebalance.steps.iter().map(|step| step.at).collect();
    sort(&mut times);
    times.dedup();
    let columns = times.len().max(1);
    let place = |at: SimTime| times.partition_point(|time| *time < at).min(columns);
    let here = times.partition_point(|time| *time <= now).saturating_sub(1);
    let percent = |column: usize| column as f64 * 100.0 / columns as f64;
    let more = rebalance.lanes.len().saturating_sub(LANES_MAX);
    html! {
        <div class="group-lanes">
            <p class="quiet">{ "Who read each partition, from step to step (not to scale)" }</p>
            <ul>
                { for rebalance.lanes.iter().take(LANES_MAX).enumerate().map(|(number, lane)| html! {
                    <li key={lane.topic_partition.to_string()} class="group-lane">
                        <span class="group-lane-name">{ lane.topic_partition.to_string() }</span>
                        <div class="group-lane-bar" aria-hidden="true" ref={if number == 0 { bar.clone() } else { NodeRef::default() }}>
                            { for lane.segments.iter().enumerate().map(|(at, segment)| {
                                let until = if at + 1 == lane.segments.len() { columns } else { place(segment.until) };
                                segment_html(segment, percent(place(segment.from)), percent(until), width)
                            }) }
                            if rebalance.from() <= now {
                                <span class="group-lane-now" style={format!("inset-inline-start:{:.2}%", percent(here))}></span>
                            }
                        </div>
                        <span class="visually-hidden">{ lane_words(lane) }</span>
                        <span class="group-lane-unread">{ match lane.unread().0 {
                            0 => "always read".to_owned(),
                            _ => format!("{} unread", words::span(lane.unread())),
                        } }</span>
                    </li>
                }) }
            </ul>
            if more > 0 { <p class="quiet">{ format!("and {}", text::count(more as i64, "other partition")) }</p> }
        </div>
    }
}

/// About the width of a letter, in CSS pixels.
const LETTER: f64 = 9.0;

fn segment_html(segment: &Segment, from: f64, to: f64, width: i32) -> Html {
    let place = format!("inset-inline-start:{from:.2}%;inline-size:{:.2}%", to - from);
    match &segment.owner {
        Some(owner) => {
            let style = format!("{place};--hue:{}", text::hue(owner.as_bytes()));
            let fits = (owner.chars().count() + 1) as f64 * LETTER <= f64::from(width) * (to - from) / 100.0;
            let name = if fits { owner.to_string() } else { String::new() };
            html! { <span class="group-segment" {style} title={owner.to_string()}>{ name }</span> }
        }
        None => html! { <span class="group-segment group-segment-none" style={place} title="nobody"></span> },
    }
}

/// The same in words.
fn lane_words(lane: &Lane) -> String {
    let segment = |segment: &Segment| {
        let owner = segment.owner.as_deref().unwrap_or("nobody");
        format!("{owner} for {}", words::span(segment.until.since(segment.from)))
    };
    lane.segments.iter().map(segment).collect::<Vec<_>>().join(", then ")
}

/// Takes in what the board says, unless it is of a moment in the past of what is known.
fn refresh(page: &Page, board: &GroupBoard, known: &mut Known) -> Rc<Vec<Rc<Rebalance>>> {
    let session = page.session.look();
    let same_future = known.group == board.group_id
        && known.sessions == page.ui.sessions
        && known.inputs == session.inputs().len()
        && known.last.as_ref() == session.inputs().last()
        && known.cursor <= session.end_cursor();
    if !same_future || session.cursor() >= known.cursor {
        *known = Known {
            group: board.group_id.clone(),
            sessions: page.ui.sessions,
            inputs: session.inputs().len(),
            last: session.inputs().last().cloned(),
            cursor: session.cursor(),
            rebalances: Rc::new(board.history.rebalances.clone()),
        };
    }
    known.rebalances.clone()
}

/// Walks with the focus over elements of a kind.
pub(super) fn walk_over(event: &KeyboardEvent, selector: &str, by: i32) {
    if let Some(next) = focus_next(event, selector, by) {
        event.prevent_default();
        event.stop_propagation();
        hooks::focus(Some(next));
    }
}
