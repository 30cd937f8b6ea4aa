//! The groups and their members: who reads.

use yew::prelude::*;

use crate::base::{ClientId, GroupId, TopicPartition};
use crate::ui::hooks::Page;
use crate::ui::state::Do;
use crate::view::group::MemberCard;
use crate::view::inspect::Selection;
use crate::view::logs::{ConsumerView, GroupView, LogsView, MemberView, ShareGroupView, progress};

/// `shown`: the group whose commits fill the cells.
pub fn groups(page: &Page, view: &LogsView, shown: Option<&str>) -> Html {
    html! {
        <section class="groups" aria-label="Groups">
            <h3 class="column-head">{ "Groups" }</h3>
            if view.groups.is_empty() && view.share_groups.is_empty() && view.consumers.is_empty() {
                <p class="quiet">{ "Nobody reads now." }</p>
            }
            { for view.groups.iter().map(|group| group_html(page, group, shown == Some(&*group.group_id))) }
            if view.group_count > view.groups.len() {
                <p class="quiet">{ format!("and {} more groups", view.group_count - view.groups.len()) }</p>
            }
            { for view.share_groups.iter().map(|group| share_group_html(page, group)) }
            if !view.consumers.is_empty() {
                <div class="group">
                    <div class="group-head"><span class="group-name">{ "no group" }</span></div>
                    <ul class="members">
                        { for view.consumers.iter().map(|consumer| consumer_html(page, consumer)) }
                    </ul>
                </div>
            }
        </section>
    }
}

fn group_html(page: &Page, group: &GroupView, shown: bool) -> Html {
    let selection = Selection::Group(GroupId(group.group_id.clone()));
    let selected = page.ui.selection.as_ref() == Some(&selection);
    let stable = &*group.state == "Stable";
    let lag = group.lags.iter().any(|lag| lag.lag.is_some()).then_some(group.total_lag);
    // What is read and not yet committed is lag, but nothing to warn of.
    let behind = progress(page.session.look().world(), &GroupId(group.group_id.clone())).behind;
    html! {
        <div key={group.group_id.to_string()} class={classes!("group", shown.then_some("group-shown"))}>
            <button type="button" class="group-head" aria-pressed={selected.to_string()}
                onclick={page.doing(Do::Select(Some(selection)))}>
                <span class="group-name">{ group.group_id.to_string() }</span>
                <span class="group-facts">
                    if !stable { <span class="badge badge-notice">{ state_words(&group.state) }</span> }
                    <span class={if behind { "lag lag-behind" } else { "lag" }}>
                        { match lag { Some(lag) => format!("lag {lag}"), None => "lag –".to_owned() } }
                    </span>
                </span>
            </button>
            <ul class="members">
                { for group.members.iter().map(|member| member_html(page, member, group)) }
            </ul>
            if group.member_count > group.members.len() {
                <p class="quiet">{ format!("and {} more members", group.member_count - group.members.len()) }</p>
            }
        </div>
    }
}

/// A share group has no place in a partition to mark: its records in flight are in the Groups view.
fn share_group_html(page: &Page, group: &ShareGroupView) -> Html {
    let onclick = {
        let (page, group) = (page.clone(), group.group_id.clone());
        Callback::from(move |_: MouseEvent| page.show_group(group.clone()))
    };
    html! {
        <div key={format!("share {}", group.group_id)} class="group">
            <button type="button" class="group-head" {onclick} title="Shows its records in flight">
                <span class="group-name">{ group.group_id.to_string() }</span>
                <span class="group-facts">
                    <span class="badge">{ "share" }</span>
                    <span class="lag">{ match group.lag { Some(lag) => format!("lag {lag}"), None => "lag –".to_owned() } }</span>
                </span>
            </button>
            <ul class="members">
                { for group.members.iter().map(|member| sharing_html(page, member)) }
            </ul>
        </div>
    }
}

fn sharing_html(page: &Page, member: &MemberCard) -> Html {
    let partitions: Vec<TopicPartition> = member.partitions.iter().map(|owned| owned.topic_partition.clone()).collect();
    let words = if member.gone { "gone, not noticed yet".to_owned() } else { assignment_words(&partitions) };
    let key = member.member_id.as_ref().map_or_else(|| member.name.to_string(), ToString::to_string);
    let inner = html! {
        <>
            <span class="member-name">{ member.name.to_string() }</span>
            <span class="member-facts">{ words }</span>
        </>
    };
    client_html(page, key, classes!("member", member.gone.then_some("member-gone")), member.client, inner)
}

/// A client that can be selected, while it is there.
fn client_html(page: &Page, key: String, class: Classes, client: Option<ClientId>, inner: Html) -> Html {
    let Some(client) = client else {
        return html! { <li {key}><span {class}>{ inner }</span></li> };
    };
    let selection = Selection::Consumer(client);
    let selected = page.ui.selection.as_ref() == Some(&selection);
    html! {
        <li {key}>
            <button type="button" {class} aria-pressed={selected.to_string()} data-spot={format!("client-{client}")}
                onclick={page.doing(Do::Select(Some(selection)))}>{ inner }</button>
        </li>
    }
}

/// Kafka's names of states, with spaces where a line may break.
fn state_words(state: &str) -> &str {
    match state {
        "PreparingRebalance" => "Preparing\u{200b}Rebalance",
        "CompletingRebalance" => "Completing\u{200b}Rebalance",
        other => other,
    }
}

fn member_html(page: &Page, member: &MemberView, group: &GroupView) -> Html {
    let words = if member.gone {
        "gone, not noticed yet".to_owned()
    } else if member.idle {
        "idle".to_owned()
    } else {
        assignment_words(&member.assignment)
    };
    let class = classes!("member", member.gone.then_some("member-gone"), member.idle.then_some("member-idle"));
    let inner = html! {
        <>
            // A member alone that is called as its group is not named twice.
            <span class={if group.members.len() == 1 && member.name == group.group_id { "visually-hidden" } else { "member-name" }}>
                { member.name.to_string() }
            </span>
            <span class="member-facts">{ words }</span>
        </>
    };
    let key = member.member_id.clone().unwrap_or_else(|| member.name.clone()).to_string();
    client_html(page, key, class, member.client, inner)
}

fn consumer_html(page: &Page, consumer: &ConsumerView) -> Html {
    let partitions: Vec<TopicPartition> = consumer.positions.iter().map(|(partition, _)| partition.clone()).collect();
    let inner = html! {
        <>
            <span class="member-name">{ consumer.name.to_string() }</span>
            <span class="member-facts">{ assignment_words(&partitions) }</span>
        </>
    };
    client_html(page, consumer.client.to_string(), classes!("member"), Some(consumer.client), inner)
}

/// `rides 0, 1 · payments 0`.
fn assignment_words(assignment: &[TopicPartition]) -> String {
    let mut topics: Vec<(&str, Vec<String>)> = Vec::new();
    for partition in assignment {
        let topic = partition.topic.as_str();
        match topics.iter_mut().find(|(known, _)| *known == topic) {
            Some((_, partitions)) => partitions.push(partition.partition.to_string()),
            None => topics.push((topic, vec![partition.partition.to_string()])),
        }
    }
    topics.into_iter().map(|(topic, partitions)| format!("{topic} {}", partitions.join(", "))).collect::<Vec<_>>().join(" · ")
}
