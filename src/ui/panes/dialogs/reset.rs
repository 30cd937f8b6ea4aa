//! Asked before a story begins anew.

use yew::prelude::*;

use crate::session::Session;
use crate::ui::app::hooks::{Page, downloading};
use crate::ui::app::open::CATALOG;
use crate::ui::app::state::Do;
use crate::ui::parts::icon::icon;

fn begin_anew(page: &Page) {
    let (name, seed, brokers) = {
        let session = page.session.look();
        (session.scenario().map(|entry| entry.name), session.config().seed, session.config().brokers)
    };
    match name {
        Some(name) => page.open_story(name),
        None => page.open(Ok(Session::empty(seed, brokers, CATALOG))),
    }
}

pub fn reset(page: &Page) -> Html {
    html! {
        <>
            <p>{ "This goes back to the beginning of the story. What you did is dropped; download the session first to keep it." }</p>
            <div class="row window-foot">
                <button type="button" class="button button-danger" onclick={page.acting(begin_anew)}>
                    { icon("reset") }{ "Begin anew" }
                </button>
                <button type="button" class="button" onclick={downloading("session.kafka", page)}>
                    { icon("download") }{ "Download the session" }
                </button>
                <button type="button" class="button button-quiet" autofocus=true onclick={page.doing(Do::CloseDialog)}>
                    { "Cancel" }
                </button>
            </div>
        </>
    }
}
