//! What is in flight, on lanes: down to each broker and up from it, and along the arcs between nodes. Beads run, words stand.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::ui::app::hooks::{Page, use_moment};
use crate::view::View;
use crate::view::cluster::{Bead, ClusterLayout, HostSpot, Lane, LinkView, Way};

// Lengths are CSS pixels at a root's letter size of 16.

/// Between the programs and the line that all lanes begin at.
const BUS_BELOW: f64 = 8.0;

/// Words stand so far beside their lane, and are so high. Those of an arc begin right of its button.
const WORDS_ASIDE: f64 = 7.0;
const WORDS_HEIGHT: f64 = 20.0;
const BUTTON_HALF: f64 = 14.0;

/// About the width of a letter, to tell what fits.
const LETTER: f64 = 7.4;

/// A bead reaches so far from its middle.
const BEAD: f64 = 7.0;

#[derive(Properties, Clone, PartialEq)]
pub struct FlightLayerProps {
    pub page: Page,
    /// The element that everything is placed in.
    pub picture: NodeRef,
    /// How it is divided, and how wide it is.
    pub layout: ClusterLayout,
    pub width: i32,
    /// The root's letter size, in CSS pixels.
    pub rem: f64,
    /// Links that are not sound.
    pub broken: Vec<LinkView>,
}

#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

/// A rectangle, from the picture's corner.
#[derive(Clone, Copy)]
struct Place {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Place {
    fn middle(&self) -> f64 {
        f64::midpoint(self.left, self.right)
    }

    /// Where its lane lies: what comes to it at the left, what leaves it at the right. Buttons of arcs stand between columns
    /// and in their middle.
    fn lane(&self, comes: bool) -> f64 {
        let inset = (self.right - self.left) * 0.36;
        if comes { self.left + inset } else { self.right - inset }
    }

    /// Is a point no further from it than this?
    fn is_near(&self, point: Point, by: f64) -> bool {
        (self.left - by..=self.right + by).contains(&point.x) && (self.top - by..=self.bottom + by).contains(&point.y)
    }
}

/// Where everything stands that messages go between. It is measured once for each frame.
struct Places {
    /// By `data-spot` and `data-arc`.
    named: Vec<(String, Place)>,
    /// The line that programs and lanes meet at; `None` without programs.
    bus: Option<f64>,
    /// Buttons of arcs: a bead passes them unseen.
    buttons: Vec<Place>,
    /// What a length of 16 px is times, with the root's letter size.
    scale: f64,
}

impl Places {
    fn measure(picture: &web_sys::Element, scale: f64) -> Option<Self> {
        let outer = picture.get_bounding_client_rect();
        let all = picture.query_selector_all("[data-spot], [data-arc], .arc .menu-button, .cluster-programs").ok()?;
        let mut named = Vec::new();
        let (mut bus, mut buttons) = (None, Vec::new());
        for element in (0..all.length()).filter_map(|at| all.item(at)?.dyn_into::<web_sys::Element>().ok()) {
            let own = element.get_bounding_client_rect();
            let place = Place {
                left: own.left() - outer.left(),
                top: own.top() - outer.top(),
                right: own.right() - outer.left(),
                bottom: own.bottom() - outer.top(),
            };
            match element.get_attribute("data-spot").or_else(|| element.get_attribute("data-arc")) {
                Some(name) => named.push((name, place)),
                None if element.matches(".menu-button").unwrap_or(false) => buttons.push(place),
                None => bus = Some(place.bottom + BUS_BELOW * scale),
            }
        }
        Some(Self { named, bus, buttons, scale })
    }

    fn find(&self, name: &str) -> Option<&Place> {
        self.named.iter().find(|(known, _)| known == name).map(|(_, place)| place)
    }

    fn host(&self, spot: &HostSpot) -> Option<&Place> {
        self.find(&super::spot_name(spot))
    }

    fn arc(&self, one: &HostSpot, other: &HostSpot) -> Option<&Place> {
        self.find(&super::arc_name(one, other)).or_else(|| self.find(&super::arc_name(other, one)))
    }

