//! What a service's card shows of the service's own state: the stories know it, the page draws it.

use crate::engine::World;
use crate::scenario::cast::Picture;
use crate::scenario::news::{self, DeskView, NewsroomView, TvView};
use crate::scenario::taxi::{self, AnalyticsView, BillingView, CityMapView, PhoneView, WalletsView};

/// A service's picture, by its kind.
pub enum PictureView {
    City(CityMapView),
    Phone(PhoneView),
    Billing(BillingView),
    Wallets(WalletsView),
    Analytics(AnalyticsView),
    Screen(TvView),
    Desk(DeskView),
    Newsroom(NewsroomView),
}

pub fn picture(world: &World, service: &str, picture: Picture) -> PictureView {
    match picture {
        Picture::City => PictureView::City(taxi::map(world)),
        Picture::Phone => PictureView::Phone(taxi::phone(world)),
        Picture::Billing => PictureView::Billing(taxi::billing(world)),
        Picture::Wallets => PictureView::Wallets(taxi::wallets(world)),
        Picture::Analytics => PictureView::Analytics(taxi::analytics(world)),
        Picture::Screen => PictureView::Screen(news::tv(world, service)),
        Picture::Desk => PictureView::Desk(news::desk(world, service)),
        Picture::Newsroom => PictureView::Newsroom(news::newsroom(world)),
    }
}
