//! Who reads: a card for each, with its switch, its lag, its sentence, and what it makes of the log.

use yew::prelude::*;

use super::pictures::picture;
use super::{Picked, rem};
use crate::base::GroupId;
use crate::ui::app::hooks::Page;
use crate::ui::app::state::Do;
use crate::ui::parts::icon::icon;
use crate::ui::parts::menu::{Menu, MenuItem};
use crate::ui::parts::switch::switch;
use crate::view::commands;
use crate::view::group::GroupStanding;
use crate::view::inspect::Selection;
use crate::view::stage::{CardForm, CardPlan, Member, Reader, ReaderKind, Shape, Target};

/// The middle of a card's head, where its stub of the bus ends; `None` for one that is not shown.
pub fn stub(card: &CardPlan) -> Option<i32> {
    match card.form {
        CardForm::Hidden => None,
        CardForm::Line => Some(card.y + 18),
        CardForm::Head | CardForm::Open => Some(card.y + 23),
    }
}

pub fn readers(page: &Page, drawn: &Picked) -> Html {
    html! {
        <ul class="readers" aria-label="Who reads">
            if drawn.stage.readers.is_empty() { <li class="quiet">{ "Nobody reads now." }</li> }
            { for drawn.stage.readers.iter().zip(&drawn.plan.cards).filter(|(_, card)| card.form != CardForm::Hidden)
                .map(|(reader, card)| reader_html(page, drawn, reader, *card)) }
        </ul>
    }
}

/// The cards that did not fit, as a line that shows them.
pub fn more_readers(page: &Page, drawn: &Picked) -> Html {
    let Some(y) = drawn.plan.more_cards else { return html! {} };
    let hidden = drawn.stage.readers.iter().zip(&drawn.plan.cards).filter(|(_, card)| card.form == CardForm::Hidden);
    let hidden: Vec<&Reader> = hidden.map(|(reader, _)| reader).collect();
    let lags = || hidden.iter().filter_map(|reader| reader.lag);
    let lag = match (lags().min(), lags().max()) {
        (Some(least), Some(most)) if least == most => format!("lag {least}"),
        (Some(least), Some(most)) => format!("lag {least} to {most}"),
        _ => String::new(),
    };
    html! {
        <button type="button" class="reader more-readers" style={format!("inset-block-start:{}", rem(y))}
            onclick={page.doing(Do::Fold("all readers".to_owned()))}>
            <b>{ format!("{} more", hidden.len()) }</b><span class="lag">{ lag }</span>
        </button>
    }
}

/// On a phone: the card of the one that is chosen, and above it a row of the others' names, those of the scene first.
pub fn phone_readers(page: &Page, drawn: &Picked) -> Html {
    let shown: Vec<(&Reader, &CardPlan)> = drawn.stage.readers.iter().zip(&drawn.plan.cards).collect();
    let open = shown.iter().find(|(_, card)| card.form != CardForm::Hidden);
    let label = if open.is_some() { "Who else reads" } else { "Who reads" };
    let rank = |reader: &Reader| page.ui.cards.iter().position(|name| *name == reader.name).unwrap_or(usize::MAX);
    let mut row: Vec<_> = shown.iter().filter(|(_, card)| card.form == CardForm::Hidden).collect();
    crate::base::put_in_order(&mut row, &|one, other| rank(one.0) < rank(other.0));
    html! {
        <>
            if !row.is_empty() {
                <div class="reader-row" role="group" aria-label={label}>{ for row.iter().map(|(reader, _)| name(page, drawn, reader)) }</div>
            }
            if let Some((reader, card)) = open { <ul class="readers">{ reader_html(page, drawn, reader, **card) }</ul> }
        </>
    }
}

/// A reader as its name alone.
fn name(page: &Page, drawn: &Picked, reader: &Reader) -> Html {
    let target = Target::Card(reader.name.clone());
    html! {
        <button key={key(reader)} type="button" class={drawn.ring_class(&target)} data-ring={target.name()} onclick={choose(page, reader)}>
            { drawn.badges(&target) }{ reader.name.to_string() }{ lag(reader, true) }
        </button>
    }
}

fn key(reader: &Reader) -> String {
    let kind = match reader.kind {
        ReaderKind::Service(_) => "service",
        ReaderKind::Group => "group",
        ReaderKind::Share => "share",
        ReaderKind::NoGroup => "none",
    };
    format!("{kind} {}", reader.name)
}

/// Chooses the reader: its group's commits fill the records, and its card opens.
fn choose(page: &Page, reader: &Reader) -> Callback<MouseEvent> {
    let (page, name, group, kind) = (page.clone(), reader.name.clone(), reader.group.clone(), reader.kind);
    Callback::from(move |_: MouseEvent| match kind {
        ReaderKind::Share => page.show_group(name.clone()),
        _ => {
            if let Some(group) = &group {
                page.dispatch(Do::Group(Some(group.clone())));
            }
            page.dispatch(Do::Card(name.clone()));
        }
    })
}

