//! Choices of one of several.

use yew::prelude::*;

/// A choice: each with its value and its words.
pub fn choice(label: &str, chosen: &str, onchange: Callback<Event>, options: &[(&str, &str)]) -> Html {
    html! {
        <label class="field"><span>{ label }</span>
            <select class="select" {onchange}>{ for options.iter().map(|(value, words)| option(value, words, *value == chosen)) }</select>
        </label>
    }
}

pub fn option(value: &str, words: &str, selected: bool) -> Html {
    html! { <option value={value.to_owned()} {selected}>{ words }</option> }
}

/// A choice of a partition, or of all.
pub fn partition_choice(label: &str, chosen: &str, onchange: Callback<Event>, partitions: usize) -> Html {
    let names: Vec<String> = (0..partitions).map(|one| one.to_string()).collect();
    let mut options = vec![("", "all")];
    options.extend(names.iter().map(|name| (name.as_str(), name.as_str())));
    choice(label, chosen, onchange, &options)
}
