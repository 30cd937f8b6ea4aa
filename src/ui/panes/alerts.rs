//! What is told over the stage's foot: what a command came to, what there is to know, and the question before the past is
//! changed. What is well goes by itself after some seconds; a failure stays until it is dismissed.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::ui::app::act::failure_notice;
use crate::ui::app::hooks::{self, Page};
use crate::ui::app::state::{Do, Notice, NoticeKind};
use crate::ui::parts::icon::{icon, icon_button};
use crate::ui::parts::outcome::{output, status_words};
use crate::view::outcome::outcome;
use crate::view::text::{clock_text, count};

/// More than this at once would hide the stage; the others follow when these are gone.
const SHOWN_MAX: usize = 2;

/// How long what is well is told, in wall time: a command that ended, one that runs on, a notice, one with a file.
const ENDED_MS: u32 = 5000;
const RUNS_MS: u32 = 7000;
const NOTICE_MS: u32 = 9000;
const FILE_MS: u32 = 30_000;

/// One that is told, and how pressing it is.
struct Told {
    pressing: u8,
    html: Html,
}

pub fn alerts(page: &Page) -> Html {
    let mut told: Vec<Told> = fork(page).into_iter().chain(given(page)).collect();
    told.extend(failure_notice(page).map(|notice| Told { pressing: 3, ..told_notice(page, &notice) }));
    told.extend(page.ui.notices.iter().rev().map(|notice| told_notice(page, notice)));
    // Of equal ones the order stays: a command before notices, the later before the earlier.
    told.sort_by_key(|one| std::cmp::Reverse(one.pressing));
    // Before a room, only what has to be answered.
    told.retain(|one| one.pressing > 1 || !page.ui.presenter);
    told.truncate(SHOWN_MAX);
    html! {
        <div class="toasts" data-layer="toasts">{ for told.into_iter().rev().map(|one| one.html) }</div>
    }
}

#[derive(Properties, PartialEq)]
struct ToastProps {
    class: &'static str,
    testid: &'static str,
    #[prop_or_default]
    role: Option<&'static str>,
    /// How long it is told; `None`: until it is dismissed.
    #[prop_or_default]
    lasts_ms: Option<u32>,
    /// What is done when its time is over.
    gone: Callback<()>,
    children: Html,
}

/// Goes by itself, but not under the pointer, nor while the focus is in it.
#[component]
fn Toast(props: &ToastProps) -> Html {
    let held = use_state_eq(|| false);
    {
        let gone = props.gone.clone();
        use_effect_with((props.lasts_ms, *held), move |(lasts_ms, held)| {
            let timer = lasts_ms.filter(|_| !held).map(|lasts_ms| Timeout::new(lasts_ms, move || gone.emit(())));
            move || drop(timer)
        });
    }
    let hold = |on: bool| {
        let held = held.clone();
        move || held.set(on)
    };
    let (over, out, focused, left) = (hold(true), hold(false), hold(true), hold(false));
    html! {
        <div class={props.class} role={props.role} data-testid={props.testid}
            onpointerenter={move |_: PointerEvent| over()} onpointerleave={move |_: PointerEvent| out()}
            onfocusin={move |_: FocusEvent| focused()} onfocusout={move |_: FocusEvent| left()}>
            { props.children.clone() }
        </div>
    }
}

fn told_notice(page: &Page, notice: &Notice) -> Told {
    let (pressing, role, class, name) = match notice.kind {
        NoticeKind::Alert => (2, "alert", "notice notice-alert", "warn"),
        NoticeKind::Status => (1, "status", "notice", "info"),
    };
    let lasts_ms = match (notice.kind, &notice.file) {
        (NoticeKind::Alert, _) => None,
        // Until the clock runs, or is moved.
        _ if notice.topic == "paused" => None,
        (_, Some(_)) => Some(FILE_MS),
        (_, None) => Some(NOTICE_MS),
    };
    let topic = notice.topic;
    let save = notice.file.clone().map(|(name, content)| {
        Callback::from(move |_: MouseEvent| {
            hooks::download(&name, &content);
        })
    });
    let html = html! {
        <Toast key={topic} {class} testid="notice" {role} {lasts_ms} gone={gone(page, Do::Dismiss(topic))}>
            { icon(name) }
            <p>{ words(notice) }</p>
            if topic == "paused" {
                <button type="button" class="button" onclick={page.acting(|page| page.play(true))}>{ icon("play") }{ "Play" }</button>
            }
            if let Some(onclick) = save {
                <button type="button" class="button" {onclick}>{ icon("download") }{ "Save as a file" }</button>
            }
            if topic != "failure" {
                { icon_button("close", "Dismiss", None, false, "", page.doing(Do::Dismiss(topic))) }
            }
        </Toast>
    };
    Told { pressing, html }
}

/// The text. What the button beside it says as well is left out.
fn words(notice: &Notice) -> String {
    match notice.text.split_once(": ") {
        Some((state, _)) if notice.topic == "paused" => format!("{state}."),
        _ => notice.text.clone(),
    }
}

fn gone(page: &Page, action: Do) -> Callback<()> {
    let dispatcher = page.ui.dispatcher();
    Callback::from(move |()| dispatcher.dispatch(action.clone()))
}

/// What the command that was given last came to.
fn given(page: &Page) -> Option<Told> {
    let input = page.ui.command.as_ref()?;
    let outcome = outcome(&page.session.look(), input)?;
    let failed = outcome.is_failure();
    if page.ui.hushed == Some(input.cursor) && !failed {
        return None;
    }
    let (role, class, name) = match failed {
        true => ("alert", "notice notice-alert", "warn"),
        false => ("status", "notice", "terminal"),
    };
    let lasts_ms = match (failed, outcome.exit_code) {
        (true, _) => None,
        (false, None) => Some(RUNS_MS),
        (false, Some(_)) => Some(ENDED_MS),
    };
    let html = html! {
        <Toast key={format!("command {}", input.cursor)} {class} testid="outcome" {lasts_ms} gone={gone(page, Do::Hush(input.cursor))}>
            { icon(name) }
            <p {role}><code title={outcome.command.to_string()}>{ &outcome.command }</code>{ " " }{ status_words(&outcome) }</p>
            { output(&outcome, failed) }
            { icon_button("close", "Dismiss", None, false, "", page.doing(Do::Command(None))) }
        </Toast>
    };
    Some(Told { pressing: if failed { 2 } else { 1 }, html })
}

/// Asked before an input in the past.
fn fork(page: &Page) -> Option<Told> {
    let ahead = page.ui.fork.as_ref()?.ahead;
    let now = clock_text(page.session.look().now());
    let what = match ahead {
        0 => "What happened after it will happen anew".to_owned(),
        ahead => format!("{} you made later will be set aside", count(ahead as i64, "input")),
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
    let html = html! {
        <div key="fork" class="notice notice-ask" role="alertdialog" aria-labelledby="fork-question" {onkeydown}>
            { icon("undo") }
            <p id="fork-question">{ format!("You are in the past, at {now}. {what}; undo brings it back.") }</p>
            <div class="notice-ways">
                <button type="button" class="button button-strong" onclick={page.acting(|page| page.confirm_fork(false))}>{ "Act here" }</button>
                <button type="button" class="button" onclick={page.acting(|page| page.confirm_fork(true))}>{ "Go to the end and act there" }</button>
                <button type="button" class="button button-quiet" onclick={page.acting(Page::cancel_fork)}>{ "Cancel" }</button>
            </div>
        </div>
    };
    Some(Told { pressing: 4, html })
}
