//! The story pane: the tour's steps, its predictions, and the goals, which tick themselves off from the world.

use std::rc::Rc;

use yew::prelude::*;

use super::hooks::Page;
use super::icon::icon;
use super::open::CATALOG;
use super::state::{Dialog, Do, Pane, StageView};
use super::topbar::opening;
use crate::scenario::tour::{Prediction, Step, Tour};
use crate::scenario::walk::Standing;
use crate::view::group;
use crate::view::text::clock_text;

pub fn story(page: &Page) -> Html {
    let tour = page.session.tour();
    html! {
        <section class="pane story" tabindex="-1" data-testid="story" aria-label="Story">
            { match tour {
                Some(tour) => tour_html(page, tour),
                None => invitation(page),
            } }
        </section>
    }
}

fn tour_html(page: &Page, tour: &'static Tour) -> Html {
    let at = page.session.way().walk.at(tour);
    let Some(step) = tour.steps.get(at) else {
        return html! { <div class="pane-body">{ goals(page, tour) }</div> };
    };
    let standing = page.standing(tour);
    let go = |to: usize| {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| page.go_to_step(to))
    };
    let next = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| match standing {
            Standing::Done => page.go_to_step(at + 1),
            _ => page.skip(),
        })
    };
    let last = at + 1 == tour.steps.len();
    html! {
        <>
            <header class="pane-head">
                <div class="step-count">
                    <span>{ format!("{} of {}", at + 1, tour.steps.len()) }</span>
                    <progress class="step-progress" max={tour.steps.len().to_string()} value={(at + 1).to_string()}
                        aria-label="Steps of the tour"></progress>
                </div>
            </header>
            <div class="pane-body">
                <article class="step" key={at} aria-live="polite">
                    <h2 class="step-title">{ step.title }</h2>
                    <p>{ step.text }</p>
                    if let Some(prediction) = &step.prediction {
                        { prediction_html(page, prediction, standing) }
                    }
                    { later_moment(page) }
                    { step_foot(page, step, standing) }
                    if let Some(group) = step.scene.group.filter(|group| is_known(page, group)) {
                        { group_button(page, group) }
                    }
                </article>
                <div class="step-ways">
                    <button type="button" class="button button-quiet" disabled={at == 0} onclick={go(at.saturating_sub(1))}>
                        { "Back" }
                    </button>
                    if !last {
                        <button type="button" class={if standing == Standing::Done { "button button-strong" } else { "button" }}
                            onclick={next}>{ if standing == Standing::Done { "Next" } else { "Skip" } }</button>
                    } else if standing == Standing::Done {
                        <p class="step-end">{ icon("check") }{ "That was the tour. Everything stays here to be tried." }</p>
                    }
                </div>
                { goals(page, tour) }
            </div>
        </>
    }
}

fn is_known(page: &Page, group: &str) -> bool {
    group::groups(page.session.look().world()).iter().any(|known| &*known.0 == group)
}

/// Shows the step's group on the stage. Where that is in sight beside the story, nothing is left to show.
fn group_button(page: &Page, group: &'static str) -> Html {
    let there = page.ui.settings.view == StageView::Groups && page.ui.group.as_deref() == Some(group);
    let onclick = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| page.show_group(group.into()))
    };
    html! {
        <button type="button" class={classes!("button", "button-wide", there.then_some("narrow-only"))} {onclick}>
            { icon("seek") }{ format!("See {group} in Groups") }
        </button>
    }
}

/// Says where the step belongs, in the past before it.
fn later_moment(page: &Page) -> Html {
    let Some(moment) = page.session.way().walk.belongs_ahead(&page.session.look()) else {
        return html! {};
    };
    let at = moment.at();
    let there = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| page.show_moment(moment))
    };
    html! {
        <div class="step-later">
            <p class="step-state" role="status">{ icon("info") }
                { format!("You are in the past: this step belongs at {}.", clock_text(at)) }</p>
            <button type="button" class="button button-wide" onclick={there}>{ icon("to-end") }{ "Go there" }</button>
        </div>
    }
}

