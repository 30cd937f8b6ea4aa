//! Lives here: the stage: the Logs view with what is in flight, and the story's own world below.
//! Never here: what is true of Kafka or of a story: that comes from `view` and `scenario` as plain structs.

mod city;
mod flights;
mod groups;
mod logs;
mod news;
mod partition;
mod producers;
mod taxi;
mod world;

use yew::prelude::*;

use super::hooks::use_page;
use super::records::Records;
use super::state::StageView;

#[component]
pub fn Stage() -> Html {
    let page = use_page();
    html! {
        <section class="pane stage" tabindex="-1" data-testid="stage" aria-label="Stage">
            <h2 class="visually-hidden">{ "Stage" }</h2>
            { match page.ui.settings.view {
                StageView::Logs => html! { <><logs::Logs /><world::StoryWorld /></> },
                StageView::Records => html! { <Records /> },
            } }
        </section>
    }
}
