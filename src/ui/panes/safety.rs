//! "Is my record safe?": asked by a button, answered by trying it out on copies of the world.

use std::rc::Rc;

use yew::prelude::*;

use crate::base::{Offset, TopicPartition};
use crate::scenario::lessons::lesson;
use crate::ui::app::hooks::Page;
use crate::ui::app::state::{Do, SafetyAnswer};
use crate::ui::parts::icon::icon;
use crate::view::View;
use crate::view::safety::{self, Outcome, SafetyView, TrialView};
use crate::view::text::clock_text;

pub fn safety(page: &Page, partition: &TopicPartition, offset: Offset) -> Html {
    let answer = page.ui.safety.as_ref().filter(|answer| answer.topic_partition == *partition && answer.offset == offset);
    let cursor = page.session.look().cursor();
    let ask = {
        let (page, partition) = (page.clone(), partition.clone());
        Callback::from(move |_: MouseEvent| {
            let answer = {
                let session = page.session.look();
                let view = safety::record_safety(View::of(&session).into(), &partition, offset);
                SafetyAnswer {
                    topic_partition: partition.clone(),
                    offset,
                    cursor: session.cursor(),
                    at: session.now(),
                    view: view.map(Rc::new),
                }
            };
            page.dispatch(Do::Safety(answer));
        })
    };
    let old = answer.filter(|answer| answer.cursor != cursor);
    html! {
        <section class="safety" aria-label="Is my record safe?">
            <h3>{ "Is my record safe?" }</h3>
            if answer.is_none() {
                <p class="quiet">{ "The playground tries it: on copies of this world it loses each disk, and each two, and sees who leads then." }</p>
            }
            if answer.is_none() || old.is_some() {
                <button type="button" class="button" onclick={ask}>{ icon("disk") }
                    { if old.is_some() { "Try it again now" } else { "Try it" } }</button>
            }
            <div role="status">
                if let Some(old) = old { <p class="quiet">{ format!("At {} it was so:", clock_text(old.at)) }</p> }
                { match answer.map(|answer| &answer.view) {
                    Some(Some(view)) => answered(view),
                    Some(None) => html! { <p>{ "There is no such record." }</p> },
                    None => html! {},
                } }
            </div>
            if let Some(lesson) = lesson("lost-record") {
                <button type="button" class="link" onclick={page.opening_lesson(lesson)}>
                    { "When is an acknowledged record lost? Compare three runs" }
                </button>
            }
        </section>
    }
}

fn answered(view: &SafetyView) -> Html {
    let class = if view.survives_one { "safety-verdict" } else { "safety-verdict safety-bad" };
    html! {
        <>
            <p {class}>{ icon(if view.survives_one { "check" } else { "warn" }) }{ &view.verdict }</p>
            <table class="safety-trials">
                <thead><tr><th scope="col">{ "Lost for ever" }</th><th scope="col">{ "The record" }</th></tr></thead>
                <tbody>{ for view.trials.iter().map(trial_html) }</tbody>
            </table>
            <dl class="safety-facts">
                { for view.facts.iter().map(|(label, value, why)| html! {
                    <div><dt>{ *label }</dt><dd><span class="mono">{ value }</span><p class="quiet">{ why }</p></dd></div>
                }) }
            </dl>
        </>
    }
}

fn trial_html(trial: &TrialView) -> Html {
    let (class, sign) = match trial.outcome {
        Outcome::Kept => ("trial-kept", "check"),
        Outcome::Offline => ("trial-offline", "pause"),
        Outcome::Lost => ("trial-lost", "close"),
    };
    html! {
        <tr key={trial.lost.clone()} {class}>
            <th scope="row">{ &trial.lost }</th>
            <td><span>{ icon(sign) }{ &trial.words }</span></td>
        </tr>
    }
}
