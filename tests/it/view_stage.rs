//! The stage of the Logs view: what is on it, what fits, where it lies.

use std::rc::Rc;

use kafka_playground::base::{Offset, TopicPartition};
use kafka_playground::scenario::cast::{Picture, event_word};
use kafka_playground::view::row::RowStart;
use kafka_playground::view::stage::{
    CardForm, CardWish, Item, Place, Room, Shape, TopicWish, Window, Wishes, common_prefix, plan, short_key, stage, strip,
};
use proptest::prelude::*;

use super::scenario_support::Story;

/// The rooms that the page leaves for the picture, in sixteenths of a rem: window, then room.
const PROJECTOR: Room = Room { width: 1000, height: 576 };
const LAPTOP: Room = Room { width: 1144, height: 756 };
const WALL: Room = Room { width: 1622, height: 930 };
const ZOOMED: Room = Room { width: 829, height: 290 };
const PHONE: Room = Room { width: 366, height: 560 };

fn topic(partitions: usize, others: bool) -> TopicWish {
    TopicWish { partitions, others, wanted: true, ..TopicWish::default() }
}

/// The taxi story: five partitions, eight readers, the map open.
fn taxi() -> Wishes {
    let card = |picture: Option<Picture>, lines: usize| CardWish { picture, lines, says: true, ..CardWish::default() };
    let mut cards = vec![card(None, 0), card(None, 0), card(None, 0), card(Some(Picture::City), 0)];
    cards.extend([card(Some(Picture::Phone), 0), card(Some(Picture::Billing), 0)]);
    cards.extend([card(Some(Picture::Wallets), 5), card(Some(Picture::Analytics), 7)]);
    cards[3].rank = Some(0);
    cards[3].chosen = true;
    Wishes { topics: vec![topic(3, true), topic(2, false)], cards, pen_letters: 8, ..Wishes::default() }
}

#[test]
fn five_partitions_and_eight_readers_stand_on_a_projector() {
    let plan = plan(PROJECTOR, &taxi());
    assert_eq!((plan.shape, plan.cells, plan.density.tall), (Shape::Wide, 6, false));
    assert!(plan.topics.iter().all(|topic| !topic.folded));
    assert!(plan.topics[0].others && !plan.topics[1].others);
    assert!(plan.height <= PROJECTOR.height, "{} of {}", plan.height, PROJECTOR.height);
    assert!(plan.cards.iter().all(|card| card.form != CardForm::Hidden));
    assert_eq!(plan.cards[3].form, CardForm::Open);
    assert!(plan.cards[3].height >= 180, "a map of {} is no map", plan.cards[3].height);
}

#[test]
fn more_room_makes_rows_longer_and_taller_and_opens_cards() {
    let (small, laptop, wall) = (plan(PROJECTOR, &taxi()), plan(LAPTOP, &taxi()), plan(WALL, &taxi()));
    assert_eq!([small.cells, laptop.cells, wall.cells], [6, 7, 11]);
    assert!(small.density.cell < laptop.density.cell && laptop.density.cell < wall.density.cell);
    let open = |plan: &kafka_playground::view::stage::Plan| plan.cards.iter().filter(|card| card.form == CardForm::Open).count();
    assert!(open(&small) < open(&laptop) && open(&laptop) < open(&wall));
    assert!(small.legend.is_none() && laptop.legend.is_some());
}

#[test]
fn where_room_is_short_topics_outside_the_scene_become_lines() {
    let mut wishes = taxi();
    wishes.topics[1].wanted = false;
    let zoomed = plan(ZOOMED, &wishes);
    assert_eq!((zoomed.shape, zoomed.cells), (Shape::Wide, 5));
    assert_eq!(zoomed.topics.iter().map(|topic| topic.folded).collect::<Vec<_>>(), [false, true]);
    let phone = plan(PHONE, &wishes);
    assert_eq!((phone.shape, phone.cells), (Shape::Phone, 4));
    assert!(phone.topics[1].folded && !phone.topics[0].folded);
    // What a person folds or unfolds stays so.
    wishes.topics[1].by_hand = Some(false);
    assert!(!plan(ZOOMED, &wishes).topics[1].folded && !plan(PHONE, &wishes).topics[1].folded);
}

