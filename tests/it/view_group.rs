//! What the Groups view says: members and their clocks, rebalances step by step, why each has what it has.

use kafka_playground::base::{GroupId, Span};
use kafka_playground::scenario::CATALOG;
use kafka_playground::session::Session;
use kafka_playground::view::group::{
    Clock, ClockState, GroupBoard, GroupStanding, MemberCard, NewMember, Rebalance, Strategy, Why, add_member, board, clocks,
    history, is_instance_id, member_acts, restart_member, why,
};
use kafka_playground::view::inspect::{Selection, inspect};

const SERVER: &str = "--bootstrap-server localhost:9092";

/// A topic of so many partitions with some records in each.
fn begun(partitions: u32) -> Session {
    let script = format!("! seed 7\n$ kafka-topics.sh --create --topic rides --partitions {partitions} {SERVER}\n");
    let mut session = Session::open(&script, &[]).expect("the script is a script");
    produce(&mut session, 20);
    session
}

fn produce(session: &mut Session, records: u32) {
    let lines: String = (0..records).map(|at| format!("> k{at}:v{at}\n")).collect();
    let properties = "--reader-property parse.key=true --reader-property key.separator=:";
    given(session, &format!("$ kafka-console-producer.sh --topic rides {SERVER} {properties}\n{lines}^D"), 500);
}

fn given(session: &mut Session, line: &str, ms: u64) {
    session.input(line).unwrap_or_else(|why| panic!("{line}: {why}"));
    passes(session, ms);
}

fn passes(session: &mut Session, ms: u64) {
    session.advance(Span::from_ms(ms), 1_000_000);
    assert_eq!(session.world().failure(), None);
}

fn join(session: &mut Session, name: &str, options: &str, ms: u64) {
    given(session, &format!("@{name} $ kafka-console-consumer.sh --topic rides --group g {SERVER} {options}"), ms);
}

fn shown(session: &Session) -> GroupBoard {
    board(session.world(), &GroupId::from("g")).expect("there is such a group")
}

fn told(rebalance: &Rebalance) -> Vec<String> {
    rebalance.steps.iter().map(|step| format!("{} {}", step.kind.sign(), step.text)).collect()
}

fn last(board: &GroupBoard) -> &Rebalance {
    board.history.rebalances.last().expect("a rebalance")
}

fn card<'a>(board: &'a GroupBoard, name: &str) -> &'a MemberCard {
    board.members.iter().find(|member| &*member.name == name).unwrap_or_else(|| panic!("no {name}"))
}

fn owned(board: &GroupBoard, name: &str) -> String {
    card(board, name).partitions.iter().map(|owned| owned.topic_partition.partition.to_string()).collect::<Vec<_>>().join(" ")
}

fn clocks_of(session: &Session, name: &str) -> (Option<Clock>, Option<Clock>) {
    let board = shown(session);
    let card = card(&board, name);
    clocks(session.world(), session.now(), &GroupId::from("g"), card.member_id.as_ref(), card.client)
}

fn whys(session: &Session) -> Why {
    why(session.world(), &GroupId::from("g"), &shown(session).history).expect("something is assigned")
}

fn why_of(why: &Why, name: &str) -> String {
    why.members.iter().find(|(_, known, _)| &**known == name).map(|(.., text)| text.clone()).expect("a member")
}

const COOPERATIVE: &str =
    "--command-property partition.assignment.strategy=org.apache.kafka.clients.consumer.CooperativeStickyAssignor";
const ROUND_ROBIN: &str = "--command-property partition.assignment.strategy=org.apache.kafka.clients.consumer.RoundRobinAssignor";
const STICKY: &str = "--command-property partition.assignment.strategy=org.apache.kafka.clients.consumer.StickyAssignor";
const MODERN: &str = "--command-property group.protocol=consumer";

/// Two members that share seven partitions.
fn two(options: &str) -> Session {
    let mut session = begun(7);
    join(&mut session, "c1", options, 6_000);
    join(&mut session, "c2", options, 8_000);
    session
}

