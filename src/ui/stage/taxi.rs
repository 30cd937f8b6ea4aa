//! The taxi story's world: the city, a passenger's phone, billing, wallets, and the services' switches.

use yew::prelude::*;

use super::city::city;
use super::world::{power_sign, service_menu};
use crate::scenario::power::ServiceCard;
use crate::scenario::taxi::{AnalyticsView, Balance, BillingPhase, BillingView, PhoneView, WalletsView, stage};
use crate::ui::hooks::Page;

pub fn taxi_world(page: &Page) -> Html {
    let stage = stage(page.session.look().world());
    html! {
        <>
            <ul class="services" aria-label="Services">
                { for stage.services.iter().map(|service| service_html(page, service)) }
            </ul>
            <div class="taxi-world">
                { city(&stage.map) }
                { phone_html(&stage.phone) }
                { billing_html(page, &stage.billing) }
                { wallets_html(&stage.wallets) }
                { analytics_html(&stage.analytics) }
            </div>
        </>
    }
}

fn service_html(page: &Page, service: &ServiceCard) -> Html {
    let title = format!("{}. {}", service.job.trim_end_matches('.'), service.says);
    html! { <li key={&*service.name}>{ service_menu(page, &service.name, service.power, &[], Some(title)) }</li> }
}

/// What the dots on the phone's line stand for.
const RIDE_STAGES: [&str; 6] = ["requested", "offered", "accepted", "arrived", "on trip", "there"];

fn phone_html(phone: &PhoneView) -> Html {
    let Some(ride) = &phone.ride else {
        return html! {
            <section class="card phone" aria-label="Rider's phone">
                <h4>{ "Rider’s phone" }</h4>
                <p class="quiet">{ "No ride has been read yet." }</p>
            </section>
        };
    };
    let eta = phone.eta_seconds.map(|seconds| format!("{seconds} s"));
    html! {
        <section class="card phone" aria-label="Rider's phone">
            <h4>{ format!("{}’s phone", phone.rider) }<span class="quiet">{ ride }</span></h4>
            <p class="phone-status">{ &phone.status }</p>
            <ol class="phone-line" aria-label={format!("Stage: {}", RIDE_STAGES[usize::from(phone.stage).min(5)])}>
                { for RIDE_STAGES.iter().enumerate().map(|(at, name)| {
                    let done = at <= usize::from(phone.stage);
                    html! { <li class={done.then_some("done")} title={*name}><span class="visually-hidden">{ *name }</span></li> }
                }) }
            </ol>
            <dl class="pairs">
                <dt>{ "from" }</dt><dd>{ &phone.pickup }</dd>
                <dt>{ "to" }</dt><dd>{ &phone.dropoff }</dd>
                if let Some(driver) = &phone.driver { <dt>{ "driver" }</dt><dd>{ driver }</dd> }
                if let Some(eta) = eta { <dt>{ "in" }</dt><dd>{ eta }</dd> }
            </dl>
        </section>
    }
}

fn billing_html(page: &Page, billing: &BillingView) -> Html {
    let at = match billing.phase {
        BillingPhase::Waiting => 0,
        BillingPhase::Charging => 1,
        BillingPhase::Charged => 2,
        BillingPhase::AtBreakpoint => 3,
        BillingPhase::Committing => 4,
    };
    let steps: &[(usize, &str)] = if billing.breakpoint || at == 3 {
        &[(0, "reads"), (1, "charges"), (2, "charged"), (3, "held"), (4, "commits")]
    } else {
        &[(0, "reads"), (1, "charges"), (2, "charged"), (4, "commits")]
    };
    let words = if billing.breakpoint { "breakpoint off" } else { "breakpoint on" };
    let onclick = page.giving(vec![format!("$ tell-service billing {words}")]);
    html! {
        <section class="card" aria-label="Billing">
            <h4>{ power_sign(billing.power) }{ "Billing" }<span class="quiet">{ billing.ride.clone().unwrap_or_default() }</span></h4>
            <ol class="phases">
                { for steps.iter().map(|(step, name)| html! {
                    <li class={classes!((*step == at && billing.power.is_on()).then_some("now"), (*step == 3).then_some("held"))}
                        aria-current={(*step == at).then_some("step")}>{ *name }</li>
                }) }
            </ol>
            <dl class="pairs">
                if let Some(fare) = billing.fare_cents { <dt>{ "fare" }</dt><dd>{ money(fare) }</dd> }
                <dt>{ "charged" }</dt><dd>{ billing.charged }</dd>
                <dt>{ "waiting" }</dt><dd>{ billing.queued }</dd>
            </dl>
            if billing.power.is_on() {
                <button type="button" class="button" aria-pressed={billing.breakpoint.to_string()}
                    title="Hold billing between charging and committing" {onclick}>
                    { if billing.breakpoint { "Let it commit" } else { "Hold before the commit" } }
                </button>
            }
        </section>
    }
}

fn wallets_html(wallets: &WalletsView) -> Html {
    html! {
        <section class="card wallets" aria-label="Wallets">
            <h4>{ power_sign(wallets.power) }{ "Wallets" }</h4>
            if !wallets.charged_twice.is_empty() {
                <p class="flag">{ format!("Charged twice: {}", wallets.charged_twice.join(", ")) }</p>
            }
            <div class="wallet-columns">
                { balances("Riders", &wallets.riders) }
                { balances("Drivers", &wallets.drivers) }
            </div>
            if let Some(latest) = wallets.rides.first() {
                <p class="quiet">{ format!("Last: {} {} {}{}", latest.rider, money(latest.fare_cents), latest.ride,
                    if latest.times > 1 { format!(" × {}", latest.times) } else { String::new() }) }</p>
            }
        </section>
    }
}

fn balances(title: &str, balances: &[Balance]) -> Html {
    html! {
        <dl class="pairs balances" aria-label={title.to_owned()}>
            { for balances.iter().map(|balance| html! {
                <><dt>{ &balance.name }</dt><dd>{ money(balance.cents) }</dd></>
            }) }
        </dl>
    }
}

/// Cents as money, with a true minus.
fn money(cents: i64) -> String {
    let sign = if cents < 0 { "−" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

fn analytics_html(analytics: &AnalyticsView) -> Html {
    let most = analytics.counts.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    html! {
        <section class="card analytics" aria-label="Analytics">
            <h4>{ power_sign(analytics.power) }{ "Analytics" }</h4>
            if analytics.counts.is_empty() { <p class="quiet">{ "It has counted nothing yet." }</p> }
            <dl class="bars">
                { for analytics.counts.iter().map(|(kind, count)| html! {
                    <><dt>{ kind.replace('_', " ") }</dt>
                    <dd style={format!("--part:{:.1}%", *count as f64 / most as f64 * 100.0)}>{ count }</dd></>
                }) }
            </dl>
        </section>
    }
}
