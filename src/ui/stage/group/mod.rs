//! Lives here: the Groups view as it is drawn: a group's members with their clocks, its rebalances step by step, a share
//! group's records in flight, why each member has what it has, and the form that starts members.
//! Never here: what a step or an assignment means: `view::group` says that.

mod form;
mod members;
mod rebalances;
mod share;

use std::rc::Rc;

use yew::prelude::*;

use crate::base::{GroupId, SimTime};
use crate::ui::app::hooks::{Page, value_of};
use crate::ui::app::state::Do;
use crate::ui::parts::choice::option;
use crate::ui::parts::icon::icon;
use crate::view::View;
use crate::view::group::{self, GroupBoard, GroupProtocol, Strategy, Why};
use crate::view::inspect::Selection;
use crate::view::records;
use crate::view::text::clock_text;
use form::{Purpose, StartMember};
use rebalances::{Known, Rebalances};

/// The fold that the assignment's why is under: it runs an assignor, so only where it is wanted.
const WHY: &str = "group-why";

#[derive(Properties, PartialEq)]
pub struct GroupsProps {
    pub page: Page,
    /// False while another view is on the stage: nothing is drawn, and what is known of the group's future is kept.
    pub shown: bool,
}

#[component]
pub fn Groups(props: &GroupsProps) -> Html {
    let page = &props.page;
    let purpose = use_state_eq(|| None::<Purpose>);
    let known = use_mut_ref(Known::default);
    if !props.shown {
        return html! {};
    }
    let (groups, board, why, missing) = {
        let session = page.session.look();
        let view = View::of(&session);
        let groups = group::groups(view.into());
        let chosen = page.ui.group.as_ref().and_then(|chosen| groups.iter().find(|known| known.0 == *chosen));
        // A step may speak of a group that its lines bring about.
        let missing = page.ui.group.clone().filter(|_| chosen.is_none() && page.ui.arranged && page.session.tour().is_some());
        let board = chosen.or(groups.first()).and_then(|id| group::board(view.into(), id));
        let wants_why = page.ui.is_unfolded(WHY);
        let why = board.as_ref().filter(|_| wants_why).and_then(|board| view.why(board));
        (groups, board, why, missing)
    };
    if let Some(name) = missing {
        return html! { <section class="group-view" aria-label="Groups">{ not_yet(&name) }</section> };
    }
    let Some(board) = board else {
        return html! { <section class="group-view" aria-label="Groups">{ no_groups(page) }</section> };
    };
    let board = Rc::new(board);
    let form = purpose.as_ref().map(|wanted| {
        let close = {
            let purpose = purpose.clone();
            Callback::from(move |()| purpose.set(None))
        };
        let topics: Vec<Rc<str>> = board.topics.clone();
        html! { <StartMember page={page.clone()} group={board.group_id.clone()} {topics} strategy={board.strategy()}
        purpose={wanted.clone()} {close} /> }
    });
    let add = {
        let purpose = purpose.clone();
        Callback::from(move |_: MouseEvent| purpose.set(if purpose.is_some() { None } else { Some(Purpose::Add) }))
    };
    let change = {
        let purpose = purpose.clone();
        Callback::from(move |name: Rc<str>| purpose.set(Some(Purpose::Change(name))))
    };
    html! {
        <section class="group-view" aria-label="Groups">
            { toolbar(page, &groups, &board, purpose.is_some(), add) }
            <div class="group-scroll">
                { form }
                { facts(page, &board) }
                { members::members(page, &board, change) }
                if let Some(shared) = &board.share { { share::share(page, &board, shared) } }
                { coordinators(page, &board) }
                <Rebalances page={page.clone()} board={board.clone()} {known} />
                { why_html(page, why.as_ref()) }
            </div>
        </section>
    }
}

fn toolbar(page: &Page, groups: &[GroupId], board: &GroupBoard, open: bool, add: Callback<MouseEvent>) -> Html {
    let onchange = {
        let page = page.clone();
        Callback::from(move |event: Event| page.dispatch(Do::Group(Some(value_of(&event).as_str().into()))))
    };
    html! {
        <div class="group-toolbar">
            if groups.len() > 1 {
                <label class="toolbar-label">{ "Group" }
                    <select class="select" {onchange}>
                        { for groups.iter().map(|known| option(&known.0, &known.0, known.0 == board.group_id)) }
                    </select>
                </label>
            }
            <p class="group-summary" role="status">{ board.summary() }</p>
            <div class="toolbar-end">
                <button type="button" class="button" aria-expanded={open.to_string()} onclick={add}>
                    { icon("plus") }{ "Member" }
                </button>
            </div>
        </div>
    }
}

