//! The walk through a tour: skipping, stepping back, what is kept through a reload, and what a history remembers.

use kafka_playground::base::Span;
use kafka_playground::scenario::tour::Tour;
use kafka_playground::scenario::walk::{Skipped, Standing, Walk, waits_for_a_person};
use kafka_playground::scenario::{CATALOG, tour};
use kafka_playground::session::{Queue, Refusal, Session};

#[path = "../common/walk.rs"]
mod kept;

/// Calls of `play_on` that no skip needs.
const CALLS_MAX: usize = 1_000_000;

struct Walked {
    session: Session,
    walk: Walk,
    tour: &'static Tour,
}

impl Walked {
    fn open(name: &str, seed: u64) -> Self {
        let entry = CATALOG.iter().find(|entry| entry.name == name).expect("a story of that name");
        let seeded = |line: &str| if line.starts_with("! seed ") { format!("! seed {seed}\n") } else { format!("{line}\n") };
        let script: String = entry.script.lines().map(seeded).collect();
        let session = Session::open(&script, CATALOG).unwrap_or_else(|error| panic!("{error}"));
        Self { session, walk: Walk::default(), tour: tour(name).expect("a tour") }
    }

    /// As it is opened in the page: with the story's own seed.
    fn opened_at(name: &str, step: usize, dues: u64) -> Self {
        let entry = CATALOG.iter().find(|entry| entry.name == name).expect("a story of that name");
        let session = Session::open(entry.script, CATALOG).expect("its script opens");
        let tour = tour(name).expect("a tour");
        let mut walked = Self { session, walk: Walk::to_step(tour, step), tour };
        walked.play(dues);
        walked
    }

    /// Goes on with a skip to its end, so many dues at a time.
    fn play(&mut self, dues: u64) {
        for _ in 0..CALLS_MAX {
            match self.walk.play_on(self.tour, &mut self.session, dues) {
                Skipped::Working => {}
                Skipped::Arrived => return,
                Skipped::Stopped(given) => panic!("the skip stops at '{}': {given:?}", self.title()),
            }
        }
        panic!("the skip does not end at '{}'", self.title());
    }

    fn skip(&mut self) {
        self.walk.skip(self.tour);
        self.play(500);
    }

    fn title(&self) -> &'static str {
        self.walk.step(self.tour).expect("a step").title
    }

    fn standing(&self) -> Standing {
        self.walk.standing(self.tour, &self.session)
    }

    fn follow(&mut self) {
        self.walk.follow(self.tour, &mut self.session);
    }

    /// Lets time pass as the page's clock does, until the step is done.
    fn until_done(&mut self) {
        for _ in 0..20_000 {
            self.session.advance(Span::from_ms(16), u64::MAX);
            self.follow();
            match self.standing() {
                Standing::Done => return,
                Standing::Stuck => panic!("'{}' is stuck", self.title()),
                _ => {}
            }
        }
        panic!("'{}' is never done", self.title());
    }

    /// What a reload leaves: the script and where it was, the walk as text.
    fn reload(&mut self) {
        let kept = serde_json::to_string(&self.walk).expect("a walk is text");
        let (cursor, moment, opened_with) = (self.session.cursor(), self.session.moment(), self.session.opened_with());
        let mut session = Session::open(&self.session.script(), CATALOG).unwrap_or_else(|error| panic!("{error}"));
        session.restore_undo(opened_with);
        session.go_to(&moment);
        assert_eq!((session.cursor(), session.now()), (cursor, self.session.now()));
        assert_eq!(session.hash(), self.session.hash());
        self.session = session;
        self.walk = serde_json::from_str(&kept).expect("it is read again");
    }

    fn seen(&self, step: usize) -> bool {
        self.walk.seen(step, &self.session).is_some()
    }

    fn won(&self) -> Vec<usize> {
        (0..self.tour.goals.len()).filter(|goal| self.walk.won(*goal, &self.session).is_some()).collect()
    }
}

fn skip_all(name: &str, seed: u64) -> Walked {
    let mut walked = Walked::open(name, seed);
    for (at, step) in walked.tour.steps.iter().enumerate() {
        assert_eq!(walked.walk.at(walked.tour), at);
        assert_eq!(walked.title(), step.title);
        assert!(!(step.done)(walked.session.world()), "{name}, seed {seed}: '{}' is done before it begins", step.title);
        walked.skip();
        assert!(walked.seen(at), "{name}, seed {seed}: '{}' was not met", step.title);
        assert!((step.done)(walked.session.world()), "{name}, seed {seed}: '{}' does not hold where it was left", step.title);
    }
    assert!(walked.walk.is_over(walked.tour, &walked.session), "{name}, seed {seed}");
    walked
}

