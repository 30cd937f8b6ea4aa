//! `StreamsBuilder`: streams, and what becomes of them record by record.

use super::operator::{Operator, Punctuation};
use super::{InternalTopic, KTable, Node, Topology};
use crate::streams::store::{StoreKind, StoreSpec};
use crate::streams::{Expression, Serde};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Makes a topology. Names are given, or made as Kafka makes them: a number for each operator and each store, in order.
#[derive(Debug, Default)]
pub struct StreamsBuilder {
    pub(super) drafts: Vec<Draft>,
    pub(super) stores: Vec<StoreSpec>,
    pub(super) internal_topics: Vec<InternalTopic>,
    /// What Kafka's own graph connects: a repartition is one node of it, the source at its end.
    edges: Vec<(usize, usize)>,
    /// The filter before a repartition topic, by the source after it.
    repartition_filters: BTreeMap<usize, usize>,
    /// Repartitions that are shared, by what they are shared by: the name of a join, or a grouping with a name.
    pub(super) repartitioned: BTreeMap<String, usize>,
    pub(super) tables: Vec<super::tables::Draft>,
    copartitions: Vec<Vec<usize>>,
    index: usize,
    priority: usize,
}

/// A node that is not yet in a topology.
#[derive(Debug)]
pub(super) struct Draft {
    pub name: Rc<str>,
    pub operator: Operator,
    pub parents: Vec<usize>,
    pub stores: Vec<usize>,
    /// `GraphNode.buildPriority`: nodes are written in the order in which they were last connected.
    pub priority: usize,
    /// A left or outer join, which wants records without a key (KIP-962).
    pub relaxed: bool,
}

/// `KStream`
#[derive(Clone, Debug)]
pub struct KStream {
    pub(super) node: usize,
    pub(super) name: String,
    pub(super) key: Serde,
    pub(super) value: Serde,
    /// Whether the key has changed since the records were last partitioned by it.
    pub(super) repartition: bool,
}

impl StreamsBuilder {
    pub(super) fn next_name(&mut self, prefix: &str) -> String {
        let name = format!("{prefix}{:010}", self.index);
        self.index += 1;
        name
    }

    /// Names that Kafka makes and does not use.
    pub(super) fn skip_names(&mut self, count: usize) {
        self.index += count;
    }

    /// Nodes that are joined: what they come from must be partitioned alike.
    pub(super) fn copartition(&mut self, nodes: &[usize]) {
        let mut sources: Vec<usize> = Vec::new();
        let mut look = nodes.to_vec();
        while let Some(node) = look.pop() {
            match &self.drafts[node].operator {
                Operator::Source { .. } if !sources.contains(&node) => sources.push(node),
                _ => look.extend(&self.drafts[node].parents),
            }
        }
        sources.sort_unstable();
        self.copartitions.push(sources);
    }

    /// A given name counts as one that was made.
    pub(super) fn name(&mut self, given: Option<&str>, prefix: &str) -> String {
        let made = self.next_name(prefix);
        given.map_or(made, str::to_owned)
    }

    pub(super) fn suffixed(&mut self, given: Option<&str>, suffix: &str, prefix: &str) -> String {
        let made = self.next_name(prefix);
        given.map_or(made, |name| format!("{name}{suffix}"))
    }

    pub(super) fn store_name(&mut self, prefix: &str) -> String {
        self.next_name(&format!("{prefix}STATE-STORE-"))
    }

    pub(super) fn add_store(&mut self, name: &str, kind: StoreKind, key: &Serde, value: &Serde) -> usize {
        let (key, value) = (key.clone(), value.clone());
        self.stores.push(StoreSpec { name: name.into(), kind, key, value, logged: true, global: false });
        self.stores.len() - 1
    }

    pub(super) fn draft(&mut self, name: &str, operator: Operator, parents: &[usize], stores: &[usize]) -> usize {
        let (parents, stores) = (parents.to_vec(), stores.to_vec());
        self.drafts.push(Draft { name: name.into(), operator, parents, stores, priority: 0, relaxed: false });
        self.drafts.len() - 1
    }

    /// Connects nodes to what comes before them: that decides when they are written.
    pub(super) fn connect(&mut self, parents: &[usize], child: usize, with: &[usize]) {
        for parent in parents {
            self.edges.push((*parent, child));
        }
        self.priority += parents.len().max(1);
        for node in with.iter().chain([&child]) {
            self.drafts[*node].priority = self.priority;
        }
    }

