//! Lives here: the stage: the Logs view as one picture, from the writers to what each reader makes of it; the Cluster view,
//! the Groups view.
//! Never here: what is true of Kafka or of a story: that comes from `view` and `scenario` as plain structs.

mod cluster;
mod group;
mod logs;

pub use logs::LEGEND;

use yew::prelude::*;

use crate::ui::app::hooks::Page;
use crate::ui::app::state::StageView;
use crate::ui::panes::records::records;

pub fn stage(page: &Page) -> Html {
    html! {
        <section class="pane stage" tabindex="-1" data-testid="stage" aria-label="Stage">
            <h2 class="visually-hidden">{ "Stage" }</h2>
            { match page.ui.settings.view {
                StageView::Logs => html! { <logs::Logs page={page.clone()} /> },
                StageView::Cluster => html! { <cluster::Cluster page={page.clone()} /> },
                StageView::Records => records(page),
                StageView::Groups => html! {},
            } }
            <group::Groups page={page.clone()} shown={page.ui.settings.view == StageView::Groups} />
        </section>
    }
}
