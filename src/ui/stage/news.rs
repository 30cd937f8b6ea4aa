//! The news story's world: the newsroom, the wall of TVs, the transcription desks.

use yew::prelude::*;

use super::world::service_menu;
use crate::base::GroupId;
use crate::scenario::news::{DeskView, NewsroomView, PacketKind, Screen, TvView, stage};
use crate::ui::hooks::Page;
use crate::ui::icon::icon;
use crate::view::logs::progress;
use crate::view::text::{count, hue};

/// What a TV can be told.
const TV_TELLS: &[(&str, &str)] = &[("Replay from the beginning", "replay beginning"), ("Jump to the end", "replay end")];

/// Lines of a desk or a ticker that are drawn.
const LINES_SHOWN: usize = 3;

pub fn news_world(page: &Page) -> Html {
    let stage = stage(page.session.look().world());
    html! {
        <div class="news-world">
            <ul class="wall" aria-label="TVs">
                { for stage.tvs.iter().map(|tv| html! { <li key={&*tv.name}>{ tv_html(page, tv) }</li> }) }
            </ul>
            { newsroom_html(page, &stage.newsroom) }
            <ul class="desks" aria-label="Transcription desks">
                { for stage.transcription.iter().map(|desk| html! { <li key={&*desk.name}>{ desk_html(page, desk) }</li> }) }
            </ul>
        </div>
    }
}

fn newsroom_html(page: &Page, newsroom: &NewsroomView) -> Html {
    html! {
        <section class="card newsroom" aria-label="Newsroom">
            <h4>
                { service_menu(page, "newsroom", newsroom.power, &[], None) }
                <span class="quiet">{ format!("{} acknowledged of {}", newsroom.acknowledged, newsroom.produced) }</span>
            </h4>
            <ul class="channels">
                { for newsroom.channels.iter().map(|channel| html! {
                    <li key={channel.channel} style={format!("--hue:{}", hue(channel.channel.as_bytes()))}>
                        <span class="channel-name">{ channel.channel }</span>
                        <span class="channel-line">{ &channel.headline }</span>
                        <span class="channel-facts">{ format!("{}{}", channel.sequence,
                            channel.partition.map_or(String::new(), |partition| format!(" → news-{partition}"))) }</span>
                    </li>
                }) }
            </ul>
        </section>
    }
}

fn tv_html(page: &Page, tv: &TvView) -> Html {
    let off = !tv.power.is_on();
    let far = progress(page.session.look().world(), &GroupId(tv.name.as_str().into()));
    html! {
        <section class={classes!("tv", off.then_some("tv-off"))} aria-label={format!("{}, {}", tv.name, tv.power.word())}>
            <div class="tv-screen">
                { match &tv.screen {
                    Some(screen) => screen_html(screen),
                    None => html! { <p class="tv-blank">{ if off { "off" } else { "no signal yet" } }</p> },
                } }
                if tv.replaying { <span class="tv-badge">{ icon("replay") }{ "replay" }</span> }
                if off && tv.screen.is_some() { <span class="tv-badge">{ tv.power.word() }</span> }
            </div>
            <div class="tv-foot">
                { service_menu(page, &tv.name, tv.power, TV_TELLS, None) }
                <span class={classes!("lag", far.behind.then_some("lag-behind"))}
                    title="Offsets, over all its partitions: the positions, and what is committed">
                    { match (far.read, tv.lag) {
                        (Some(read), _) => format!("read {read} · committed {}", far.committed),
                        (None, Some(lag)) => format!("lag {lag}"),
                        (None, None) => "lag –".to_owned(),
                    } }
                </span>
                <span class="tv-counts">{ tv_counts(tv) }</span>
            </div>
        </section>
    }
}

fn tv_counts(tv: &TvView) -> String {
    let mut words = vec![count(tv.received as i64, "packet")];
    if tv.missed > 0 {
        words.push(format!("{} missed", tv.missed));
    }
    if tv.repeated > 0 {
        words.push(format!("{} repeated", tv.repeated));
    }
    words.join(" · ")
}

fn screen_html(screen: &Screen) -> Html {
    let class = match screen.kind {
        PacketKind::Headline => "screen screen-headline",
        PacketKind::Alert => "screen screen-alert",
        PacketKind::Video => "screen screen-video",
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

fn desk_html(page: &Page, desk: &DeskView) -> Html {
    let partitions = desk.partitions.iter().map(|partition| format!("news-{partition}")).collect::<Vec<_>>().join(", ");
    let reads = match (desk.power.is_on(), partitions.is_empty()) {
        (false, _) => desk.power.word().to_owned(),
        (true, true) => "idle".to_owned(),
        (true, false) => format!("reads {partitions}"),
    };
    let skip = desk.lines.len().saturating_sub(LINES_SHOWN);
    html! {
        <section class="card desk" aria-label={desk.name.clone()}>
            <h4>
                { service_menu(page, &desk.name, desk.power, &[], None) }
                <span class="quiet">{ format!("{reads} · {}", count(desk.written as i64, "line")) }</span>
            </h4>
            <ol class="desk-lines">
                { for desk.lines.iter().skip(skip).map(|line| html! { <li>{ line }</li> }) }
            </ol>
        </section>
    }
}
