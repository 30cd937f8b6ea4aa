//! The story pane: the tour's steps, its predictions, and the goals, which tick themselves off from the world.

use yew::prelude::*;

use super::hooks::{Page, use_page};
use super::icon::icon;
use super::open;
use super::state::{Dialog, Do, TourPlace};
use crate::scenario::tour::{Prediction, Step, Tour};
use crate::session::Session;

/// The tour of the session's story.
fn tour(session: &Session) -> Option<&'static Tour> {
    crate::scenario::tour(session.scenario()?.name)
}

#[component]
pub fn Story() -> Html {
    let page = use_page();
    let tour = tour(&page.session.look());
    use_step_watch(&page, tour);
    let inner = match tour {
        Some(tour) => html! { <TourView tour={Shown(tour)} revision={page.ui.revision} /> },
        None => html! { <Invitation /> },
    };
    html! {
        <section class="pane story" tabindex="-1" data-testid="story" aria-label="Story">{ inner }</section>
    }
}

/// A tour is data that never changes: equal when it is the same one.
#[derive(Clone, Copy)]
struct Shown(&'static Tour);

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
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
    if begun || (step.run.is_empty() && step.prediction.is_none()) {
        if (step.done)(session.world()) {
            return Standing::Done;
        }
        let late = place.begun && session.now().0.saturating_sub(place.begun_at_us) > step.limit.0;
        return if late { Standing::Stuck } else { Standing::Running };
    }
    Standing::Ready
}

/// Stops the clock when the step that had let it run is done.
#[hook]
fn use_step_watch(page: &Page, tour: Option<&'static Tour>) {
    let place = &page.ui.settings.tour;
    let done = tour.and_then(|tour| tour.steps.get(place.step)).is_some_and(|step| standing(page, step) == Standing::Done);
    let page = page.clone();
    use_effect_with(done, move |done| {
        if *done && page.ui.settings.tour.plays {
            page.dispatch(Do::Tour(TourPlace { plays: false, ..page.ui.settings.tour.clone() }));
            page.play(false);
        }
    });
}

#[derive(Properties, PartialEq)]
struct TourProps {
    tour: Shown,
    revision: u64,
}

#[component]
fn TourView(props: &TourProps) -> Html {
    let page = use_page();
    let tour = props.tour.0;
    let place = page.ui.settings.tour.clone();
    let at = place.step.min(tour.steps.len().saturating_sub(1));
    let Some(step) = tour.steps.get(at) else {
        return html! { <div class="pane-body"><Goals tour={props.tour} /></div> };
    };
    let standing = standing(&page, step);
    let go = |to: usize| {
        let dispatch = page.doing(Do::Tour(TourPlace { step: to, ..TourPlace::default() }));
        dispatch.reform(|_: MouseEvent| ())
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
                        <PredictionView prediction={Asked(prediction)} done={standing == Standing::Done}
                            locked={standing != Standing::Ready} />
                    }
                    { step_foot(&page, step, standing) }
                </article>
                <div class="step-ways">
                    <button type="button" class="button button-quiet" disabled={at == 0} onclick={go(at.saturating_sub(1))}>
                        { "Back" }
                    </button>
                    if !last {
                        <button type="button" class={if standing == Standing::Done { "button button-strong" } else { "button" }}
                            onclick={go(at + 1)}>{ if standing == Standing::Done { "Next" } else { "Skip" } }</button>
                    } else if standing == Standing::Done {
                        <p class="step-end">{ icon("check") }{ "That was the tour. Everything stays here to be tried." }</p>
                    }
                </div>
                <Goals tour={props.tour} />
            </div>
        </>
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
    /// Lets the clock run until the step is done.
    fn play_until_done(&self) {
        self.dispatch(Do::Tour(TourPlace { plays: true, ..self.ui.settings.tour.clone() }));
        self.play(true);
    }

    /// Types the step's lines and lets time pass.
    fn begin(&self, step: &'static Step) {
        let lines: Vec<String> = step.run.iter().map(|line| (*line).to_owned()).collect();
        let was_playing = self.ui.playing;
        let (cursor, now) = {
            let session = self.session.look();
            (session.cursor(), session.now().0)
        };
        let place =
            TourPlace { begun: true, begun_at: cursor, begun_at_us: now, plays: !was_playing, ..self.ui.settings.tour.clone() };
        self.dispatch(Do::Tour(place));
        self.dispatch(Do::Play(true));
        if !lines.is_empty() {
            self.give(&lines);
        }
    }
}

#[derive(Clone, Copy)]
struct Asked(&'static Prediction);

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

#[derive(Properties, PartialEq)]
struct PredictionProps {
    prediction: Asked,
    /// What the answer is may be said.
    done: bool,
    /// No other choice can be made.
    locked: bool,
}

/// What will happen? Asked before, answered by the simulation.
#[component]
fn PredictionView(props: &PredictionProps) -> Html {
    let page = use_page();
    let prediction = props.prediction.0;
    let choice = page.ui.settings.tour.choice;
    html! {
        <fieldset class="prediction">
            <legend>{ prediction.question }</legend>
            { for prediction.choices.iter().enumerate().map(|(at, words)| {
                let chosen = choice == Some(at);
                let right = props.done && at == prediction.answer;
                let wrong = props.done && chosen && at != prediction.answer;
                let place = TourPlace { choice: Some(at), ..page.ui.settings.tour.clone() };
                html! {
                    <label class={classes!("choice", chosen.then_some("chosen"), right.then_some("right"), wrong.then_some("wrong"))}>
                        <input type="radio" name="prediction" checked={chosen} disabled={props.locked && !chosen}
                            onchange={page.doing(Do::Tour(place))} />
                        <span>{ *words }</span>
                        if right { <span class="verdict">{ icon("check") }{ "so it is" }</span> }
                        if wrong { <span class="verdict">{ icon("close") }{ "not so" }</span> }
                    </label>
                }
            }) }
            if props.done { <p class="because">{ prediction.because }</p> }
        </fieldset>
    }
}

#[derive(Properties, PartialEq)]
struct GoalsProps {
    tour: Shown,
}

/// What can be reached in any order.
#[component]
fn Goals(props: &GoalsProps) -> Html {
    let page = use_page();
    let session = page.session.look();
    let goals: Vec<(&str, bool)> = props.tour.0.goals.iter().map(|goal| (goal.text, (goal.met)(session.world()))).collect();
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
#[component]
fn Invitation() -> Html {
    let page = use_page();
    html! {
        <div class="pane-body">
            <article class="step">
                <h2 class="step-title">{ "Your own cluster" }</h2>
                <p>{ "One broker runs, and nothing else. Make a topic, write records, add consumers; then stop the clock and look \
                      at what happened, one step at a time." }</p>
                <button type="button" class="button button-strong button-wide"
                    onclick={page.doing(Do::Open(Dialog::CreateTopic))}>{ icon("plus") }{ "Create a topic" }</button>
            </article>
            <section class="goals" aria-label="Stories">
                <h3>{ "Or follow a story" }</h3>
                <ul class="story-list">
                    { for open::CATALOG.iter().map(|entry| {
                        let page = page.clone();
                        let onclick = Callback::from(move |_: MouseEvent| page.open(open::scenario(entry.name)));
                        html! { <li><button type="button" class="button button-wide" {onclick}>{ entry.title }</button></li> }
                    }) }
                </ul>
            </section>
        </div>
    }
}