    pub(super) fn add(&mut self, name: &str, operator: Operator, parents: &[usize], stores: &[usize]) -> usize {
        let node = self.draft(name, operator, parents, stores);
        self.connect(parents, node, &[]);
        node
    }

    fn then(&mut self, stream: &KStream, name: &str, operator: Operator) -> KStream {
        let node = self.add(name, operator, &[stream.node], &[]);
        KStream { node, name: name.to_owned(), ..stream.clone() }
    }

    /// `StreamsBuilder#stream`. The same topic read twice is one source.
    pub fn stream(&mut self, topic: &str, key: &Serde, value: &Serde, named: Option<&str>) -> KStream {
        let name = self.name(named, "KSTREAM-SOURCE-");
        let reads = |draft: &Draft| matches!(&draft.operator, Operator::Source { topics, .. } if &*topics[0] == topic);
        let node = self.drafts.iter().position(reads);
        let node = node.unwrap_or_else(|| self.add(&name, source(topic, key, value, false), &[], &[]));
        KStream { node, name, key: key.clone(), value: value.clone(), repartition: false }
    }

    /// What becomes of records with a timestamp below 0, of the sources that a stream or a table begins with.
    pub fn with_extractor(&mut self, topic: &str, extractor: super::Extractor) {
        for draft in &mut self.drafts {
            if let Operator::Source { topics, extractor: place, .. } = &mut draft.operator
                && &*topics[0] == topic
            {
                *place = extractor;
            }
        }
    }

    pub fn filter(&mut self, stream: &KStream, test: Expression, not: bool, named: Option<&str>) -> KStream {
        let name = self.name(named, "KSTREAM-FILTER-");
        self.then(stream, &name, Operator::Filter { test, not })
    }

    pub fn map_values(&mut self, stream: &KStream, value: Expression, serde: &Serde, named: Option<&str>) -> KStream {
        let name = self.name(named, "KSTREAM-MAPVALUES-");
        let mapped = self.then(stream, &name, Operator::Map { key: None, value: Some(value) });
        KStream { value: serde.clone(), ..mapped }
    }

    pub fn map(
        &mut self,
        stream: &KStream,
        key: Expression,
        value: Expression,
        serdes: (&Serde, &Serde),
        named: Option<&str>,
    ) -> KStream {
        let name = self.name(named, "KSTREAM-MAP-");
        let mapped = self.then(stream, &name, Operator::Map { key: Some(key), value: Some(value) });
        KStream { key: serdes.0.clone(), value: serdes.1.clone(), repartition: true, ..mapped }
    }

    pub fn select_key(&mut self, stream: &KStream, key: Expression, serde: &Serde, named: Option<&str>) -> KStream {
        let name = self.name(named, "KSTREAM-KEY-SELECT-");
        let mapped = self.then(stream, &name, Operator::Map { key: Some(key), value: None });
        KStream { key: serde.clone(), repartition: true, ..mapped }
    }

    /// A record with each element (`Expression::Other`) of a list. The timestamp stays.
    pub fn flat_map_values(&mut self, stream: &KStream, elements: Expression, value: Expression, named: Option<&str>) -> KStream {
        let name = self.name(named, "KSTREAM-FLATMAPVALUES-");
        self.then(stream, &name, Operator::FlatMap { elements, key: None, value })
    }

    pub fn flat_map(
        &mut self,
        stream: &KStream,
        elements: Expression,
        key: Expression,
        value: Expression,
        named: Option<&str>,
    ) -> KStream {
        let name = self.name(named, "KSTREAM-FLATMAP-");
        let mapped = self.then(stream, &name, Operator::FlatMap { elements, key: Some(key), value });
        KStream { repartition: true, ..mapped }
    }

    /// Records pass as they are: where someone watches.
    pub fn peek(&mut self, stream: &KStream, named: Option<&str>) -> KStream {
        let name = self.name(named, "KSTREAM-PEEK-");
        self.then(stream, &name, Operator::PassThrough)
    }

    /// `process` with a processor that passes records on and sends one at each punctuation.
    pub fn punctuate(
        &mut self,
        stream: &KStream,
        (interval_ms, by): (i64, Punctuation),
        key: Expression,
        value: Expression,
        named: Option<&str>,
    ) -> KStream {
        // Unlike with other operators, a given name does not count here.
        let name = named.map_or_else(|| self.next_name("KSTREAM-PROCESSOR-"), str::to_owned);
        let processed = self.then(stream, &name, Operator::Punctuate { interval_ms, by, key, value });
        KStream { repartition: true, ..processed }
    }

