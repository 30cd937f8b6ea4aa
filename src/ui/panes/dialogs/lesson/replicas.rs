//! A column's body: the replicas of a partition as small logs side by side, and what became of each record.

use yew::prelude::*;

use crate::ui::parts::icon::icon;
use crate::view::compare::{Cell, Fate, ReplicaColumn, Replicas, Word};

/// `before`: the same run a step earlier; what was otherwise then is marked.
pub fn body(column: &Replicas, before: Option<&Replicas>) -> Html {
    let slots = column.fates.len();
    html! {
        <>
            <ul class="copies" aria-label="Replicas" style={format!("--slots:{slots}")}>
                { for column.replicas.iter().map(replica_html) }
            </ul>
            <div class="fates">
                <h5>{ "What became of each record" }</h5>
                <ul>
                    { for column.fates.iter().map(|fate| {
                        let changed = before.is_some_and(|before| !before.fates.iter().any(|other| other.record == fate.record && other.word == fate.word));
                        fate_html(fate, changed)
                    }) }
                </ul>
            </div>
        </>
    }
}

fn replica_html(replica: &ReplicaColumn) -> Html {
    let class = classes!(
        "copy",
        replica.leads.then_some("copy-leads"),
        replica.down.then_some("copy-down"),
        (!replica.in_sync).then_some("copy-out"),
    );
    html! {
        <li key={replica.broker.0} {class}>
            <p class="copy-broker">{ format!("Broker {}", replica.broker) }</p>
            <p class="copy-state">{ if replica.leads { "★ leader" } else { replica.state } }</p>
            <p class="copy-sync">{ icon(if replica.in_sync { "check" } else { "close" }) }{ replica.sync() }</p>
            <ol class="copy-log" aria-label="Log">{ for replica.cells.iter().map(cell_html) }</ol>
        </li>
    }
}

fn cell_html(cell: &Cell) -> Html {
    let title = (!cell.committed).then_some("Above the high watermark: not committed");
    html! {
        <li key={cell.offset.0.to_string()} class={classes!("copy-cell", (!cell.committed).then_some("copy-cell-above"))} {title}>
            <span class="copy-offset">{ cell.offset.to_string() }</span>{ " " }<span class="copy-text">{ &cell.text }</span>
            if !cell.committed { <span class="visually-hidden">{ " (not committed)" }</span> }
        </li>
    }
}

fn fate_html(fate: &Fate, changed: bool) -> Html {
    let (class, sign) = match fate.word {
        Word::NotSent => ("fate-none", "target"),
        Word::Waiting => ("fate-waits", "clock"),
        Word::Kept => ("fate-kept", "check"),
        Word::OutOfReach => ("fate-away", "pause"),
        Word::Lost => ("fate-lost", "close"),
    };
    html! {
        <li key={fate.record} class={classes!("fate", class, changed.then_some("fate-changed"))}>
            { icon(sign) }
            <span class="fate-record">{ fate.record }</span>
            <span class="fate-word">{ fate.word.text() }</span>
            <span class="fate-copies">{ fate.copies_words() }</span>
        </li>
    }
}

/// What the signs of the picture mean.
pub fn legend() -> Html {
    html! {
        <ul class="lesson-legend" aria-label="Legend">
            <li><span class="swatch swatch-cell" aria-hidden="true"></span>{ "committed" }</li>
            <li><span class="swatch swatch-above" aria-hidden="true"></span>{ "above the high watermark: not committed" }</li>
            <li><span class="swatch swatch-down" aria-hidden="true"></span>{ "broker down" }</li>
            <li><span class="swatch swatch-changed" aria-hidden="true"></span>{ "changed at this step" }</li>
        </ul>
    }
}
