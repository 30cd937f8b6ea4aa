//! A text of a story as it is drawn.

use yew::prelude::*;

use crate::view::marked::{Part, parts};

/// A tour's text, its names and the numbers of its rings marked.
pub fn words(text: &str) -> Html {
    parts(text)
        .into_iter()
        .map(|part| match part {
            Part::Text(text) => html! { { text } },
            Part::Name(name) => html! { <code>{ name }</code> },
            Part::Ring(number) => html! { <span class="badge" data-ring={number.to_string()}>{ number }</span> },
        })
        .collect()
}
