//! The members of a group: state, partitions, and the two clocks that run down.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::base::{ClientId, GroupId, MemberId, SimTime, Span, TopicPartition};
use crate::ui::app::hooks::{self, Page, use_moment};
use crate::ui::app::state::Do;
use crate::ui::parts::icon::icon;
use crate::ui::parts::menu::{Menu, MenuItem};
use crate::ui::parts::rings::{class_of, current_rings, ring_badge};
use crate::view::View;
use crate::view::group::{
    Clock, ClockState, GroupBoard, MemberAct, MemberCard, MemberStanding, OwnedPartition, member_acts, words,
};
use crate::view::inspect::Selection;
use crate::view::stage::Target;
use crate::view::text;

/// Members drawn; of more there is a count.
const MEMBERS_MAX: usize = 50;

/// Partitions drawn of each member.
const PARTITIONS_MAX: usize = 12;

pub fn members(page: &Page, board: &GroupBoard, change: Callback<Rc<str>>) -> Html {
    let more = board.members.len().saturating_sub(MEMBERS_MAX);
    html! {
        <section class="group-section" aria-label="Members">
            <h3>{ "Members" }</h3>
            if board.members.is_empty() {
                <p class="quiet">{ match board.share {
                    Some(_) => "It has none. Where it is in each partition is kept for those who come back.",
                    None => "It has none. Its committed offsets are kept for those who come back.",
                } }</p>
            }
            <ul class="group-members">
                { for board.members.iter().take(MEMBERS_MAX).map(|card| member(page, board, card, &change)) }
                if more > 0 { <li class="quiet">{ format!("and {}", text::count(more as i64, "other member")) }</li> }
                if !board.unread.is_empty() {
                    <li class="group-nobody">
                        <span class="group-nobody-name">{ "Nobody" }</span>
                        <Unread page={page.clone()} partitions={board.unread.clone()} />
                    </li>
                }
            </ul>
            if board.share.is_some() { <p class="quiet">{ super::share::TOGETHER }</p> }
        </section>
    }
}

fn member(page: &Page, board: &GroupBoard, card: &MemberCard, change: &Callback<Rc<str>>) -> Html {
    let acts = member_acts(page.session.look().scenario(), card);
    let onkeydown = {
        let (page, acts) = (page.clone(), acts.clone());
        Callback::from(move |event: KeyboardEvent| {
            if !act_key(&page, &acts, &event) {
                walk(&event);
            }
        })
    };
    let is_terminal = acts.first().is_some_and(|act| act.blocks.iter().any(|block| block.ends_with("^C")));
    let mut items: Vec<MenuItem> = acts
        .iter()
        .map(|act| {
            let mut item = MenuItem::new(act.icon, act.label, page.giving(act.blocks.clone()));
            item.hint = Some(format!("{} {}", act.hint, act.blocks.join(" ")).into());
            item
        })
        .collect();
    if is_terminal {
        let name = card.name.clone();
        let mut item = MenuItem::new("reset", "Start again with other settings", change.reform(move |_: MouseEvent| name.clone()));
        item.hint = Some(match card.shares {
            true => "One that releases or rejects, takes fewer records at a time, or has another poll interval.".into(),
            false => "Another assignor or protocol, static, another poll interval.".into(),
        });
        items.push(item);
    }
    let selection = card.client.map(Selection::Consumer);
    let selected = selection.is_some() && page.ui.selection == selection;
    let keys: Vec<&str> = acts.iter().map(|act| act.key).collect();
    let key = card.member_id.as_ref().map_or_else(|| card.name.to_string(), |member| member.to_string());
    let (rings, target) = (current_rings(page), Target::Member(card.name.clone()));
    let class = classes!("group-member", card.gone.then_some("group-member-gone"), class_of(&rings, &target));
    html! {
        <li {key} {class} {onkeydown} data-ring={target.name()}>
            { ring_badge(&rings, &target) }
            <div class="group-member-head">
                <button type="button" class="node-name group-member-name" aria-pressed={selected.to_string()} aria-keyshortcuts={keys.join(" ")}
                    title={card.member_id.as_ref().map(|member| member.to_string())} onclick={page.doing(Do::Select(selection))}>
                    { card.name.to_string() }
                </button>
                if card.leader { <span class="badge">{ "leader" }</span> }
                if let Some(instance) = &card.instance_id { <span class="badge" title="group.instance.id">{ format!("static {instance}") }</span> }
                if let Some(says) = card.says { <span class="badge" title="What it says of each record">{ says.verb() }</span> }
                if let Some(ms) = card.record_ms { <span class="badge badge-notice">{ format!("{} a record", words::span(Span::from_ms(ms))) }</span> }
                <span class="group-member-tools">
                    { for acts.iter().map(|act| act_button(page, card, act)) }
                    if !items.is_empty() && !card.gone {
                        <Menu label={format!("What {} can do", card.name)} end=true {items}>{ icon("more") }</Menu>
                    }
                </span>
            </div>
            <p class="group-member-state">
                <span class={if card.state == MemberStanding::Stable { "badge" } else { "badge badge-notice" }}>{ card.state.word() }</span>
                <span>{ &card.note }</span>
                <span class="quiet">{ &*card.client_id }</span>
            </p>
            { partitions(card) }
            <Clocks page={page.clone()} group={GroupId(board.group_id.clone())} name={card.name.clone()} member={card.member_id.clone()}
                client={card.client.filter(|_| !card.gone)} shares={card.shares} />
        </li>
    }
}

