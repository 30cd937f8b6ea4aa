//! Lives here: the Logs view: one picture, read from left to right: who writes, the log, who reads and what each reader makes of it.
//! Never here: where each part lies: `view::stage::plan` says it.

mod bus;
mod fliers;
mod head;
mod partition;
mod pictures;
mod readers;
mod topic;

pub use head::LEGEND;

use std::rc::Rc;

use yew::prelude::*;

use crate::base::{SortedMap, TopicPartition};
use crate::scenario::cast::Picture;
use crate::ui::app::hooks::{Page, PageProps, use_size};
use crate::ui::parts::rings::{class_of, current_rings, pins, ring_badge};
use crate::view::View;
use crate::view::inspect::Selection;
use crate::view::row::RowStart;
use crate::view::stage::{
    self, CardWish, Plan, Ringed, Room, Shape, Stage, Strip, Target, TopicWish, Window, Wishes, common_prefix, plan,
};
use bus::bus;
use fliers::{Fliers, Row};
use head::{head, legend, no_topics};
use partition::Tracing;
use readers::{more_readers, phone_readers, readers};
use topic::topic;

/// Topics drawn at first, and how many more each wish adds.
const TOPICS_AT_ONCE: usize = 12;

/// What the stage's body has above the picture, for the number of a ring at its top: its padding in the style sheet.
const HEADROOM: i32 = 12;

/// Sixteenths of a rem, as CSS has lengths.
pub fn rem(units: i32) -> String {
    format!("{}rem", f64::from(units) / 16.0)
}

/// Where the windows of partitions begin that do not follow their log's end.
pub type Starts = Rc<SortedMap<TopicPartition, RowStart>>;

/// What is drawn, laid out: shared by the parts of the picture.
pub struct Picked {
    pub stage: Stage,
    pub plan: Plan,
    /// The group whose committed offsets fill the records.
    pub group: Option<Rc<str>>,
    pub rings: Vec<Ringed>,
    pub tracing: Option<Tracing>,
    pub starts: UseStateHandle<Starts>,
    /// By partition, as many as are shown.
    pub strips: Vec<Strip>,
}

impl Picked {
    pub fn ring_class(&self, target: &Target) -> Option<&'static str> {
        class_of(&self.rings, target)
    }

    pub fn badges(&self, target: &Target) -> Html {
        ring_badge(&self.rings, target)
    }

    pub fn strip(&self, partition: &TopicPartition) -> Option<&Strip> {
        self.strips.iter().find(|strip| strip.topic_partition == *partition)
    }
}

#[component]
pub fn Logs(props: &PageProps) -> Html {
    let page = &props.page;
    let topics_max = use_state_eq(|| TOPICS_AT_ONCE);
    let starts: UseStateHandle<Starts> = use_state_eq(Starts::default);
    let (body, probe) = (use_node_ref(), use_node_ref());
    let (size, sixty_four_rem) = (use_size(body.clone()), use_size(probe.clone()).0);
    let room = room(size, sixty_four_rem);
    let more = {
        let topics_max = topics_max.clone();
        Callback::from(move |_: MouseEvent| topics_max.set(*topics_max + TOPICS_AT_ONCE))
    };
    let drawn = (room.width > 0).then(|| picked(page, room, *topics_max, starts.clone()));
    {
        // A record that is chosen elsewhere comes into the window.
        let (starts, drawn) = (starts.clone(), drawn.as_ref().map(|drawn| (drawn.plan.cells, drawn.strips.clone())));
        use_effect_with(page.ui.selection.clone(), move |selection| {
            if let (Some(Selection::Record { topic_partition, offset }), Some((cells, strips))) = (selection, drawn)
                && let Some(strip) = strips.iter().find(|strip| strip.topic_partition == *topic_partition)
                && strip.cells().all(|cell| cell.offset != offset.0)
                && offset.0 < strip.log_end_offset
            {
                let from = (offset.0 - cells as i64 / 2).max(strip.log_start_offset);
                move_window(&starts, topic_partition, RowStart::From(crate::base::Offset(from)));
            }
        });
    }
    let scrolls = drawn.as_ref().is_some_and(|drawn| drawn.plan.height > room.height);
    let shape = drawn.as_ref().map_or(Shape::Wide, |drawn| drawn.plan.shape);
    html! {
        <section class={classes!("logs", (shape == Shape::Phone).then_some("logs-phone"))} aria-label="Logs">
            { head(page, drawn.as_ref()) }
            <div class={classes!("stage-body", scrolls.then_some("scrolls"))} ref={body}>
                <div class="rem-probe" ref={probe} aria-hidden="true"></div>
                if let Some(drawn) = &drawn { { picture(page, drawn, more) } }
            </div>
        </section>
    }
}

