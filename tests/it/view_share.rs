//! What the Groups view says of share groups: members that have a partition together, what is in flight and who holds it, and
//! what happened lately.

use kafka_playground::base::{BrokerId, GroupId, Span};
use kafka_playground::session::Session;
use kafka_playground::view::api;
use kafka_playground::view::group::{
    ClockState, GroupBoard, MemberCard, NewMember, Says, ShareBoard, SharePartitionRow, Standing, Strategy, add_member, board,
    clocks, groups, member_acts, restart_member, why,
};
use kafka_playground::view::inspect::{Selection, inspect};
use kafka_playground::view::stage::{ReaderKind, Window, stage};

const SERVER: &str = "--bootstrap-server localhost:9092";

fn given(session: &mut Session, line: &str, ms: u64) {
    session.input(line).unwrap_or_else(|why| panic!("{line}: {why}"));
    passes(session, ms);
}

fn passes(session: &mut Session, ms: u64) {
    session.advance(Span::from_ms(ms), 1_000_000);
    assert_eq!(session.world().failure(), None);
}

/// A topic of so many partitions.
fn begun(partitions: u32) -> Session {
    let script = format!("! seed 7\n$ kafka-topics.sh --create --topic jobs --partitions {partitions} {SERVER}\n");
    let mut session = Session::open(&script, &[]).expect("the script is a script");
    passes(&mut session, 500);
    session
}

fn produce(session: &mut Session, records: u32) {
    let lines: String = (0..records).map(|at| format!("> job-{at}\n")).collect();
    given(session, &format!("$ kafka-console-producer.sh --topic jobs {SERVER}\n{lines}^D"), 300);
}

fn join(session: &mut Session, name: &str, options: &str) {
    given(session, &format!("@{name} $ kafka-console-share-consumer.sh --topic jobs --group workers {SERVER} {options}"), 8_000);
}

fn shown(session: &Session) -> GroupBoard {
    board(session.world(), &GroupId::from("workers")).expect("there is such a group")
}

fn share(board: &GroupBoard) -> &ShareBoard {
    board.share.as_ref().expect("it is a share group")
}

fn row(board: &GroupBoard) -> &SharePartitionRow {
    share(board).partitions.first().expect("a partition")
}

fn card<'a>(board: &'a GroupBoard, name: &str) -> &'a MemberCard {
    board.members.iter().find(|member| &*member.name == name).unwrap_or_else(|| panic!("no {name}"))
}

fn flight(board: &GroupBoard) -> Vec<String> {
    let max = share(board).delivery_count_max;
    row(board).runs.iter().map(|run| format!("{} {}", run.range(), run.words(max))).collect()
}

/// The oldest first.
fn told(board: &GroupBoard) -> Vec<String> {
    share(board).news.iter().rev().map(|news| format!("{} {}", news.kind.sign(), news.text)).collect()
}

/// The words of a partition's owners, as the page has them.
fn company(board: &GroupBoard, name: &str) -> Vec<String> {
    card(board, name).partitions.iter().map(|owned| format!("{} {}", owned.topic_partition, owned.company())).collect()
}