#[test]
fn members_on_their_way_are_counted_apart_and_static_ones_come_first() {
    let mut session = begun(3);
    join(&mut session, "c1", "--command-property group.instance.id=z", 1_000);
    let board = shown(&session);
    assert_eq!(board.members.len(), 1, "its JoinGroup waits, and it does not know its member id yet");
    assert_eq!((card(&board, "c1").state.word(), card(&board, "c1").gone), ("joined", false));
    passes(&mut session, 4_000);
    join(&mut session, "c2", "", 0);
    while shown(&session).members.len() == 1 {
        passes(&mut session, 1);
    }
    assert_eq!(shown(&session).summary(), "g is Stable with 1 member, 1 joining, generation 1.");
    passes(&mut session, 8_000);
    assert_eq!(shown(&session).summary(), "g is Stable with 2 members, generation 2.");
    let range = whys(&session);
    let first = "As number 1 in order of group.instance.id, then of member ids, it gets partitions 0 to 1.";
    assert!(why_of(&range, "c1").ends_with(first), "{}", why_of(&range, "c1"));
    let acts = member_acts(None, card(&shown(&session), "c1"));
    assert!(acts[0].hint.contains("keeps its place"), "{}", acts[0].hint);
    assert!(!is_instance_id("x y") && is_instance_id("till-1"));
}

#[test]
fn an_eager_join_is_told_step_by_step() {
    let session = two("");
    let board = shown(&session);
    assert_eq!(
        (board.protocol.word(), board.state.word(), board.generation, board.epochs),
        ("classic, eager", "Stable", Some(2), None)
    );
    assert_eq!((board.leader.as_deref(), board.assignor.as_deref()), (Some("c1"), Some("range")));
    assert_eq!(board.summary(), "g is Stable with 2 members, generation 2.");
    assert_eq!([owned(&board, "c1"), owned(&board, "c2")], ["4 5 6", "0 1 2 3"]);
    assert_eq!((card(&board, "c1").state.word(), card(&board, "c1").leader), ("stable", true));
    assert_eq!(
        told(last(&board)),
        [
            "→ c2 joins the group",
            "! The group rebalances: c2 joins",
            "? c1 is told: its heartbeat is answered REBALANCE_IN_PROGRESS",
            "− c1 gives up rides 0, 1, 2, 3, 4, 5, 6",
            "→ c1 joins again",
            "= All 2 members have joined: generation 2. The leader works out who gets what",
            "# The leader c1 has handed in the assignment",
            "+ c1 reads rides 4, 5, 6 from now on",
            "+ c2 reads rides 0, 1, 2, 3 from now on",
            "✓ Everybody has what it was assigned.",
        ]
    );
    // From giving up to taking over, in each partition.
    let lanes = &last(&board).lanes;
    assert_eq!(lanes.len(), 7);
    assert!(lanes.iter().all(|lane| (1..=5).contains(&lane.unread().ms())), "{lanes:?}");
    let sum: u64 = lanes.iter().map(|lane| lane.unread().0).sum();
    assert_eq!(last(&board).unread(), Span(sum));
    assert!(lanes.iter().all(|lane| lane.segments.len() == 3 && lane.segments[1].owner.is_none()));
    // A partition is read since the last step but one, not since the group began.
    let since = card(&board, "c1").partitions[0].since.expect("it is in the trace");
    assert!(since > last(&board).began, "{since:?}");
    assert!(board.unread.is_empty());
}

#[test]
fn a_member_that_has_not_joined_again_is_waited_for() {
    let mut session = two("");
    given(&mut session, "@c3 $ kafka-console-consumer.sh --topic rides --group g --bootstrap-server localhost:9092", 50);
    let board = shown(&session);
    assert_eq!(board.state.word(), "PreparingRebalance");
    assert_eq!((card(&board, "c3").state.word(), card(&board, "c3").note.as_str()), ("joined", "waits for c2 and c1"));
    assert_eq!(
        (card(&board, "c1").state.word(), card(&board, "c1").note.as_str()),
        ("not joined yet", "its next heartbeat will tell it")
    );
    assert_eq!(board.deadline.map(|(_, words)| words), Some("waits for members to join again until"));
    assert_eq!(last(&board).until, None);
    assert_eq!(owned(&board, "c1"), "4 5 6", "it reads on until it is told");
    assert_eq!(clocks_of(&session, "c3").0.map(|clock| clock.state), Some(ClockState::Stands));
}

#[test]
fn a_cooperative_join_takes_two_rounds_and_keeps_what_does_not_move() {
    let session = two(COOPERATIVE);
    let board = shown(&session);
    assert_eq!((board.protocol.word(), board.generation), ("classic, cooperative", Some(3)));
    assert_eq!(board.strategy(), Strategy::CooperativeSticky);
    let told = told(last(&board));
    assert!(told.contains(&"− c1 gives up rides 4, 5, 6".to_owned()), "{told:?}");
    assert!(told.iter().any(|step| step.starts_with("! Second round: ")), "{told:?}");
    let unread: Vec<bool> = last(&board).lanes.iter().map(|lane| lane.unread() > Span::ZERO).collect();
    assert_eq!(unread, [false, false, false, false, true, true, true]);
}