    /// The way between two hosts. `None` where one of them is not in the picture.
    fn way(&self, from: &HostSpot, to: &HostSpot) -> Option<Vec<Point>> {
        let at = |x: f64, y: f64| Point { x, y };
        let (start, end) = (self.host(from)?, self.host(to)?);
        let is_program = |spot: &HostSpot| matches!(spot, HostSpot::Program(_));
        if is_program(from) != is_program(to) {
            let (program, node) = if is_program(from) { (start, end) } else { (end, start) };
            let (bus, lane) = (self.bus?, node.lane(is_program(from)));
            let mut way = vec![at(program.middle(), bus), at(lane, bus), at(lane, node.top - BEAD * self.scale)];
            if is_program(to) {
                way.reverse();
            }
            return Some(way);
        }
        let arc = self.arc(from, to)?;
        let (one, other) = if start.left < end.left { (arc.left, arc.right) } else { (arc.right, arc.left) };
        let above = |place: &Place| place.top - BEAD * self.scale;
        Some(vec![at(one, above(start)), at(one, arc.top), at(other, arc.top), at(other, above(end))])
    }

    fn brokers(&self) -> impl Iterator<Item = &(String, Place)> {
        self.named.iter().filter(|(name, _)| name.starts_with("broker-"))
    }

    /// The next lane right of a place.
    fn lane_after(&self, x: f64) -> f64 {
        let lanes = self.brokers().flat_map(|(_, place)| [place.lane(true), place.lane(false)]);
        lanes.filter(|lane| *lane > x).fold(f64::MAX, f64::min)
    }
}

/// The point so far along a way, in thousandths.
fn along(way: &[Point], progress: u16) -> Option<Point> {
    let length = |pair: &[Point]| (pair[1].x - pair[0].x).abs() + (pair[1].y - pair[0].y).abs();
    let mut left = way.windows(2).map(length).sum::<f64>() * f64::from(progress) / 1000.0;
    for pair in way.windows(2) {
        let length = length(pair);
        if left <= length {
            let part = if length > 0.0 { left / length } else { 0.0 };
            return Some(Point { x: pair[0].x + (pair[1].x - pair[0].x) * part, y: pair[0].y + (pair[1].y - pair[0].y) * part });
        }
        left -= length;
    }
    way.last().copied()
}

#[component]
pub fn FlightLayer(props: &FlightLayerProps) -> Html {
    let page = &props.page;
    use_moment(&page.frames);
    // What was drawn together with this layer has a place only now.
    let update = use_force_update();
    use_effect_with(props.clone(), move |_| update.force_update());
    let session = page.session.look();
    let places = props.picture.cast::<web_sys::Element>().and_then(|picture| Places::measure(&picture, props.rem / 16.0));
    let Some(places) = places else {
        return html! { <div class="cluster-flights" aria-hidden="true"></div> };
    };
    let traffic = View::of(&session).traffic(page.ui.selection.as_ref());
    let (texts, taken): (Vec<Html>, Vec<Place>) =
        traffic.lanes.iter().filter_map(|lane| words(&places, &props.broken, lane)).unzip();
    let free = |point: Point| !places.buttons.iter().chain(&taken).any(|place| place.is_near(point, BEAD * places.scale));
    html! {
        <div class="cluster-flights" aria-hidden="true">
            <svg class="wires">
                { lines(&places, &traffic.lanes) }
                { for props.broken.iter().filter_map(|link| wire(&places, link)) }
            </svg>
            { for traffic.beads.iter().filter_map(|bead| bead_html(&places, bead, &free)) }
            { for texts }
        </div>
    }
}

/// The lanes themselves: dotted while nothing runs on them.
fn lines(places: &Places, lanes: &[Lane]) -> Html {
    let Some(bus) = places.bus else { return html! {} };
    let runs = |comes: bool, name: &str| {
        lanes.iter().any(|lane| match &lane.way {
            Way::To(spot) => comes && super::spot_name(spot) == name,
            Way::From(spot) => !comes && super::spot_name(spot) == name,
            Way::Between(..) => false,
        })
    };
    let at = |value: f64| format!("{value:.1}");
    let brokers: Vec<&(String, Place)> = places.brokers().collect();
    let all = || {
        let programs = places.named.iter().filter(|(name, _)| name.starts_with("program-")).map(|(_, place)| place.middle());
        programs.chain(brokers.iter().flat_map(|(_, place)| [place.lane(true), place.lane(false)]))
    };
    let (from, to) = (all().fold(f64::MAX, f64::min), all().fold(f64::MIN, f64::max));
    html! {
        <>
            if from < to { <line class="lane-line" x1={at(from)} y1={at(bus)} x2={at(to)} y2={at(bus)} /> }
            { for brokers.iter().flat_map(|(name, place)| [true, false].map(|comes| html! {
                <line class={classes!("lane-line", runs(comes, name).then_some("lane-line-used"))} x1={at(place.lane(comes))} y1={at(bus)}
                    x2={at(place.lane(comes))} y2={at(place.top)} />
            })) }
        </>
    }
}

/// `free`: it would cover nothing there that can be read or clicked.
fn bead_html(places: &Places, bead: &Bead, free: &dyn Fn(Point) -> bool) -> Option<Html> {
    let point = along(&places.way(&bead.from, &bead.to)?, bead.progress).filter(|point| free(*point))?;
    let class = classes!(
        "bead",
        bead.record.map(|hue| if hue.is_some() { "bead-record" } else { "bead-record cell-null" }),
        bead.is_response.then_some("bead-response"),
        bead.replicates.then_some("bead-replicates"),
        (!bead.concerns).then_some("bead-faded"),
    );
    let hue = bead.record.flatten().map(|hue| format!("--hue:{hue};")).unwrap_or_default();
    Some(html! {
        <span key={bead.id.clone()} {class} data-flight="bead" style={format!("{hue}transform:translate({:.1}px,{:.1}px)", point.x, point.y)}></span>
    })
}

/// What runs on a lane, beside it: below the programs, or at the middle of an arc; and where that stands. Where it is too long
/// it is the count alone.
fn words(places: &Places, broken: &[LinkView], lane: &Lane) -> Option<(Html, Place)> {
    let [aside, high, letter] = [WORDS_ASIDE, WORDS_HEIGHT, LETTER].map(|length| length * places.scale);
    let (sign, x, middle, room) = match &lane.way {
        Way::To(spot) | Way::From(spot) => {
            let comes = matches!(lane.way, Way::To(_));
            let place = places.host(spot)?;
            let (sign, x) = if comes { ("▾", place.lane(true) - aside) } else { ("▴", place.lane(false) + aside) };
            (sign, x, places.bus? + aside + high / 2.0, place.lane(true) - place.left - aside)
        }
        Way::Between(one, other) => {
            // What is wrong with a link stands there already.
            let same = |link: &LinkView| (&link.one, &link.other) == (one, other) || (&link.one, &link.other) == (other, one);
            if broken.iter().any(same) {
                return None;
            }
            let arc = places.arc(one, other)?;
            let [half, bead] = [BUTTON_HALF, BEAD].map(|length| length * places.scale);
            let x = arc.middle() + half;
            let end = (arc.right - half).min(places.lane_after(x) - bead);
            ("", x, arc.top, end - x)
        }
    };
    let count = lane.count;
    // The kind that matters most says more than how many there are in all.
    let kind = lane.words.split(" +").next().unwrap_or_default();
    let texts = [format!("{sign} {}", lane.words), format!("{sign} {kind}"), format!("{sign} ×{count}"), format!("{sign}{count}")];
    let width = |text: &str| (text.trim().chars().count() + 1) as f64 * letter;
    let text = texts.iter().find(|text| width(text) <= room)?.trim().to_owned();
    let width = width(&text);
    let left = if matches!(lane.way, Way::To(_)) { x - width } else { x };
    let class = classes!(
        "lane-words",
        matches!(lane.way, Way::To(_)).then_some("lane-words-left"),
        (!lane.concerns).then_some("lane-words-faded"),
    );
    let place = Place { left, top: middle - high / 2.0, right: left + width, bottom: middle + high / 2.0 };
    let html = html! {
        <span key={format!("{:?}", lane.way)} {class} title={lane.title.clone()} style={format!("left:{x:.1}px;top:{middle:.1}px")}>{ text }</span>
    };
    Some((html, place))
}

/// A line from a program to a node, where their link is not sound. An arc shows the state of its link itself.
fn wire(places: &Places, link: &LinkView) -> Option<Html> {
    let (program, node) = match (&link.one, &link.other) {
        (HostSpot::Program(_), HostSpot::Program(_)) => return None,
        (program @ HostSpot::Program(_), node) | (node, program @ HostSpot::Program(_)) => (program, node),
        _ => return None,
    };
    let (program, node) = (places.host(program)?, places.host(node)?);
    let class = if link.cut { "wire wire-cut" } else { "wire" };
    let at = |value: f64| format!("{value:.1}");
    Some(html! {
        <line {class} x1={at(program.middle())} y1={at(program.bottom)} x2={at(node.middle())} y2={at(node.top)} />
    })
}
