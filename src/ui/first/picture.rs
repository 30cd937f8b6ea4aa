//! The first screen's picture, playing by itself.
//!
//! It has a clock of its own: one second on the wall is one of the simulation, and where a record has come to the log's end
//! the picture stands for a while, so that it can be looked at. Nothing is drawn in between: what flies is moved by the
//! style sheet, from when it was sent to when it arrives.

use gloo_timers::callback::Interval;
use yew::prelude::*;

use crate::base::{SimTime, Span};
use crate::scenario::first::{CATALOG, SCRIPT};
use crate::session::Session;
use crate::ui::app::hooks::wall_ms;
use crate::ui::parts::icon::icon_button;
use crate::view::View;
use crate::view::first::{FirstPicture, Moment, OnItsWay, sentences};
use crate::view::row::RecordCell;

const TICK_MS: u32 = 50;
/// A longer gap between two ticks is no time that anyone watched.
const GAP_MAX_MS: f64 = 500.0;
/// How long the picture stands when a record has got its place.
const STANDS_MS: f64 = 1600.0;
/// From this offset on it begins again.
const OFFSET_MAX: i64 = 60;
/// Dues in one tick: there are never as many.
const DUES_MAX: u64 = 1000;

/// What plays.
struct Player {
    session: Session,
    /// The tick before, on the wall.
    last: f64,
    /// So long the picture still stands.
    stands: f64,
    /// What flew in the picture before: when it was sent, and how far it was when it was first seen.
    written: Since,
    read: Since,
}

type Since = Option<(SimTime, Span)>;

/// What is drawn.
#[derive(Clone, PartialEq)]
struct Shown {
    picture: FirstPicture,
    written: Span,
    read: Span,
}

impl Player {
    fn new() -> Option<Self> {
        let session = Session::open(SCRIPT, CATALOG).ok()?;
        Some(Self { session, last: wall_ms(), stands: 0.0, written: None, read: None })
    }

    /// Lets what has passed on the wall pass here too.
    fn tick(&mut self) {
        let now = wall_ms();
        let gap = (now - std::mem::replace(&mut self.last, now)).clamp(0.0, GAP_MAX_MS);
        if self.stands > 0.0 {
            self.stands -= gap;
            return;
        }
        let before = self.end();
        self.session.advance(Span((gap * 1000.0) as u64), DUES_MAX);
        if self.end() > OFFSET_MAX
            && let Some(anew) = Self::new()
        {
            *self = anew;
        } else if self.end() > before {
            self.stands = STANDS_MS;
        }
    }

    fn end(&self) -> i64 {
        View::of(&self.session).first_picture().map_or(0, |picture| picture.log_end_offset)
    }

    fn look(&mut self) -> Option<Shown> {
        let now = self.session.now();
        let mut picture = View::of(&self.session).first_picture()?;
        if self.stands > 0.0 {
            picture.moment = Moment::Appended;
            picture.read = None;
        }
        let written = since(&mut self.written, picture.written.as_ref(), now);
        let read = since(&mut self.read, picture.read.as_ref(), now);
        Some(Shown { picture, written, read })
    }
}

/// How far a flight was when it was first seen: from there the style sheet moves it.
fn since(known: &mut Since, flight: Option<&OnItsWay>, now: SimTime) -> Span {
    *known = match (flight, *known) {
        (Some(flight), Some((sent_at, since))) if sent_at == flight.sent_at => Some((sent_at, since)),
        (Some(flight), _) => Some((flight.sent_at, now.since(flight.sent_at))),
        (None, _) => None,
    };
    known.map_or(Span::ZERO, |(_, since)| since)
}

#[component]
pub fn Picture() -> Html {
    let player = use_mut_ref(Player::new);
    let shown = use_state_eq(|| player.borrow_mut().as_mut().and_then(Player::look));
    let paused = use_state_eq(|| false);
    {
        let (player, shown) = (player.clone(), shown.clone());
        use_effect_with(*paused, move |paused| {
            if let Some(player) = player.borrow_mut().as_mut() {
                player.last = wall_ms();
            }
            let ticks = (!paused).then(|| {
                Interval::new(TICK_MS, move || {
                    if let Some(player) = player.borrow_mut().as_mut() {
                        player.tick();
                        shown.set(player.look());
                    }
                })
            });
            move || drop(ticks)
        });
    }
    let Some(shown) = &*shown else { return html! {} };
    let toggle = {
        let paused = paused.clone();
        Callback::from(move |_: MouseEvent| paused.set(!*paused))
    };
    let (sign, label) = if *paused { ("play", "Play the picture") } else { ("pause", "Pause the picture") };
    html! {
        <div class={classes!("first-picture", paused.then_some("first-paused"))}>
            { writer() }
            { log(shown) }
            { reader(shown) }
            { moments(&shown.picture) }
            <span class="first-pause">{ icon_button(sign, label, None, false, "", toggle) }</span>
        </div>
    }
}

