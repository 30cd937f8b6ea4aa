//! What an address asks for, whoever wrote it.

use kafka_playground::scenario::tour::StageView;
use kafka_playground::scenario::{CATALOG, lessons::LESSONS, tour};
use kafka_playground::view::address::{Address, Opens, of_lesson, of_story, read};

fn story(fragment: &str) -> (&'static str, usize, Address) {
    let address = read(fragment).unwrap_or_else(|error| panic!("{fragment}: {error}"));
    match address.opens {
        Opens::Story { entry, step } => (entry.name, step, address),
        ref other => panic!("{fragment}: {other:?}"),
    }
}

#[test]
fn a_story_is_named_with_its_step_its_view_and_whether_it_plays() {
    let (name, step, address) = story("#scenario=taxi-booking&step=9&view=cluster&play");
    assert_eq!((name, step, address.view, address.plays), ("taxi-booking", 8, Some(StageView::Cluster), true));
    let (name, step, address) = story("scenario=live-news");
    assert_eq!((name, step, address.view, address.plays), ("live-news", 0, None, false));
    // In any order, encoded as some programs do.
    let (name, step, address) = story("#play=1&step=2&scenario=taxi%2Dbooking&view=LOGS");
    assert_eq!((name, step, address.view, address.plays), ("taxi-booking", 1, Some(StageView::Logs), true));
}

#[test]
fn numbers_that_are_none_are_the_first_and_those_past_the_end_the_last() {
    let last = tour("taxi-booking").unwrap().steps.len() - 1;
    for (text, step) in
        [("0", 0), ("", 0), ("-3", 0), ("nine", 0), ("1e9", 0), ("9.5", 0), ("%39", 0), ("٣", 0), ("13", last), ("14", last)]
    {
        assert_eq!(story(&format!("#scenario=taxi-booking&step={text}")).1, step, "{text}");
    }
    let huge = "9".repeat(100_000);
    assert_eq!(story(&format!("#scenario=taxi-booking&step={huge}")).1, last);
    // The last one said counts; a second story does not.
    assert_eq!(story("#scenario=taxi-booking&step=2&step=3&scenario=live-news").1, 2);
}

#[test]
fn names_that_are_not_known_are_told_shortly() {
    for name in
        ["", "nowhere", "<img src=x onerror=alert(1)>", "%", "%f", "%ff%fe", "%F0%9F%9A%95", "taxi-booking%00", "../../etc/passwd"]
    {
        let error = read(&format!("#scenario={name}")).expect_err(name);
        assert!(error.starts_with("There is no scenario “") && error.contains("taxi-booking, live-news"), "{error}");
        let error = read(&format!("#lesson={name}")).expect_err(name);
        assert!(error.starts_with("There is no lesson “"), "{error}");
    }
    let error = read(&format!("#scenario={}", "%41".repeat(1_000_000))).expect_err("too long");
    assert!(error.len() < 400, "{}", error.len());
}

#[test]
fn what_is_not_known_is_passed_over() {
    for fragment in ["", "#", "&", "&&&=&=", "#step=4", "#view=", "#view=attic", "#=taxi-booking", "#?scenario=taxi-booking"] {
        let address = read(fragment).unwrap();
        assert!(matches!(address.opens, Opens::Nothing) && address.view.is_none() && !address.plays, "{fragment}");
    }
    let (name, step, address) = story("#scenario=taxi-booking&colour=red&view=attic&step");
    assert_eq!((name, step, address.view), ("taxi-booking", 0, None));
}

#[test]
fn links_and_lessons_go_on_to_work() {
    let Opens::Link { link, step: 3 } = read("#s=abc-_123&step=4&view=records").unwrap().opens else { panic!("a link") };
    assert_eq!(link, "abc-_123");
    for lesson in LESSONS {
        for step in 0..lesson.steps.len() {
            let read = read(&of_lesson(lesson.name, step)).unwrap().opens;
            assert!(matches!(read, Opens::Lesson { lesson: found, step: at } if found.name == lesson.name && at == step));
        }
    }
    let Opens::Lesson { step, lesson } = read(&format!("#lesson={}&step=99", LESSONS[0].name)).unwrap().opens else {
        panic!("a lesson")
    };
    assert_eq!(step + 1, lesson.steps.len());
}

#[test]
fn the_first_screen_and_the_prompt_have_addresses() {
    assert!(matches!(read("#terminal").unwrap().opens, Opens::Terminal));
    assert!(matches!(read("#start").unwrap().opens, Opens::FirstScreen));
    assert!(matches!(read("#lessons").unwrap().opens, Opens::Lessons));
}

#[test]
fn what_is_written_is_read_again() {
    for entry in CATALOG {
        for step in 0..tour(entry.name).unwrap().steps.len() {
            for view in [None, Some(StageView::Logs), Some(StageView::Cluster), Some(StageView::Records), Some(StageView::Groups)] {
                let (name, at, address) = story(&of_story(entry.name, step, view));
                assert_eq!((name, at, address.view), (entry.name, step, view));
            }
        }
    }
    assert_eq!(of_story("taxi-booking", 8, None), "#scenario=taxi-booking&step=9");
}
