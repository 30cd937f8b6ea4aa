//! The buttons that go on. They never scroll, and each has a place of its own: what takes another's place is another button,
//! so that a second press does not do what nobody meant.

use yew::prelude::*;

use crate::scenario::tour::{Step, Tour};
use crate::scenario::walk::Standing;
use crate::ui::app::hooks::Page;
use crate::ui::parts::icon::icon;

pub fn foot(page: &Page, tour: &'static Tour, step: &'static Step, standing: Standing) -> Html {
    let (at, skips) = {
        let way = page.session.way();
        (way.walk.at(tour), way.walk.skips_to().is_some())
    };
    let last = at + 1 == tour.steps.len();
    html! {
        <footer class="step-foot" key={at}>
            <button key="back" type="button" class="button button-quiet step-back" disabled={at == 0}
                onclick={page.acting(Page::go_back_step)}>{ "Back" }</button>
            if skips {
                <button key="stop" type="button" class="button step-skip" onclick={page.acting(Page::stop_skipping)}>{ "Stop" }</button>
            } else {
                { second(page, standing, last) }
                { first(page, step, standing, last) }
            }
        </footer>
    }
}

/// The way past the step.
fn second(page: &Page, standing: Standing, last: bool) -> Html {
    match standing {
        Standing::Ready | Standing::Running => html! {
            <button key="skip" type="button" class="button button-quiet step-skip" title="Play to the step’s end at full speed"
                onclick={page.acting(Page::skip)}>{ "Skip" }</button>
        },
        Standing::Stuck if !last => html! {
            <button key="on" type="button" class="button step-go" onclick={page.acting(Page::go_on)}>{ "Next" }</button>
        },
        _ => html! {},
    }
}

/// The button that goes on.
fn first(page: &Page, step: &'static Step, standing: Standing, last: bool) -> Html {
    let (waits, ahead) = {
        let way = page.session.way();
        let ahead = way.walk.belongs_ahead(&page.session.look());
        (step.prediction.is_some() && way.walk.choice().is_none(), ahead)
    };
    if let Some(moment) = ahead {
        let page = page.clone();
        let there = Callback::from(move |_: MouseEvent| page.show_moment(moment));
        return html! {
            <button key="there" type="button" class="button button-strong step-go" onclick={there}>
                { icon("to-end") }{ "Go there" }
            </button>
        };
    }
    match standing {
        // The question may be folded away: it unfolds, and has the focus.
        Standing::Ready if waits => html! {
            <button key="ask" type="button" class="button button-strong step-go" onclick={page.acting(Page::show_question)}>
                { "Choose an answer" }
            </button>
        },
        Standing::Ready => html! {
            <button key="begin" type="button" class="button button-strong step-go" onclick={page.acting(Page::begin)}>
                { icon("play") }{ "See what happens" }
            </button>
        },
        Standing::Running if !page.ui.clock.runs() => html! {
            <button key="pass" type="button" class="button button-strong step-go" onclick={page.acting(Page::play_until_done)}>
                { icon("play") }{ "Let time pass" }
            </button>
        },
        Standing::Done if !last => html! {
            <button key="next" type="button" class="button button-strong step-go" onclick={page.acting(Page::go_on)}>{ "Next" }</button>
        },
        Standing::Done => html! {
            <button key="end" type="button" class="button button-strong step-go" onclick={page.acting(Page::show_end)}>
                { "What you saw" }
            </button>
        },
        _ => html! {},
    }
}