#[test]
fn twenty_readers_are_counted_where_they_do_not_fit() {
    let mut wishes = taxi();
    wishes.cards.extend(vec![CardWish { lines: 1, says: true, ..CardWish::default() }; 14]);
    let counted = plan(PROJECTOR, &wishes);
    assert!(counted.more_cards.is_some() && counted.height <= PROJECTOR.height.max(counted.log_height));
    assert_eq!(counted.cards[3].form, CardForm::Open, "the open card stays");
    wishes.all_cards = true;
    let all = plan(PROJECTOR, &wishes);
    assert!(all.more_cards.is_none() && all.cards.iter().all(|card| card.form != CardForm::Hidden));
}

fn any_wishes() -> impl Strategy<Value = Wishes> {
    let pictures = [None, Some(Picture::City), Some(Picture::Phone), Some(Picture::Screen), Some(Picture::Wallets)];
    let card =
        (0usize..5, 0usize..14, proptest::option::of(0usize..3), any::<bool>()).prop_map(move |(picture, lines, rank, says)| {
            CardWish { picture: pictures[picture], lines, rank, chosen: rank == Some(0), says }
        });
    let pinned = proptest::collection::vec(0usize..50, 0..3);
    let topic = (0usize..50, pinned, any::<[bool; 4]>(), proptest::option::of(any::<bool>())).prop_map(
        |(partitions, pinned, [whole, others, wanted, more], by_hand)| TopicWish {
            partitions,
            pinned: pinned.into_iter().filter(|at| *at < partitions).collect(),
            whole,
            others,
            wanted,
            by_hand,
            more,
        },
    );
    (proptest::collection::vec(topic, 0..6), proptest::collection::vec(card, 0..25), any::<[bool; 3]>(), 0usize..40).prop_map(
        |(topics, cards, [board, all_cards, tour], pen_letters)| Wishes { topics, cards, board, all_cards, pen_letters, tour },
    )
}

#[test]
fn on_a_phone_a_tour_leaves_out_what_its_step_does_not_speak_of() {
    let mut wishes = taxi();
    wishes.tour = true;
    wishes.topics[0].pinned = vec![2];
    let rows = |plan: &kafka_playground::view::stage::Plan, topic: usize| {
        plan.topics[topic].rows.iter().map(|row| row.at).collect::<Vec<_>>()
    };
    // A step that is done: what is ringed, one more, a topic beside it, and the card.
    let done = plan(Room { width: 366, height: 600 }, &wishes);
    assert_eq!((rows(&done, 0), rows(&done, 1)), (vec![0, 2], vec![0]));
    assert!(done.height <= 600 && done.cards[3].form == CardForm::Open, "{}", done.height);
    // A step that asks: hardly any room, and the card still shows.
    let asks = plan(Room { width: 366, height: 360 }, &wishes);
    assert_eq!(rows(&asks, 0), [2]);
    assert!(asks.topics[1].folded && asks.cards[3].form == CardForm::Open && asks.height <= 360, "{}", asks.height);
    // Who wants all of them has them; and without a tour nothing is left out.
    wishes.topics[0].whole = true;
    assert_eq!(rows(&plan(Room { width: 366, height: 360 }, &wishes), 0), [0, 1, 2]);
    wishes.tour = false;
    wishes.topics[0].whole = false;
    assert_eq!(rows(&plan(Room { width: 366, height: 360 }, &wishes), 0), [0, 1, 2]);
}

