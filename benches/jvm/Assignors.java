// Kafka's own assignors on the input of benches/assignors.rs: milliseconds for one run, the fastest after warm-up.
//   java -cp "$KAFKA_LIBS/*" benches/jvm/Assignors.java
// KAFKA_LIBS: a folder with the jars of org.apache.kafka:kafka_2.13:4.4.0 and what they need.

import java.util.*;
import java.util.function.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.*;
import org.apache.kafka.common.*;
import org.apache.kafka.coordinator.group.api.assignor.*;
import org.apache.kafka.coordinator.group.assignor.UniformAssignor;
import org.apache.kafka.coordinator.group.modern.*;

public class Assignors {
    static final int MEMBERS = 1000, TOPICS = 10, PARTITIONS = 1000, WARM_UP_MS = 2000, RUNS_MS = 1000;
    static final List<String> TOPIC_NAMES = new ArrayList<>();
    static final List<String> MEMBER_IDS = new ArrayList<>();
    static Cluster cluster;

    public static void main(String[] args) {
        var infos = new ArrayList<PartitionInfo>();
        var node = new Node(1, "localhost", 9092);
        for (int topic = 0; topic < TOPICS; topic++) {
            TOPIC_NAMES.add("topic-" + topic);
            for (int partition = 0; partition < PARTITIONS; partition++)
                infos.add(new PartitionInfo("topic-" + topic, partition, node, new Node[] {node}, new Node[] {node}));
        }
        for (int member = 0; member < MEMBERS; member++) MEMBER_IDS.add(String.format("member-%04d", member));
        cluster = new Cluster("cluster", List.of(node), infos, Set.of(), Set.of());
        client("range", org.apache.kafka.clients.consumer.RangeAssignor::new);
        client("roundrobin", RoundRobinAssignor::new);
        client("sticky", StickyAssignor::new);
        client("cooperative-sticky", CooperativeStickyAssignor::new);
        server("uniform", new UniformAssignor());
        server("range", new org.apache.kafka.coordinator.group.assignor.RangeAssignor());
        System.exit(0);
    }

    /** An assignor that the group's leader runs; a new one for each run, as it keeps what it has given. */
    static void client(String name, Supplier<ConsumerPartitionAssignor> assignor) {
        var none = new HashMap<String, Subscription>();
        for (var member : MEMBER_IDS) none.put(member, new Subscription(TOPIC_NAMES));
        print("classic  " + name, "first", () -> assignor.get().assign(cluster, new GroupSubscription(none)));
        var given = assignor.get().assign(cluster, new GroupSubscription(none)).groupAssignment();
        // One member is gone. Only the sticky ones say what they own, in the generation that was.
        var left = new HashMap<String, Subscription>();
        for (var member : MEMBER_IDS.subList(1, MEMBERS)) {
            var teller = assignor.get();
            teller.onAssignment(given.get(member), new ConsumerGroupMetadata("g", 1, member, Optional.empty()));
            var userData = teller.subscriptionUserData(new HashSet<>(TOPIC_NAMES));
            var owned = name.equals("cooperative-sticky") ? given.get(member).partitions() : List.<TopicPartition>of();
            left.put(member, new Subscription(TOPIC_NAMES, userData, owned, 1, Optional.empty()));
        }
        print("classic  " + name, "one leaves", () -> {
            // An assignor reads the bytes that a member has added to its end, and would find none in the next run.
            for (var subscription : left.values()) if (subscription.userData() != null) subscription.userData().rewind();
            return assignor.get().assign(cluster, new GroupSubscription(left));
        });
    }

    /** An assignor that the coordinator runs. */
    static void server(String name, ConsumerGroupPartitionAssignor assignor) {
        var ids = new LinkedHashMap<Uuid, String>();
        for (int topic = 0; topic < TOPICS; topic++) ids.put(new Uuid(1, topic + 1), TOPIC_NAMES.get(topic));
        var describer = new SubscribedTopicDescriber() {
            public int numPartitions(Uuid topic) { return PARTITIONS; }
            public Set<String> racksForPartition(Uuid topic, int partition) { return Set.of(); }
        };
        var none = new HashMap<String, MemberSubscriptionAndAssignmentImpl>();
        for (var member : MEMBER_IDS) none.put(member, member(ids.keySet(), Map.of()));
        var first = spec(none, Map.of());
        print("consumer " + name, "first", () -> assignor.assign(first, describer));
        var given = assignor.assign(first, describer).members();
        var left = new HashMap<String, MemberSubscriptionAndAssignmentImpl>();
        var owners = new HashMap<Uuid, Map<Integer, String>>();
        for (var member : MEMBER_IDS.subList(1, MEMBERS)) {
            left.put(member, member(ids.keySet(), given.get(member).partitions()));
            given.get(member).partitions().forEach((topic, partitions) ->
                partitions.forEach(partition -> owners.computeIfAbsent(topic, key -> new HashMap<>()).put(partition, member)));
        }
        var after = spec(left, owners);
        print("consumer " + name, "one leaves", () -> assignor.assign(after, describer));
    }

    static MemberSubscriptionAndAssignmentImpl member(Set<Uuid> topics, Map<Uuid, Set<Integer>> partitions) {
        return new MemberSubscriptionAndAssignmentImpl(Optional.empty(), Optional.empty(), topics, new org.apache.kafka.coordinator.group.modern.Assignment(partitions));
    }

    static GroupSpecImpl spec(Map<String, MemberSubscriptionAndAssignmentImpl> members, Map<Uuid, Map<Integer, String>> owners) {
        return new GroupSpecImpl(members, SubscriptionType.HOMOGENEOUS, owners);
    }

    static void print(String assignor, String what, Supplier<?> work) {
        runs(work, WARM_UP_MS);
        System.out.printf("%-28s %-12s %10.2f ms%n", assignor, what, runs(work, RUNS_MS) / 1e6);
    }

    /** The fastest of the runs in that time, in nanoseconds. */
    static long runs(Supplier<?> work, long ms) {
        long end = System.nanoTime() + ms * 1_000_000, best = Long.MAX_VALUE;
        for (int run = 0; run < 5 || System.nanoTime() < end; run++) {
            long start = System.nanoTime();
            work.get();
            best = Math.min(best, System.nanoTime() - start);
        }
        return best;
    }
}