fn step_foot(page: &Page, step: &'static Step, standing: Standing) -> Html {
    match standing {
        Standing::Ready => {
            let waits = step.prediction.is_some() && page.session.way().walk.choice().is_none();
            let begin = {
                let page = page.clone();
                Callback::from(move |_: MouseEvent| page.begin())
            };
            html! {
                <>
                    if !step.run.is_empty() {
                        <details class="step-lines">
                            <summary>{ "What will be typed" }</summary>
                            <pre tabindex="0">{ step.run.join("\n") }</pre>
                        </details>
                    }
                    <button type="button" class="button button-strong button-wide" disabled={waits} onclick={begin}>
                        { icon("play") }{ if waits { "Choose first" } else { "See what happens" } }
                    </button>
                </>
            }
        }
        Standing::Running if page.ui.playing => html! {
            <p class="step-state" role="status"><span class="dots" aria-hidden="true"></span>{ "Time passes until it has happened." }</p>
        },
        Standing::Running => {
            let play = {
                let page = page.clone();
                Callback::from(move |_: MouseEvent| page.play_until_done())
            };
            html! {
                <>
                    <p class="step-state" role="status">{ icon("pause") }
                        { "The clock is paused: let time pass, or step, until it has happened." }</p>
                    <button type="button" class="button button-strong button-wide" onclick={play}>
                        { icon("play") }{ "Let time pass" }
                    </button>
                </>
            }
        }
        Standing::Stuck => html! {
            <p class="step-state" role="status">{ icon("info") }
                { "This takes longer than it should: something else was changed. Go on with “Skip”, or start the story anew." }</p>
        },
        Standing::Done => html! {
            <p class="step-done">{ icon("check") }<span>{ step.done_text }</span></p>
        },
    }
}

impl Page {
    /// Turns to the Groups view with this group.
    pub(super) fn show_group(&self, group: Rc<str>) {
        self.dispatch(Do::Group(Some(group)));
        self.dispatch(Do::View(StageView::Groups));
        self.dispatch(Do::Pane(Pane::Stage));
    }
}

/// What will happen? Asked before, answered by the simulation.
fn prediction_html(page: &Page, prediction: &'static Prediction, standing: Standing) -> Html {
    let (done, locked) = (standing == Standing::Done, standing != Standing::Ready);
    let choice = page.session.way().walk.choice();
    html! {
        <fieldset class="prediction">
            <legend>{ prediction.question }</legend>
            { for prediction.choices.iter().enumerate().map(|(at, words)| {
                let chosen = choice == Some(at);
                let right = done && at == prediction.answer;
                let wrong = done && chosen && at != prediction.answer;
                let choose = {
                    let page = page.clone();
                    Callback::from(move |_: MouseEvent| page.choose(at))
                };
                html! {
                    <label class={classes!("choice", chosen.then_some("chosen"), right.then_some("right"), wrong.then_some("wrong"))}>
                        <input type="radio" name="prediction" checked={chosen} disabled={locked && !chosen}
                            onclick={choose} />
                        <span>{ *words }</span>
                        if right { <span class="verdict">{ icon("check") }{ "so it is" }</span> }
                        if wrong { <span class="verdict">{ icon("close") }{ "not so" }</span> }
                    </label>
                }
            }) }
            if done { <p class="because">{ prediction.because }</p> }
        </fieldset>
    }
}

/// What can be reached in any order.
fn goals(page: &Page, tour: &Tour) -> Html {
    let (session, way) = (page.session.look(), page.session.way());
    let goals: Vec<(&str, bool)> =
        tour.goals.iter().enumerate().map(|(at, goal)| (goal.text, way.walk.won(at, &session).is_some())).collect();
    if goals.is_empty() {
        return html! {};
    }
    let met = goals.iter().filter(|(_, met)| *met).count();
    html! {
        <section class="goals" aria-label="Goals">
            <h3>{ "Goals" }<span class="quiet">{ format!("{met} of {}", goals.len()) }</span></h3>
            <ul>
                { for goals.iter().map(|(text, met)| html! {
                    <li class={classes!("goal", met.then_some("goal-met"))}>
                        { icon(if *met { "check" } else { "target" }) }
                        <span>{ *text }<span class="visually-hidden">{ if *met { " (met)" } else { " (open)" } }</span></span>
                    </li>
                }) }
            </ul>
        </section>
    }
}

/// A playground without a story says what can be done.
fn invitation(page: &Page) -> Html {
    let what = match page.session.look().world().config().brokers {
        1 => {
            "One broker runs, and nothing else. Make a topic, write records, add consumers; then stop the clock and look at what \
              happened, one step at a time."
        }
        _ => {
            "Brokers run with their controllers, and nothing else. Make a topic with several replicas, write records; then, in the \
              cluster, stop a broker or cut a link, and look at what happens, one step at a time."
        }
    };
    html! {
        <div class="pane-body">
            <article class="step">
                <h2 class="step-title">{ "Your own cluster" }</h2>
                <p>{ what }</p>
                <button type="button" class="button button-strong button-wide"
                    onclick={page.doing(Do::Open(Dialog::CreateTopic))}>{ icon("plus") }{ "Create a topic" }</button>
            </article>
            <section class="goals" aria-label="Stories">
                <h3>{ "Or follow a story" }</h3>
                <ul class="story-list">
                    { for CATALOG.iter().map(|entry| {
                        let onclick = opening(page, entry.name);
                        html! { <li><button type="button" class="button button-wide" {onclick}>{ entry.title }</button></li> }
                    }) }
                </ul>
            </section>
        </div>
    }
}
