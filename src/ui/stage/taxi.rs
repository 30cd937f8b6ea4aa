//! The taxi story's world: the city, a passenger's phone, billing, wallets, and the services' switches.

use yew::prelude::*;

use super::city::City;
use super::world::{ServiceMenu, giving, power_sign};
use crate::scenario::power::ServiceCard;
use crate::scenario::taxi::{AnalyticsView, Balance, BillingPhase, BillingView, PhoneView, WalletsView, stage};
use crate::ui::hooks::use_page;

#[derive(Properties, PartialEq)]
pub struct TaxiWorldProps {
    pub revision: u64,
}

#[component]
pub fn TaxiWorld(_props: &TaxiWorldProps) -> Html {
    let page = use_page();
    let stage = stage(page.session.look().world());
    html! {
        <>
            <ul class="services" aria-label="Services">
                { for stage.services.iter().map(|service| html! {
                    <li key={service.name.clone()}><Service service={service.clone()} /></li>
                }) }
            </ul>
            <div class="taxi-world">
                <City map={stage.map} />
                <Phone phone={stage.phone} />
                <Billing billing={stage.billing} />
                <Wallets wallets={stage.wallets} />
                <Analytics analytics={stage.analytics} />
            </div>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct ServiceProps {
    service: ServiceCard,
}

#[component]
fn Service(props: &ServiceProps) -> Html {
    let service = &props.service;
    let title = format!("{}. {}", service.job.trim_end_matches('.'), service.says);
    html! {
        <ServiceMenu name={service.name.clone()} power={service.power} class="service">
            <span class="service-words" {title}>
                { power_sign(service.power) }
                <span class="service-name">{ &service.name }</span>
            </span>
        </ServiceMenu>
    }
}

/// What the dots on the phone's line stand for.
const RIDE_STAGES: [&str; 6] = ["requested", "offered", "accepted", "arrived", "on trip", "there"];

#[derive(Properties, PartialEq)]
struct PhoneProps {
    phone: PhoneView,
}

#[component]
fn Phone(props: &PhoneProps) -> Html {
    let phone = &props.phone;
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

#[derive(Properties, PartialEq)]
struct BillingProps {
    billing: BillingView,
}

#[component]
fn Billing(props: &BillingProps) -> Html {
    let page = use_page();
    let billing = &props.billing;
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
    let onclick = giving(&page, vec![format!("$ tell-service billing {words}")]);
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
                    title="Hold billing between charging and committing" onclick={onclick.reform(|_: MouseEvent| ())}>
                    { if billing.breakpoint { "Let it commit" } else { "Hold before the commit" } }
                </button>
            }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct WalletsProps {
    wallets: WalletsView,
}

#[component]
fn Wallets(props: &WalletsProps) -> Html {
    let wallets = &props.wallets;
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

#[derive(Properties, PartialEq)]
struct AnalyticsProps {
    analytics: AnalyticsView,
}

#[component]
fn Analytics(props: &AnalyticsProps) -> Html {
    let analytics = &props.analytics;
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
