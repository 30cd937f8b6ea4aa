//! The taxi story's cards: a passenger's phone, billing, wallets, analytics.

use yew::prelude::*;

use crate::scenario::taxi::{AnalyticsView, Balance, BillingPhase, BillingView, PhoneView, WalletsView, money};
use crate::ui::app::hooks::Page;

/// What the dots on the phone's line stand for.
const RIDE_STAGES: [&str; 6] = ["requested", "offered", "accepted", "arrived", "on trip", "there"];

pub fn phone(phone: &PhoneView) -> Html {
    let Some(ride) = &phone.ride else {
        return html! { <p class="quiet">{ "No ride has been read yet." }</p> };
    };
    let stage = usize::from(phone.stage).min(RIDE_STAGES.len() - 1);
    html! {
        <>
            <p class="phone-status">{ format!("{}, {ride}: {}", phone.rider, phone.status) }</p>
            <ol class="beads" aria-label={format!("Stage: {}", RIDE_STAGES[stage])}>
                { for RIDE_STAGES.iter().enumerate().map(|(at, name)| html! {
                    <li class={(at <= stage).then_some("done")} title={*name}><span class="visually-hidden">{ *name }</span></li>
                }) }
            </ol>
        </>
    }
}

pub fn billing(page: &Page, billing: &BillingView) -> Html {
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
        <>
            <ol class="phases">
                { for steps.iter().map(|(step, name)| html! {
                    <li class={(*step == at && billing.power.is_on()).then_some("now")} aria-current={(*step == at).then_some("step")}>{ *name }</li>
                }) }
            </ol>
            if billing.power.is_on() {
                <button type="button" class="button button-small" aria-pressed={billing.breakpoint.to_string()}
                    title="Hold billing between charging and committing" {onclick}>
                    { if billing.breakpoint { "Let it commit" } else { "Hold before the commit" } }
                </button>
            }
        </>
    }
}

pub fn wallets(wallets: &WalletsView) -> Html {
    if wallets.riders.is_empty() && wallets.drivers.is_empty() {
        return html! { <p class="quiet">{ "No payment has been read yet." }</p> };
    }
    // Who was charged twice stands out, the ride by its latest charges.
    let hot = wallets.rides.iter().find(|ride| ride.times > 1).map(|ride| ride.rider.as_str());
    html! {
        <>
            if let Some(ride) = wallets.charged_twice.last() { <p class="flag">{ format!("Charged twice: {ride}") }</p> }
            <div class="balances">
                { balances("Riders", &wallets.riders, hot) }
                { balances("Drivers", &wallets.drivers, None) }
            </div>
        </>
    }
}

fn balances(title: &str, balances: &[Balance], hot: Option<&str>) -> Html {
    html! {
        <dl aria-label={title.to_owned()}>
            { for balances.iter().map(|balance| html! {
                <div class={(hot == Some(&*balance.name)).then_some("hot")}><dt>{ &balance.name }</dt><dd>{ money(balance.cents) }</dd></div>
            }) }
        </dl>
    }
}

pub fn analytics(analytics: &AnalyticsView) -> Html {
    let most = analytics.counts.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    html! {
        <dl class="event-bars">
            { for analytics.counts.iter().map(|(kind, count)| html! {
                <div>
                    <dt>{ kind.trim_start_matches("ride_").replace('_', " ") }</dt>
                    <dd><i style={format!("inline-size:{:.1}%", *count as f64 / most as f64 * 78.0)}></i><span>{ count }</span></dd>
                </div>
            }) }
        </dl>
    }
}
