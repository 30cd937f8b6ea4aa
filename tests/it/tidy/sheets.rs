//! The page's classes: what the page names is in the style sheets, and what they name is in the page.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::tokens::{Token, tokens};
use super::{files_below, report, root, rust_sources};

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

/// The words of a text, without those that something is put into: `room-{name}`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !is_word(letter) && !"{}".contains(letter))
        .filter(|word| !word.is_empty() && !word.contains(['{', '}']))
}

/// The strings of an expression that begins here, up to the sign that ends it.
fn strings_until<'t>(tokens: &'t [Token], ends: &[char]) -> impl Iterator<Item = &'t str> {
    let mut depth = 0;
    let end = tokens.iter().position(|token| match token {
        Token::Sign(sign) if depth == 0 && ends.contains(sign) => true,
        Token::Sign('(' | '[' | '{') => {
            depth += 1;
            false
        }
        Token::Sign(')' | ']' | '}') => {
            depth -= 1;
            false
        }
        _ => false,
    });
    tokens[..end.unwrap_or(tokens.len())].iter().filter_map(|token| match token {
        Token::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

/// The classes that Rust's text gives to elements: in `class=…`, `classes!(…)`, `let class = …` and `set_class_name(…)`.
fn classes_given(text: &str) -> BTreeSet<String> {
    let tokens = tokens(text);
    let mut classes = BTreeSet::new();
    for at in 0..tokens.len() {
        let next = |ahead: usize, sign: char| tokens.get(at + ahead).is_some_and(|token| token.is(sign));
        let Some(name) = tokens[at].name() else { continue };
        let is_let = at > 0 && tokens[at - 1].is_name("let");
        let texts: Vec<&str> = match name {
            "class" if is_let => strings_until(&tokens[at + 1..], &[';']).collect(),
            "class" if next(1, '=') && next(2, '{') => strings_until(&tokens[at + 3..], &['}']).collect(),
            "class" if next(1, '=') => {
                tokens.get(at + 2).into_iter().flat_map(|token| strings_until(std::slice::from_ref(token), &[])).collect()
            }
            "classes" if next(1, '!') && next(2, '(') => strings_until(&tokens[at + 3..], &[')']).collect(),
            "set_class_name" if next(1, '(') => strings_until(&tokens[at + 2..], &[')']).collect(),
            _ => continue,
        };
        classes.extend(texts.into_iter().flat_map(words).map(str::to_owned));
    }
    classes
}

/// All words that Rust's text could mean as classes: those of strings in small letters that are no text in a pair of braces.
fn classes_meant(text: &str) -> BTreeSet<String> {
    let tokens = tokens(text);
    let mut words = classes_given(text);
    for at in 0..tokens.len() {
        let Token::Text(text) = &tokens[at] else { continue };
        let in_braces = at > 0 && tokens[at - 1].is('{') && tokens.get(at + 1).is_some_and(|next| next.is('}'));
        if !in_braces && text.chars().all(|letter| letter == ' ' || (is_word(letter) && !letter.is_ascii_uppercase())) {
            words.extend(self::words(text).map(str::to_owned));
        }
    }
    words
}

/// The classes of a page or a picture: `class="…"`.
fn classes_written(text: &str) -> BTreeSet<String> {
    let values = text.split("class=\"").skip(1).filter_map(|rest| rest.split('"').next());
    values.flat_map(words).map(str::to_owned).collect()
}

/// The classes that a style sheet has rules for, each with the line of the first.
fn classes_styled(text: &str) -> BTreeMap<String, usize> {
    let mut classes = BTreeMap::new();
    let (mut from, mut in_comment) = (0, false);
    let bytes = text.as_bytes();
    let mut selector = String::new();
    for (at, letter) in text.char_indices() {
        match letter {
            '*' if in_comment && bytes.get(at + 1) == Some(&b'/') => (in_comment, from) = (false, at + 2),
            '*' if !in_comment && at > 0 && bytes[at - 1] == b'/' => {
                selector.push_str(&text[from..at - 1]);
                in_comment = true;
            }
            '{' | '}' | ';' if !in_comment => {
                selector.push_str(&text[from..at]);
                if letter == '{' {
                    for part in
                        selector.split('.').skip(1).filter(|part| part.starts_with(|first: char| first.is_ascii_alphabetic()))
                    {
                        let class = part.split(|letter| !is_word(letter)).next().unwrap_or(part);
                        classes.entry(class.to_owned()).or_insert(text[..at].lines().count());
                    }
                }
                selector.clear();
                from = at + 1;
            }
            _ => {}
        }
    }
    classes
}

#[test]
fn every_class_is_drawn_and_styled() {
    let (mut given, mut meant) = (BTreeMap::new(), BTreeSet::new());
    for (path, text) in rust_sources() {
        if path.starts_with("src/ui") {
            given.extend(classes_given(&text).into_iter().map(|class| (class, path.display().to_string())));
            meant.extend(classes_meant(&text));
        } else if path.starts_with("src/view") {
            // A plain word is no class there: it stands in a sentence.
            meant.extend(classes_meant(&text).into_iter().filter(|word| word.contains('-')));
        }
    }
    let pages =
        [vec![root().join("index.html")], files_below(&root().join("www/js")), files_below(&root().join("www/icons"))].concat();
    for path in pages {
        let text = fs::read_to_string(&path).expect("a page is text");
        let shown = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        meant.extend(words(&text).map(str::to_owned));
        given.extend(classes_written(&text).into_iter().map(|class| (class, shown.clone())));
    }
    let mut styled = BTreeMap::new();
    for path in files_below(&root().join("www/css")) {
        let text = fs::read_to_string(&path).expect("a style sheet is text");
        let shown = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        styled.extend(classes_styled(&text).into_iter().map(|(class, line)| (class, format!("{shown}:{line}"))));
    }
    let mut broken: Vec<String> = Vec::new();
    broken.extend(
        given.iter().filter(|(class, _)| !styled.contains_key(*class)).map(|(class, at)| format!("{at}: no rule for .{class}")),
    );
    let unused = styled.iter().filter(|(class, _)| !meant.contains(*class));
    broken.extend(unused.map(|(class, at)| format!("{at}: nothing is of the class {class}")));
    report("A class of the page has a rule in www/css, and a rule there has something of its class:", broken);
}

#[test]
fn the_class_check_sees_what_it_should() {
    let rust = r#"
        let class = if open { "window window-full" } else { "window" };
        html! { <p {class} id="no"><b class="b">{ "no" }</b><i class={classes!("i", on.then_some("on"))} key={"no"} /></p> }
        // class="no"
        classes!("c", format!("made-{}", 1)); element.set_class_name("s");"#;
    let given: Vec<String> = classes_given(rust).into_iter().collect();
    assert_eq!(given, ["b", "c", "i", "on", "s", "window", "window-full"]);
    assert!(classes_meant("f(\"a b-c\", \"A d.\"); { \"e\" } // \"f\"").iter().eq(["a", "b-c"]));
    assert!(classes_written("<p class=\"a b\"><b class=\"c\">d</b>").iter().eq(["a", "b", "c"]));
    let css =
        "/* .no { } */ .a:hover > .b-c,\n.d[x=\"y\"] { inset: .5rem 1.5rem; }\n@media (width < 4.5rem) { .e { & .f { x: y; } } }";
    let styled = classes_styled(css);
    assert!(styled.keys().eq(["a", "b-c", "d", "e", "f"]) && styled["d"] == 2, "{styled:?}");
}
