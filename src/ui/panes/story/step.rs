//! What a step says and asks, and how it stands.

use yew::prelude::*;

use crate::scenario::tour::{Prediction, Step};
use crate::scenario::walk::Standing;
use crate::ui::app::hooks::Page;
use crate::ui::parts::icon::icon;
use crate::ui::parts::marked::words;
use crate::view::text::clock_text;

pub fn step(page: &Page, step: &'static Step, standing: Standing) -> Html {
    let text = html! { <p key="text" class="step-text">{ words(step.text) }</p> };
    let question = step.prediction.as_ref().map(|prediction| prediction_html(page, prediction, standing));
    // What has come of it is read first then.
    match standing {
        Standing::Done => html! { <>{ state(page, step, standing) }{ question }{ text }</> },
        _ => html! { <>{ text }{ question }{ later(page) }{ state(page, step, standing) }</> },
    }
}

/// Says where the step belongs, in the past before it.
fn later(page: &Page) -> Html {
    let Some(moment) = page.session.way().walk.belongs_ahead(&page.session.look()) else {
        return html! {};
    };
    html! {
        <p class="step-state step-later" role="status">{ icon("info") }
            { format!("You are in the past: this step belongs at {}.", clock_text(moment.at())) }</p>
    }
}

/// How the step stands.
fn state(page: &Page, step: &'static Step, standing: Standing) -> Html {
    if let Some(to) = page.session.way().walk.skips_to() {
        return skipping(page, to);
    }
    match standing {
        Standing::Ready if step.run.is_empty() => html! {},
        Standing::Ready => html! {
            <details class="step-lines">
                <summary>{ "What will be typed" }</summary>
                <pre tabindex="0">{ step.run.join("\n") }</pre>
            </details>
        },
        Standing::Running if page.ui.clock.runs() => html! {
            <p class="step-state" role="status">{ "Time passes until it has happened." }</p>
        },
        Standing::Running => html! {
            <p class="step-state" role="status">{ icon("pause") }
                { "The clock is paused: let time pass, or step, until it has happened." }</p>
        },
        Standing::Stuck => html! {
            <p class="step-state" role="status">{ icon("info") }
                { "This takes longer than it should: something else was changed. Go on, or start the story anew." }</p>
        },
        Standing::Done => html! {
            <p class="step-done">{ icon("check") }<span>{ words(step.done_text) }</span></p>
        },
    }
}

/// A step is played to its end, or several to where another begins.
fn skipping(page: &Page, to: usize) -> Html {
    let at = page.session.way().walk.step_index();
    let several = to > at + 1;
    let text = if several { format!("Playing to step {}…", to + 1) } else { "Playing to the step’s end…".to_owned() };
    html! {
        <p class="step-state" role="status">{ text }</p>
    }
}

/// What will happen? Asked before, answered by the simulation.
fn prediction_html(page: &Page, prediction: &'static Prediction, standing: Standing) -> Html {
    let (done, ready) = (standing == Standing::Done, standing == Standing::Ready);
    let choice = page.session.way().walk.choice();
    let choices = prediction.choices.iter().enumerate();
    // What was neither chosen nor right says nothing any more.
    let shown = choices.filter(|(at, _)| !done || *at == prediction.answer || choice == Some(*at));
    html! {
        <fieldset key="question" class="prediction">
            <legend>{ words(prediction.question) }</legend>
            <div class="choices">
                { for shown.map(|(at, words)| {
                    let chosen = choice == Some(at);
                    choice_html(page, at, words, chosen, !ready && !chosen, done.then_some(at == prediction.answer))
                }) }
            </div>
            if done { <p class="because">{ words(prediction.because) }</p> }
        </fieldset>
    }
}

/// One answer; `right`: what has become of it.
fn choice_html(page: &Page, at: usize, text: &'static str, chosen: bool, disabled: bool, right: Option<bool>) -> Html {
    let choose = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| page.choose(at))
    };
    let (is_right, is_wrong) = (right == Some(true), chosen && right == Some(false));
    html! {
        <label key={at} class={classes!("choice", chosen.then_some("chosen"), is_right.then_some("right"), is_wrong.then_some("wrong"))}>
            <input type="radio" name="prediction" checked={chosen} {disabled} onclick={choose} />
            <span>{ words(text) }</span>
            if is_right { <span class="verdict">{ icon("check") }{ "so it is" }</span> }
            if is_wrong { <span class="verdict">{ icon("close") }{ "not so" }</span> }
        </label>
    }
}
