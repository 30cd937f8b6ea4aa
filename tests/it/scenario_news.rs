//! The news story, played natively: TVs that go off and on, desks that share.

use kafka_playground::scenario::facts;
use kafka_playground::scenario::news::{self, DeskView, TvView};

use super::scenario_support::Story;

fn story() -> Story {
    Story::open("live-news", 7)
}

fn tv(story: &Story, name: &str) -> TvView {
    news::tvs(story.world()).into_iter().find(|tv| tv.name == name).expect("a TV of that name")
}

fn desks(story: &Story) -> Vec<DeskView> {
    news::desks(story.world())
}

#[test]
fn every_tv_shows_everything_in_order() {
    let mut story = story();
    story.pass(60);
    let newsroom = news::newsroom(story.world());
    assert!(newsroom.produced > 100, "{}", newsroom.produced);
    for tv in &news::tvs(story.world()) {
        assert!(tv.received + 3 >= newsroom.acknowledged, "{} got {}", tv.name, tv.received);
        assert_eq!((tv.missed, tv.repeated, tv.skipped), (0, 0, 0), "{}", tv.name);
        for on_air in &newsroom.channels {
            let heard = tv.channels.iter().find(|heard| heard.channel == on_air.channel).unwrap();
            assert!(heard.sequence + 2 >= on_air.sequence && heard.sequence > 5);
        }
        let screen = tv.screen.as_ref().unwrap();
        assert!(!screen.headline.is_empty() && story.world().now().ms() - screen.written_at_ms < 2000);
    }
}

#[test]
fn a_tv_that_was_off_misses_nothing() {
    let mut story = story();
    story.pass(20);
    story.give("$ stop-service tv-2");
    story.pass(1);
    let off = tv(&story, "tv-2");
    story.pass(30);
    assert_eq!(tv(&story, "tv-2").screen, off.screen, "it shows nothing new");
    assert!(tv(&story, "tv-2").lag.unwrap() > 40);
    story.give("$ start-service tv-2");
    story.pass(10);
    let on = tv(&story, "tv-2");
    assert_eq!((on.missed, on.repeated), (0, 0));
    assert_eq!(on.received + off.received, tv(&story, "tv-1").received, "both runs together read what tv-1 read");
    assert_eq!(on.screen.unwrap().sequence, tv(&story, "tv-1").screen.unwrap().sequence);
}

#[test]
fn a_tv_whose_plug_was_pulled_shows_the_last_seconds_again() {
    let mut story = story();
    story.pass(20);
    // Right before a commit is due there is most to repeat: wait until some packets are read and no commit is on its way.
    story.until("a commit is done", 20, |world| facts::lag(world, "tv-3").is_some_and(|lag| lag <= 4));
    story.until("packets wait for a commit", 20, |world| facts::lag(world, "tv-3").is_some_and(|lag| lag >= 9));
    story.give("$ kill-service tv-3");
    story.give("$ start-service tv-3");
    story.pass(20);
    let tv = tv(&story, "tv-3");
    assert_eq!(tv.missed, 0);
    assert!((5..=20).contains(&tv.repeated), "{} repeated", tv.repeated);
}

#[test]
fn a_new_tv_begins_with_what_comes() {
    let mut story = story();
    story.pass(30);
    story.give("$ start-service tv-4");
    story.pass(10);
    let (new, old) = (tv(&story, "tv-4"), tv(&story, "tv-1"));
    assert!(new.received >= 10 && new.received + 50 < old.received, "{} and {}", new.received, old.received);
    assert_eq!(new.missed, 0);
}

#[test]
fn replay_moves_one_tv_only_and_commits_nothing_at_once() {
    let mut story = story();
    story.pass(30);
    let before = tv(&story, "tv-2");
    story.give("$ tell-service tv-2 replay beginning");
    story.pass(5);
    let after = tv(&story, "tv-2");
    assert!(after.received > before.received + before.received / 2, "{} then {}", before.received, after.received);
    assert!(after.repeated >= before.received - 3, "{} repeated", after.repeated);
    assert_eq!((after.missed, tv(&story, "tv-1").repeated), (0, 0));

    let before = tv(&story, "tv-3");
    let from = story.world().now().ms() - 10_000;
    story.give(&format!("$ tell-service tv-3 replay time {from}"));
    story.pass(5);
    let repeated = tv(&story, "tv-3").repeated - before.repeated;
    assert!((15..60).contains(&repeated), "ten seconds are {repeated} packets");

    story.give("$ tell-service tv-1 replay offset 3");
    story.pass(5);
    assert!(tv(&story, "tv-1").repeated > 40);

    story.give("$ tell-service tv-1 sing");
    assert!(story.said().last().unwrap().contains("does not understand \"sing\""));
}

