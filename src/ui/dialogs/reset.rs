//! Asked before a story begins anew.

use yew::prelude::*;

use super::use_first_focus;
use crate::session::Session;
use crate::ui::hooks::{self, use_page};
use crate::ui::icon::icon;
use crate::ui::open::{self, CATALOG};
use crate::ui::state::Do;

#[component]
pub fn Reset() -> Html {
    let page = use_page();
    let first = use_first_focus();
    let reset = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| {
            let (name, seed) = {
                let session = page.session.look();
                (session.scenario().map(|entry| entry.name), session.world().config().seed)
            };
            page.open(match name {
                Some(name) => open::scenario(name),
                None => Ok(Session::empty(seed, CATALOG)),
            });
        })
    };
    let download = {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| {
            hooks::download("session.kafka", &page.session.look().script());
        })
    };
    html! {
        <>
            <p>{ "This goes back to the beginning of the story. What you did is dropped; download the session first to keep it." }</p>
            <div class="row window-foot">
                <button type="button" class="button button-danger" onclick={reset}>{ icon("reset") }{ "Begin anew" }</button>
                <button type="button" class="button" onclick={download}>{ icon("download") }{ "Download the session" }</button>
                <button type="button" class="button button-quiet" ref={first} onclick={page.doing(Do::CloseDialog)}>
                    { "Cancel" }
                </button>
            </div>
        </>
    }
}