/// The room in the picture's own unit, whatever the size of the root's letters.
fn room((width, height): (i32, i32), sixty_four_rem: i32) -> Room {
    let units = |pixels: i32| if sixty_four_rem > 0 { pixels.saturating_mul(1024) / sixty_four_rem } else { 0 };
    Room { width: units(width), height: (units(height) - HEADROOM).max(0) }
}

/// Another window of a partition's records.
pub fn move_window(starts: &UseStateHandle<Starts>, partition: &TopicPartition, start: RowStart) {
    let mut moved = (***starts).clone();
    match start {
        RowStart::Tail => drop(moved.remove(partition)),
        RowStart::From(_) => drop(moved.insert(partition.clone(), start)),
    }
    starts.set(Rc::new(moved));
}

fn picked(page: &Page, room: Room, topics_max: usize, starts: UseStateHandle<Starts>) -> Picked {
    let session = page.session.look();
    let whole = page.ui.unfolded.iter().filter_map(|name| name.strip_prefix("all of ")).map(Into::into).collect();
    let window = Window { internal: page.ui.settings.internal, topics_max, whole, ..Window::default() };
    let stage = View::of(&session).stage(&window);
    let group = shown_group(page, &stage);
    let rings = current_rings(page);
    let plan = plan(room, &wishes(page, &stage, group.as_deref(), &rings));
    let strips = strips(page, &stage, &plan, &rings, &starts);
    let tracing = Tracing::of(page, &stage, &strips);
    Picked { stage, plan, group, rings, tracing, starts, strips }
}

fn strips(page: &Page, stage: &Stage, plan: &Plan, rings: &[Ringed], starts: &Starts) -> Vec<Strip> {
    let session = page.session.look();
    let shown = stage.topics.iter().zip(&plan.topics);
    let partitions = shown.flat_map(|(topic, plan)| plan.rows.iter().map(|row| &topic.partitions[row.at]));
    let strip = |tp: &TopicPartition| {
        let start = starts.get(tp).copied().unwrap_or(RowStart::Tail);
        stage::strip(View::of(&session).into(), tp, start, plan.cells, &pins(rings, tp))
    };
    partitions.filter_map(|partition| strip(&partition.topic_partition)).collect()
}

/// The group whose commits fill the cells: the one chosen, else that of the first open card, else the first with a picture.
fn shown_group(page: &Page, stage: &Stage) -> Option<Rc<str>> {
    let known = |group: &Rc<str>| stage.readers.iter().any(|reader| reader.group.as_ref() == Some(group));
    let chosen = page.ui.group.clone().filter(known);
    let open = page.ui.cards.iter().find_map(|name| stage.readers.iter().find(|reader| reader.name == *name)?.group.clone());
    let drawn = stage.readers.iter().find(|reader| matches!(reader.picture, Some(Picture::City | Picture::Screen)));
    let first = drawn.or(stage.readers.first());
    chosen.or(open).or_else(|| first?.group.clone())
}

fn wishes(page: &Page, stage: &Stage, group: Option<&str>, rings: &[Ringed]) -> Wishes {
    let ui = &page.ui;
    let topic = |topic: &crate::view::stage::Topic| {
        let groups = topic.groups();
        let first_row = topic_group(&groups, group);
        TopicWish {
            partitions: topic.partitions.len(),
            pinned: (0..topic.partitions.len())
                .filter(|at| is_pinned(page, rings, &topic.partitions[*at].topic_partition))
                .collect(),
            whole: ui.is_unfolded(&format!("all of {}", topic.name)),
            others: groups.iter().any(|group| Some(&**group) != first_row.0),
            wanted: ui.topics.is_empty() || ui.topics.contains(&topic.name),
            by_hand: by_hand(page, topic),
            more: topic.partitions.len() < topic.partition_count,
        }
    };
    let card = |reader: &crate::view::stage::Reader| {
        let chosen = group.is_some() && reader.group.as_deref() == group;
        let rank = ui.cards.iter().position(|name| *name == reader.name);
        CardWish {
            picture: reader.picture,
            lines: if reader.picture.is_some() { pictures::lines(page, reader.picture) } else { reader.members.len() },
            // Where nobody has opened one, the chosen group's is open.
            rank: rank.or((ui.cards.is_empty() && chosen).then_some(0)),
            chosen,
            says: !reader.says.is_empty(),
        }
    };
    let pens = stage.topics.iter().flat_map(|topic| &topic.pens);
    Wishes {
        topics: stage.topics.iter().map(topic).collect(),
        cards: stage.readers.iter().map(card).collect(),
        board: !stage.boards.is_empty(),
        all_cards: ui.is_unfolded("all readers"),
        pen_letters: pens.map(|pen| pen.name.chars().count()).max().unwrap_or(0),
        tour: page.session.tour().is_some(),
    }
}

/// Is it ringed or chosen, or something in it?
fn is_pinned(page: &Page, rings: &[Ringed], partition: &TopicPartition) -> bool {
    let chosen = match &page.ui.selection {
        Some(Selection::Record { topic_partition, .. } | Selection::Partition(topic_partition)) => topic_partition == partition,
        _ => false,
    };
    chosen || !pins(rings, partition).is_empty() || rings.iter().any(|ring| ring.target == Target::Partition(partition.clone()))
}

