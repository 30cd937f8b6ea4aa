//! The inspector: what is selected, why it is so, and what can be done with it.

use yew::prelude::*;

use crate::ui::app::hooks::Page;
use crate::ui::app::state::{Dialog, Do};
use crate::ui::panes::safety::safety;
use crate::ui::parts::command::{command, copy_button};
use crate::ui::parts::icon::{icon, icon_button};
use crate::view::View;
use crate::view::inspect::{Action, Fact, Inspection, Selection};
use crate::view::text::ValueText;

pub fn inspector(page: &Page) -> Html {
    let inspection = page.ui.selection.as_ref().and_then(|selection| View::of(&page.session.look()).inspection(selection));
    let Some(selection) = &page.ui.selection else { return html! {} };
    let (kind, title) = match &inspection {
        Some(inspection) => (inspection.kind, &*inspection.title),
        None => ("Selected", "Not there at this moment"),
    };
    html! {
        <section class="inspector" tabindex="-1" data-testid="inspector" data-layer="inspector" aria-label="Inspector">
            <header class="inspector-head">
                <div>
                    <p class="kind">{ kind }</p>
                    <h2 class="mono">{ title.to_owned() }</h2>
                </div>
                { icon_button("close", "Select nothing", Some("Escape"), false, "", page.acting(Page::deselect)) }
            </header>
            <div class="inspector-body">
                { match &inspection {
                    Some(inspection) => shown(page, inspection, selection),
                    None => html! { <p class="quiet">{ "What was selected is not there at this moment." }</p> },
                } }
            </div>
        </section>
    }
}

fn shown(page: &Page, inspection: &Inspection, selection: &Selection) -> Html {
    html! {
        <>
                if let Some(value) = &inspection.value { { value_html(page, value) } }
                <dl class="facts">
                    { for inspection.facts.iter().map(|fact| fact_html(page, fact)) }
                </dl>
                if let Selection::Record { topic_partition, offset } = selection {
                    <button type="button" class="button" onclick={page.doing(Do::Browse(topic_partition.clone(), offset.0))}>
                        { icon("list") }{ "Show in the table" }
                    </button>
                }
                if let Selection::Record { topic_partition, offset } = selection {
                    { safety(page, topic_partition, *offset) }
                }
                if !inspection.actions.is_empty() {
                    <section class="actions" aria-label="Actions">
                        <h3>{ "Actions" }</h3>
                        { for inspection.actions.iter().map(|action| action_html(page, action)) }
                    </section>
                }
        </>
    }
}

fn value_html(page: &Page, value: &ValueText) -> Html {
    let (kind, class) = match value {
        ValueText::Null => ("null value: a tombstone", "value value-null"),
        ValueText::Json(_) => ("value, JSON", "value"),
        ValueText::Text(_) => ("value, text", "value"),
        ValueText::Hex(_) => ("value, bytes", "value"),
    };
    html! {
        <figure {class}>
            <figcaption>{ kind }{ copy_button(page, value.as_str(), "Copy the value", false) }</figcaption>
            <pre tabindex="0" role="region" aria-label="Value">{ value.as_str() }</pre>
        </figure>
    }
}

/// A button that unfolds something, by name.
fn why_button(page: &Page, name: String, label: String, title: Option<String>, words: &'static str) -> Html {
    html! {
        <button type="button" class="why-button" aria-expanded={page.ui.is_unfolded(&name).to_string()} aria-label={label} {title}
            onclick={page.doing(Do::Fold(name))}>{ words }</button>
    }
}

/// A fact. Its value is a button where there is a why to it.
fn fact_html(page: &Page, fact: &Fact) -> Html {
    let name = format!("why {}", fact.label);
    let open = page.ui.is_unfolded(&name);
    html! {
        <div class="fact">
            <dt>{ fact.label }</dt>
            <dd>
                if let Some(link) = &fact.link {
                    <button type="button" class="link" onclick={page.doing(Do::Select(Some(link.clone())))}>{ &fact.value }</button>
                } else {
                    <span class="fact-value">{ &fact.value }</span>
                }
                if let Some(why) = &fact.why {
                    { why_button(page, name, format!("Why: {}", fact.label), Some(why.to_string()), "why") }
                    if open { <p class="why">{ why }</p> }
                }
            </dd>
        </div>
    }
}

/// Something that can be done, with the command that does the same.
fn action_html(page: &Page, action: &Action) -> Html {
    let name = format!("command {}", action.label);
    let open = page.ui.is_unfolded(&name);
    let run = match (&action.disabled, &action.form) {
        (Some(_), _) => None,
        (None, Some(form)) => Some(page.doing(Do::Open(Dialog::Form(form.clone())))),
        (None, None) => Some(page.giving(action.blocks.clone())),
    };
    let (text, own) = match &action.command {
        Some(command) => (command.clone(), false),
        None => (action.blocks.join("\n"), true),
    };
    let in_code = text.starts_with("consumer.");
    html! {
        <div class="action">
            <div class="action-line">
                <button type="button" class={if action.destructive { "button button-danger" } else { "button" }}
                    aria-disabled={action.disabled.is_some().then_some("true")} onclick={run}>
                    { &action.label }{ if action.form.is_some() { "…" } else { "" } }
                </button>
                if !text.is_empty() {
                    { why_button(page, name, format!("Command: {}", action.label), None, if in_code { "in code" } else { "$ command" }) }
                }
            </div>
            if let Some(why) = &action.disabled { <p class="quiet">{ why }</p> }
            if open {
                if in_code { <p class="quiet">{ "In the consumer’s own code; no command does it from outside." }</p> }
                if own { <p class="quiet">{ "A line of this playground’s script; a real cluster has no such command." }</p> }
                { command(page, &text) }
            }
        </div>
    }
}