#[test]
fn a_crash_is_seen_at_once_and_noticed_when_the_session_is_over() {
    let mut session = two("");
    given(&mut session, "$ kill-service c2", 20_000);
    let board = shown(&session);
    let c2 = card(&board, "c2");
    assert_eq!((c2.state.word(), c2.gone, c2.partitions.iter().all(|owned| !owned.reads)), ("gone", true, true));
    assert_eq!(board.unread.len(), 4);
    assert_eq!(board.history.unnoticed.len(), 1);
    let (clock, poll) = clocks_of(&session, "c2");
    let clock = clock.expect("the coordinator counts it");
    assert_eq!((clock.total, clock.state, poll), (Span::from_secs(45), ClockState::Runs, None));
    assert!((20..=28).contains(&(clock.left.ms() / 1000)), "{clock:?}");
    assert!(member_acts(None, c2).is_empty());
    passes(&mut session, 40_000);
    let board = shown(&session);
    let told = told(last(&board));
    assert_eq!(told[0], "✕ c2 crashes. It read rides 0, 1, 2, 3");
    assert!(told[1].starts_with("← c2 is out of the group: session expired"), "{told:?}");
    assert!(board.history.unnoticed.is_empty());
    // Nobody has read these from the crash on, not only from when the group noticed.
    let dead = &last(&board).lanes[0];
    assert!(dead.unread() > Span::from_secs(41), "{dead:?}");
    assert!(last(&board).lanes[6].unread() < Span::from_ms(10));
    assert_eq!((board.members.len(), owned(&board, "c1").as_str()), (1, "0 1 2 3 4 5 6"));
}

#[test]
fn a_slow_member_heartbeats_on_and_leaves_when_its_poll_clock_is_over() {
    for protocol in ["", MODERN] {
        let mut session = begun(2);
        let options = format!("{protocol} --command-property max.poll.interval.ms=6000");
        join(&mut session, "c1", &options, 4_000);
        join(&mut session, "c2", &options, 10_000);
        assert_eq!(clocks_of(&session, "c1").1.map(|clock| clock.state), Some(ClockState::Stands), "it is inside a poll");
        given(&mut session, "$ slow-consumer c1 2000", 0);
        assert_eq!(card(&shown(&session), "c1").record_ms, Some(2000));
        produce(&mut session, 40);
        passes(&mut session, 3_000);
        let (heartbeat, poll) = clocks_of(&session, "c1");
        let (heartbeat, poll) = (heartbeat.expect("a member"), poll.expect("it is there"));
        assert_eq!((poll.state, poll.total), (ClockState::Runs, Span::from_secs(6)));
        assert!(poll.left < Span::from_secs(4), "{poll:?}");
        assert!(heartbeat.left > Span::from_secs(39), "heartbeats go on: {heartbeat:?}");
        passes(&mut session, 8_000);
        let board = shown(&session);
        assert_eq!(card(&board, "c1").state.word(), "left", "{protocol}");
        assert_eq!(clocks_of(&session, "c1").1.map(|clock| clock.state), Some(ClockState::Over));
        let told = told(last(&board));
        assert!(told.iter().any(|step| step.starts_with("← c1 leaves the group")), "{told:?}");
        assert_eq!(owned(&board, "c2"), "0 1");
        // Undone like any line: it is quick again, and still a member.
        while session.world().program_named("c1").is_some_and(|program| program.record_time.is_some()) {
            assert!(session.undo());
        }
        passes(&mut session, 20_000);
        assert_eq!(card(&shown(&session), "c1").state.word(), "stable");
    }
}

#[test]
fn only_what_reads_records_can_be_slowed() {
    let mut session = begun(1);
    given(&mut session, "@p $ kafka-console-producer.sh --topic rides --bootstrap-server localhost:9092", 100);
    for (line, why) in [
        ("$ slow-consumer nobody 5", "slow-consumer: nothing that runs is called 'nobody'"),
        ("$ slow-consumer p 5", "slow-consumer: 'p' reads no records: name a console consumer or a service that reads"),
        ("$ slow-consumer p", "slow-consumer: use it as: slow-consumer NAME MILLISECONDS"),
    ] {
        assert_eq!(session.input(line).map_err(|error| error.to_string()), Err(why.to_owned()));
    }
}

