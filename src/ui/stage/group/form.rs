//! The form that starts a member, or starts one again with other settings. It shows the command as it is filled in.

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::app::hooks::{self, Page, value_of};
use crate::ui::parts::choice::option;
use crate::ui::parts::command::command;
use crate::ui::parts::icon::icon;
use crate::view::View;
use crate::view::commands::real_commands;
use crate::view::group::{self, NewMember, Says, Strategy, is_instance_id};
use crate::view::records;

/// What the form is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// The first member of a group that is yet to be named.
    First,
    Add,
    /// Stop this one, and start it with other settings.
    Change(Rc<str>),
}

#[derive(Properties, PartialEq)]
pub struct StartMemberProps {
    pub page: Page,
    pub group: Rc<str>,
    /// What may be read; the group's own topics first.
    pub topics: Vec<Rc<str>>,
    /// The choice to begin with: what fits in with the other members.
    pub strategy: Strategy,
    pub purpose: Purpose,
    pub close: Callback<()>,
}

#[component]
pub fn StartMember(props: &StartMemberProps) -> Html {
    let StartMemberProps { page, group, purpose, close, .. } = props;
    let topics = all_topics(page, &props.topics);
    let member = use_state(|| NewMember {
        topic: topics.first().map(|topic| topic.to_string()).unwrap_or_default(),
        group: if group.is_empty() { "readers".to_owned() } else { group.to_string() },
        strategy: props.strategy,
        ..NewMember::default()
    });
    let set = |change: fn(&mut NewMember, String)| {
        let member = member.clone();
        Callback::from(move |event: Event| {
            let mut next = (*member).clone();
            change(&mut next, value_of(&event));
            member.set(next);
        })
    };
    let mut wanted = (*member).clone();
    if !group.is_empty() {
        wanted.group = group.to_string();
    }
    let problem = problem(&wanted);
    let lines = {
        let session = page.session.look();
        match purpose {
            Purpose::Change(name) => group::restart_member(View::of(&session).into(), name, &wanted),
            Purpose::First | Purpose::Add => group::add_member(View::of(&session).into(), &wanted),
        }
    };
    let shown = real_commands(&lines).unwrap_or_default();
    let onsubmit = {
        let (page, lines, close, bad) = (page.clone(), lines.clone(), close.clone(), problem.is_some());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !bad {
                page.give(&lines);
                close.emit(());
            }
        })
    };
    let (title, label) = match purpose {
        Purpose::Change(name) => (format!("Start {name} again with other settings"), "Stop and start it"),
        Purpose::First => (String::new(), "Type it for me"),
        Purpose::Add => ("Start another member".to_owned(), "Start it"),
    };
    use_effect_with(purpose.clone(), |purpose| {
        if *purpose != Purpose::First {
            hooks::focus(hooks::element(".member-form .select"));
        }
    });
    let shares = wanted.strategy == Strategy::Share;
    // Members of another protocol would be refused by a share group.
    let only_shares = props.strategy == Strategy::Share;
    let says_at = Says::ALL.iter().position(|says| *says == wanted.says).unwrap_or(0);
    let say = set(|member, value| {
        member.says = value.parse().ok().and_then(|at: usize| Says::ALL.get(at).copied()).unwrap_or_default();
    });
    let strategy_at = Strategy::ALL.iter().position(|strategy| *strategy == wanted.strategy).unwrap_or(0);
    let choose = set(|member, value| {
        let chosen = value.parse().ok().and_then(|at: usize| Strategy::ALL.get(at).copied());
        member.strategy = chosen.unwrap_or_default();
    });
    html! {
        <form class="member-form" {onsubmit} aria-label={if title.is_empty() { "Start a member".to_owned() } else { title.clone() }}>
            if !title.is_empty() { <h3>{ title }</h3> }
            <div class="member-fields">
                if group.is_empty() {
                    <label class="field"><span>{ "group.id" }</span>
                        <input class="input" type="text" autocomplete="off" value={wanted.group.clone()} oninput={typed(set(|member, value| member.group = value))} />
                    </label>
                }
                <label class="field"><span>{ "Topic" }</span>
                    <select class="select" onchange={set(|member, value| member.topic = value)}>
                        { for topics.iter().map(|topic| option(topic, topic, **topic == *wanted.topic)) }
                    </select>
                </label>
                <label class="field"><span>{ "Protocol and assignor" }</span>
                    <select class="select" onchange={choose}>
                        { for Strategy::ALL.iter().enumerate().filter(|(_, strategy)| !only_shares || **strategy == Strategy::Share).map(|(at, strategy)| {
                            option(&at.to_string(), strategy.label(), at == strategy_at)
                        }) }
                    </select>
                </label>
                if shares {
                    <label class="field"><span>{ "What it says of each record" }</span>
                        <select class="select" onchange={say}>
                            { for Says::ALL.iter().enumerate().map(|(at, says)| option(&at.to_string(), says.label(), at == says_at)) }
                        </select>
                    </label>
                    <label class="field"><span>{ "max.poll.records" }</span>
                        <input class="input" type="text" inputmode="numeric" autocomplete="off" placeholder="500, and whole batches"
                            value={wanted.max_poll_records.clone()} oninput={typed(set(|member, value| member.max_poll_records = value))} />
                    </label>
                } else {
                    <label class="field"><span>{ "group.instance.id" }</span>
                        <input class="input" type="text" autocomplete="off" placeholder="none: a dynamic member" value={wanted.instance_id.clone()}
                            oninput={typed(set(|member, value| member.instance_id = value))} />
                    </label>
                }
                <label class="field"><span>{ "max.poll.interval.ms" }</span>
                    <input class="input" type="text" inputmode="numeric" autocomplete="off" placeholder="300000"
                        value={wanted.max_poll_interval_ms.clone()} oninput={typed(set(|member, value| member.max_poll_interval_ms = value))} />
                </label>
            </div>
            if shares {
                <p class="quiet">{ "A share group begins with the records that come after it, unless its setting share.auto.offset.reset says earliest." }</p>
            }
            { command(page, &shown) }
            <p class="field-error" role="status">{ problem.unwrap_or_default() }</p>
            <div class="row">
                <button type="submit" class="button button-strong" disabled={problem.is_some()}>{ icon("terminal") }{ label }</button>
                if *purpose != Purpose::First {
                    <button type="button" class="button button-quiet" onclick={close.reform(|_: MouseEvent| ())}>{ "Cancel" }</button>
                }
            </div>
        </form>
    }
}

