//! The script that all runs share, with the places where they differ marked.

use yew::prelude::*;

use crate::scenario::lessons::Lesson;
use crate::view::compare::{Piece, script_pieces};

pub fn script(lesson: &'static Lesson) -> Html {
    html! {
        <details class="lesson-script">
            <summary>{ "Show the script" }</summary>
            <p class="quiet">{ "All runs have the same script but for the marked places: there stands what each run has, the first one’s first." }</p>
            <pre tabindex="0" role="region" aria-label="Script">
                { for script_pieces(lesson).iter().map(|piece| match piece {
                    Piece::Same(text) => html! { { text } },
                    Piece::Differs(values) => html! { <mark>{ values.join(" | ") }</mark> },
                }) }
            </pre>
        </details>
    }
}