fn act_button(page: &Page, card: &MemberCard, act: &MemberAct) -> Html {
    let label = format!("{}: {}", act.label, card.name);
    if card.gone {
        // The one thing to do with it says what it is.
        return html! {
            <button type="button" class="button group-member-again" aria-label={label} title={format!("{} ({})", act.hint, act.key)}
                onclick={page.giving(act.blocks.clone())}>{ icon(act.icon) }{ act.label }</button>
        };
    }
    html! {
        <button type="button" class="icon-button icon-button-small" aria-label={label} title={format!("{} ({}) {}", act.label, act.key, act.hint)}
            onclick={page.giving(act.blocks.clone())}>{ icon(act.icon) }</button>
    }
}

fn partitions(card: &MemberCard) -> Html {
    let more = card.partitions.len().saturating_sub(PARTITIONS_MAX);
    html! {
        <ul class="group-partitions" aria-label={format!("Partitions of {}", card.name)}>
            if card.partitions.is_empty() && card.waits_for.is_empty() { <li class="quiet">{ "reads nothing" }</li> }
            { for card.partitions.iter().take(PARTITIONS_MAX).map(owned) }
            if more > 0 { <li class="quiet">{ format!("and {more} more") }</li> }
            { for card.waits_for.iter().take(PARTITIONS_MAX).map(|(partition, owner)| {
                let who = owner.as_ref().map_or_else(|| "is to come".to_owned(), |owner| format!("waits for {owner}"));
                html! { <li class="group-partition group-partition-waits">{ format!("{partition} ") }<span>{ who }</span></li> }
            }) }
        </ul>
    }
}

fn owned(owned: &OwnedPartition) -> Html {
    let words = match (owned.revoking, owned.since) {
        _ if !owned.shared_with.is_empty() => owned.company(),
        (true, _) => "gives it up".to_owned(),
        (false, Some(at)) if owned.reads => format!("since {}", text::clock_text(at)),
        (false, Some(at)) => format!("unread since {}", text::clock_text(at)),
        (false, None) => String::new(),
    };
    let class = classes!("group-partition", (owned.revoking || !owned.reads).then_some("group-partition-waits"));
    html! { <li {class}>{ format!("{} ", owned.topic_partition) }<span>{ words }</span></li> }
}

/// What a key does to the member that has the focus.
fn act_key(page: &Page, acts: &[MemberAct], event: &KeyboardEvent) -> bool {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return false;
    }
    let on_name = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    if !on_name.is_some_and(|target| target.matches(".group-member-name").unwrap_or(false)) {
        return false;
    }
    let Some(act) = acts.iter().find(|act| event.key().eq_ignore_ascii_case(act.key)) else { return false };
    event.prevent_default();
    event.stop_propagation();
    page.give(&act.blocks);
    true
}