#[test]
fn a_slow_console_consumer_prints_record_by_record_and_ends_after_those_it_has() {
    let mut session = begun(1);
    given(&mut session, "@c1 $ kafka-console-consumer.sh --topic rides --from-beginning --bootstrap-server localhost:9092", 0);
    given(&mut session, "$ slow-consumer c1 1000", 12_500);
    let printed = |session: &Session| {
        let output = &session.world().program_named("c1").expect("it ran").output;
        output.iter().filter(|line| line.text.starts_with('v')).count()
    };
    assert!((8..=10).contains(&printed(&session)), "{}", printed(&session));
    given(&mut session, "@c1 ^C", 2_000);
    assert!(session.world().program_named("c1").expect("it ran").is_running(), "only its next poll is woken up");
    passes(&mut session, 20_000);
    assert!(!session.world().program_named("c1").expect("it ran").is_running());
    assert_eq!(printed(&session), 20);
}

#[test]
fn the_consumer_protocol_is_told_in_epochs() {
    let mut session = two(MODERN);
    let board = shown(&session);
    assert_eq!((board.protocol.word(), board.state.word(), board.epochs), ("consumer (KIP-848)", "Stable", Some((3, 3))));
    assert_eq!((board.assignor.as_deref(), board.strategy()), (Some("uniform"), Strategy::Uniform));
    let steps = told(last(&board));
    for step in [
        "~ c2 reaches epoch 3 with nothing, and waits for what others have not given up",
        "~ c1 is to give up rides 4, 5, 6 and keeps rides 0, 1, 2, 3; it stays at epoch 2 until it has",
        "− c1 gives up rides 4, 5, 6",
        "~ c1 reaches epoch 3 with rides 0, 1, 2, 3",
        "~ c2 reaches epoch 3 with rides 4, 5, 6",
    ] {
        assert_eq!(steps.iter().filter(|told| *told == step).count(), 1, "{step} in {steps:#?}");
    }
    let unread: Vec<bool> = last(&board).lanes.iter().map(|lane| lane.unread() > Span::ZERO).collect();
    assert_eq!(unread, [false, false, false, false, true, true, true], "only what moves pauses");
    join(&mut session, "c3", MODERN, 500);
    let board = shown(&session);
    let c3 = card(&board, "c3");
    assert_eq!((c3.state.word(), c3.note.as_str()), ("waits", "epoch 4"));
    let others: Vec<Option<&str>> = c3.waits_for.iter().map(|(_, owner)| owner.as_deref()).collect();
    assert_eq!(others, [Some("c1"), Some("c2")]);
}

#[test]
fn why_is_answered_by_the_assignor_itself() {
    let range = whys(&two(""));
    assert_eq!(range.agrees, Some(true));
    assert!(range.rule.starts_with("c1, the leader, ran the range assignor"), "{}", range.rule);
    assert!(why_of(&range, "c1").contains("7 / 2 = 3, 7 % 2 = 1"), "{}", why_of(&range, "c1"));
    assert!(why_of(&range, "c1").ends_with("As number 2 in order of member ids, it gets partitions 4 to 6."));

    let dealt = whys(&two(ROUND_ROBIN));
    assert_eq!(dealt.agrees, Some(true));
    assert_eq!(why_of(&dealt, "c1"), "Number 2 of 2 in the circle: it gets rides 1, 3, 5.");

    let sticky = whys(&two(STICKY));
    assert_eq!(sticky.agrees, Some(true));
    assert!(sticky.rule.ends_with("7 partitions / 2 members = 3 each, and one of them gets 1 more."), "{}", sticky.rule);
    assert_eq!(why_of(&sticky, "c1"), "It had rides 0, 1, 2, 3, 4, 5, 6; it keeps rides 0, 1, 2, 3, gives up rides 4, 5, 6.");
    assert_eq!(why_of(&sticky, "c2"), "It had nothing; it gets rides 4, 5, 6.");

    let uniform = whys(&two(MODERN));
    assert_eq!(uniform.agrees, Some(true));
    assert_eq!(why_of(&uniform, "c1"), "It keeps rides 0, 1, 2, 3 (since epoch 2).");
    assert_eq!(why_of(&uniform, "c2"), "It gets rides 4, 5, 6 (since epoch 3).");
}