fn reader_html(page: &Page, drawn: &Picked, reader: &Reader, card: CardPlan) -> Html {
    let chosen = drawn.group.is_some() && drawn.group == reader.group;
    let target = Target::Card(reader.name.clone());
    let same = drawn.tracing.as_ref().is_none_or(|tracing| tracing.fetched.contains(&reader.name));
    let off = matches!(reader.kind, ReaderKind::Service(power) if !power.is_on());
    let open = card.form == CardForm::Open;
    // What a phone has no room for is scrolled to, by keys too.
    let scrolls = drawn.plan.shape == Shape::Phone;
    let class = classes!(
        "reader",
        (card.form == CardForm::Line).then_some("slim"),
        open.then_some("open"),
        chosen.then_some("chosen"),
        off.then_some("off"),
        same.then_some("same"),
        drawn.ring_class(&target),
    );
    let style = format!("inset-block-start:{};block-size:{}", rem(card.y), rem(card.height));
    html! {
        <li key={key(reader)} {class} {style} data-ring={target.name()}>
            <div class="r-head">
                { sign(page, reader) }
                <button type="button" class="r-words" aria-pressed={chosen.to_string()} title={title(reader)} onclick={choose(page, reader)}>
                    <span class="r-name">
                        <b>{ reader.name.to_string() }</b>
                        if !reader.writes.is_empty() {
                            <span class="writes"><span class="visually-hidden">{ " writes " }</span>{ icon("pen") }{ reader.writes.join(", ") }</span>
                        }
                        if let Some(state) = &reader.state { <span class="badge badge-notice">{ state_words(*state) }</span> }
                    </span>
                    if !reader.says.is_empty() { <span class="r-says">{ &reader.says }</span> }
                </button>
                { lag(reader, false) }
                { menu(page, reader) }
            </div>
            if open {
                <div class="r-body" tabindex={scrolls.then_some("0")} role={scrolls.then_some("group")}
                    aria-label={scrolls.then(|| reader.name.to_string())}>
                    if let Some(of) = reader.picture { { picture(page, &reader.name, of, (drawn.plan.readers - 16, card.height - 54)) } }
                    if !reader.members.is_empty() && reader.picture.is_none() { { members(page, &reader.members) } }
                </div>
            }
            { drawn.badges(&target) }
        </li>
    }
}

fn title(reader: &Reader) -> String {
    let job = if reader.job.is_empty() { String::new() } else { format!(" {}", reader.job) };
    let says = if reader.says.is_empty() { String::new() } else { format!(" {}", reader.says) };
    format!("{}:{job}{says}", reader.name)
}

/// Kafka's names of states, with places where a line may break.
fn state_words(state: GroupStanding) -> String {
    match state {
        state if state.is_classic_rebalance() => "rebalancing".to_owned(),
        GroupStanding::NoCoordinator => "no coordinator".to_owned(),
        other => other.word().to_lowercase(),
    }
}

fn lag(reader: &Reader, always: bool) -> Html {
    let class = classes!("lag", reader.lag.is_some_and(|lag| lag > 0).then_some("some"));
    match reader.lag {
        Some(lag) => html! { <span {class}><small>{ "lag " }</small>{ lag }</span> },
        None if always || reader.group.is_none() => html! {},
        None => html! { <span {class} title="Nothing is committed yet"><small>{ "lag " }</small>{ "–" }</span> },
    }
}

/// A service's switch; of all others nothing is switched from here.
fn sign(page: &Page, reader: &Reader) -> Html {
    match reader.kind {
        ReaderKind::Service(power) => switch(page, &reader.name, power),
        _ => html! { <span class="no-switch" aria-hidden="true"></span> },
    }
}

/// What else can be done with it.
fn menu(page: &Page, reader: &Reader) -> Html {
    let mut items = Vec::new();
    if let ReaderKind::Service(power) = reader.kind {
        let name = &*reader.name;
        if power.is_on() {
            let mut kill = MenuItem::new("kill", "Kill", page.giving(commands::kill_service(name)));
            kill.hint = Some("A crash: its group notices later".into());
            items.push(kill);
            for (label, words) in reader.tells {
                items.push(MenuItem::new("replay", label, page.giving(vec![format!("$ tell-service {name} {words}")])));
            }
        } else {
            items.push(MenuItem::new("power", "Start", page.giving(commands::start_service(name))));
        }
    }
    if let (Some(group), false) = (&reader.group, reader.kind == ReaderKind::Share) {
        let selection = Selection::Group(GroupId(group.clone()));
        items.push(MenuItem::new("info", "About its group", page.doing(Do::Select(Some(selection)))));
        let (page, group) = (page.clone(), group.clone());
        items.push(MenuItem::new("seek", "See it in Groups", Callback::from(move |_: MouseEvent| page.show_group(group.clone()))));
    }
    if let Some(client) = reader.clients.first() {
        items.push(MenuItem::new("search", "About its consumer", page.doing(Do::Select(Some(Selection::Consumer(*client))))));
    }
    if items.is_empty() {
        return html! {};
    }
    html! { <Menu label={format!("More of {}", reader.name)} class="reader-menu" end=true {items}>{ icon("more") }</Menu> }
}

fn members(page: &Page, members: &[Member]) -> Html {
    let one = |member: &Member| {
        let class = classes!("member", member.gone.then_some("member-gone"), member.idle.then_some("member-idle"));
        let inner = html! {
            <><span class="member-name">{ member.name.to_string() }</span><span class="member-facts">{ &member.words }</span></>
        };
        let Some(client) = member.client else {
            return html! { <li key={&*member.key}><span {class}>{ inner }</span></li> };
        };
        let selection = Selection::Consumer(client);
        let selected = page.ui.selection.as_ref() == Some(&selection);
        html! {
            <li key={&*member.key}>
                <button type="button" {class} aria-pressed={selected.to_string()} onclick={page.doing(Do::Select(Some(selection)))}>{ inner }</button>
            </li>
        }
    };
    html! { <ul class="members">{ for members.iter().map(one) }</ul> }
}
