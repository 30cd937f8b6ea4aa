//! The story pane: the tour's steps, its predictions, and the goals, which tick themselves off from the world.

use std::rc::Rc;

use yew::prelude::*;

use super::act::blocks;
use super::hooks::Page;
use super::icon::icon;
use super::open::CATALOG;
use super::state::{Dialog, Do, StageView, TourPlace};
use super::topbar::opening;
use crate::base::SimTime;
use crate::scenario::tour::{Prediction, Step, Tour};
use crate::session::Session;
use crate::view::group;
use crate::view::text::clock_text;

/// The tour of the session's story.
fn tour(session: &Session) -> Option<&'static Tour> {
    crate::scenario::tour(session.scenario()?.name)
}

pub fn story(page: &Page) -> Html {
    let tour = tour(&page.session.look());
    html! {
        <section class="pane story" tabindex="-1" data-testid="story" aria-label="Story">
            { match tour {
                Some(tour) => tour_html(page, tour),
                None => invitation(page),
            } }
        </section>
    }
}

/// How a step stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It waits for a prediction or for its lines to be run.
    Ready,
    Running,
    Done,
    /// It took longer than it should.
    Stuck,
}

fn standing(page: &Page, step: &Step) -> Standing {
    let place = &page.ui.settings.tour;
    let session = page.session.look();
    let begun = place.begun && session.cursor() >= place.begun_at;
    // Nothing is judged before all of the step's lines were given.
    if begun && page.ui.queue.of_tour && !page.ui.queue.blocks.is_empty() {
        return Standing::Running;
    }
    if begun || (step.run.is_empty() && step.prediction.is_none()) {
        if (step.done)(session.world()) {
            return Standing::Done;
        }
        let late = place.begun && session.now().0.saturating_sub(place.begun_at_us) > step.limit.0;
        return if late { Standing::Stuck } else { Standing::Running };
    }
    Standing::Ready
}

/// Is the step that is shown done?
pub fn step_is_done(page: &Page) -> bool {
    let tour = tour(&page.session.look());
    let step = tour.and_then(|tour| tour.steps.get(page.ui.settings.tour.step));
    step.is_some_and(|step| standing(page, step) == Standing::Done)
}

/// Stops the clock when the step that had let it run is done.
pub fn after_step(page: &Page) {
    if page.ui.settings.tour.plays {
        page.dispatch(Do::Tour(TourPlace { plays: false, ..page.ui.settings.tour.clone() }));
        page.play(false);
    }
}

fn tour_html(page: &Page, tour: &'static Tour) -> Html {
    let place = page.ui.settings.tour.clone();
    let at = place.step.min(tour.steps.len().saturating_sub(1));
    let Some(step) = tour.steps.get(at) else {
        return html! { <div class="pane-body">{ goals(page, tour) }</div> };
    };
    let standing = standing(page, step);
    let go = |to: usize| {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| page.go_to_step(to, None))
    };
    let next = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| page.go_to_step(at + 1, (standing == Standing::Ready).then_some(step)))
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
    let place = &page.ui.settings.tour;
    let session = page.session.look();
    let (cursor, at) = (place.begun_at, SimTime(place.begun_at_us));
    if session.cursor() >= cursor || session.end_cursor() < cursor || session.end_time() < at {
        return html! {};
    }
    let there = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| {
            page.move_in_time(&|session| {
                session.seek(cursor);
                if session.now() < at {
                    session.seek_time(at);
                }
            });
        })
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
            let waits = step.prediction.is_some() && page.ui.settings.tour.choice.is_none();
            let begin = {
                let page = page.clone();
                Callback::from(move |_: MouseEvent| page.begin(step))
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
    /// What the one button that goes on does: it begins the step, lets time pass, or goes to the next one.
    pub fn go_on(&self) {
        let tour = tour(&self.session.look());
        let at = self.ui.settings.tour.step;
        let Some((tour, step)) = tour.and_then(|tour| tour.steps.get(at).map(|step| (tour, step))) else { return };
        match standing(self, step) {
            Standing::Ready => self.begin(step),
            Standing::Running if !self.ui.playing => self.play_until_done(),
            Standing::Running => {}
            Standing::Done | Standing::Stuck if at + 1 < tour.steps.len() => self.go_to_step(at + 1, None),
            Standing::Done | Standing::Stuck => {}
        }
    }

    pub fn go_back_step(&self) {
        self.go_to_step(self.ui.settings.tour.step.saturating_sub(1), None);
    }

    /// Lets the clock run until the step is done.
    fn play_until_done(&self) {
        self.dispatch(Do::Tour(TourPlace { plays: true, ..self.ui.settings.tour.clone() }));
        self.play(true);
    }

    /// Turns to the Groups view with this group.
    pub(super) fn show_group(&self, group: Rc<str>) {
        self.dispatch(Do::Group(Some(group)));
        self.dispatch(Do::View(StageView::Groups));
    }

    /// Types the step's lines and lets time pass; in the past it asks first.
    fn begin(&self, step: &'static Step) {
        let blocks = step_blocks(step);
        if blocks.is_empty() || !self.asks_to_fork(&blocks, true) {
            self.begin_now(blocks);
        }
    }

    pub fn begin_now(&self, blocks: Vec<String>) {
        let was_playing = self.ui.playing;
        self.dispatch(Do::Tour(TourPlace { begun: true, plays: !was_playing, ..self.place_here(self.ui.settings.tour.clone()) }));
        self.play(true);
        if !blocks.is_empty() {
            self.give_now(blocks, true);
        }
    }

    /// Shows another step. What a skipped one would have typed is typed all the same: the steps after it build on that.
    fn go_to_step(&self, step: usize, skipped: Option<&'static Step>) {
        self.dispatch(Do::Tour(self.place_here(TourPlace { step, ..TourPlace::default() })));
        let blocks = skipped.map(step_blocks).unwrap_or_default();
        if !blocks.is_empty() && self.session.look().would_set_aside().is_none() {
            self.give_now(blocks, true);
        }
    }

    fn place_here(&self, place: TourPlace) -> TourPlace {
        let session = self.session.look();
        TourPlace { begun_at: session.cursor(), begun_at_us: session.now().0, ..place }
    }
}

fn step_blocks(step: &Step) -> Vec<String> {
    let lines: Vec<String> = step.run.iter().map(|line| (*line).to_owned()).collect();
    blocks(&lines)
}

/// What will happen? Asked before, answered by the simulation.
fn prediction_html(page: &Page, prediction: &'static Prediction, standing: Standing) -> Html {
    let (done, locked) = (standing == Standing::Done, standing != Standing::Ready);
    let choice = page.ui.settings.tour.choice;
    html! {
        <fieldset class="prediction">
            <legend>{ prediction.question }</legend>
            { for prediction.choices.iter().enumerate().map(|(at, words)| {
                let chosen = choice == Some(at);
                let right = done && at == prediction.answer;
                let wrong = done && chosen && at != prediction.answer;
                let place = TourPlace { choice: Some(at), ..page.ui.settings.tour.clone() };
                html! {
                    <label class={classes!("choice", chosen.then_some("chosen"), right.then_some("right"), wrong.then_some("wrong"))}>
                        <input type="radio" name="prediction" checked={chosen} disabled={locked && !chosen}
                            onclick={page.doing(Do::Tour(place))} />
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
    let session = page.session.look();
    let goals: Vec<(&str, bool)> = tour.goals.iter().map(|goal| (goal.text, (goal.met)(session.world()))).collect();
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
