//! The help: what keys do, and the page's JavaScript API in lines to copy.

use yew::prelude::*;

use crate::ui::app::hooks::Page;
use crate::ui::app::shortcuts::{IN_CLUSTER, IN_GROUP, IN_TERMINAL, SHORTCUTS, Shortcut};
use crate::ui::parts::command::copy_button;

/// Lines for the browser's console that work in any session, given one after the other: each function once.
const IN_JAVASCRIPT: &[(&str, &str)] = &[
    (
        "playground.run('kafka-topics.sh --create --if-not-exists --topic notes --partitions 3 --bootstrap-server localhost:9092')",
        "Run a command; what it printed",
    ),
    ("playground.run('seq 1 9 | kafka-console-producer.sh --topic notes --bootstrap-server localhost:9092')", "Write nine records"),
    (
        "playground.run('kafka-console-consumer.sh --topic notes --group readers --from-beginning --max-messages 3 --bootstrap-server localhost:9092')",
        "Read three of them",
    ),
    ("playground.advance(1000)", "Let 1000 ms of simulated time pass"),
    ("playground.now()", "The simulated time, in ms"),
    ("playground.topics()", "All topics"),
    ("playground.partitions('notes')", "A topic’s partitions: leader, ISR, offsets"),
    ("playground.records('notes', 0, 0, 10)", "Of partition 0 from offset 0, ten records at most"),
    ("playground.groups()", "All groups"),
    ("playground.group('readers')", "One group: state, members, committed offsets, lag"),
    ("playground.brokers()", "The brokers"),
    ("playground.trace(0, 20)", "What happened, from the first entry on, twenty at most"),
    ("playground.step()", "The next thing that is due"),
    ("playground.back()", "Back by one"),
    ("playground.cursor()", "How many things have happened"),
    ("playground.seek(playground.cursor())", "To any of them: a smaller number goes back"),
    ("playground.script()", "The session as text"),
    ("playground.load(playground.script())", "Open a session from its text"),
    ("playground.link()", "The session as a link"),
    ("playground.hash()", "A fingerprint of this moment, the same on every machine"),
    ("new playground.constructor({ seed: 7, brokers: 3 })", "A simulated Kafka of its own, beside the page’s"),
];

pub fn help(page: &Page) -> Html {
    html! {
        <>
            { table(SHORTCUTS) }
            <h3>{ "In the cluster" }</h3>
            { table(IN_CLUSTER) }
            <h3>{ "In a group" }</h3>
            { table(IN_GROUP) }
            <h3>{ "In the terminal" }</h3>
            <p class="quiet">{ "Where the clock is paused, it runs until a command has ended, ten simulated seconds at most." }</p>
            { table(IN_TERMINAL) }
            <h3>{ "In JavaScript" }</h3>
            <p class="quiet">
                { "The browser’s console (F12) has this session as " }<code>{ "playground" }</code>
                { ". What a line does is part of the session, and can be undone like all else." }
            </p>
            <ul class="help-lines">
                { for IN_JAVASCRIPT.iter().map(|(line, does)| html! {
                    <li>
                        <p>{ *does }</p>
                        <div class="help-line">
                            <code>{ *line }</code>
                            { copy_button(page, line, "Copy the line", false) }
                        </div>
                    </li>
                }) }
            </ul>
        </>
    }
}

fn table(shortcuts: &[Shortcut]) -> Html {
    html! {
        <dl class="shortcuts">
            { for shortcuts.iter().map(|shortcut| html! {
                <div>
                    <dt>{ for shortcut.keys.iter().map(|key| html! { <kbd>{ *key }</kbd> }) }</dt>
                    <dd>{ shortcut.does }</dd>
                </div>
            }) }
        </dl>
    }
}
