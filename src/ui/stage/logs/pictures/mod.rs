//! Lives here: what a reader makes of the log, drawn on its card: the city, a phone, billing, wallets, a screen.
//! Never here: the card around it, and what is true of the story: that comes from `scenario` as plain structs.

mod city;
mod news;
mod taxi;

use yew::prelude::*;

use crate::scenario::cast::Picture;
use crate::scenario::taxi::RIDE_EVENTS;
use crate::ui::app::hooks::Page;
use crate::view::View;
use crate::view::pictures::{self, PictureView};

/// The picture of the service of this name. `size`: of the card's body, in sixteenths of a rem.
pub fn picture(page: &Page, name: &str, picture: Picture, size: (i32, i32)) -> Html {
    match pictures::picture(View::of(&page.session.look()).into(), name, picture) {
        PictureView::City(map) => city::city(&map, size),
        PictureView::Phone(phone) => taxi::phone(&phone),
        PictureView::Billing(billing) => taxi::billing(page, &billing),
        PictureView::Wallets(wallets) => taxi::wallets(&wallets),
        PictureView::Analytics(analytics) => taxi::analytics(&analytics),
        PictureView::Screen(tv) => news::screen(&tv),
        PictureView::Desk(desk) => news::desk(&desk),
        PictureView::Newsroom(newsroom) => news::newsroom(page, &newsroom),
    }
}

/// Lines that a picture has, where their number changes.
pub fn lines(page: &Page, picture: Option<Picture>) -> usize {
    match picture {
        Some(Picture::Wallets) => {
            let PictureView::Wallets(wallets) = pictures::picture(View::of(&page.session.look()).into(), "", Picture::Wallets)
            else {
                return 0;
            };
            let flag = if wallets.charged_twice.is_empty() { 0 } else { 2 };
            wallets.riders.len().max(wallets.drivers.len()).max(1) + flag
        }
        Some(Picture::Analytics) => RIDE_EVENTS.len(),
        _ => 0,
    }
}
