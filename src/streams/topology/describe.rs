//! `Topology#describe`, to the letter.

use super::{Node, Operator, Topology};
use crate::base::java;
use std::cmp::Ordering;
use std::fmt::Write;

impl Topology {
    /// The text that `Topology#describe().toString()` of Kafka gives.
    pub fn describe(&self) -> String {
        let mut text = String::from("Topologies:\n ");
        // Kafka puts a global store where its number is, as long as there are subtopologies left.
        let (global, local): (Vec<usize>, Vec<usize>) = (0..self.subtopologies).partition(|number| self.is_global(*number));
        let (mut global, mut local) = (global.into_iter().peekable(), local.into_iter().peekable());
        for number in 0..self.subtopologies {
            let next_local = local.next_if(|local| *local == number || global.peek().is_none());
            if let Some(local) = next_local {
                let nodes = self.sorted(local).iter().fold(String::new(), |nodes, node| nodes + "    " + node + "\n");
                let _ = write!(text, "  Sub-topology: {local}\n{nodes}\n");
            } else if let Some(global) = global.next() {
                let _ = writeln!(text, "  Sub-topology: {global} for global store (will not generate tasks)");
                let of_it = self.nodes.iter().filter(|node| node.subtopology == global);
                of_it.for_each(|node| {
                    let _ = writeln!(text, "    {}", self.shown(node, &self.names(&node.children), &self.names(&node.parents)));
                });
            }
        }
        text
    }

    /// The nodes of a subtopology as text: those with most after them first.
    fn sorted(&self, subtopology: usize) -> Vec<String> {
        let mut members: Vec<usize> = (0..self.nodes.len()).filter(|node| self.nodes[*node].subtopology == subtopology).collect();
        // A map of Java decides in which order nodes learn of their neighbours, and so how these are listed.
        java::hash_order(&mut members, 16, |node| java::string_hash(&self.nodes[*node].name));
        let mut sizes = vec![1; self.nodes.len()];
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        let mut children = parents.clone();
        for node in &members {
            for parent in &self.nodes[*node].parents {
                insert(&mut parents[*node], *parent, |one, two| self.before(&sizes, one, two));
                insert(&mut children[*parent], *node, |one, two| self.before(&sizes, one, two));
                let size = sizes[*node];
                grow(&mut sizes, &parents, *parent, size);
            }
        }
        members.sort_by(|one, two| self.before(&sizes, *one, *two));
        members
            .into_iter()
            .map(|node| self.shown(&self.nodes[node], &self.names(&children[node]), &self.names(&parents[node])))
            .collect()
    }

    fn before(&self, sizes: &[usize], one: usize, two: usize) -> Ordering {
        sizes[two].cmp(&sizes[one]).then_with(|| self.nodes[one].name.cmp(&self.nodes[two].name))
    }

    fn names(&self, nodes: &[usize]) -> String {
        let names: Vec<&str> = nodes.iter().map(|node| &*self.nodes[*node].name).collect();
        if names.is_empty() { "none".into() } else { names.join(", ") }
    }

    fn shown(&self, node: &Node, children: &str, parents: &str) -> String {
        let name = &node.name;
        match &node.operator {
            Operator::Source { topics, .. } => {
                let topics: Vec<&str> = topics.iter().map(|topic| &**topic).collect();
                format!("Source: {name} (topics: [{}])\n      --> {children}", topics.join(", "))
            }
            Operator::Sink { topic, .. } => format!("Sink: {name} (topic: {topic})\n      <-- {parents}"),
            _ => {
                let mut stores: Vec<&str> = node.stores.iter().map(|store| &*self.stores[*store].name).collect();
                java::hash_order(&mut stores, 16, |store| java::string_hash(store));
                let stores = stores.join(", ");
                format!("Processor: {name} (stores: [{stores}])\n      --> {children}\n      <-- {parents}")
            }
        }
    }
}

/// A sorted set, sorted by what is known when something is put in.
fn insert(set: &mut Vec<usize>, node: usize, order: impl Fn(usize, usize) -> Ordering) {
    if !set.contains(&node) {
        let place = set.iter().position(|other| order(node, *other) == Ordering::Less).unwrap_or(set.len());
        set.insert(place, node);
    }
}

fn grow(sizes: &mut [usize], parents: &[Vec<usize>], node: usize, by: usize) {
    sizes[node] += by;
    for parent in &parents[node] {
        grow(sizes, parents, *parent, by);
    }
}
