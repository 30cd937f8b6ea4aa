//! The first screen: what it plays is the simulation's, and `index.html` shows the same before the program is there.

use std::fs;

use kafka_playground::base::Span;
use kafka_playground::scenario::first::{CATALOG, SCRIPT};
use kafka_playground::scenario::lessons::LESSONS;
use kafka_playground::scenario::tour;
use kafka_playground::session::Session;
use kafka_playground::view::first::{FirstPicture, Moment, first_picture, sentences};

fn opened() -> Session {
    Session::open(SCRIPT, CATALOG).expect("the first screen's script")
}

fn picture(session: &Session) -> FirstPicture {
    first_picture(session.world(), session.now()).expect("its topic, its group")
}

/// The page as it is before the program comes.
fn page() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/index.html")).expect("the page's source")
}

#[test]
fn the_page_shows_the_first_moment_before_the_program_is_there() {
    let (session, page) = (opened(), page());
    let picture = picture(&session);
    let has = |part: String| assert!(page.contains(&part), "index.html has no {part}");
    assert_eq!((picture.moment, picture.lag(), picture.log_end_offset), (Moment::Written, 1, 3));
    for cell in &picture.cells {
        let committed = if picture.is_committed(cell) { " first-committed" } else { "" };
        has(format!(
            r#"<li class="first-cell{committed}" style="--hue:{}"><b>{}</b><span class="first-key">{}</span><span class="first-offset">{}</span></li>"#,
            cell.hue.expect("a key"),
            cell.value_preview,
            cell.key.as_deref().expect("a key"),
            cell.offset
        ));
    }
    let written = picture.written.as_ref().expect("the fourth order is on its way");
    let (takes, since) = (written.arrives_at.since(written.sent_at).ms(), session.now().since(written.sent_at).ms());
    has(format!(r#"style="--hue:{};--takes:{takes}ms;--since:-{since}ms"><b>{}</b>"#, written.hue, written.order.dish));
    let in_hand = picture.in_hand.expect("the kitchen has read");
    has(format!("<b>kitchen</b><span>{} for {}</span>", in_hand.does, in_hand.table));
    has(format!(
        r#"style="--at:{}"><span>kitchen <i>{}</i></span>"#,
        picture.place(picture.committed_offset),
        picture.committed_offset
    ));
    for (strong, rest) in sentences(picture.offset()) {
        has(format!("<strong>{strong}</strong> {rest}</span>"));
    }
    let steps = tour("taxi-booking").expect("the tour behind the first door").steps.len();
    has(format!("A taxi company in {steps} steps"));
    assert!(LESSONS.len() >= 2, "the third door leads to a choice");
}

#[test]
fn each_order_is_written_appended_and_read_before_the_next_comes() {
    let mut session = opened();
    let mut before = picture(&session);
    let (mut caught_up, mut turns) = (0, Vec::new());
    for _ in 0..1200 {
        session.advance(Span::from_ms(50), 1000);
        let now = picture(&session);
        assert!((0..=2).contains(&now.lag()), "lag {} at {}", now.lag(), now.log_end_offset);
        assert!(now.cells.len() == 3 && now.place(now.committed_offset) >= 1, "the mark stands under the records");
        caught_up += usize::from(now.lag() == 0 && before.lag() > 0);
        if now.moment != before.moment {
            turns.push(now.moment);
        }
        before = now;
    }
    assert!(turns.len() >= 18, "{turns:?}");
    for pair in turns.windows(2) {
        let next = match pair[0] {
            Moment::Written => [Moment::Appended, Moment::Read],
            Moment::Appended => [Moment::Read, Moment::Read],
            Moment::Read => [Moment::Written, Moment::Written],
        };
        assert!(next.contains(&pair[1]), "{turns:?}");
    }
    assert!(caught_up >= 9, "the kitchen catches up with {caught_up} orders of ten");
}