/// Up and down walk from member to member.
fn walk(event: &KeyboardEvent) {
    let by = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        _ => return,
    };
    super::rebalances::walk_over(event, ".group-member-name", by);
}

#[derive(Properties, PartialEq)]
struct ClocksProps {
    page: Page,
    group: GroupId,
    name: Rc<str>,
    member: Option<MemberId>,
    client: Option<ClientId>,
    shares: bool,
}

/// Drawn anew with each frame: they run down.
#[component]
fn Clocks(props: &ClocksProps) -> Html {
    let ClocksProps { page, group, name, member, client, shares } = props;
    let timeout = if *shares { "share.session.timeout.ms" } else { "session.timeout.ms" };
    use_moment(&page.frames);
    let (session, poll) = {
        let session = page.session.look();
        View::of(&session).clocks(group, member.as_ref(), *client)
    };
    html! {
        <div class="group-clocks">
            { for session.map(|clock| meter(name, "session", timeout, clock)) }
            { for poll.map(|clock| meter(name, "poll", "max.poll.interval.ms", clock)) }
        </div>
    }
}

fn meter(name: &str, what: &'static str, setting: &'static str, clock: Clock) -> Html {
    meter_html(format!("{setting} of {name}"), what, setting, clock)
}

/// A clock as a bar that runs down, with what is left in words.
pub(super) fn meter_html(label: String, what: &'static str, setting: &'static str, clock: Clock) -> Html {
    let part = clock.thousandths();
    let words = match (clock.state, what) {
        (ClockState::Over, "poll") => "over: it does not poll".to_owned(),
        (ClockState::Over, _) => "over".to_owned(),
        (ClockState::Stands, "poll") => "inside a poll".to_owned(),
        (ClockState::Stands, _) => "waits for an answer".to_owned(),
        (ClockState::Runs, _) => format!("{} left", words::span(clock.left)),
    };
    let class = match (clock.state, part) {
        (ClockState::Stands, _) => "meter-fill meter-stands",
        (ClockState::Over, _) => "meter-fill meter-low",
        (ClockState::Runs, 0..250) => "meter-fill meter-low",
        (ClockState::Runs, _) => "meter-fill",
    };
    let text = format!("{words} of {}", words::span(clock.total));
    html! {
        <div class="meter-row">
            <span class="meter-name" title={setting}>{ what }</span>
            <div class="meter" role="meter" aria-label={label} aria-valuemin="0" aria-valuemax="1000"
                aria-valuenow={part.to_string()} aria-valuetext={text.clone()} title={text}>
                <div {class} style={format!("inline-size:{}%", part as f64 / 10.0)}></div>
            </div>
            <span class="meter-words">{ words }</span>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct UnreadProps {
    page: Page,
    partitions: Vec<(TopicPartition, Option<SimTime>)>,
}

/// Partitions without a reader, and for how long.
#[component]
fn Unread(props: &UnreadProps) -> Html {
    use_moment(&props.page.frames);
    let now = props.page.session.look().now();
    html! {
        <ul class="group-partitions" aria-label="Partitions that nobody reads">
            { for props.partitions.iter().take(PARTITIONS_MAX).map(|(partition, since)| {
                let words = match since {
                    Some(at) => format!("for {}", words::span(now.since((*at).min(now)))),
                    None => "never read".to_owned(),
                };
                html! { <li key={partition.to_string()} class="group-partition group-partition-waits">{ format!("{partition} ") }<span>{ words }</span></li> }
            }) }
            if props.partitions.len() > PARTITIONS_MAX {
                <li class="quiet">{ format!("and {} more", props.partitions.len() - PARTITIONS_MAX) }</li>
            }
        </ul>
    }
}

/// Gives the focus to the next element of a kind.
pub(super) fn focus_next(event: &KeyboardEvent, selector: &str, by: i32) -> Option<web_sys::HtmlElement> {
    let all = hooks::document().query_selector_all(selector).ok()?;
    let here = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
    let at = (0..all.length()).find(|at| all.item(*at) == here)?;
    let next = u32::try_from(at as i32 + by).ok().and_then(|next| all.item(next))?;
    next.dyn_into::<web_sys::HtmlElement>().ok()
}
