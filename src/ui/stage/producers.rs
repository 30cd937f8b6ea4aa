//! The producers: who writes.

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::hooks::use_page;
use crate::ui::state::Do;
use crate::view::inspect::Selection;
use crate::view::logs::ProducerView;

#[derive(Properties, PartialEq)]
pub struct ProducersProps {
    pub producers: Rc<Vec<ProducerView>>,
    pub count: usize,
}

#[component]
pub fn Producers(props: &ProducersProps) -> Html {
    let page = use_page();
    html! {
        <section class="actors" aria-label="Producers">
            <h3 class="column-head">{ "Producers" }</h3>
            if props.producers.is_empty() {
                <p class="quiet">{ "Nobody writes now." }</p>
            }
            <ul class="actor-list">
                { for props.producers.iter().map(|producer| {
                    let selection = Selection::Producer(producer.client);
                    let selected = page.ui.selection.as_ref() == Some(&selection);
                    let (state, words) = state(producer);
                    html! {
                        <li key={producer.client.0}>
                            <button type="button" class={classes!("actor", state.then_some("actor-busy"))}
                                aria-pressed={selected.to_string()}
                                data-spot={format!("client-{}", producer.client)} onclick={page.doing(Do::Select(Some(selection)))}>
                                <span class="actor-name">{ producer.name.to_string() }</span>
                                if let Some(words) = words { <span class="actor-state">{ words }</span> }
                            </button>
                        </li>
                    }
                }) }
            </ul>
            if props.count > props.producers.len() {
                <p class="quiet">{ format!("and {} more", props.count - props.producers.len()) }</p>
            }
        </section>
    }
}

/// Is it at work, and on what.
fn state(producer: &ProducerView) -> (bool, Option<String>) {
    let unacknowledged: i32 = producer.in_flight.iter().map(|batch| batch.record_count).sum();
    match (unacknowledged, producer.queued_records) {
        (0, 0) => (false, None),
        (0, queued) => (true, Some(format!("{queued} waiting"))),
        (sent, _) => (true, Some(format!("{sent} in flight"))),
    }
}
