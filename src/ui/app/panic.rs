//! What the page shows when the program itself has failed: plain words, and the session as a file. It uses nothing but
//! the document, since nothing else can be trusted any more.

use std::cell::RefCell;

use crate::ui::app::hooks::document;
use crate::ui::app::open;

thread_local! {
    static LAST_SCRIPT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The script to offer if the page fails: the last one that was saved.
pub fn remember(script: &str) {
    LAST_SCRIPT.with(|last| {
        if let Ok(mut last) = last.try_borrow_mut() {
            script.clone_into(&mut last);
        }
    });
}

/// Puts the page's own hook in place. Through Yew, which else sets another one when it begins to draw.
pub fn install() {
    yew::set_custom_panic_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        // Whatever fails here fails after the report went to the console.
        let _ = show(&info.to_string());
    }));
}

fn show(report: &str) -> Option<()> {
    let document = document();
    if document.get_element_by_id("failure").is_some() {
        return None;
    }
    let script = LAST_SCRIPT.with(|last| last.try_borrow().map(|last| last.clone()).unwrap_or_default());
    let section = document.create_element("section").ok()?;
    section.set_id("failure");
    section.set_class_name("failure");
    section.set_attribute("role", "alert").ok()?;
    let add = |tag: &str, text: &str| -> Option<web_sys::Element> {
        let element = document.create_element(tag).ok()?;
        element.set_text_content(Some(text));
        section.append_child(&element).ok()?;
        Some(element)
    };
    add("h2", "The playground has stopped")?;
    add(
        "p",
        "It met an error of its own and cannot go on. Your session is not lost: save it as a file, then reload the \
         page. If it stops again, begin anew without it.",
    )?;
    if !script.is_empty() {
        let link = add("a", "Save the session as a file")?;
        let href = format!("data:text/plain;charset=utf-8,{}", js_sys::encode_uri_component(&script));
        link.set_attribute("href", &href).ok()?;
        link.set_attribute("download", "session.kafka").ok()?;
        link.set_class_name("button button-strong");
    }
    let again = add("a", "Reload the page")?;
    again.set_attribute("href", "").ok()?;
    again.set_class_name("button");
    // A session that fails anew on each reload must not lock the page: this sets it aside.
    let anew = add("a", "Begin anew")?;
    anew.set_attribute("href", open::ANEW).ok()?;
    anew.set_class_name("button");
    let details = add("details", "")?;
    let summary = document.create_element("summary").ok()?;
    summary.set_text_content(Some("What went wrong"));
    details.append_child(&summary).ok()?;
    let pre = document.create_element("pre").ok()?;
    pre.set_text_content(Some(report));
    details.append_child(&pre).ok()?;
    document.body()?.append_child(&section).ok()?;
    Some(())
}