proptest! {
    /// Whatever is asked for: rows lie within their topics, topics and cards one below the other, all of it within the picture.
    #[test]
    fn nothing_lies_over_anything_else(wishes in any_wishes(), width in 280i32..2000, height in 120i32..1200) {
        let plan = plan(Room { width, height }, &wishes);
        prop_assert!(plan.cells >= 1);
        let mut below = 0;
        for (topic, wish) in plan.topics.iter().zip(&wishes.topics) {
            let stays = |at: &usize| topic.rows.iter().any(|row| row.at == *at);
            prop_assert!(topic.folded || wish.pinned.iter().all(stays), "what is ringed is left out");
            prop_assert!(topic.y >= below);
            below = topic.y + topic.height;
            let mut row_below = topic.y;
            for row in &topic.rows {
                prop_assert!(row.y >= row_below);
                row_below = row.y + plan.row_height(topic.others);
            }
            prop_assert!(row_below <= below || topic.folded);
        }
        if let Some(board) = plan.board {
            prop_assert!(board >= below);
        }
        if let Some(legend) = plan.legend {
            prop_assert!(legend >= below);
        }
        prop_assert!(below <= plan.log_height && plan.log_height <= plan.height);
        if plan.shape == Shape::Wide {
            let mut below = 0;
            for card in plan.cards.iter().filter(|card| card.form != CardForm::Hidden) {
                prop_assert!(card.y >= below && card.height >= 34);
                below = card.y + card.height;
            }
            prop_assert!(plan.more_cards.is_none_or(|y| y >= below));
            prop_assert!(below <= plan.height);
        } else {
            prop_assert!(plan.cards.iter().filter(|card| card.form == CardForm::Open).count() <= 1);
        }
    }
}

#[test]
fn the_taxi_story_stands_from_its_writers_to_what_each_reader_makes_of_it() {
    let mut story = Story::open("taxi-booking", 7);
    story.pass(40);
    let stage = stage(story.world(), Some("taxi-booking"), &Window::default());
    let names: Vec<&str> = stage.topics.iter().map(|topic| &*topic.name).collect();
    assert_eq!(names, ["rides", "payments"], "the topic that records meet first comes first");
    let pens = |at: usize| stage.topics[at].pens.iter().map(|pen| pen.name.to_string()).collect::<Vec<_>>();
    assert_eq!(pens(0), ["riders", "dispatch", "drivers"]);
    assert_eq!(pens(1), ["billing"]);
    let readers: Vec<&str> = stage.readers.iter().map(|reader| &*reader.name).collect();
    assert_eq!(readers, ["riders", "dispatch", "drivers", "city-map", "rider-phone", "billing", "wallets", "analytics"]);
    for reader in &stage.readers {
        let topic = if &*reader.name == "wallets" { "payments" } else { "rides" };
        assert_eq!(reader.reads.iter().map(|topic| &**topic).collect::<Vec<_>>(), [topic], "{}", reader.name);
        assert!(!reader.clients.is_empty() && !reader.says.is_empty(), "{}", reader.name);
    }
    story.give("$ stop-service city-map");
    story.pass(5);
    let stage = kafka_playground::view::stage::stage(story.world(), Some("taxi-booking"), &Window::default());
    let map = stage.readers.iter().find(|reader| &*reader.name == "city-map").unwrap();
    assert!(map.says.starts_with("stopped"), "{}", map.says);
    assert!(map.lag.is_some_and(|lag| lag > 0), "what is committed stays, and so the lag grows");
}

#[test]
fn pinned_records_are_on_the_strip_with_the_logs_end() {
    let mut story = Story::open("taxi-booking", 7);
    story.pass(180);
    let tp = TopicPartition::new("rides", 1);
    let tail = strip(story.world(), &tp, RowStart::Tail, 6, &[]).unwrap();
    assert_eq!(tail.items.len(), 6);
    let end = tail.log_end_offset;
    assert!(end > 60, "only {end} records");
    let pinned = strip(story.world(), &tp, RowStart::Tail, 6, &[3, 30]).unwrap();
    let offsets: Vec<i64> = pinned.cells().map(|cell| cell.offset).collect();
    assert!(offsets.contains(&3) && offsets.contains(&30) && offsets.contains(&(end - 1)), "{offsets:?}");
    assert!(pinned.quarters() <= 24, "{} quarters do not fit into six cells", pinned.quarters());
    let folds: Vec<i64> =
        pinned.items.iter().filter_map(|item| if let Item::Fold(between) = item { Some(*between) } else { None }).collect();
    assert_eq!(
        folds.iter().sum::<i64>() + offsets.len() as i64,
        end - offsets[0],
        "a fold counts what lies between: {offsets:?} {folds:?}"
    );
    // In sight anyway: nothing is folded. Moved away by hand: the window stays where it is.
    let near = strip(story.world(), &tp, RowStart::Tail, 6, &[end - 2]).unwrap();
    assert_eq!(near.items, tail.items);
    let away = strip(story.world(), &tp, RowStart::From(Offset(10)), 6, &[30]).unwrap();
    assert_eq!(away.cells().map(|cell| cell.offset).collect::<Vec<_>>(), [10, 11, 12, 13, 14, 15]);
}

