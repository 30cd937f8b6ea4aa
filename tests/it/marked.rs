//! Marks in the texts of tours.

use kafka_playground::scenario::{CATALOG, tour};
use kafka_playground::view::marked::{Part, parts};

/// The text without its marks.
fn plain(text: &str) -> String {
    let part = |part| match part {
        Part::Text(text) | Part::Name(text) => text.to_owned(),
        Part::Ring(number) => format!("({number})"),
    };
    parts(text).into_iter().map(part).collect()
}

#[test]
fn names_and_rings_are_marks_and_everything_else_is_text() {
    use Part::{Name, Ring, Text};
    assert_eq!(
        parts("`riders` writes [1] to `rides`."),
        [Name("riders"), Text(" writes "), Ring(1), Text(" to "), Name("rides"), Text(".")]
    );
    assert_eq!(parts(""), []);
    assert_eq!(parts("[12][3]"), [Ring(12), Ring(3)]);
    for text in
        ["`", "``", "a ` b", "[", "[]", "[x]", "[1", "[256]", "[-1]", "[+1]", "[ 1]", "[[1", "é`", "[٣]", "{\"a\": [\"b\"]}"]
    {
        assert_eq!(parts(text), [Text(text)], "{text}");
    }
    assert_eq!(parts("[a[1]"), [Text("[a"), Ring(1)]);
    assert_eq!(plain("`riders` writes [1] to `rides`."), "riders writes (1) to rides.");
}

/// Every mark of every tour's texts is closed, and a ring that a text names is one of its step's scene.
#[test]
fn the_marks_of_all_tours_are_whole() {
    for entry in CATALOG {
        let tour = tour(entry.name).unwrap();
        for step in tour.steps {
            let mut texts = vec![step.text, step.done_text];
            if let Some(prediction) = &step.prediction {
                texts.extend([prediction.question, prediction.because]);
                texts.extend(prediction.choices);
            }
            for text in texts {
                let parts = parts(text);
                let loose = |part: &Part<'_>| matches!(part, Part::Text(text) if text.contains('`'));
                assert!(!parts.iter().any(loose), "{}: {text}", step.title);
                for part in parts {
                    if let Part::Ring(number) = part {
                        assert!(step.scene.rings.iter().any(|ring| ring.number == number), "{}: [{number}]", step.title);
                    }
                }
            }
        }
        for goal in tour.goals {
            assert!(!plain(goal.text).contains('`'), "{}", goal.text);
        }
    }
}
