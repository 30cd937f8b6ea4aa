//! Joins of two tables by a field of the left one (KIP-213): the left table's rows subscribe to a row of the right one, in a topic
//! partitioned as the right table is; answers come back in another.

use super::InternalTopic;
use super::builder::{StreamsBuilder, source};
use super::operator::Operator;
use super::tables::KTable;
use crate::streams::store::StoreKind;
use crate::streams::{Expression, Serde};
use std::rc::Rc;

impl StreamsBuilder {
    /// `KTable#join` and `leftJoin` with a foreign key. The left side is `Expression::Value` in both expressions.
    pub fn join_foreign_key(
        &mut self,
        (left, right): (&KTable, &KTable),
        foreign_key: Expression,
        joiner: Expression,
        value: &Serde,
        is_left: bool,
        (named, store_named): (Option<&str>, Option<&str>),
    ) -> KTable {
        self.enable_old(right.table, true);
        self.enable_old(left.table, true);
        let subscriptions =
            self.suffixed(named, "-subscription-registration", "KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-") + "-topic";
        self.internal_topics.push(InternalTopic { name: subscriptions.as_str().into(), partitions: None });
        let name = self.suffixed(named, "-subscription-registration-processor", "KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-");
        let (foreign_serde, primary_serde) = (right.key.clone(), left.key.clone());
        let send = Operator::SubscriptionSend {
            foreign_key,
            foreign_serde: foreign_serde.clone(),
            value: left.value.clone(),
            left: is_left,
        };
        let send = self.add(&name, send, &[left.node], &[]);
        let wrapper = Serde::Subscription(Rc::new(left.key.clone()));
        let subscription = self.topic(
            send,
            None,
            &subscriptions,
            (&right.key, &wrapper),
            named.map(|name| format!("{name}-subscription-registration")),
        );
        self.copartition(&[right.node, subscription]);

        let store_name = self.suffixed(named, "-subscription-store", "KTABLE-FK-JOIN-SUBSCRIPTION-STATE-STORE-");
        let store = self.add_store(&store_name, StoreKind::KeyValue, &foreign_serde, &wrapper);
        let name = self.suffixed(named, "-subscription-receive", "KTABLE-FK-JOIN-SUBSCRIPTION-PROCESSOR-");
        let receive = Operator::SubscriptionReceive { store, foreign_serde: foreign_serde.clone(), primary_serde };
        let receive = self.add(&name, receive, &[subscription], &[store]);
        let (table, stores) = self.getter(right.table);
        let name = self.suffixed(named, "-subscription-join-foreign", "KTABLE-FK-JOIN-SUBSCRIPTION-PROCESSOR-");
        let join = self.add(&name, Operator::SubscriptionJoin { table, key: foreign_serde.clone() }, &[receive], &stores);
        let name = self.suffixed(named, "-foreign-join-subscription", "KTABLE-FK-JOIN-SUBSCRIPTION-PROCESSOR-");
        let foreign = self.add(&name, Operator::ForeignTableJoin { store, foreign_serde }, &[right.node], &[store]);

        let responses = self.suffixed(named, "-subscription-response", "KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-") + "-topic";
        self.internal_topics.push(InternalTopic { name: responses.as_str().into(), partitions: None });
        let wrapper = Serde::Response(Rc::new(right.value.clone()));
        let response = self.topic(
            join,
            Some(foreign),
            &responses,
            (&left.key, &wrapper),
            named.map(|name| format!("{name}-subscription-response")),
        );
        self.copartition(&[left.node, response]);
        let (table, stores) = self.getter(left.table);
        let name =
            self.suffixed(named, "-subscription-response-resolver", "KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-RESOLVER-PROCESSOR-");
        let resolver = Operator::ResponseJoin { table, key: left.key.clone(), value: left.value.clone(), joiner, left: is_left };
        let resolver = self.add(&name, resolver, &[response], &stores);
        let name = self.suffixed(named, "-result", "KTABLE-FK-JOIN-OUTPUT-");
        let made = if store_named.is_none() { self.store_name("KTABLE-FK-JOIN-OUTPUT-") } else { String::new() };
        self.table_source(&name, resolver, &left.key, value, store_named, &made)
    }

    /// A sink for a node, or two, and a source of the same topic.
    fn topic(
        &mut self,
        from: usize,
        and: Option<usize>,
        topic: &str,
        (key, value): (&Serde, &Serde),
        named: Option<String>,
    ) -> usize {
        let name = self.suffixed(named.as_deref(), "-sink", "KTABLE-SINK-");
        let sink = Operator::Sink { topic: topic.into(), internal: true, key: key.clone(), value: value.clone(), changes: false };
        let parents: Vec<usize> = [from].into_iter().chain(and).collect();
        let sink = self.add(&name, sink, &parents, &[]);
        let name = self.suffixed(named.as_deref(), "-source", "KTABLE-SOURCE-");
        let source = self.draft(&name, source(topic, key, value, false), &[], &[]);
        self.connect(&[sink], source, &[]);
        source
    }
}