    pub fn merge(&mut self, stream: &KStream, other: &KStream, named: Option<&str>) -> KStream {
        let name = self.name(named, "KSTREAM-MERGE-");
        let node = self.add(&name, Operator::PassThrough, &[stream.node, other.node], &[]);
        KStream { node, name, repartition: stream.repartition || other.repartition, ..stream.clone() }
    }

    /// `split`: a stream for each test, and one for what passes none of them (`defaultBranch`).
    /// Each may have a name, which comes after that of the splitter.
    pub fn split(
        &mut self,
        stream: &KStream,
        tests: Vec<(Expression, Option<&str>)>,
        default: Option<Option<&str>>,
        named: Option<&str>,
    ) -> Vec<KStream> {
        let name = self.name(named, "KSTREAM-BRANCH-");
        let (tests, names): (Vec<Expression>, Vec<Option<&str>>) = tests.into_iter().unzip();
        let splitter = self.add(&name, Operator::Branch { tests }, &[stream.node], &[]);
        let numbered = names.into_iter().enumerate().map(|(index, named)| (index + 1, named));
        let branch = |(number, named): (usize, Option<&str>)| {
            let name = format!("{name}{}", named.map_or_else(|| number.to_string(), str::to_owned));
            self.skip_names(1);
            let node = self.add(&name, Operator::PassThrough, &[splitter], &[]);
            KStream { node, name, ..stream.clone() }
        };
        numbered.chain(default.map(|named| (0, named))).map(branch).collect()
    }

    pub fn to(&mut self, stream: &KStream, topic: &str, named: Option<&str>) {
        let name = self.name(named, "KSTREAM-SINK-");
        let sink = Operator::Sink {
            topic: topic.into(),
            internal: false,
            key: stream.key.clone(),
            value: stream.value.clone(),
            changes: false,
        };
        self.add(&name, sink, &[stream.node], &[]);
    }

    /// `repartition`: through a topic of its own.
    pub fn repartition(&mut self, stream: &KStream, partitions: Option<i32>, named: Option<&str>) -> KStream {
        let made = if named.is_none() { self.next_name("KSTREAM-REPARTITION-") } else { String::new() };
        let repartitioned = self.through(stream, named.unwrap_or(&made));
        if let Some(topic) = self.internal_topics.last_mut() {
            topic.partitions = partitions;
        }
        KStream { repartition: false, ..repartitioned }
    }

    /// `KStreamImpl.createRepartitionedSource`, connected: a filter, a sink, a topic, a source.
    pub(super) fn through(&mut self, stream: &KStream, prefix: &str) -> KStream {
        let (nodes, source, name) = self.through_unconnected(stream, prefix);
        self.connect(&[stream.node], source, &nodes);
        KStream { node: source, name, repartition: false, ..stream.clone() }
    }

    /// The filter and the sink, the source, and its name.
    pub(super) fn through_unconnected(&mut self, stream: &KStream, prefix: &str) -> (Vec<usize>, usize, String) {
        let topic = if prefix.ends_with("-repartition") { prefix.to_owned() } else { format!("{prefix}-repartition") };
        let made = ["KSTREAM-SINK-", "KSTREAM-FILTER-", "KSTREAM-SOURCE-"].map(|kind| self.next_name(kind));
        let made_prefix = prefix.starts_with("KSTREAM") && ends_with_number(prefix);
        let [sink, filter, source_name] =
            if made_prefix { made } else { ["sink", "filter", "source"].map(|part| format!("{topic}-{part}")) };
        self.internal_topics.push(InternalTopic { name: topic.as_str().into(), partitions: None });
        let filter = self.draft(&filter, Operator::DropNullKeys, &[stream.node], &[]);
        let (key, value) = (stream.key.clone(), stream.value.clone());
        let sink_operator = Operator::Sink { topic: topic.as_str().into(), internal: true, key, value, changes: false };
        let sink = self.draft(&sink, sink_operator, &[filter], &[]);
        let source = self.draft(&source_name, source(&topic, &stream.key, &stream.value, false), &[], &[]);
        self.repartition_filters.insert(source, filter);
        (vec![filter, sink], source, source_name)
    }

    /// The stream, partitioned by its key as it is now: what joins need.
    pub(super) fn for_join(&mut self, stream: &KStream, name: &str) -> KStream {
        if !stream.repartition {
            return stream.clone();
        }
        if let Some(source) = self.repartitioned.get(name).copied() {
            self.skip_names(2);
            let name = self.next_name("KSTREAM-SOURCE-");
            return KStream { node: source, name, repartition: false, ..stream.clone() };
        }
        let through = self.through(stream, name);
        self.repartitioned.insert(name.to_owned(), through.node);
        through
    }

