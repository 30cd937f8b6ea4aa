//! Lives here: the stage: the Logs view with what is in flight and the story's own world below it, the Cluster view, the Groups view.
//! Never here: what is true of Kafka or of a story: that comes from `view` and `scenario` as plain structs.

mod city;
mod cluster;
mod flights;
mod group;
mod groups;
mod logs;
mod news;
mod partition;
mod producers;
mod taxi;
mod world;

use yew::prelude::*;

use super::hooks::Page;
use super::records::records;
use super::state::StageView;

pub fn stage(page: &Page) -> Html {
    html! {
        <section class="pane stage" tabindex="-1" data-testid="stage" aria-label="Stage">
            <h2 class="visually-hidden">{ "Stage" }</h2>
            { match page.ui.settings.view {
                StageView::Logs => html! { <><logs::Logs page={page.clone()} />{ world::story_world(page) }</> },
                StageView::Cluster => html! { <cluster::Cluster page={page.clone()} /> },
                StageView::Records => records(page),
                StageView::Groups => html! {},
            } }
            <group::Groups page={page.clone()} shown={page.ui.settings.view == StageView::Groups} />
        </section>
    }
}