/// What holds for the group as a whole.
fn facts(page: &Page, board: &GroupBoard) -> Html {
    let mut facts: Vec<(&str, Html)> = vec![("Protocol", html! { { board.protocol.word() } })];
    let state = html! {
        <span class={if board.state.is_stable() { "badge" } else { "badge badge-notice" }}>{ board.state.word() }</span>
    };
    facts.push(("State", state));
    match (board.generation, board.epochs) {
        (_, Some((group, target))) => {
            facts.push(("Group epoch", html! { { group } }));
            facts.push(("Assignment epoch", html! { { target } }));
        }
        (Some(generation), None) => facts.push(("Generation", html! { { generation } })),
        (None, None) => {}
    }
    if let Some(broker) = board.coordinator {
        let selection = Selection::Broker(broker);
        let link = html! {
            <button type="button" class="link" onclick={page.doing(Do::Select(Some(selection)))}>{ format!("broker {broker}") }</button>
        };
        facts.push(("Coordinator", link));
    }
    if let Some(leader) = &board.leader {
        facts.push(("Leader", html! { { leader.to_string() } }));
    }
    if let Some(assignor) = &board.assignor {
        facts.push(("Assignor", html! { { assignor.to_string() } }));
    }
    if let Some((until, words)) = board.deadline {
        facts.push(("Deadline", html! { { format!("{words} {}", clock_text(until)) } }));
    }
    if let Some(share) = &board.share {
        facts.push(("Deliveries at most", html! { { share.delivery_count_max } }));
        facts.push(("In flight at most", html! { { format!("{} records a partition", share.records_max) } }));
    }
    html! {
        <dl class="group-facts-list">
            { for facts.into_iter().filter(|(name, _)| *name != "Protocol" || board.protocol != GroupProtocol::Unknown).map(|(name, value)| html! {
                <div><dt>{ name }</dt><dd>{ value }</dd></div>
            }) }
        </dl>
    }
}

/// How the group changed its coordinator, each line a way to that moment.
fn coordinators(page: &Page, board: &GroupBoard) -> Html {
    if board.history.coordinators.is_empty() {
        return html! {};
    }
    let line = |(at, text): &(SimTime, String)| {
        let (page, at) = (page.clone(), *at);
        let onclick = Callback::from(move |_: MouseEvent| page.move_in_time(&|session| session.seek_time(at)));
        html! { <li><button type="button" class="link" {onclick}>{ clock_text(at) }</button>{ " " }{ text }</li> }
    };
    html! {
        <section class="group-section" aria-label="Coordinator">
            <h3>{ "Coordinator" }</h3>
            <ul class="group-coordinators">{ for board.history.coordinators.iter().map(line) }</ul>
        </section>
    }
}

fn why_html(page: &Page, why: Option<&Why>) -> Html {
    let open = page.ui.is_unfolded(WHY);
    html! {
        <section class="group-section" aria-label="Why this assignment">
            <h3>
                <button type="button" class="group-fold" aria-expanded={open.to_string()} onclick={page.doing(Do::Fold(WHY.to_owned()))}>
                    { icon("chevron") }{ "Why this assignment?" }
                </button>
            </h3>
            if open {
                if let Some(why) = why {
                    <p>{ &why.rule }</p>
                    <dl class="group-why">
                        { for why.members.iter().map(|(_, name, text)| html! { <div><dt>{ name.to_string() }</dt><dd>{ text }</dd></div> }) }
                    </dl>
                    if let Some(rest) = &why.rest { <p>{ rest }</p> }
                    if let Some(agrees) = why.agrees {
                        <p class="quiet">{ match agrees {
                            true => "The assignor was asked again just now, with what the members told it: it says the same.",
                            false => "The assignor was asked again just now: it would say something else. The topics, or what members have, \
                                      are not as they were.",
                        } }</p>
                    }
                } else {
                    <p class="quiet">{ "Nothing is assigned now: the group has no members, or is rebalancing." }</p>
                }
            }
        </section>
    }
}

/// The group that a step is about to bring about.
fn not_yet(name: &str) -> Html {
    html! {
        <div class="empty">
            <h3>{ format!("There is no group {name} yet") }</h3>
            <p>{ "A group begins when its first member joins." }</p>
        </div>
    }
}

/// No group yet: how one begins.
fn no_groups(page: &Page) -> Html {
    let topics = records::topic_names(View::of(&page.session.look()).into(), false);
    let create = group::create_topic(View::of(&page.session.look()).into());
    html! {
        <div class="empty">
            <h3>{ "There are no groups yet" }</h3>
            <p>{ "Consumers with the same group.id share the partitions of their topics: each partition has one reader at a time. \
                  When a member comes or goes, the group rebalances; here you see it step by step. In a share group (KIP-932) \
                  several members read one partition together, and say of each record what became of it." }</p>
            if topics.is_empty() {
                <p>{ "A group needs a topic to read. This command makes one with three partitions:" }</p>
                { crate::ui::parts::command::command(page, create.first().map_or("", |line| line.trim_start_matches("$ "))) }
                <button type="button" class="button button-strong" onclick={page.giving(create.clone())}>
                    { icon("terminal") }{ "Type it for me" }
                </button>
            } else {
                <p>{ "This command starts the first member, in a terminal of its own:" }</p>
                <StartMember page={page.clone()} group={Rc::<str>::from("")} {topics} strategy={Strategy::Default} purpose={Purpose::First} close={Callback::noop()} />
            }
        </div>
    }
}