#[test]
fn every_step_of_every_tour_can_be_skipped_and_is_met() {
    for entry in CATALOG {
        for seed in [1, 2, 3, 25] {
            skip_all(entry.name, seed);
        }
    }
}

/// The lines of the steps that were skipped used to pile up while no time passed: billing was told to stand still, and killed
/// before it could.
#[test]
fn after_eight_skips_the_ride_is_charged_twice() {
    for reloads in [false, true] {
        let mut walked = Walked::open("taxi-booking", 25);
        for _ in 0..8 {
            walked.walk.skip(walked.tour);
            for _ in 0..3 {
                walked.walk.play_on(walked.tour, &mut walked.session, 100);
            }
            if reloads {
                walked.reload();
            }
            walked.play(1000);
        }
        assert_eq!(walked.title(), "Crash at the worst moment");
        assert_eq!(walked.standing(), Standing::Ready);
        walked.walk.choose(2);
        let given = walked.walk.begin(walked.tour, &mut walked.session);
        assert_eq!((given.count, given.refused), (2, None));
        if reloads {
            walked.reload();
        }
        walked.until_done();
        assert_eq!(walked.walk.choice(), Some(2));
    }
}

/// What a skip is for: the same lines with no time between them do not lead there.
#[test]
fn without_time_between_them_the_lines_of_eight_steps_lead_nowhere() {
    let mut session = Walked::open("taxi-booking", 25).session;
    let steps = tour("taxi-booking").unwrap().steps;
    let mut queue = Queue::lenient();
    for step in &steps[..9] {
        queue.add(&session, step.run.iter().map(|line| (*line).to_owned()).collect());
        queue.give(&mut session);
    }
    for _ in 0..6000 {
        session.advance(Span::from_ms(20), u64::MAX);
        queue.give(&mut session);
    }
    assert!(queue.is_empty() && !(steps[8].done)(session.world()));
}

#[test]
fn lines_that_wait_are_given_after_a_reload() {
    let mut walked = Walked::opened_at("taxi-booking", 9, u64::MAX);
    assert_eq!(walked.title(), "The log is the memory");
    assert_eq!(walked.walk.begin(walked.tour, &mut walked.session).count, 1, "the others wait");
    assert!(walked.walk.has_lines_waiting());
    assert_eq!(walked.standing(), Standing::Running);
    walked.reload();
    assert!(walked.walk.has_lines_waiting());
    walked.until_done();
    assert!(!walked.walk.has_lines_waiting());
}

#[test]
fn a_step_is_opened_the_same_however_it_is_cut() {
    for entry in CATALOG {
        let last = tour(entry.name).unwrap().steps.len() - 1;
        for step in [1, last] {
            let whole = Walked::opened_at(entry.name, step, u64::MAX);
            assert_eq!(whole.walk.at(whole.tour), step);
            for dues in [1, 7, 1000] {
                let cut = Walked::opened_at(entry.name, step, dues);
                assert_eq!(
                    (cut.session.hash(), cut.session.script()),
                    (whole.session.hash(), whole.session.script()),
                    "{}",
                    entry.name
                );
            }
            let again = Session::open(&whole.session.script(), CATALOG).unwrap();
            assert_eq!(again.hash(), whole.session.hash(), "{}: its script gives the same world", entry.name);
        }
    }
}

#[test]
fn step_nine_of_the_taxi_begins_where_billing_has_charged_and_not_committed() {
    let walked = Walked::opened_at("taxi-booking", 8, 1000);
    assert_eq!(walked.title(), "Crash at the worst moment");
    assert_eq!(walked.standing(), Standing::Ready);
    assert!((0..8).all(|step| walked.seen(step)));
    let place = kafka_playground::scenario::taxi::billing(walked.session.world()).phase;
    assert_eq!(place, kafka_playground::scenario::taxi::BillingPhase::AtBreakpoint);
}

#[test]
fn step_nine_begins_as_in_every_browser() {
    assert_eq!(format!("{:016x}", kept::hash()), kept::KEPT.trim());
}

#[test]
fn a_goal_stays_won_in_its_history_and_in_no_other() {
    let mut walked = Walked::opened_at("taxi-booking", 8, u64::MAX);
    assert_eq!(walked.won(), [0], "three drivers are paid");
    let before = walked.session.moment();
    walked.skip();
    assert_eq!(walked.won(), [0, 3], "and a ride is charged twice");
    let after = walked.session.moment();
    walked.session.go_to(&before);
    walked.follow();
    assert_eq!(walked.won(), [0, 3], "stepping back loses nothing");
    walked.reload();
    assert_eq!(walked.won(), [0, 3]);
    // Another history: nothing is charged twice in it.
    walked.session.input("$ stop-service billing").unwrap();
    walked.follow();
    assert_eq!(walked.won(), [0]);
    assert!(walked.seen(7) && !walked.seen(8));
    // And back to the first one.
    assert!(walked.session.undo());
    walked.session.go_to(&after);
    walked.follow();
    assert_eq!(walked.won(), [0, 3]);
    assert!(walked.seen(8));
    // From before anything was won.
    walked.session.go_to(&kafka_playground::session::Moment::default());
    walked.session.input("$ kafka-topics.sh --list --bootstrap-server localhost:9092").unwrap();
    walked.follow();
    assert_eq!(walked.won(), [0; 0]);
}

