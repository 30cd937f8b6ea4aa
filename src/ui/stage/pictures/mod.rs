//! Lives here: what a reader makes of the log, drawn on its card: the city, a phone, billing, wallets, a screen.
//! Never here: the card around it, and what is true of the story: that comes from `scenario` as plain structs.

mod city;
mod news;
mod taxi;

pub use news::newsroom;

use yew::prelude::*;

use crate::scenario::cast::Picture;
use crate::scenario::{news as news_story, taxi as taxi_story};
use crate::ui::app::hooks::Page;

/// The picture of the service of this name. `size`: of the card's body, in sixteenths of a rem.
pub fn picture(page: &Page, name: &str, picture: Picture, size: (i32, i32)) -> Html {
    let session = page.session.look();
    let world = session.world();
    match picture {
        Picture::City => city::city(&taxi_story::map(world), size),
        Picture::Phone => taxi::phone(&taxi_story::phone(world)),
        Picture::Billing => taxi::billing(page, &taxi_story::billing(world)),
        Picture::Wallets => taxi::wallets(&taxi_story::wallets(world)),
        Picture::Analytics => taxi::analytics(&taxi_story::analytics(world)),
        Picture::Screen => news::screen(&news_story::tv(world, name)),
        Picture::Desk => news::desk(&news_story::desk(world, name)),
        Picture::Newsroom => newsroom(page, &news_story::newsroom(world)),
    }
}

/// Lines that a picture has, where their number changes.
pub fn lines(page: &Page, picture: Option<Picture>) -> usize {
    let session = page.session.look();
    match picture {
        Some(Picture::Wallets) => {
            let wallets = taxi_story::wallets(session.world());
            let flag = if wallets.charged_twice.is_empty() { 0 } else { 2 };
            wallets.riders.len().max(wallets.drivers.len()).max(1) + flag
        }
        Some(Picture::Analytics) => taxi_story::RIDE_EVENTS.len(),
        _ => 0,
    }
}
