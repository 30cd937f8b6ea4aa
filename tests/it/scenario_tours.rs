//! The tours, played to their ends: each step unmet when it begins, met within its limit.

use kafka_playground::base::TopicPartition;
use kafka_playground::scenario::{CATALOG, facts, is_tour, tour};

use super::scenario_support::Story;

fn play(scenario: &str, seed: u64) {
    let tour = tour(scenario).expect("a tour");
    let mut story = Story::open(scenario, seed);
    for (number, step) in tour.steps.iter().enumerate() {
        let title = step.title;
        assert!(!(step.done)(story.world()), "{scenario} {}, seed {seed}: '{title}' is done before it begins", number + 1);
        for line in step.run {
            story.give(line);
        }
        let took = story.until(title, step.limit.ms() / 1000, step.done);
        println!("{scenario} {:>2} {title}: {took} ms", number + 1);
    }
    if is_tour(scenario) {
        for goal in tour.goals {
            assert!((goal.met)(story.world()), "{scenario}, seed {seed}: unmet at the end: {}", goal.text);
        }
    }
}

#[test]
fn the_taxi_tour_can_be_played_to_its_end() {
    play("taxi-booking", 7);
}

#[test]
fn the_news_tour_can_be_played_to_its_end() {
    play("live-news", 7);
}

#[test]
fn the_tour_of_who_reads_what_can_be_played_to_its_end_and_meets_its_goals() {
    play("who-reads-what", 7);
}

#[test]
fn the_tour_of_the_consumer_that_never_came_back_can_be_played_to_its_end_and_meets_its_goals() {
    play("never-came-back", 7);
}

#[test]
fn tours_work_with_other_seeds() {
    for seed in 1..=5 {
        for entry in CATALOG {
            play(entry.name, seed);
        }
    }
}

/// Whoever has played it once may play it again from there: lines that are refused because things are so already are
/// passed over.
#[test]
fn a_tour_can_be_played_twice_in_one_session() {
    for entry in CATALOG {
        let mut story = Story::open(entry.name, 7);
        for _ in 0..2 {
            for step in tour(entry.name).unwrap().steps {
                for line in step.run {
                    let _refused = story.try_to_give(line);
                }
                story.until(step.title, step.limit.ms() / 1000, step.done);
            }
        }
    }
}

#[test]
fn a_story_goes_on_for_half_an_hour_and_replays_to_the_same_state() {
    for (entry, done) in CATALOG.iter().zip([300, 5000]) {
        let mut story = Story::open(entry.name, 7);
        story.pass(30 * 60);
        let topic = if entry.name == "taxi-booking" { "payments" } else { "news" };
        let partitions = story.world().cluster().topic(topic).map_or(0, |topic| topic.partitions.len() as i32);
        let ends = (0..partitions).filter_map(|at| facts::log_end_offset(story.world(), &TopicPartition::new(topic, at)));
        let records: i64 = ends.map(|end| end.0).sum();
        assert!(records > done, "{}: {records} records in {topic}", entry.name);
        let (now, there) = (story.world().steps(), story.world().hash());
        story.back_and_forth();
        assert_eq!((now, there), (story.world().steps(), story.world().hash()), "{}", entry.name);
    }
}

#[test]
fn goals_are_unmet_at_the_start() {
    for entry in CATALOG {
        let story = Story::open(entry.name, 7);
        for goal in tour(entry.name).unwrap().goals {
            assert!(!(goal.met)(story.world()), "{}: {}", entry.name, goal.text);
        }
    }
}

#[test]
fn every_tour_is_whole() {
    for entry in CATALOG {
        let tour = tour(entry.name).unwrap();
        assert!((8..=15).contains(&tour.steps.len()), "{}: {} steps", entry.name, tour.steps.len());
        let asked = tour.steps.iter().filter_map(|step| step.prediction.as_ref());
        assert!(asked.clone().count() >= 3);
        for prediction in asked {
            assert!(prediction.answer < prediction.choices.len() && !prediction.because.is_empty(), "{}", prediction.question);
        }
        for step in tour.steps {
            let sentences = step.text.matches(['.', '?']).count();
            assert!(step.text.len() < 360 && sentences <= 6, "{} is long", step.title);
        }
    }
}