/// It asks that drivers run again, and that every ride the crashed run had is known to the new one.
#[test]
fn killing_drivers_wins_nothing_before_they_run_again_and_know_every_ride() {
    let mut walked = Walked::open("taxi-booking", 25);
    let pass = |walked: &mut Walked, seconds: u64| {
        for _ in 0..seconds * 10 {
            walked.session.advance(Span::from_ms(100), u64::MAX);
            walked.follow();
        }
    };
    pass(&mut walked, 60);
    assert!(!walked.won().contains(&1));
    walked.session.input("$ kill-service drivers").unwrap();
    pass(&mut walked, 30);
    assert!(!walked.won().contains(&1), "they are dead");
    walked.session.input("$ start-service drivers").unwrap();
    pass(&mut walked, 5);
    assert!(!walked.won().contains(&1), "the group waits for the one that died");
    pass(&mut walked, 60);
    assert!(walked.won().contains(&1));
    // Killed once more: what was won stays so.
    walked.session.input("$ kill-service drivers").unwrap();
    pass(&mut walked, 1);
    assert!(walked.won().contains(&1));
}

#[test]
fn what_was_seen_is_a_moment_that_can_be_gone_to() {
    let mut walked = skip_all("taxi-booking", 25);
    for at in (0..walked.tour.steps.len()).rev() {
        let seen = walked.walk.seen(at, &walked.session).unwrap();
        walked.session.go_to(&seen);
        assert_eq!((walked.session.cursor(), walked.session.now()), (seen.cursor, seen.at()));
        assert!((walked.tour.steps[at].done)(walked.session.world()), "'{}'", walked.tour.steps[at].title);
        assert_eq!(walked.session.moment(), seen);
    }
}

#[test]
fn a_step_that_was_done_stays_so_and_is_ready_again_before_it() {
    let mut walked = Walked::opened_at("taxi-booking", 4, u64::MAX);
    let ready = walked.session.moment();
    walked.walk.choose(0);
    walked.walk.begin(walked.tour, &mut walked.session);
    walked.until_done();
    // Records come faster than city-map commits: the condition comes and goes.
    for _ in 0..200 {
        walked.session.advance(Span::from_ms(100), u64::MAX);
        walked.follow();
        assert_eq!(walked.standing(), Standing::Done);
    }
    walked.session.go_to(&ready);
    assert_eq!(walked.standing(), Standing::Ready);
    assert!(walked.walk.belongs_ahead(&walked.session).is_some());
    // In the past a skip goes where the step was done, and sets nothing aside.
    let inputs = walked.session.inputs().len();
    walked.skip();
    assert_eq!(walked.session.inputs().len(), inputs);
    assert_eq!(walked.walk.at(walked.tour), 5);
}

#[test]
fn undoing_the_lines_of_a_step_makes_it_ready_again() {
    let mut walked = Walked::opened_at("taxi-booking", 8, u64::MAX);
    walked.walk.begin(walked.tour, &mut walked.session);
    assert_eq!(walked.standing(), Standing::Running);
    for _ in 0..2 {
        assert!(walked.session.undo());
        walked.follow();
        assert_eq!(walked.standing(), Standing::Ready);
    }
    walked.walk.begin(walked.tour, &mut walked.session);
    walked.until_done();
}

#[test]
fn undo_goes_on_after_a_reload_down_to_where_the_story_was_opened() {
    let mut walked = Walked::open("taxi-booking", 25);
    let opened = walked.session.inputs().len();
    assert!(!walked.session.can_undo());
    for line in ["$ stop-service city-map", "$ kill-service billing", "$ start-service billing"] {
        walked.session.advance(Span::from_secs(3), u64::MAX);
        walked.session.input(line).unwrap();
    }
    let hashes: Vec<u64> = walked.session.inputs()[opened..].iter().map(|input| hash_at(&walked.session, input.cursor)).collect();
    walked.session.advance(Span::from_secs(3), u64::MAX);
    walked.reload();
    for hash in hashes.iter().rev() {
        assert!(walked.session.undo());
        assert_eq!(walked.session.hash(), *hash);
    }
    assert!(!walked.session.can_undo());
    assert_eq!(walked.session.inputs().len(), opened);
    assert!(walked.session.redo());
}