#[test]
fn marks_stand_between_records_and_the_lag_is_a_length() {
    let mut story = Story::open("taxi-booking", 7);
    story.pass(60);
    let stage = stage(story.world(), Some("taxi-booking"), &Window::default());
    let partition = &stage.topics[0].partitions[1];
    let strip = strip(story.world(), &partition.topic_partition, RowStart::Tail, 6, &[]).unwrap();
    let mut markers = partition.markers.clone();
    let end = strip.log_end_offset;
    for marker in &mut markers {
        marker.committed_offset = Some(end);
    }
    let at = markers.iter().position(|marker| marker.group.as_deref() == Some("billing")).unwrap();
    let chosen = strip.chosen(&markers, Some("billing"), false, 20).unwrap();
    assert_eq!((chosen.place, chosen.lag, chosen.left), (Place::At(24), 0, true), "at the log’s end the name stands left");
    markers[at].committed_offset = Some(end - 2);
    let chosen = strip.chosen(&markers, Some("billing"), false, 20).unwrap();
    assert_eq!((chosen.place, chosen.lag), (Place::At(16), 2));
    markers[at].committed_offset = Some(end - 40);
    let chosen = strip.chosen(&markers, Some("billing"), false, 20).unwrap();
    assert_eq!((chosen.place, chosen.lag), (Place::Before, 40));
    // All others share one place, and one mark.
    let others = strip.others(&markers, Some("billing"), 20);
    assert_eq!(others.len(), 1);
    assert!(others[0].label == "6 groups" && others[0].left, "{others:?}");
    assert!(others[0].title.contains("analytics at"), "{}", others[0].title);
    // Two offsets out of sight are told as two, more as a stretch.
    for (marker, back) in
        markers.iter_mut().filter(|marker| marker.group.as_deref() != Some("billing")).zip([30, 32, 30, 32, 30, 30])
    {
        marker.committed_offset = Some(end - back);
    }
    let others = strip.others(&markers, Some("billing"), 20);
    assert_eq!(others.iter().map(|mark| mark.place).collect::<Vec<_>>(), [Place::Before]);
    assert_eq!(others[0].label, format!("6 groups, at {} and {}", end - 32, end - 30));
}

#[test]
fn keys_are_cut_where_they_differ_least() {
    assert_eq!(common_prefix(["ride-118", "ride-119", "ride-7"].into_iter()), "ride-");
    assert_eq!(common_prefix(["ride-118"; 3].into_iter()), "ride-", "of one key alone, too, the number is told");
    assert_eq!(&*short_key("weather-map", &common_prefix(["weather-map"].into_iter()), false), "…-map");
    assert_eq!(common_prefix(["a1", "a2"].into_iter()), "");
    assert_eq!(common_prefix(std::iter::empty()), "");
    let short = |key: &str, prefix: &str| -> Rc<str> { short_key(key, prefix, false) };
    assert_eq!(&*short("ride-119", "ride-"), "…119");
    assert_eq!(&*short("world", ""), "world");
    assert_eq!(&*short("customer-0042", ""), "…0042");
    assert_eq!(&*short("größe-ß", ""), "…ße-ß");
    assert_eq!(&*short_key("ride-119", "ride-", true), "ride-119", "with a line of its own the whole key fits");
}

#[test]
fn a_record_says_what_happened() {
    assert_eq!(event_word(br#"{"eventType":"ride_requested","rideId":"ride-1"}"#).as_deref(), Some("requested"));
    assert_eq!(event_word(br#"{"channel":"world","kind":"video"}"#).as_deref(), Some("video"));
    assert_eq!(event_word(br#"{"eventType":"trip_end"}"#).as_deref(), Some("trip end"));
    assert_eq!(event_word(br#"{"other":1}"#), None);
    assert_eq!(event_word(br#"{"eventType":7}"#), None);
    assert_eq!(event_word(b"hello"), None);
    assert_eq!(event_word(&[0xff, 0xfe]), None);
}