/// Folded or unfolded by hand. Kafka's own topics are folded at first.
fn by_hand(page: &Page, topic: &crate::view::stage::Topic) -> Option<bool> {
    match (page.ui.is_unfolded(&format!("shut {}", topic.name)), page.ui.is_unfolded(&format!("topic {}", topic.name))) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => topic.internal.then_some(true),
    }
}

/// The group of the first row of marks in a topic: the chosen one where it has committed there, else the topic's only one.
pub fn topic_group<'g>(groups: &'g crate::base::SortedSet<Rc<str>>, chosen: Option<&'g str>) -> (Option<&'g str>, bool) {
    match chosen {
        Some(chosen) if groups.contains(chosen) => (Some(chosen), false),
        _ if groups.len() == 1 => (groups.iter().next().map(|group| &**group), true),
        _ => (None, false),
    }
}

fn picture(page: &Page, drawn: &Picked, more_topics: Callback<MouseEvent>) -> Html {
    let plan = &drawn.plan;
    let density = &plan.density;
    let style = format!(
        "--cell-width:{};--cell-height:{};--lane:{};--ruler:{};--others:{};--pens:{};--lanes:{};--readers:{};block-size:{}",
        rem(plan.cell_width),
        rem(density.cell),
        rem(density.lane),
        rem(density.ruler),
        rem(density.others),
        rem(plan.pens),
        rem(plan.lanes),
        rem(plan.readers),
        rem(plan.height),
    );
    let wide = plan.shape == Shape::Wide;
    let hidden = drawn.stage.topic_count - drawn.stage.topics.len();
    let class = classes!("stage-picture", density.tall.then_some("tall"), drawn.tracing.is_some().then_some("tracing"));
    html! {
        <div {class} {style}>
            <div class="log" style={format!("block-size:{}", rem(plan.log_height))}>
                if drawn.stage.topics.is_empty() { { no_topics(page) } }
                { for drawn.stage.topics.iter().zip(&plan.topics).map(|(one, laid)| topic(page, drawn, one, laid)) }
                if let Some(y) = plan.board {
                    <div class="board-place" style={format!("inset-block-start:{}", rem(y))}>
                        { for drawn.stage.boards.iter().filter_map(|role| Some(pictures::picture(page, &role.name, role.picture?, (0, 0)))) }
                    </div>
                }
                if hidden > 0 {
                    <button type="button" class="button more-topics" onclick={more_topics}>
                        { format!("Show more topics ({hidden} are not shown)") }
                    </button>
                }
            </div>
            if let Some(y) = plan.legend.filter(|_| !drawn.stage.topics.is_empty()) {
                <div class="legend-place" style={format!("inset-block-start:{}", rem(y))}>{ legend() }</div>
            }
            if wide {
                { bus(drawn) }
                { readers(page, drawn) }
                { more_readers(page, drawn) }
            } else {
                { phone_readers(page, drawn) }
            }
            <Fliers page={page.clone()} rows={Rc::new(rows(drawn))} cards={cards(drawn)} readers={Rc::<[_]>::from(drawn.stage.readers.clone())}
                traced={drawn.tracing.as_ref().and_then(|tracing| tracing.key.clone())} {wide} />
        </div>
    }
}

/// Where records fly: the lanes of the partitions that are shown.
fn rows(drawn: &Picked) -> Vec<Row> {
    let plan = &drawn.plan;
    let mut rows = Vec::new();
    for (topic, laid) in drawn.stage.topics.iter().zip(&plan.topics) {
        for row in &laid.rows {
            let partition = &topic.partitions[row.at];
            let Some(strip) = drawn.strip(&partition.topic_partition) else { continue };
            rows.push(Row {
                topic_partition: partition.topic_partition.clone(),
                y: row.y,
                lane: plan.density.lane,
                from: if plan.shape == Shape::Wide { plan.pens } else { plan.strip_x() },
                slot: plan.strip_x() + strip.quarters() * plan.pitch() / 4,
                cell: plan.density.cell,
                log_end_offset: strip.log_end_offset,
                at_tail: !strip.has_later,
            });
        }
    }
    rows
}

/// The middle of each card's head, by reader; `None` for one that is not shown.
fn cards(drawn: &Picked) -> Rc<[Option<i32>]> {
    drawn.plan.cards.iter().map(readers::stub).collect()
}

/// What the keys of a topic in sight have in common.
pub fn prefix_of(drawn: &Picked, topic: &str) -> String {
    let strips = drawn.strips.iter().filter(|strip| strip.topic_partition.topic.as_str() == topic);
    common_prefix(strips.flat_map(Strip::cells).filter_map(|cell| cell.key.as_deref()))
}
