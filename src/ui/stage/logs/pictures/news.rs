//! The news story's cards: screens of TVs, transcription desks, and the newsroom's board below the log.

use yew::prelude::*;

use crate::scenario::news::{DeskView, NewsroomView, PacketKind, Screen, TvView};
use crate::scenario::power::Power;
use crate::ui::app::hooks::Page;
use crate::ui::parts::icon::icon;
use crate::ui::parts::switch::switch;
use crate::view::text::hue;

/// Lines of a desk that are drawn.
const LINES_SHOWN: usize = 3;

pub fn newsroom(page: &Page, newsroom: &NewsroomView) -> Html {
    html! {
        <section class="board" aria-label="Newsroom">
            <h3>
                { switch(page, "newsroom", newsroom.power) }
                <code>{ "newsroom" }</code>{ "last of each channel" }
                <span class="quiet">{ format!("{} of {} acknowledged", newsroom.acknowledged, newsroom.produced) }</span>
            </h3>
            <ul>
                { for newsroom.channels.iter().map(|channel| html! {
                    <li key={channel.channel} style={format!("--hue:{}", hue(channel.channel.as_bytes()))}>
                        <b>{ channel.channel }</b>
                        <span class="board-line" title={channel.headline.clone()}>{ &channel.headline }</span>
                        <code>{ format!("#{}{}", channel.sequence,
                            channel.partition.map_or(String::new(), |partition| format!(" → news-{partition}"))) }</code>
                    </li>
                }) }
            </ul>
        </section>
    }
}

/// A set's screen. One that is off keeps its last picture, and says so.
pub fn screen(tv: &TvView) -> Html {
    let off = !tv.power.is_on();
    html! {
        <div class={classes!("tv", off.then_some("tv-off"))}>
            { match &tv.screen {
                Some(screen) => packet(screen),
                None => html! { <p class="tv-blank">{ if off { "off" } else { "no signal yet" } }</p> },
            } }
            if tv.replaying && !off { <span class="tv-badge">{ icon("replay") }{ "replay" }</span> }
            if off && tv.screen.is_some() && tv.power != Power::Absent { <span class="tv-badge">{ tv.power.word() }</span> }
        </div>
    }
}

fn packet(screen: &Screen) -> Html {
    let class = match screen.kind {
        PacketKind::Alert => "screen screen-alert",
        PacketKind::Headline | PacketKind::Video => "screen",
    };
    html! {
        <div {class} style={format!("--hue:{}", hue(screen.channel.as_bytes()))}>
            <span class="screen-channel">{ &screen.channel }<span class="screen-sequence">{ format!("#{}", screen.sequence) }</span></span>
            { match screen.kind {
                PacketKind::Video => html! { <>{ video(screen.frame) }<p class="screen-caption">{ &screen.headline }</p></> },
                PacketKind::Alert => html! { <p class="screen-text">{ icon("warn") }{ &screen.text }</p> },
                PacketKind::Headline => html! { <p class="screen-text">{ &screen.text }</p> },
            } }
        </div>
    }
}

/// A picture made from the frame's number alone: it changes when another frame was read, and only then.
fn video(frame: u32) -> Html {
    html! {
        <svg class="video" viewBox="0 0 96 40" preserveAspectRatio="none" role="img" aria-label={format!("video, frame {frame}")}>
            { for (0..16u32).map(|bar| {
                // A triangle wave that wanders with the frame.
                let phase = (bar * 5 + frame * 3) % 32;
                let height = if phase < 16 { phase } else { 32 - phase } * 2 + 4;
                html! {
                    <rect x={(bar * 6 + 1).to_string()} y={(40 - height).to_string()} width="4" height={height.to_string()} />
                }
            }) }
        </svg>
    }
}

/// What a desk wrote down last.
pub fn desk(desk: &DeskView) -> Html {
    let skip = desk.lines.len().saturating_sub(LINES_SHOWN);
    if desk.lines.is_empty() {
        return html! { <p class="quiet">{ "Nothing written down yet." }</p> };
    }
    html! {
        <ol class="desk-lines">
            { for desk.lines.iter().skip(skip).map(|line| html! { <li title={line.clone()}>{ line }</li> }) }
        </ol>
    }
}
