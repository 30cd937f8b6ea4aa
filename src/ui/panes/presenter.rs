//! The presenter: the stage fills the window, as large as the window allows, and the step stands below it as a caption. One
//! hand on a clicker is enough: Page Down goes on, Page Up goes back, Space plays or pauses, Esc leaves.

use yew::prelude::*;

use crate::scenario::tour::{Prediction, Step};
use crate::scenario::walk::Standing;
use crate::ui::app::hooks::{Page, PageProps, use_moment};
use crate::ui::parts::icon::icon;
use crate::ui::parts::marked::words as marked;
use crate::view::text::clock_text;

/// The step as a caption.
pub fn presenter(page: &Page) -> Html {
    let tour = page.session.tour();
    let at = page.session.way().walk.step_index();
    let step = tour.and_then(|tour| tour.steps.get(at).map(|step| (step, tour.steps.len())));
    html! {
        <section class="presenter" aria-label="Step" data-testid="presenter">
            <h1 class="visually-hidden">{ "Kafka Playground" }</h1>
            if let Some((step, steps)) = step {
                <p class="presenter-count">{ at + 1 }<small>{ format!("of {steps}") }</small></p>
                { words(page, step) }
            } else {
                <div></div><div></div>
            }
            <p class="presenter-keys">
                if let Some((step, _)) = step { { page_down(page, step) } }
                <Moment page={page.clone()} />
            </p>
            if let Some((_, steps)) = step {
                <progress class="presenter-progress" max={steps.to_string()} value={(at + 1).to_string()}
                    aria-label="Steps of the tour"></progress>
            }
        </section>
    }
}

fn standing(page: &Page) -> Option<Standing> {
    page.session.tour().map(|tour| page.standing(tour))
}

/// What the next press does.
fn page_down(page: &Page, step: &Step) -> Html {
    let does = match standing(page) {
        _ if page.skips() => "playing…",
        Some(Standing::Running) if page.ui.clock.runs() => "playing…",
        Some(Standing::Running) => "let time pass",
        Some(Standing::Ready) if step.prediction.is_some() => "see the answer",
        Some(Standing::Ready) => "let it happen",
        Some(Standing::Done | Standing::Stuck) => "the next step",
        None => return html! {},
    };
    html! { <span>if does != "playing…" { <kbd>{ "Page Down" }</kbd>{ " " } }{ does }</span> }
}

fn words(page: &Page, step: &Step) -> Html {
    let done = standing(page) == Some(Standing::Done);
    html! {
        <div class="presenter-words" aria-live="polite">
            <h2>{ marked(step.title) }</h2>
            // The text names what is ringed: it stays, unless an answer needs its room.
            if !done || step.prediction.is_none() { <p>{ marked(step.text) }</p> }
            if done && step.prediction.is_none() { <p>{ icon("check") }{ marked(step.done_text) }</p> }
            if let Some(prediction) = &step.prediction { { question(prediction, done) } }
            if done && step.prediction.is_some() { <p>{ icon("check") }{ marked(step.done_text) }</p> }
        </div>
    }
}

/// What the room is asked; then which answer it was, and why.
fn question(prediction: &Prediction, done: bool) -> Html {
    html! {
        <>
            <p class="presenter-question">{ marked(prediction.question) }</p>
            <ol class="presenter-choices">
                { for prediction.choices.iter().enumerate().filter(|(at, _)| !done || *at == prediction.answer).map(|(at, words)| {
                    let right = done && at == prediction.answer;
                    html! { <li class={right.then_some("right")}>if right { { icon("check") } }{ marked(words) }</li> }
                }) }
            </ol>
            if done { <p>{ marked(prediction.because) }</p> }
        </>
    }
}

/// The moment that is shown.
#[component]
fn Moment(props: &PageProps) -> Html {
    use_moment(&props.page.frames);
    let (now, behind) = {
        let session = props.page.session.look();
        (session.now(), session.would_set_aside().is_some())
    };
    html! {
        <span class="presenter-moment">
            if !props.page.ui.clock.runs() { { icon("pause") } }
            { clock_text(now) }
            if behind { <span class="clock-cursor">{ " in the past" }</span> }
        </span>
    }
}
