//! The producers: who writes.

use yew::prelude::*;

use crate::ui::hooks::Page;
use crate::ui::state::Do;
use crate::view::inspect::Selection;
use crate::view::logs::{LogsView, ProducerView};

pub fn producers(page: &Page, view: &LogsView) -> Html {
    html! {
        <section class="actors" aria-label="Producers">
            <h3 class="column-head">{ "Producers" }</h3>
            if view.producers.is_empty() {
                <p class="quiet">{ "Nobody writes now." }</p>
            }
            <ul class="actor-list">
                { for view.producers.iter().map(|producer| {
                    let selection = Selection::Producer(producer.client);
                    let selected = page.ui.selection.as_ref() == Some(&selection);
                    let (state, words) = state(producer);
                    html! {
                        <li key={producer.client.0}>
                            <button type="button" class={if state { "actor actor-busy" } else { "actor" }}
                                aria-pressed={selected.to_string()}
                                data-spot={format!("client-{}", producer.client)} onclick={page.doing(Do::Select(Some(selection)))}>
                                <span class="actor-name">{ producer.name.to_string() }</span>
                                if let Some(words) = words { <span class="actor-state">{ words }</span> }
                            </button>
                        </li>
                    }
                }) }
            </ul>
            if view.producer_count > view.producers.len() {
                <p class="quiet">{ format!("and {} more", view.producer_count - view.producers.len()) }</p>
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
