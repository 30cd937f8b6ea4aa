//! Messages above the panes, and the question before the past is changed.

use yew::prelude::*;

use super::clock::failure_notice;
use super::hooks::{self, Page};
use super::icon::{icon, icon_button};
use super::state::{Do, Fork, Notice, NoticeKind};
use crate::view::outcome::{Outcome, outcome};
use crate::view::text::{clock_text, count};

pub fn alerts(page: &Page) -> Html {
    let failure = failure_notice(page);
    let notices = failure.iter().chain(&page.ui.notices);
    html! {
        <div class="alerts">
            { for notices.map(|notice| line(page, notice)) }
            { given(page) }
            { fork(page) }
        </div>
    }
}

fn line(page: &Page, notice: &Notice) -> Html {
    let (role, class, name) = match notice.kind {
        NoticeKind::Alert => ("alert", "notice notice-alert", "warn"),
        NoticeKind::Status => ("status", "notice", "info"),
    };
    let save = notice.file.clone().map(|(name, content)| {
        Callback::from(move |_: MouseEvent| {
            hooks::download(&name, &content);
        })
    });
    html! {
        <div key={notice.topic} {role} {class} data-testid="notice">
            { icon(name) }
            { words(notice) }
            if notice.topic == "paused" {
                <button type="button" class="button" onclick={page.acting(|page| page.play(true))}>{ icon("play") }{ "Play" }</button>
            }
            if let Some(onclick) = save {
                <button type="button" class="button" {onclick}>{ icon("download") }{ "Save as a file" }</button>
            }
            if notice.topic != "failure" {
                { icon_button("close", "Dismiss", None, false, "", page.doing(Do::Dismiss(notice.topic))) }
            }
        </div>
    }
}

/// The text. Where there is little room, what its button says as well is left out.
fn words(notice: &Notice) -> Html {
    let parts = notice.text.split_once(". ").and_then(|(given, rest)| Some((given, rest.split_once(": ")?)));
    match parts {
        Some((given, (state, advice))) if notice.topic == "paused" => html! {
            <p>
                <span class="wide-only">{ format!("{given}. ") }</span>{ state }<span class="wide-only">{ format!(": {advice}") }</span>
            </p>
        },
        _ => html! { <p>{ &notice.text }</p> },
    }
}

/// What the command that was given last came to.
fn given(page: &Page) -> Html {
    let Some(input) = &page.ui.command else {
        return html! {};
    };
    let Some(outcome) = outcome(&page.session.look(), input) else {
        return html! {};
    };
    let (role, class, name) = match outcome.is_failure() {
        true => ("alert", "notice notice-alert", "warn"),
        false => ("status", "notice", "terminal"),
    };
    html! {
        <div key={format!("command {}", input.cursor)} {class} data-testid="outcome">
            { icon(name) }
            <p {role}><code>{ &outcome.command }</code>{ " " }{ status_words(&outcome) }</p>
            { icon_button("close", "Dismiss", None, false, "", page.doing(Do::Command(None))) }
            { output(&outcome, outcome.exit_code.is_some()) }
        </div>
    }
}

/// How a command stands: it runs, or its exit status.
fn status_words(outcome: &Outcome) -> Html {
    let failed = outcome.is_failure().then_some("exit-failed");
    let words = match outcome.exit_code {
        None => "is running".to_owned(),
        Some(code) => format!("exit status {code}"),
    };
    html! { <span class={classes!("exit", failed)}>{ words }</span> }
}

/// What a command printed, unfolded where it must be read.
fn output(outcome: &Outcome, open: bool) -> Html {
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

/// Asked before an input in the past.
fn fork(page: &Page) -> Html {
    let Some(Fork { ahead, .. }) = &page.ui.fork else {
        return html! {};
    };
    let now = clock_text(page.session.look().now());
    let what = match ahead {
        0 => "What happened after it will happen anew".to_owned(),
        ahead => format!("{} you made later will be set aside", count(*ahead as i64, "input")),
    };
    let onkeydown = {
        let page = page.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.stop_propagation();
                page.cancel_fork();
            }
        })
    };
    html! {
        <div class="notice notice-ask" role="alertdialog" aria-labelledby="fork-question" {onkeydown}>
            { icon("undo") }
            <p id="fork-question">{ format!("You are in the past, at {now}. {what}; undo brings it back.") }</p>
            <button type="button" class="button button-strong" onclick={page.acting(|page| page.confirm_fork(false))}>{ "Act here" }</button>
            <button type="button" class="button" onclick={page.acting(|page| page.confirm_fork(true))}>{ "Go to the end and act there" }</button>
            <button type="button" class="button button-quiet" onclick={page.acting(Page::cancel_fork)}>{ "Cancel" }</button>
        </div>
    }
}
