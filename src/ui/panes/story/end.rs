//! The goals of a tour, and what stands at its end: what was seen, what can be tried, where to go on.

use yew::prelude::*;

use crate::scenario::after;
use crate::scenario::tour::{Goal, Tour};
use crate::session::{Moment, ScenarioEntry};
use crate::ui::app::hooks::Page;
use crate::ui::app::state::Do;
use crate::ui::parts::icon::icon;
use crate::ui::parts::marked::words;
use crate::view::text::clock_text;

pub fn end(page: &Page, tour: &'static Tour) -> Html {
    let over = page.session.way().walk.is_over(tour, &page.session.look());
    if over { card(page, tour) } else { goals(page, tour) }
}

/// Where each goal was won, if it was.
fn won(page: &Page, tour: &'static Tour) -> Vec<(&'static Goal, Option<Moment>)> {
    let (way, session) = (page.session.way(), page.session.look());
    tour.goals.iter().enumerate().map(|(at, goal)| (goal, way.walk.won(at, &session))).collect()
}

/// What can be reached in any order.
fn goals(page: &Page, tour: &'static Tour) -> Html {
    let goals = won(page, tour);
    if goals.is_empty() {
        return html! {};
    }
    let met = goals.iter().filter(|(_, won)| won.is_some()).count();
    html! {
        <details class="goals">
            <summary>{ format!("Goals: {met} of {}", goals.len()) }</summary>
            { list(&goals) }
        </details>
    }
}

fn list(goals: &[(&'static Goal, Option<Moment>)]) -> Html {
    html! {
        <ul>
            { for goals.iter().map(|(goal, won)| html! {
                <li class={classes!("goal", won.is_some().then_some("goal-met"))}
                    title={won.map(|won| format!("Won at {}", clock_text(won.at())))}>
                    { icon(if won.is_some() { "check" } else { "target" }) }
                    <span>{ words(goal.text) }<span class="visually-hidden">{ if won.is_some() { " (met)" } else { " (open)" } }</span></span>
                </li>
            }) }
        </ul>
    }
}

/// The end of the tour.
fn card(page: &Page, tour: &'static Tour) -> Html {
    let goals = won(page, tour);
    html! {
        <section class="tour-end" aria-label="The end of the tour">
            <p class="step-end">{ icon("check") }{ "That was the tour. Everything stays here to be tried." }</p>
            <h3>{ "What you saw" }</h3>
            <ol class="seen">{ for (0..tour.steps.len()).map(|at| seen(page, tour, at)) }</ol>
            if !goals.is_empty() {
                <h3>{ "Now you" }</h3>
                <div class="goals">{ list(&goals) }</div>
            }
            { on(page) }
        </section>
    }
}

/// A step, as a link to the moment at which it was done.
fn seen(page: &Page, tour: &'static Tour, at: usize) -> Html {
    let step = &tour.steps[at];
    let moment = page.session.way().walk.seen(at, &page.session.look());
    let Some(moment) = moment else {
        return html! { <li key={at}>{ words(step.title) }</li> };
    };
    let page = page.clone();
    let onclick = Callback::from(move |_: MouseEvent| {
        page.show_moment(moment);
        page.dispatch(Do::Arrange(&step.scene));
    });
    html! {
        <li key={at}><button type="button" class="link" {onclick} title={format!("Go to {}", clock_text(moment.at()))}>
            { words(step.title) }</button></li>
    }
}

/// Where to go on.
fn on(page: &Page) -> Html {
    let name = page.session.look().scenario().map(|entry| entry.name);
    let (next, lesson) = name.map(after).unwrap_or_default();
    let story = |entry: &'static ScenarioEntry| {
        html! { <li><button type="button" class="button button-wide" onclick={page.opening(entry.name)}>{ entry.title }</button></li> }
    };
    html! {
        <>
            <h3>{ "Go on with" }</h3>
            <ul class="story-list">
                if let Some(entry) = next { { story(entry) } }
                if let Some(lesson) = lesson {
                    <li><button type="button" class="button button-wide" onclick={page.opening_lesson(lesson)}>
                        { format!("Lesson: {}", lesson.title) }</button></li>
                }
            </ul>
        </>
    }
}
