//! A topic on the stage: its name, who writes to it, its partitions; or one line, where it is folded.

use yew::prelude::*;

use super::partition::partition;
use super::{Picked, prefix_of, rem, topic_group};
use crate::base::TopicName;
use crate::ui::app::hooks::Page;
use crate::ui::app::state::Do;
use crate::ui::parts::icon::icon;
use crate::view::inspect::Selection;
use crate::view::stage::{Pen, Shape, Target, Topic, TopicPlan};
use crate::view::text::count;

pub fn topic(page: &Page, drawn: &Picked, topic: &Topic, laid: &TopicPlan) -> Html {
    let groups = topic.groups();
    let (first_row, second) = topic_group(&groups, drawn.group.as_deref());
    let prefix = prefix_of(drawn, &topic.name);
    let target = Target::Topic(topic.name.clone());
    let style = format!("inset-block-start:{};block-size:{}", rem(laid.y), rem(laid.height));
    html! {
        <section key={&*topic.name} class={classes!("topic", laid.folded.then_some("folded"), drawn.ring_class(&target))} {style}
            aria-label={format!("Topic {}", topic.name)} data-ring={target.name()}>
            { topic_head(page, drawn, topic, laid) }
            if !laid.folded {
                if drawn.plan.shape == Shape::Wide { { pens(page, drawn, topic, laid) } }
                { for laid.rows.iter().map(|row| {
                    let place = (row.y - laid.y, laid.others);
                    partition(page, drawn, &topic.partitions[row.at], place, (first_row, second), &prefix)
                }) }
                if topic.partitions.len() < topic.partition_count {
                    <button type="button" class="button button-small more-partitions"
                        onclick={page.doing(Do::Fold(format!("all of {}", topic.name)))}>
                        { format!("Show all {} partitions", topic.partition_count) }
                    </button>
                }
            }
            { drawn.badges(&target) }
        </section>
    }
}

fn topic_head(page: &Page, drawn: &Picked, topic: &Topic, laid: &TopicPlan) -> Html {
    let selection = Selection::Topic(TopicName(topic.name.clone()));
    let selected = page.ui.selection.as_ref() == Some(&selection);
    let facts = match laid.folded {
        true => format!("{}, {}", count(topic.partition_count as i64, "partition"), count(topic.offsets, "offset")),
        false => count(topic.partition_count as i64, "partition"),
    };
    let fold = page.doing(Do::FoldTopic(topic.name.clone(), !laid.folded));
    // A tour has left partitions out, or somebody has asked for all of them.
    let left_out = if laid.folded { 0 } else { topic.partitions.len() - laid.rows.len() };
    let whole = !laid.folded && page.session.tour().is_some() && page.ui.is_unfolded(&format!("all of {}", topic.name));
    html! {
        <header class="topic-head">
            <button type="button" class={if laid.folded { "fold folded" } else { "fold" }} aria-expanded={(!laid.folded).to_string()}
                aria-label={format!("Partitions of {}", topic.name)} onclick={fold}>{ icon("chevron") }</button>
            <h3><button type="button" class="name-button" aria-pressed={selected.to_string()} title={topic.name.to_string()}
                onclick={page.doing(Do::Select(Some(selection)))}><code>{ topic.name.to_string() }</code></button></h3>
            if drawn.plan.shape == Shape::Phone && !topic.pens.is_empty() {
                <span class="topic-facts">{ "from " }{ for topic.pens.iter().enumerate().map(|(at, pen)| {
                    let target = Target::Pen(pen.name.clone());
                    html! {
                        <>{ if at > 0 { ", " } else { "" } }<span class={classes!(pen.busy.is_some().then_some("busy"), drawn.ring_class(&target))}
                            data-ring={target.name()}>{ pen.name.to_string() }{ drawn.badges(&target) }</span></>
                    }
                }) }</span>
            } else if left_out == 0 {
                <span class="topic-facts">{ facts }</span>
            }
            if left_out > 0 || whole {
                <button type="button" class="stage-chip" aria-pressed={whole.to_string()} title={format!("Show all partitions of {}", topic.name)}
                    onclick={page.doing(Do::Fold(format!("all of {}", topic.name)))}>
                    { if whole { format!("all {}", topic.partition_count) } else { format!("{} of {}", laid.rows.len(), topic.partition_count) } }
                    <span class="visually-hidden">{ " partitions" }</span>
                </button>
            }
            if topic.compacted { <span class="badge">{ "compacted" }</span> }
            if topic.internal { <span class="badge">{ "internal" }</span> }
        </header>
    }
}

/// Who writes, at the mouth of the topic.
fn pens(page: &Page, drawn: &Picked, topic: &Topic, laid: &TopicPlan) -> Html {
    let style = format!("inset-block:{} 0", rem(drawn.plan.density.head));
    html! {
        <ul class="pens" aria-label={format!("Who writes to {}", topic.name)} {style}>
            { for topic.pens.iter().take(pens_max(laid)).map(|pen| pen_html(page, drawn, pen)) }
            if topic.pens.len() > pens_max(laid) {
                <li class="pen"><span class="quiet">{ format!("and {} more", topic.pens.len() - pens_max(laid)) }</span></li>
            }
        </ul>
    }
}

/// Names that there is room for beside the partitions.
fn pens_max(laid: &TopicPlan) -> usize {
    ((laid.height - 40) / 32).max(1) as usize
}

fn pen_html(page: &Page, drawn: &Picked, pen: &Pen) -> Html {
    let target = Target::Pen(pen.name.clone());
    let selection = pen.client.map(Selection::Producer);
    let selected = selection.is_some() && page.ui.selection == selection;
    let wrote = drawn.tracing.as_ref().is_some_and(|tracing| tracing.writer.is_some() && tracing.writer == pen.client);
    let class = classes!(
        "pen",
        wrote.then_some("same"),
        pen.busy.is_some().then_some("on"),
        (!pen.on).then_some("off"),
        drawn.ring_class(&target)
    );
    let title = match (&pen.busy, pen.on) {
        (Some(busy), _) => format!("{}: {busy}", pen.name),
        (None, true) => format!("{}: a producer", pen.name),
        (None, false) => format!("{} is off", pen.name),
    };
    html! {
        <li key={&*pen.name} {class} data-ring={target.name()}>
            <button type="button" aria-pressed={selected.to_string()} {title} disabled={selection.is_none()}
                onclick={page.doing(Do::Select(selection))}>{ pen.name.to_string() }</button>
            { drawn.badges(&target) }
        </li>
    }
}