#[test]
fn desks_split_the_partitions_and_write_each_packet_once() {
    let mut story = story();
    story.pass(5);
    story.give("$ start-service transcription-1");
    story.give("$ start-service transcription-2");
    story.pass(30);
    let both = desks(&story);
    assert_eq!(both.iter().map(|desk| desk.partitions.len()).collect::<Vec<_>>(), [1, 1]);
    assert_ne!(both[0].partitions, both[1].partitions);
    let acknowledged = news::newsroom(story.world()).acknowledged;
    let written: u64 = both.iter().map(|desk| desk.written).sum();
    assert!(written <= acknowledged && written + 3 >= acknowledged, "{written} of {acknowledged}");

    story.give("$ start-service transcription-3");
    story.pass(10);
    let counts: Vec<usize> = desks(&story).iter().map(|desk| desk.partitions.len()).collect();
    assert_eq!((counts.len(), counts.iter().sum::<usize>(), counts.iter().filter(|count| **count == 0).count()), (3, 2, 1));
}

#[test]
fn a_newsroom_started_anew_is_no_gap() {
    let mut story = story();
    story.pass(20);
    story.give("$ kill-service newsroom");
    story.pass(2);
    story.give("$ start-service newsroom");
    story.pass(20);
    let tv = tv(&story, "tv-1");
    assert_eq!((tv.missed, tv.repeated), (0, 0));
    assert!(tv.received > 80);
    story.give("$ tell-service newsroom alert Flood at the harbour");
    let shows = |screen: &news::Screen| screen.text == "Flood at the harbour";
    story.until("the set shows it", 1, |world| news::tv(world, "tv-1").screen.as_ref().is_some_and(shows));
}

#[test]
fn nonsense_is_skipped_counted_and_told() {
    let mut story = story();
    story.give("$ start-service transcription-1");
    story.pass(8);
    let nonsense: [Option<&[u8]>; 6] = [
        None,
        Some(b""),
        Some(b"\xff"),
        Some(br#"{"channel":"world"}"#),
        Some(br#"{"channel":"","kind":"video","sequence":1,"broadcast":0,"text":""}"#),
        Some(br#"{"channel":"world","kind":"video","sequence":-1,"broadcast":0,"text":""}"#),
    ];
    for value in nonsense {
        story.produce("news", None, value);
    }
    for (sequence, broadcast) in [(u64::MAX, 0), (1, u64::MAX), (1, story.world().now().ms() + 60_000)] {
        let value = format!(r#"{{"channel":"world","kind":"video","sequence":{sequence},"broadcast":{broadcast},"text":"x"}}"#);
        story.produce("news", Some(b"world"), Some(value.as_bytes()));
    }
    for channel in ["world", "mine"] {
        let value = format!(r#"{{"channel":"{channel}","kind":"headline","sequence":999999999999,"broadcast":9,"text":"x"}}"#);
        story.produce("news", Some(b"world"), Some(value.as_bytes()));
    }
    story.pass(10);
    for name in ["tv-1", "tv-2", "tv-3"] {
        let tv = tv(&story, name);
        assert_eq!((tv.skipped, tv.power.is_on()), (9, true), "{name}");
    }
    assert_eq!(desks(&story)[0].skipped, 9);
    assert!(story.said().iter().any(|text| text.contains("skipped news-") && text.contains("its value is null")));
}

#[test]
fn a_name_that_is_no_service_is_none() {
    for name in ["tv-1", "tv-99", "transcription-2", "newsroom"] {
        assert!(news::service(name).is_some(), "{name}");
    }
    for name in ["tv", "tv-0", "tv-01", "tv-100", "tv-+1", "tv--1", "transcription-", "", "billing", "newsroom-1"] {
        assert!(news::service(name).is_none(), "{name}");
    }
}

#[test]
fn a_tv_commits_when_told_to() {
    use kafka_playground::scenario::CATALOG;
    use kafka_playground::session::Session;
    let entry = CATALOG.iter().find(|entry| entry.name == "live-news").expect("the story");
    let mut session = Session::open(entry.script, CATALOG).expect("it opens");
    session.advance(kafka_playground::base::Span::from_ms(3300), 1_000_000);
    let committed = |session: &Session| -> i64 {
        kafka_playground::scenario::facts::committed(session.world(), "tv-1").iter().map(|(_, offset)| offset.0).sum()
    };
    let before = committed(&session);
    let here = session.cursor();
    session.advance(kafka_playground::base::Span::from_ms(300), 1_000_000);
    assert_eq!(committed(&session), before, "untold, it waits for its auto-commit");
    session.seek(here);
    session.input("$ tell-service tv-1 commit").expect("it is on");
    session.advance(kafka_playground::base::Span::from_ms(300), 1_000_000);
    assert!(committed(&session) > before, "{before}");
}