fn hash_at(session: &Session, cursor: u64) -> u64 {
    let mut copy = Session::open(&session.script(), CATALOG).expect("what was written opens");
    copy.seek(cursor);
    copy.hash()
}

#[test]
fn a_queue_waits_passes_over_what_is_so_already_and_stops_at_what_is_wrong() {
    let mut session = Walked::open("taxi-booking", 25).session;
    let mut queue = Queue::default();
    queue.add(&session, vec!["$ stop-service wallets".into(), "$ sleep 2".into(), "$ start-service wallets".into()]);
    assert_eq!(queue.give(&mut session).count, 1);
    let stopped = session.now();
    for _ in 0..1000 {
        session.advance(Span::from_ms(10), u64::MAX);
        queue.give(&mut session);
    }
    assert!(queue.is_empty());
    let started = session.inputs().last().unwrap();
    assert_eq!(&*started.text, "$ start-service wallets");
    assert!(started.at.since(stopped) >= Span::from_secs(2));

    let again =
        vec!["$ start-service wallets".to_owned(), "$ kill-service billing".to_owned(), "$ kill-service billing".to_owned()];
    queue.add(&session, again.clone());
    let (block, error) = queue.give(&mut session).refused.expect("it runs already");
    assert_eq!((block.as_str(), error.kind), ("$ start-service wallets", Refusal::SoAlready));
    assert!(queue.is_empty(), "what follows is dropped");
    let mut queue = Queue::lenient();
    queue.add(&session, again);
    let given = queue.give(&mut session);
    assert_eq!((given.count, given.refused), (1, None));
    queue.add(&session, vec!["$ tell-service billing commit".into(), "$ kill-service riders".into()]);
    let (_, error) = queue.give(&mut session).refused.expect("nobody hears it");
    assert_eq!(error.kind, Refusal::Wrong);
    assert!(queue.is_empty() && queue.give(&mut session).count == 0);
}

#[test]
fn what_is_so_already_is_told_by_its_kind() {
    let mut session = Walked::open("taxi-booking", 25).session;
    let mut kind = |line: &str| session.input(line).expect_err(line).kind;
    assert_eq!(kind("$ start-broker 1"), Refusal::SoAlready);
    assert_eq!(kind("$ thaw-broker 1"), Refusal::SoAlready);
    assert_eq!(kind("$ start-broker 9"), Refusal::Wrong);
    assert_eq!(kind("$ kill-broker"), Refusal::Wrong);
    assert_eq!(kind("$ kill-service nobody"), Refusal::Wrong);
    assert_eq!(kind("@c1 ^C"), Refusal::Wrong);
    assert_eq!(kind("$ start-service riders"), Refusal::SoAlready);
}

#[test]
fn a_queue_waits_in_the_past_and_is_dropped_with_its_history() {
    let mut session = Walked::open("taxi-booking", 25).session;
    let mut queue = Queue::default();
    queue.add(&session, vec!["$ stop-service wallets".into(), "$ start-service wallets".into()]);
    queue.give(&mut session);
    session.advance(Span::from_secs(5), u64::MAX);
    session.back();
    assert_eq!(queue.give(&mut session).count, 0, "in the past it would set aside what lies ahead");
    let mut other = queue.clone();
    session.seek(session.end_cursor());
    assert_eq!(queue.give(&mut session).count, 1);
    session.undo();
    session.undo();
    assert_eq!(other.give(&mut session).count, 0);
    assert!(other.is_empty(), "what it waited for was undone");
}

#[test]
fn a_walk_that_is_damaged_or_of_another_tour_does_no_harm() {
    let text =
        r#"{"step":18446744073709551615,"passages":[{"choice":99}],"won":[null,{"cursor":5}],"skips_to":18446744073709551615}"#;
    let walk: Walk = serde_json::from_str(text).unwrap();
    let mut walked = Walked::open("taxi-booking", 25);
    walked.walk = walk.fitted(walked.tour);
    assert_eq!(walked.walk.at(walked.tour) + 1, walked.tour.steps.len());
    walked.follow();
    walked.walk.play_on(walked.tour, &mut walked.session, 10);
    walked.walk.choose(0);
    assert!(serde_json::from_str::<Walk>("{}").is_ok());
}

#[test]
fn a_step_begins_by_itself_only_where_it_asks_and_types_nothing() {
    for entry in CATALOG {
        let walked = Walked::open(entry.name, 7);
        let step = walked.walk.step(walked.tour).unwrap();
        let expected = if waits_for_a_person(step) { Standing::Ready } else { Standing::Running };
        assert_eq!(walked.standing(), expected, "{}", entry.name);
    }
}
