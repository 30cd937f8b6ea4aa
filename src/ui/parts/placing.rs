//! Where the card of what is chosen lies: over the stage, below or above the row that it speaks of, never over it.
//!
//! ```text
//!   0 │ ▭ ▭ ▭ ▭ ▭ ▭ │           no room below or above: beside what is chosen, where more is
//!   1 │ ▭ ▣ ▭ ▭ ▭ ▭ │  ◂ its row
//!      ┌────────┐
//!      │  card  │ as far in as what is chosen, no further out than its row
//! ```

use crate::ui::app::hooks;

/// What marks the selection on the stage, the surest sign first.
const CHOSEN: [&str; 3] = [
    ".stage [data-selected]",
    ".stage .cell[aria-selected=true]",
    ".stage :is(.partition-label, .name-button, .node-name, .replica-words, .pen button, .members button)[aria-pressed=true]",
];

/// What is a row: of it the card covers nothing where there is room.
const ROW: &str = ".partition, [data-row], tr";

/// Between the card and everything else.
const GAP: f64 = 8.0;

/// A card that is less high shows too little, and one that is higher hides too much: it scrolls inside.
const HEIGHT_MIN: f64 = 240.0;
const HEIGHT_MAX: &str = "24rem";

/// The element of what is chosen, where the stage shows it.
pub fn chosen() -> Option<web_sys::HtmlElement> {
    CHOSEN.iter().find_map(|selector| hooks::element(selector))
}

/// Places the card once the page is drawn, and once more when what is chosen has come into sight.
pub fn soon() {
    for delay in [0, 150] {
        gloo_timers::callback::Timeout::new(delay, || {
            if let Some(card) = hooks::element(".inspector") {
                place(&card, chosen().as_deref());
            }
        })
        .forget();
    }
}

/// Places the card beside what is chosen; without that it lies where its sheet says.
pub fn place(card: &web_sys::HtmlElement, chosen: Option<&web_sys::Element>) {
    let style = card.style();
    for name in ["top", "bottom", "left", "width", "max-height"] {
        // Each is the name of a property.
        let _ = style.remove_property(name);
    }
    let Some((over, chosen)) = card.parent_element().zip(chosen) else { return };
    let (over, own) = (over.get_bounding_client_rect(), card.get_bounding_client_rect());
    if own.width() >= over.width() {
        // A phone: it covers the stage.
        return;
    }
    // As high as it would be, were there room for it.
    let height = own.height();
    let row = chosen.closest(ROW).ok().flatten();
    let (near, row) =
        (chosen.get_bounding_client_rect(), row.map_or(chosen.get_bounding_client_rect(), |row| row.get_bounding_client_rect()));
    let room = |rect: &web_sys::DomRect| (rect.top() - over.top() - 2.0 * GAP, over.bottom() - rect.bottom() - 2.0 * GAP);
    // The marks of the row stay in sight too, unless only the row itself leaves room.
    let fits = |(above, below): (f64, f64)| above.max(below) >= height.min(HEIGHT_MIN);
    let kept = [&row, &near].into_iter().find(|rect| fits(room(rect)));
    let set = |name: &str, value: f64| {
        let _ = style.set_property(name, &format!("{:.0}px", value.max(0.0)));
    };
    let Some(kept) = kept else {
        let (left, right) = (near.left() - over.left() - 2.0 * GAP, over.right() - near.right() - 2.0 * GAP);
        let width = own.width().min(left.max(right));
        set("width", width);
        set("left", if left > right { left + GAP - width } else { near.right() - over.left() + GAP });
        return;
    };
    let high = |room: f64| {
        let _ = style.set_property("max-height", &format!("min({room:.0}px, {HEIGHT_MAX})"));
    };
    let (above, below) = room(kept);
    if below >= height || below >= above {
        set("top", kept.bottom() - over.top() + GAP);
        let _ = style.set_property("bottom", "auto");
        high(below);
    } else {
        set("bottom", over.bottom() - kept.top() + GAP);
        high(above);
    }
    let last = (row.right().min(over.right() - GAP) - own.width()).max(over.left() + GAP);
    set("left", near.left().min(last).max(over.left() + GAP) - over.left());
}