#[test]
fn the_page_starts_and_changes_members_by_lines() {
    let session = two("");
    let member = NewMember {
        topic: "rides".to_owned(),
        group: "g".to_owned(),
        strategy: Strategy::Uniform,
        instance_id: "till 1".to_owned(),
        max_poll_interval_ms: "6000".to_owned(),
        ..NewMember::default()
    };
    let line = "@c3 $ kafka-console-consumer.sh --topic rides --group g --bootstrap-server localhost:9092 --command-property \
                group.protocol=consumer --command-property 'group.instance.id=till 1' --command-property max.poll.interval.ms=6000";
    assert_eq!(add_member(session.world(), &member), [line]);
    assert_eq!(restart_member(session.world(), "c1", &member), ["@c1 ^C".to_owned(), line.replacen("@c3", "@c1", 1)]);
    let acts = member_acts(None, card(&shown(&session), "c1"));
    let lines: Vec<&str> = acts.iter().flat_map(|act| &act.blocks).map(String::as_str).collect();
    assert_eq!(lines, ["@c1 ^C", "$ kill-service c1", "$ slow-consumer c1 2000"]);
}

#[test]
fn a_static_member_that_comes_back_starts_no_rebalance() {
    let with = "--command-property group.instance.id=one";
    let mut session = begun(4);
    join(&mut session, "c1", with, 6_000);
    let before = shown(&session).history.rebalances.len();
    given(&mut session, "@c1 ^C", 3_000);
    let away = shown(&session);
    assert_eq!((away.members.len(), card(&away, "c1").gone, away.unread.len()), (1, true, 4));
    join(&mut session, "c1", with, 6_000);
    let back = shown(&session);
    assert_eq!((back.history.rebalances.len(), owned(&back, "c1").as_str()), (before, "0 1 2 3"));
    assert_eq!(card(&back, "c1").instance_id.as_deref(), Some("one"));
}

#[test]
fn why_speaks_of_racks_where_they_matter() {
    let create = format!("$ kafka-topics.sh --create --topic rides --replica-assignment 3,3,2,1 {SERVER}");
    let mut session = Session::open(&format!("! seed 7\n! brokers 3\n! racks a,b,c\n{create}\n"), &[]).expect("a script");
    let rack = |rack: &str| format!("--command-property client.rack={rack} --command-property client.id={rack}");
    join(&mut session, "c1", &rack("c"), 3000);
    join(&mut session, "c2", &rack("a"), 6000);
    let why = whys(&session);
    assert_eq!(why.agrees, Some(true));
    assert!(why.rule.contains("first what has a replica in its rack"), "{}", why.rule);
    assert_eq!(why_of(&why, "c1"), "It is in rack c, which has a replica of rides 0, 1.");
    assert_eq!(why_of(&why, "c2"), "It is in rack a, which has a replica of rides 3; rides 2 it gets from elsewhere.");
}

/// What has crashed can be started again from its own card, where it is a service; and only while it does not run.
#[test]
fn a_service_that_is_gone_can_be_started_again() {
    let story = CATALOG.iter().find(|entry| entry.name == "taxi-booking").expect("the story");
    let mut session = Session::open(story.script, CATALOG).expect("it opens");
    passes(&mut session, 20_000);
    given(&mut session, "$ kill-service billing", 1_000);
    let billing = |session: &Session| board(session.world(), &GroupId::from("billing")).expect("its group").members;
    let acts = |session: &Session| member_acts(session.scenario(), &billing(session)[0]);
    let again = acts(&session);
    assert_eq!(again.iter().map(|act| act.label).collect::<Vec<_>>(), ["Start again"]);
    for block in &again[0].blocks {
        given(&mut session, block, 100);
    }
    let gone: Vec<bool> = billing(&session).iter().map(|card| card.gone).collect();
    assert!(gone.contains(&true), "its coordinator still counts the old one");
    let old = billing(&session).into_iter().find(|card| card.gone).expect("the old one");
    assert_eq!(member_acts(session.scenario(), &old), [], "it runs again");
}