    /// `toTable`
    pub fn to_table(&mut self, stream: &KStream, named: Option<&str>, store: Option<&str>) -> KTable {
        let name = self.name(named, "KSTREAM-TOTABLE-");
        let made = if store.is_none() { self.store_name("KSTREAM-TOTABLE-") } else { String::new() };
        let parent = if stream.repartition { self.through(stream, &name) } else { stream.clone() };
        self.table_source(&name, parent.node, &parent.key, &parent.value, store, &made)
    }

    /// Everything that has been made, as a topology.
    pub fn build(mut self) -> Topology {
        self.keep_null_keys();
        let mut order: Vec<usize> = (0..self.drafts.len()).collect();
        order.sort_by_key(|draft| (self.drafts[*draft].priority, *draft));
        let mut places = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, draft)| places[*draft] = place);
        let used: Vec<bool> =
            (0..self.stores.len()).map(|store| self.drafts.iter().any(|draft| draft.stores.contains(&store))).collect();
        let mut nodes: Vec<Node> = Vec::with_capacity(order.len());
        let mut drafts: Vec<Option<Draft>> = std::mem::take(&mut self.drafts).into_iter().map(Some).collect();
        for draft in order.iter().filter_map(|draft| drafts[*draft].take()) {
            let parents: Vec<usize> = draft.parents.iter().map(|parent| places[*parent]).collect();
            parents.iter().for_each(|parent| {
                let child = nodes.len();
                nodes[*parent].children.push(child);
            });
            let mut operator = draft.operator;
            if let Operator::StreamJoin(join) = &mut operator {
                join.clock = places[join.clock];
            }
            nodes.push(Node { name: draft.name, operator, parents, children: Vec::new(), stores: draft.stores, subtopology: 0 });
        }
        // A store that nothing uses has a place, so that no number changes, and is never written.
        for (store, used) in self.stores.iter_mut().zip(used) {
            store.logged &= used;
        }
        let subtopologies = group(&mut nodes);
        let copartitions = self.copartitions.iter().map(|group| group.iter().map(|draft| places[*draft]).collect()).collect();
        Topology { nodes, stores: self.stores, subtopologies, internal_topics: self.internal_topics, copartitions }
    }

    /// A repartition topic takes records without a key only for a left or outer join further down.
    fn keep_null_keys(&mut self) {
        let mut wanted = vec![false; self.drafts.len()];
        // A child's mark goes to all that it comes from, however far: as often as the graph is deep.
        for _ in 0..self.drafts.len() {
            let mut changed = false;
            for (parent, child) in &self.edges {
                if (self.drafts[*child].relaxed || wanted[*child]) && !wanted[*parent] {
                    wanted[*parent] = true;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        for (source, filter) in &self.repartition_filters {
            if wanted[*source] {
                self.drafts[*filter].operator = Operator::PassThrough;
            }
        }
    }
}

pub(super) fn source(topic: &str, key: &Serde, value: &Serde, changes: bool) -> Operator {
    let extractor = super::Extractor::Fail;
    Operator::Source { topics: vec![topic.into()], key: key.clone(), value: value.clone(), changes, extractor }
}

fn ends_with_number(name: &str) -> bool {
    let Some((_, number)) = name.rsplit_once('-') else { return false };
    number.len() == 10 && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Numbers the groups of nodes that are connected, or share a store, by their first node (`makeNodeGroups`).
fn group(nodes: &mut [Node]) -> usize {
    let mut roots: Vec<usize> = (0..nodes.len()).collect();
    fn root(roots: &[usize], mut node: usize) -> usize {
        while roots[node] != node {
            node = roots[node];
        }
        node
    }
    let mut users: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        let shared = node.stores.iter().map(|store| *users.entry(*store).or_insert(index));
        let neighbours: Vec<usize> = node.parents.iter().copied().chain(shared).collect();
        for neighbour in neighbours {
            let (one, two) = (root(&roots, index), root(&roots, neighbour));
            roots[one.max(two)] = one.min(two);
        }
    }
    let mut numbers = BTreeMap::new();
    for (index, node) in nodes.iter_mut().enumerate() {
        let next = numbers.len();
        node.subtopology = *numbers.entry(root(&roots, index)).or_insert(next);
    }
    numbers.len()
}
