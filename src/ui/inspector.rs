//! The inspector: what is selected, why it is so, and what can be done with it.

use yew::prelude::*;

use super::command::{Command, CopyButton};
use super::hooks::{Page, use_page};
use super::icon::{IconButton, icon};
use super::state::{Dialog, Do};
use crate::view::inspect::{Action, Fact, Inspection, Selection, inspect};
use crate::view::text::ValueText;

#[component]
pub fn Inspector() -> Html {
    let page = use_page();
    let inspection = page.ui.selection.as_ref().and_then(|selection| {
        let session = page.session.look();
        inspect(session.world(), session.scenario(), selection)
    });
    let inner = match (&inspection, &page.ui.selection) {
        (Some(inspection), Some(selection)) => shown(&page, inspection, selection),
        (None, Some(_)) => html! {
            <div class="pane-body">
                <p class="quiet">{ "What was selected is not there at this moment." }</p>
                <button type="button" class="button" onclick={page.doing(Do::Select(None))}>{ "Select nothing" }</button>
            </div>
        },
        _ => html! {
            <div class="pane-body empty-pane">
                <h2>{ "Inspector" }</h2>
                <p>{ "Choose a record, a partition, a producer, a consumer or a group on the stage. Its facts come here, with why \
                      they are so and what can be done." }</p>
            </div>
        },
    };
    html! {
        <section class="pane inspector" tabindex="-1" data-testid="inspector" aria-label="Inspector">{ inner }</section>
    }
}

fn shown(page: &Page, inspection: &Inspection, selection: &Selection) -> Html {
    html! {
        <>
            <header class="pane-head inspector-head">
                <div>
                    <p class="kind">{ inspection.kind }</p>
                    <h2 class="mono">{ &inspection.title }</h2>
                </div>
                <IconButton icon="close" label="Select nothing" keys={Some("Escape")} onclick={page.doing(Do::Select(None))} />
            </header>
            <div class="pane-body">
                if let Some(value) = &inspection.value { { value_html(value) } }
                <dl class="facts">
                    { for inspection.facts.iter().enumerate().map(|(at, fact)| html! {
                        <FactRow key={format!("{at}-{}", fact.label)} fact={fact.clone()} />
                    }) }
                </dl>
                if let Selection::Record { topic_partition, offset } = selection {
                    <button type="button" class="button" onclick={page.doing(Do::Browse(topic_partition.clone(), offset.0))}>
                        { icon("list") }{ "Show in the table" }
                    </button>
                }
                if !inspection.actions.is_empty() {
                    <section class="actions" aria-label="Actions">
                        <h3>{ "Actions" }</h3>
                        { for inspection.actions.iter().map(|action| html! {
                            <ActionRow key={action.label.clone()} action={action.clone()} />
                        }) }
                    </section>
                }
            </div>
        </>
    }
}

fn value_html(value: &ValueText) -> Html {
    let (kind, class) = match value {
        ValueText::Null => ("null value: a tombstone", "value value-null"),
        ValueText::Json(_) => ("value, JSON", "value"),
        ValueText::Text(_) => ("value, text", "value"),
        ValueText::Hex(_) => ("value, bytes", "value"),
    };
    html! {
        <figure {class}>
            <figcaption>{ kind }<CopyButton text={value.as_str().to_owned()} label="Copy the value" /></figcaption>
            <pre tabindex="0" role="region" aria-label="Value">{ value.as_str() }</pre>
        </figure>
    }
}

#[derive(Properties, PartialEq)]
struct FactProps {
    fact: Fact,
}

/// A fact. Its value is a button where there is a why to it.
#[component]
fn FactRow(props: &FactProps) -> Html {
    let page = use_page();
    let open = use_state_eq(|| false);
    let fact = &props.fact;
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    html! {
        <div class="fact">
            <dt>{ fact.label }</dt>
            <dd>
                if let Some(link) = &fact.link {
                    <button type="button" class="link" onclick={page.doing(Do::Select(Some(link.clone())))}>{ &fact.value }</button>
                } else {
                    <span class="fact-value">{ &fact.value }</span>
                }
                if fact.why.is_some() {
                    <button type="button" class="why-button" aria-expanded={(*open).to_string()}
                        aria-label={format!("Why: {}", fact.label)} title={fact.why.clone()} onclick={toggle}>{ "why" }</button>
                }
                if *open { if let Some(why) = &fact.why { <p class="why">{ why }</p> } }
            </dd>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ActionProps {
    action: Action,
}

/// Something that can be done, with the command that does the same.
#[component]
fn ActionRow(props: &ActionProps) -> Html {
    let page = use_page();
    let open = use_state_eq(|| false);
    let action = &props.action;
    let run = {
        let (page, action) = (page.clone(), action.clone());
        Callback::from(move |_: MouseEvent| match (&action.disabled, &action.form) {
            (Some(_), _) => {}
            (None, Some(form)) => page.dispatch(Do::Open(Dialog::Form(form.clone()))),
            (None, None) => page.give(&action.blocks),
        })
    };
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let (text, own) = match &action.command {
        Some(command) => (command.clone(), false),
        None => (action.blocks.join("\n"), true),
    };
    html! {
        <div class="action">
            <div class="action-line">
                <button type="button" class={classes!("button", action.destructive.then_some("button-danger"))}
                    aria-disabled={action.disabled.is_some().then_some("true")} onclick={run}>
                    { &action.label }{ if action.form.is_some() { "…" } else { "" } }
                </button>
                if !text.is_empty() {
                    <button type="button" class="why-button" aria-expanded={(*open).to_string()}
                        aria-label={format!("Command: {}", action.label)} onclick={toggle}>{ "$ command" }</button>
                }
            </div>
            if let Some(why) = &action.disabled { <p class="quiet">{ why }</p> }
            if *open {
                if own { <p class="quiet">{ "A line of this playground’s script; a real cluster has no such command." }</p> }
                <Command {text} />
            }
        </div>
    }
}