/// A crash of the coordinator takes nothing from the group: until another broker has loaded it, the page tells what was
/// written of it, not that it is empty.
#[test]
fn a_group_without_a_coordinator_is_told_as_it_was_written() {
    let script = CATALOG.iter().find(|entry| entry.name == "taxi-booking").expect("the taxi story").script;
    let mut session = Session::open(script, CATALOG).expect("a story");
    passes(&mut session, 20_000);
    let id = GroupId::from("billing");
    let before = board(session.world(), &id).expect("a group");
    let marks = |session: &Session| {
        board(session.world(), &id).expect("a group").lags.iter().filter_map(|lag| lag.committed_offset).sum::<i64>()
    };
    let (coordinator, committed) = (before.coordinator.expect("a coordinator"), marks(&session));
    assert!(committed > 0);
    given(&mut session, &format!("$ kill-broker {coordinator} --crash"), 2_500);
    let without = board(session.world(), &id).expect("a group");
    assert_eq!(without.state, GroupStanding::NoCoordinator);
    assert_eq!((without.generation, &without.protocol), (before.generation, &before.protocol));
    assert_eq!(owned(&without, "billing"), owned(&before, "billing"));
    assert_eq!(card(&without, "billing").state.word(), "stable");
    assert!(marks(&session) >= committed, "what was committed is there");
    let told = |board: &GroupBoard| board.history.coordinators.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>();
    assert!(told(&before).is_empty());
    assert!(told(&without)[0].starts_with(&format!("Broker {coordinator}, its coordinator, crashes.")), "{:?}", told(&without));
    passes(&mut session, 20_000);
    let after = board(session.world(), &id).expect("a group");
    assert!(told(&after).last().is_some_and(|last| last.contains("has read the group from it")), "{:?}", told(&after));
    assert!(after.state.is_stable() && after.coordinator != Some(coordinator), "{:?} at {:?}", after.state, after.coordinator);
}

/// What a board says when nothing is kept of what was read before: other worlds have taken its place.
fn read_at_once(session: &Session) -> GroupBoard {
    for partitions in 1..4 {
        shown_of(&begun(partitions), "nobody");
    }
    shown(session)
}

fn shown_of(session: &Session, group: &str) -> Option<GroupBoard> {
    history(session.world(), &GroupId::from(group));
    board(session.world(), &GroupId::from(group))
}

/// The trace is read on from where it was read before; the same comes of it in one go, also after the session went back and
/// took another way.
#[test]
fn a_trace_that_is_read_bit_by_bit_says_what_it_says_at_once() {
    let mut session = begun(7);
    let look = |session: &mut Session, times: u32| {
        for _ in 0..times {
            passes(session, 130);
            shown_of(session, "g");
        }
    };
    join(&mut session, "c1", "", 0);
    look(&mut session, 40);
    join(&mut session, "c2", COOPERATIVE, 0);
    given(&mut session, "$ kill-service c1", 0);
    look(&mut session, 20);
    let fork = session.cursor();
    join(&mut session, "c3", MODERN, 0);
    look(&mut session, 400);
    let before = shown(&session);
    assert!(before.history.rebalances.len() >= 2, "{:?}", before.history);
    assert_eq!(before, read_at_once(&session));
    // Nothing is kept of what lies ahead now.
    session.seek(fork);
    assert_eq!(shown(&session).history.rebalances.len(), read_at_once(&session).history.rebalances.len());
    join(&mut session, "c4", "", 0);
    look(&mut session, 400);
    let after = shown(&session);
    assert_eq!(after, read_at_once(&session));
    assert!(!format!("{:?}", after.history).contains("\"c3\""), "it never joined on this way");
}

/// Neither a generation nor a join that waits for all: that is the classic protocol.
#[test]
fn the_inspector_tells_of_the_consumer_protocol_what_is_true_of_it() {
    let mut session = two(MODERN);
    join(&mut session, "c3", MODERN, 500);
    let group = inspect(session.world(), None, &Selection::Group("g".into())).expect("there is such a group");
    let labels: Vec<&str> = group.facts.iter().map(|fact| fact.label).collect();
    assert!(
        labels.contains(&"Group epoch") && labels.contains(&"Assignment epoch") && !labels.contains(&"Generation"),
        "{labels:?}"
    );
    let c3 = card(&shown(&session), "c3").client.expect("it runs");
    let consumer = inspect(session.world(), None, &Selection::Consumer(c3)).expect("it runs");
    let whys: Vec<&str> = group.facts.iter().chain(&consumer.facts).filter_map(|fact| fact.why.as_deref()).collect();
    for of_classic in ["all members have joined", "generation", "leader works out"] {
        assert!(whys.iter().all(|why| !why.contains(of_classic)), "{of_classic}: {whys:#?}");
    }
    assert!(whys.iter().any(|why| why.contains("waits for rides") && why.contains("epoch 4")), "{whys:#?}");
}
