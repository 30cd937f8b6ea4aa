//! The bus: from the logs' ends to the cards of those who read them, one line for each topic.

use yew::prelude::*;

use super::readers::stub;
use super::{Picked, rem};
use crate::view::stage::{Topic, TopicPlan};

/// Lines that have a place of their own beside one another; further ones share the last.
const LINES_MAX: usize = 3;

pub fn bus(drawn: &Picked) -> Html {
    let plan = &drawn.plan;
    let topics: Vec<(&Topic, &TopicPlan)> = drawn.stage.topics.iter().zip(&plan.topics).collect();
    let mut path = String::new();
    let mut line = 0;
    for (topic, laid) in topics {
        let readers = drawn.stage.readers.iter().zip(&plan.cards);
        let cards: Vec<i32> =
            readers.filter(|(reader, _)| reader.reads.contains(&topic.name)).filter_map(|(_, card)| stub(card)).collect();
        let middle = plan.density.lane + plan.density.cell / 2;
        let ends: Vec<i32> = if laid.folded { vec![laid.y + 18] } else { laid.rows.iter().map(|row| row.y + middle).collect() };
        let all = || cards.iter().chain(&ends).copied();
        let (Some(from), Some(until), false) = (all().min(), all().max(), cards.is_empty()) else { continue };
        let x = plan.lanes - 20 - 8 * line.min(LINES_MAX - 1) as i32;
        line += 1;
        path += &format!("M{x} {from}V{until}");
        for y in &ends {
            path += &format!("M0 {y}H{x}");
        }
        for y in &cards {
            path += &format!("M{x} {y}H{}", plan.lanes);
        }
    }
    let (width, height) = (plan.lanes, plan.height);
    html! {
        <svg class="bus" viewBox={format!("0 0 {width} {height}")} style={format!("inline-size:{};block-size:{}", rem(width), rem(height))}
            aria-hidden="true" focusable="false"><path d={path} /></svg>
    }
}