fn writer() -> Html {
    html! {
        <>
            <div class="first-head first-head-write" aria-hidden="true">{ "Who writes" }</div>
            <div class="first-actor first-shop" aria-hidden="true"><b>{ "shop" }</b><span>{ "a producer" }</span></div>
        </>
    }
}

fn log(shown: &Shown) -> Html {
    let picture = &shown.picture;
    let (end, is_appended) = (picture.log_end_offset, picture.moment == Moment::Appended);
    let last = end - 1;
    let cell = |cell: &RecordCell| {
        let class = classes!(
            "first-cell",
            picture.is_committed(cell).then_some("first-committed"),
            (is_appended && cell.offset == last).then_some("first-ring"),
        );
        html! {
            <li key={cell.offset} {class} style={hue(cell.hue)}>
                <b>{ &*cell.value_preview }</b>
                <span class="first-key">{ cell.key.as_deref().unwrap_or_default() }</span>
                <span class="first-offset">{ cell.offset }</span>
            </li>
        }
    };
    let at = format!("--at:{}", picture.place(picture.committed_offset));
    html! {
        <>
            <div class="first-head first-head-log" aria-hidden="true">{ "The log: topic " }<code>{ "orders" }</code></div>
            <div class="first-log" aria-hidden="true">
                <div class="first-lane">
                    if let Some(flight) = &picture.written {
                        <span key={flight.offset} class="first-flier first-ring" style={flying(flight, shown.written)}>
                            <b>{ flight.order.dish }</b><span>{ flight.order.table }</span>
                        </span>
                    }
                </div>
                <div class="first-line">
                    // Another list for each record: it comes in from the right.
                    <ol key={end} class={classes!("first-cells", (end > picture.cells.len() as i64).then_some("first-moved"))}>
                        { for picture.cells.iter().map(cell) }
                    </ol>
                    <span class="first-slot">{ end }</span>
                </div>
                <div class="first-ruler">
                    <span class="first-mark" style={at.clone()}>
                        <span>{ "kitchen " }<i>{ picture.committed_offset }</i></span><i class="first-sign"></i>
                    </span>
                    if picture.lag() > 0 { <span class="first-span" style={at}></span> }
                    <span class={classes!("first-lag", (picture.lag() == 0).then_some("first-lag-none"))}>
                        { format!("lag {}", picture.lag()) }
                    </span>
                </div>
            </div>
        </>
    }
}

fn reader(shown: &Shown) -> Html {
    let picture = &shown.picture;
    let ring = (picture.moment == Moment::Read).then_some("first-ring");
    html! {
        <>
            <div class="first-head first-head-read" aria-hidden="true">{ "Who reads" }</div>
            <div class="first-way" aria-hidden="true">
                if let Some(flight) = &picture.read {
                    <span key={flight.offset} class="first-copy" style={flying(flight, shown.read)}>{ flight.offset }</span>
                }
            </div>
            <div class={classes!("first-actor", "first-kitchen", ring)} aria-hidden="true">
                <b>{ "kitchen" }</b>
                <span>{ picture.in_hand.map_or_else(|| "waits".to_owned(), |order| format!("{} for {}", order.does, order.table)) }</span>
            </div>
        </>
    }
}

fn moments(picture: &FirstPicture) -> Html {
    let of = [(Moment::Written, "first-written"), (Moment::Appended, "first-appended"), (Moment::Read, "first-read")];
    let lines = of.into_iter().zip(sentences(picture.offset())).enumerate();
    lines
        .map(|(at, ((moment, class), (strong, rest)))| {
            let now = (moment == picture.moment).then_some("first-now");
            html! {
                <p class={classes!("first-moment", class, now)}>
                    <span class="first-badge">{ at + 1 }</span><span><strong>{ strong }</strong>{ " " }{ &*rest }</span>
                </p>
            }
        })
        .collect()
}

fn hue(hue: Option<u16>) -> Option<String> {
    hue.map(|hue| format!("--hue:{hue}"))
}

/// A flight's colour, its time, and how far it is.
fn flying(flight: &OnItsWay, since: Span) -> String {
    let takes = flight.arrives_at.since(flight.sent_at);
    format!("--hue:{};--takes:{}ms;--since:-{}ms", flight.hue, takes.ms(), since.ms())
}