#[test]
fn the_logs_view_and_the_api_tell_of_groups_of_every_type() {
    let mut session = begun(2);
    join(&mut session, "c1", "");
    let options = "--command-property group.protocol=consumer";
    given(&mut session, &format!("@k1 $ kafka-console-consumer.sh --topic jobs --group readers {SERVER} {options}"), 3_000);
    given(&mut session, &format!("@k2 $ kafka-console-consumer.sh --topic jobs --group old {SERVER}"), 5_000);
    produce(&mut session, 3);
    passes(&mut session, 2_000);
    let world = session.world();
    let view = stage(world, None, &Window::default());
    let readers: Vec<(&str, ReaderKind)> = view.readers.iter().map(|reader| (&*reader.name, reader.kind)).collect();
    assert_eq!(readers, [("old", ReaderKind::Group), ("readers", ReaderKind::Group), ("workers", ReaderKind::Share)]);
    let workers = &view.readers[2];
    assert_eq!((workers.state, workers.lag), (None, Some(0)));
    assert_eq!(workers.members.iter().map(|member| (&*member.name, &*member.words)).collect::<Vec<_>>(), [("c1", "jobs 0, 1")]);
    let told = api::groups(world);
    let types: Vec<(&str, &str)> = told.iter().map(|group| (group.group_id.as_str(), group.r#type.as_str())).collect();
    assert_eq!(types, [("old", "classic"), ("readers", "consumer"), ("workers", "share")]);
    assert_eq!(told[2].members[0].assignment.len(), 2);
    let broker = inspect(world, None, &Selection::Broker(BrokerId(1))).expect("there is a broker");
    let coordinates = broker.facts.iter().find(|fact| fact.label == "Coordinates").expect("it coordinates");
    assert_eq!(coordinates.value, "3 groups");
    assert_eq!(told[2].offsets.iter().map(|offset| offset.lag).collect::<Vec<_>>(), [Some(0), Some(0)]);
}

#[test]
fn several_members_have_one_partition_and_it_says_why() {
    let mut session = begun(1);
    join(&mut session, "c1", "");
    join(&mut session, "c2", "");
    passes(&mut session, 8_000);
    let board = shown(&session);
    assert_eq!(
        (board.protocol.word(), board.state.word(), board.assignor.as_deref()),
        ("share (KIP-932)", "Stable", Some("simple"))
    );
    let (epoch, assigned) = board.epochs.expect("it has epochs");
    assert_eq!(epoch, assigned);
    assert_eq!(board.summary(), format!("workers is Stable with 2 members, epoch {epoch}."));
    assert_eq!([company(&board, "c1"), company(&board, "c2")], [["jobs-0 with c2"], ["jobs-0 with c1"]]);
    assert_eq!((card(&board, "c1").state.word(), card(&board, "c1").note.clone()), ("stable", format!("epoch {epoch}")));
    assert_eq!(row(&board).readers_words(), "c1 and c2 read it together");
    let why = why(session.world(), &GroupId::from("workers"), &board.history).expect("something is assigned");
    assert_eq!(why.agrees, Some(true));
    assert!(why.rule.contains("1 partition for 2 members: that is fewer than members"), "{}", why.rule);
    assert_eq!(why.members[0].2, "It gets jobs-0 with c2.");
    assert!(board.history.rebalances.is_empty() && board.unread.is_empty());
}

#[test]
fn a_slow_member_holds_its_records_and_their_lock_runs_down() {
    let mut session = begun(1);
    join(&mut session, "c1", "--command-property max.poll.records=2 --command-property share.acquire.mode=record_limit");
    given(&mut session, "$ slow-consumer c1 10000", 0);
    produce(&mut session, 5);
    let board = shown(&session);
    // The whole batch is in flight: what it did not ask for is available to others.
    assert_eq!(flight(&board), ["0–1 acquired by c1, delivery 1 of 5", "2–4 available, not delivered yet"]);
    assert_eq!((row(&board).start_offset, row(&board).ahead(), row(&board).lag()), (Some(0), 0, Some(5)));
    assert_eq!(row(&board).summary(), "Start 0. In flight: 3 available, 2 acquired.");
    assert!(card(&board, "c1").note.ends_with("holds 2 records"), "{}", card(&board, "c1").note);
    let (session_clock, poll) = clocks(
        session.world(),
        session.now(),
        &GroupId::from("workers"),
        card(&board, "c1").member_id.as_ref(),
        card(&board, "c1").client,
    );
    assert_eq!(session_clock.map(|clock| (clock.total.ms(), clock.state)), Some((45_000, ClockState::Runs)));
    assert_eq!(poll.map(|clock| (clock.total.ms(), clock.state)), Some((300_000, ClockState::Runs)));
    let left = |board: &GroupBoard, session: &Session| row(board).runs[0].locked_until.expect("a lock").since(session.now()).ms();
    let before = left(&board, &session);
    assert!((29_000..=30_000).contains(&before), "{before} ms");
    passes(&mut session, 5_000);
    assert_eq!(left(&shown(&session), &session), before - 5_000);
    // It says so when it polls again: the start moves on, and the next two are its. A leader gives before it takes in what is said.
    passes(&mut session, 16_000);
    let board = shown(&session);
    assert_eq!(flight(&board), ["2–3 acquired by c1, delivery 1 of 5", "4 available, not delivered yet"]);
    assert_eq!(row(&board).start_offset, Some(2));
    let told = told(&board);
    let last: Vec<&str> = told.iter().rev().take(3).map(String::as_str).collect();
    assert_eq!(
        last,
        [
            "✓ jobs-0 0–1 accepted by c1: done",
            "● jobs-0 2–3 acquired by c1: delivery 1 of 5",
            "● jobs-0 0–1 acquired by c1: delivery 1 of 5"
        ]
    );
}

#[test]
fn a_lock_that_times_out_brings_the_record_to_another() {
    let mut session = begun(1);
    join(&mut session, "c1", "");
    given(&mut session, "$ slow-consumer c1 60000", 0);
    produce(&mut session, 1);
    assert_eq!(flight(&shown(&session)), ["0 acquired by c1, delivery 1 of 5"]);
    passes(&mut session, 31_000);
    assert_eq!(flight(&shown(&session)), ["0 available, delivered 1 of 5 times"]);
    join(&mut session, "c2", "");
    given(&mut session, "$ slow-consumer c2 1000", 2_000);
    let board = shown(&session);
    let told = told(&board);
    assert!(told.contains(&"! jobs-0 0: the lock of c1 timed out after delivery 1 of 5: available again".to_owned()), "{told:?}");
    assert!(told.contains(&"● jobs-0 0 acquired by c2: delivery 2 of 5".to_owned()), "{told:?}");
    assert!(told.contains(&"✓ jobs-0 0 accepted by c2: done".to_owned()), "{told:?}");
}

#[test]
fn a_record_comes_until_the_limit_and_a_rejected_one_never_again() {
    let mut session = begun(1);
    join(&mut session, "c1", "--release");
    given(&mut session, "$ slow-consumer c1 1000", 0);
    produce(&mut session, 1);
    passes(&mut session, 1_200);
    assert_eq!(flight(&shown(&session)), ["0 acquired by c1, delivery 2 of 5"]);
    passes(&mut session, 10_000);
    let board = shown(&session);
    assert_eq!((flight(&board).len(), row(&board).start_offset), (0, Some(1)));
    assert_eq!(row(&board).summary(), "Start 1. Nothing is in flight, and nothing waits: the next record is offset 1.");
    let told = told(&board);
    assert_eq!(told.iter().filter(|text| text.contains("released by c1 after delivery")).count(), 4, "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("× jobs-0 0 released by c1 after the last delivery, 5 of 5: archived"));
    given(&mut session, "@c1 ^C", 2_000);
    join(&mut session, "c1", "--reject");
    produce(&mut session, 1);
    passes(&mut session, 1_000);
    let told = self::told(&shown(&session));
    assert_eq!(told.last().map(String::as_str), Some("× jobs-0 1 rejected by c1: archived, nobody gets it again"));
}

#[test]
fn what_a_crashed_member_held_is_available_and_it_is_counted_until_its_session_ends() {
    let mut session = begun(1);
    join(&mut session, "c1", "");
    join(&mut session, "c2", "");
    given(&mut session, "$ slow-consumer c1 60000", 0);
    given(&mut session, "$ slow-consumer c2 60000", 0);
    produce(&mut session, 1);
    let board = shown(&session);
    let holder = row(&board).runs[0].holder.clone().expect("somebody has it");
    let other = if &*holder == "c1" { "c2" } else { "c1" };
    given(&mut session, &format!("$ kill-service {holder}"), 1_000);
    let board = shown(&session);
    assert_eq!(flight(&board), [format!("0 acquired by {other}, delivery 2 of 5")]);
    assert_eq!((card(&board, &holder).state.word(), card(&board, &holder).gone), ("gone", true));
    assert_eq!(member_acts(None, card(&board, &holder)), [], "nothing can be done to what is gone");
    let told = told(&board);
    assert!(told.contains(&format!("← {holder} crashes: its connection breaks")), "{told:?}");
    passes(&mut session, 46_000);
    let board = shown(&session);
    assert_eq!(board.members.len(), 1);
    let told = self::told(&board);
    assert!(told.iter().any(|text| text.starts_with(&format!("← {holder} is out of the group: session expired"))), "{told:?}");
}

/// However many records follow: what repeats is one line, with how often.
#[test]
fn a_crash_stays_among_what_happened_lately() {
    let mut session = begun(1);
    join(&mut session, "c1", "");
    join(&mut session, "c2", "--release");
    given(&mut session, "$ kill-service c2", 50_000);
    for _ in 0..40 {
        produce(&mut session, 1);
    }
    let board = shown(&session);
    let news = &share(&board).news;
    assert!(news.iter().any(|news| news.text == "c2 crashes: its connection breaks"), "{news:?}");
    let accepted: Vec<usize> = news.iter().filter(|news| news.text.contains("accepted by c1")).map(|news| news.times).collect();
    assert_eq!(accepted.iter().sum::<usize>(), 40, "{accepted:?}");
    assert!(accepted.len() < 10, "{accepted:?}");
    assert_eq!(card(&board, "c1").says, Some(Says::Accept));
}

#[test]
fn a_members_card_says_what_it_says_of_records() {
    let mut session = begun(1);
    for (name, options, says) in [("c1", "", Says::Accept), ("c2", "--release", Says::Release), ("c3", "--reject", Says::Reject)] {
        join(&mut session, name, options);
        assert_eq!(card(&shown(&session), name).says, Some(says), "{name}");
    }
    given(&mut session, "$ kill-service c3", 1_000);
    assert_eq!(card(&shown(&session), "c3").says, Some(Says::Reject), "also of one that is gone");
}

#[test]
fn an_empty_group_shows_what_its_coordinator_keeps() {
    let mut session = begun(1);
    join(&mut session, "c1", "--release");
    given(&mut session, "$ slow-consumer c1 1000", 0);
    produce(&mut session, 2);
    passes(&mut session, 2_500);
    given(&mut session, "@c1 ^C", 5_000);
    let board = shown(&session);
    assert_eq!((board.state.word(), board.members.len()), ("Empty", 0));
    assert!(row(&board).kept);
    assert_eq!((row(&board).start_offset, row(&board).readers_words().as_str()), (Some(0), "nobody reads it"));
    let runs = &row(&board).runs;
    assert!(runs.iter().all(|run| run.standing == Standing::Available && run.locked_until.is_none()), "{runs:?}");
    assert_eq!(runs.iter().map(|run| run.last - run.first + 1).sum::<i64>(), 2);
}

#[test]
fn a_group_is_shown_before_its_coordinator_knows_it() {
    let mut session = begun(1);
    given(&mut session, &format!("@c1 $ kafka-console-share-consumer.sh --topic jobs --group workers {SERVER}"), 0);
    session.advance(Span::from_ms(1), 1);
    assert_eq!(groups(session.world()), [GroupId::from("workers")]);
    let board = shown(&session);
    assert_eq!((board.protocol.word(), card(&board, "c1").state.word()), ("share (KIP-932)", "joining"));
    assert!(share(&board).partitions.is_empty() && share(&board).news.is_empty());
    passes(&mut session, 8_000);
    let board = shown(&session);
    let client = card(&board, "c1").client.expect("a client");
    let facts = inspect(session.world(), None, &Selection::Consumer(client)).expect("it can be looked at");
    assert_eq!((facts.kind, facts.title.as_str(), facts.actions.len()), ("Share consumer", "c1", 2));
}

#[test]
fn what_is_given_out_to_many_stays_a_short_strip() {
    let mut session = begun(1);
    join(&mut session, "c1", "");
    given(&mut session, "$ slow-consumer c1 60000", 0);
    produce(&mut session, 300);
    let board = shown(&session);
    let (cells, more) = row(&board).cells();
    assert!(cells.len() <= 48, "{} cells", cells.len());
    let drawn: i64 = cells.iter().map(|cell| cell.last - cell.first + 1).sum();
    assert_eq!(drawn + more + row(&board).ahead(), 300);
}

#[test]
fn members_are_started_stopped_and_slowed_by_lines() {
    let mut session = begun(1);
    let member = NewMember {
        topic: "jobs".to_owned(),
        group: "workers".to_owned(),
        strategy: Strategy::Share,
        instance_id: "never".to_owned(),
        says: Says::Release,
        max_poll_records: "3".to_owned(),
        ..NewMember::default()
    };
    let lines = add_member(session.world(), &member);
    assert_eq!(
        lines,
        [format!(
            "@c1 $ kafka-console-share-consumer.sh --topic jobs --group workers {SERVER} --release --command-property \
             share.acquire.mode=record_limit --command-property max.poll.records=3"
        )]
    );
    given(&mut session, &lines[0], 8_000);
    let board = shown(&session);
    assert_eq!(board.strategy(), Strategy::Share);
    let acts = member_acts(None, card(&board, "c1"));
    let blocks: Vec<&str> = acts.iter().map(|act| act.blocks[0].as_str()).collect();
    assert_eq!(blocks, ["@c1 ^C", "$ kill-service c1", "$ slow-consumer c1 10000"]);
    given(&mut session, blocks[2], 100);
    let acts = member_acts(None, card(&shown(&session), "c1"));
    assert_eq!((acts[2].label, acts[2].blocks[0].as_str()), ("Quick again", "$ slow-consumer c1 0"));
    let again = restart_member(session.world(), "c1", &NewMember { says: Says::Accept, ..member });
    assert_eq!((again.len(), again[0].as_str()), (2, "@c1 ^C"));
    assert!(!again[1].contains("--release"), "{again:?}");
}

#[test]
fn the_inspector_opens_a_share_group() {
    let mut session = begun(1);
    join(&mut session, "c1", "");
    given(&mut session, "$ slow-consumer c1 60000", 0);
    produce(&mut session, 3);
    let seen = inspect(session.world(), None, &Selection::Group("workers".into())).expect("there is such a group");
    assert_eq!(seen.kind, "Share group");
    let value = |label: &str| seen.facts.iter().find(|fact| fact.label == label).map_or("", |fact| fact.value.as_str());
    assert_eq!([value("State"), value("Members"), value("Assignor")], ["Stable", "1", "simple"]);
    assert_eq!([value("Deliveries at most"), value("Acquisition lock")], ["5", "30 s"]);
    assert_eq!((value("Member"), value("Partition")), ("c1: jobs-0", "jobs-0: c1 reads it, lag 3"));
    let partition = seen.facts.iter().find(|fact| fact.label == "Partition").and_then(|fact| fact.why.as_deref()).unwrap_or("");
    assert!(partition.starts_with("Start 0. In flight: 3 acquired."), "{partition}");
    assert!(seen.facts.iter().all(|fact| fact.why.as_deref().is_none_or(|why| !why.contains("generation"))));
    assert!(seen.actions[0].blocks[0].starts_with("$ kafka-share-groups.sh --describe --group workers"), "{:?}", seen.actions);
    let member = seen.facts.iter().find(|fact| fact.label == "Member").and_then(|fact| fact.link.clone()).expect("a link");
    let back = inspect(session.world(), None, &member).expect("it runs");
    assert!(back.facts.iter().any(|fact| fact.link == Some(Selection::Group("workers".into()))), "{:?}", back.facts);
}