/// A field that is drawn anew while it is written in keeps what is written only if each letter is taken in.
fn typed(take: Callback<Event>) -> Callback<InputEvent> {
    take.reform(|event: InputEvent| event.into())
}

/// The topics that come first, and after them all others.
fn all_topics(page: &Page, first: &[Rc<str>]) -> Vec<Rc<str>> {
    let others = records::topic_names(View::of(&page.session.look()).into(), false);
    first.iter().cloned().chain(others.into_iter().filter(|topic| !first.contains(topic))).collect()
}

/// Nothing, or a whole number above 0.
fn is_count(text: &str) -> bool {
    text.trim().is_empty() || text.trim().parse::<u32>().is_ok_and(|count| count > 0)
}

fn problem(member: &NewMember) -> Option<&'static str> {
    let (interval, instance_id) = (member.max_poll_interval_ms.trim(), member.instance_id.trim());
    if member.topic.is_empty() {
        Some("There is no topic to read yet.")
    } else if member.group.trim().is_empty() {
        Some("A member needs a group.id.")
    } else if member.strategy == Strategy::Share && !is_count(&member.max_poll_records) {
        Some("max.poll.records is a whole number, above 0.")
    } else if !interval.is_empty() && interval.parse::<i32>().map_or(true, |ms| ms < 1) {
        Some("max.poll.interval.ms is a whole number of milliseconds, from 1 to 2147483647.")
    } else if !instance_id.is_empty() && !is_instance_id(instance_id) {
        Some("A group.instance.id has up to 249 plain letters, digits, dots, underscores and hyphens, and nothing else.")
    } else {
        None
    }
}
