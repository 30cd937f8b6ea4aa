//! What a command came to: how it stands, and what it printed.

use yew::prelude::*;

use crate::view::outcome::Outcome;
use crate::view::text::count;

/// How a command stands: it runs, or its exit status.
pub fn status_words(outcome: &Outcome) -> Html {
    let failed = outcome.is_failure().then_some("exit-failed");
    let words = match outcome.exit_code {
        None => "is running".to_owned(),
        Some(code) => format!("exit status {code}"),
    };
    html! { <span class={classes!("exit", failed)}>{ words }</span> }
}

/// What a command printed, unfolded where it must be read.
pub fn output(outcome: &Outcome, open: bool) -> Html {
    if outcome.output.is_empty() {
        return html! {};
    }
    html! {
        <details class="output" {open}>
            <summary>{ "Output" }</summary>
            if outcome.lines_left_out > 0 {
                <p class="quiet">{ format!("{} above are left out.", count(outcome.lines_left_out as i64, "line")) }</p>
            }
            <pre tabindex="0" role="region" aria-label="Output">{ &outcome.output }</pre>
        </details>
    }
}

/// A command's status and output, below its line in the log.
pub fn outcome_html(outcome: &Outcome) -> Html {
    html! { <>{ status_words(outcome) }{ output(outcome, outcome.is_failure()) }</> }
}
