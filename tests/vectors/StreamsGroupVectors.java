// What Kafka's own classes make of streams groups: assignments, a member's steps towards its target, what a topology asks of
// topics, and records. Needs no broker; the same on every run.
//   java -cp 'LIBS/*' StreamsGroupVectors.java > streams-groups.jsonl
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.*;
import java.util.stream.*;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;
import org.apache.kafka.coordinator.common.runtime.*;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.api.streams.assignor.*;
import org.apache.kafka.coordinator.group.generated.*;
import org.apache.kafka.coordinator.group.streams.*;
import org.apache.kafka.coordinator.group.streams.assignor.*;
import org.apache.kafka.coordinator.group.streams.topics.*;
import org.apache.kafka.timeline.SnapshotRegistry;

public class StreamsGroupVectors {
    static final Random RANDOM = new Random(11);

    static String quoted(Object text) {
        return text == null ? "null" : '"' + text.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    static String list(Collection<String> items) {
        return "[" + String.join(",", items) + "]";
    }

    /** `0_1@3`, in order. */
    static String epochs(Map<String, Map<Integer, Integer>> tasks) {
        TreeSet<String> all = new TreeSet<>();
        tasks.forEach((id, partitions) -> partitions.forEach((partition, epoch) -> all.add(quoted(id + "_" + partition + "@" + epoch))));
        return list(all);
    }

    static String tasks(Map<String, Set<Integer>> tasks) {
        TreeSet<String> all = new TreeSet<>();
        tasks.forEach((id, partitions) -> partitions.forEach(partition -> all.add(quoted(id + "_" + partition))));
        return list(all);
    }

    static String id() {
        return new UUID(RANDOM.nextLong(), RANDOM.nextLong()).toString();
    }

    // ---- assignments

    /** A group from its beginning: members come and go, and each assignment is what they have at the next. */
    static void assignments() {
        int subtopologies = 1 + RANDOM.nextInt(4), replicas = RANDOM.nextInt(3);
        TreeMap<String, Integer> counts = new TreeMap<>();
        Set<String> stateful = new HashSet<>();
        for (int at = 0; at < subtopologies; at++) {
            counts.put("" + at, 1 + RANDOM.nextInt(7));
            if (RANDOM.nextInt(3) > 0) stateful.add("" + at);
        }
        TopologyDescriber topology = answering(TopologyDescriber.class, (method, given) -> switch (method) {
            case "subtopologies" -> new ArrayList<>(counts.keySet());
            case "maxNumInputPartitions" -> counts.get((String) given[0]);
            default -> stateful.contains((String) given[0]);
        });
        Map<String, String> processes = new HashMap<>();
        Map<String, MemberAssignment> before = new HashMap<>();
        List<String> known = new ArrayList<>(List.of(id(), id()));
        for (int round = 0; round < 4; round++) {
            for (int come = RANDOM.nextInt(4) + (processes.isEmpty() ? 1 : 0); come > 0; come--) {
                if (RANDOM.nextInt(3) == 0) known.add(id());
                processes.put(id(), known.get(RANDOM.nextInt(known.size())));
            }
            if (processes.size() > 1 && RANDOM.nextBoolean()) processes.remove(new TreeSet<>(processes.keySet()).first());
            Map<String, MemberMetadataAndStateImpl> members = new HashMap<>();
            List<String> told = new ArrayList<>();
            for (String id : new TreeSet<>(processes.keySet())) {
                MemberAssignment had = before.getOrDefault(id, new MemberAssignment(Map.of(), Map.of()));
                Map<String, Map<Integer, Long>> offsets = new HashMap<>();
                List<String> shown = new ArrayList<>();
                counts.forEach((subtopology, count) -> {
                    for (int partition = 0; partition < count; partition++) {
                        if (RANDOM.nextInt(8) > 0) continue;
                        long offset = RANDOM.nextInt(5);
                        offsets.computeIfAbsent(subtopology, __ -> new HashMap<>()).put(partition, offset);
                        shown.add(quoted(subtopology + "_" + partition + "@" + offset));
                    }
                });
                members.put(id, new MemberMetadataAndStateImpl(Optional.empty(), Optional.empty(), processes.get(id), Map.of(),
                    had.activeTasks(), had.standbyTasks(), Map.of(), offsets, Map.of()));
                told.add("{\"id\":%s,\"process\":%s,\"active\":%s,\"standby\":%s,\"offsets\":%s}".formatted(quoted(id),
                    quoted(processes.get(id)), tasks(had.activeTasks()), tasks(had.standbyTasks()), list(shown)));
            }
            GroupAssignment assigned = new StickyTaskAssignor()
                .assign(new GroupSpecImpl(members, new AssignmentConfigsImpl(replicas, List.of())), topology);
            before = new HashMap<>(assigned.members());
            List<String> result = new TreeMap<>(assigned.members()).entrySet().stream().map(entry -> "[%s,%s,%s]".formatted(
                quoted(entry.getKey()), tasks(entry.getValue().activeTasks()), tasks(entry.getValue().standbyTasks()))).toList();
            List<String> of = counts.entrySet().stream()
                .map(entry -> "[%s,%d,%b]".formatted(quoted(entry.getKey()), entry.getValue(), stateful.contains(entry.getKey()))).toList();
            System.out.println("{\"kind\":\"assign\",\"replicas\":%d,\"subtopologies\":%s,\"members\":%s,\"result\":%s}"
                .formatted(replicas, list(of), list(told), list(result)));
        }
    }

    @SuppressWarnings("unchecked")
    static <T> T answering(Class<T> type, java.util.function.BiFunction<String, Object[], Object> answer) {
        return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class[]{type}, (self, method, args) -> answer.apply(method.getName(), args));
    }

    // ---- steps

    /** Of few tasks, so that members often have the same. */
    static Map<String, Set<Integer>> some(int oneIn) {
        Map<String, Set<Integer>> tasks = new HashMap<>();
        for (int at = 0; at < 5; at++) {
            if (RANDOM.nextInt(oneIn) == 0) tasks.computeIfAbsent("" + at / 3, __ -> new HashSet<>()).add(at % 3);
        }
        return tasks;
    }

    static TasksTupleWithEpochs assigned(int oneIn, int epoch) {
        Map<String, Map<Integer, Integer>> active = new HashMap<>();
        some(oneIn).forEach((id, partitions) -> partitions.forEach(
            partition -> active.computeIfAbsent(id, __ -> new HashMap<>()).put(partition, Math.max(0, epoch - RANDOM.nextInt(3)))));
        return new TasksTupleWithEpochs(active, some(oneIn + 2), some(oneIn + 4));
    }

    static String told(StreamsGroupMember member) {
        return "{\"id\":%s,\"process\":%s,\"state\":%s,\"epoch\":%d,\"previous\":%d,\"assigned\":%s,\"pending\":%s}".formatted(
            quoted(member.memberId()), quoted(member.processId()), quoted(member.state()), member.memberEpoch(),
            member.previousMemberEpoch(), told(member.assignedTasks()), told(member.tasksPendingRevocation()));
    }

    static String told(TasksTupleWithEpochs tasks) {
        return list(List.of(epochs(tasks.activeTasksWithEpochs()), tasks(tasks.standbyTasks()), tasks(tasks.warmupTasks())));
    }

    static String told(TasksTuple tasks) {
        return tasks == null ? "null"
            : list(List.of(tasks(tasks.activeTasks()), tasks(tasks.standbyTasks()), tasks(tasks.warmupTasks())));
    }

    static void step() {
        StreamsGroup group = new StreamsGroup(new LogContext(), new SnapshotRegistry(new LogContext()), "g");
        List<StreamsGroupMember> members = new ArrayList<>();
        MemberState[] states = {MemberState.STABLE, MemberState.UNREVOKED_TASKS, MemberState.UNRELEASED_TASKS};
        for (String id : List.of("a", "b", "c")) {
            int epoch = 2 + RANDOM.nextInt(3);
            MemberState state = states[RANDOM.nextInt(3)];
            members.add(StreamsGroupMember.Builder.withDefaults(id).setProcessId("p" + RANDOM.nextInt(2)).setState(state)
                .setMemberEpoch(epoch).setPreviousMemberEpoch(epoch - 1).setAssignedTasks(assigned(3 + RANDOM.nextInt(5), epoch))
                .setTasksPendingRevocation(state == MemberState.UNREVOKED_TASKS ? assigned(3 + RANDOM.nextInt(5), epoch) : TasksTupleWithEpochs.EMPTY).build());
        }
        members.forEach(group::updateMember);
        StreamsGroupMember member = members.get(RANDOM.nextInt(3));
        int epoch = 4 + RANDOM.nextInt(2);
        TasksTuple target = new TasksTuple(some(2), some(3), some(4));
        TasksTuple owned = switch (RANDOM.nextInt(3)) {
            case 0 -> null;
            case 1 -> TasksTuple.EMPTY;
            default -> new TasksTuple(some(3), some(4), some(5));
        };
        StreamsGroupMember after = member.isReconciledTo(epoch) ? member : new CurrentAssignmentBuilder(member)
            .withTargetAssignment(epoch, target).withCurrentActiveTaskProcessId(group::currentActiveTaskProcessId)
            .withCurrentStandbyTaskProcessIds(group::currentStandbyTaskProcessIds)
            .withCurrentWarmupTaskProcessIds(group::currentWarmupTaskProcessIds).withOwnedAssignment(owned).build();
        System.out.println("{\"kind\":\"step\",\"members\":%s,\"member\":%s,\"epoch\":%d,\"target\":%s,\"owned\":%s,\"result\":%s}"
            .formatted(list(members.stream().map(StreamsGroupVectors::told).toList()), quoted(member.memberId()), epoch, told(target),
                told(owned), told(after)));
    }

    // ---- topics

    static final String[] SOURCES = {"orders", "payments", "rides", "a-rather-long-name-of-a-topic"};

    static StreamsGroupHeartbeatRequestData.TopicInfo info(String name, int partitions) {
        return new StreamsGroupHeartbeatRequestData.TopicInfo().setName(name).setPartitions(partitions)
            .setReplicationFactor((short) RANDOM.nextInt(2)).setTopicConfigs(List.of(
                new StreamsGroupHeartbeatRequestData.KeyValue().setKey("cleanup.policy").setValue("compact")));
    }

    static <T> List<T> few(List<T> of) {
        return of.stream().filter(one -> RANDOM.nextInt(3) > 0).toList();
    }

    static StreamsGroupHeartbeatRequestData.Topology topology() {
        int count = 1 + RANDOM.nextInt(4), first = RANDOM.nextInt(3) == 0 ? 9 : 0;
        List<StreamsGroupHeartbeatRequestData.Subtopology> subtopologies = new ArrayList<>();
        for (int at = 0; at < count; at++) {
            int number = first + at;
            List<StreamsGroupHeartbeatRequestData.TopicInfo> sources = new ArrayList<>();
            for (int from = 0; from < at; from++) {
                if (RANDOM.nextInt(3) > 0) sources.add(info("app-" + (first + from) + "-repartition", RANDOM.nextInt(3) == 0 ? 1 + RANDOM.nextInt(4) : 0));
            }
            List<String> external = new ArrayList<>(few(List.of(SOURCES)));
            if (sources.isEmpty() && external.isEmpty() && RANDOM.nextInt(5) > 0) external.add(SOURCES[0]);
            List<StreamsGroupHeartbeatRequestData.TopicInfo> changelogs = new ArrayList<>();
            for (int store = RANDOM.nextInt(4); store > 0; store--) changelogs.add(info("app-" + number + "-store-" + store + "-changelog", 0));
            var group = new StreamsGroupHeartbeatRequestData.CopartitionGroup()
                .setSourceTopics(few(IntStream.range(0, external.size()).mapToObj(place -> (short) place).toList()))
                .setRepartitionSourceTopics(few(IntStream.range(0, sources.size()).mapToObj(place -> (short) place).toList()));
            subtopologies.add(new StreamsGroupHeartbeatRequestData.Subtopology().setSubtopologyId("" + number).setSourceTopics(external)
                .setRepartitionSourceTopics(sources).setStateChangelogTopics(changelogs)
                .setRepartitionSinkTopics(RANDOM.nextInt(8) == 0 ? List.of() : List.of("app-" + number + "-repartition"))
                .setCopartitionGroups(RANDOM.nextBoolean() ? List.of(group) : List.of()));
        }
        Collections.shuffle(subtopologies, RANDOM);
        return new StreamsGroupHeartbeatRequestData.Topology().setEpoch(0).setSubtopologies(subtopologies);
    }

    static String told(StreamsGroupHeartbeatRequestData.TopicInfo topic) {
        return "[%s,%d,%d]".formatted(quoted(topic.name()), topic.partitions(), topic.replicationFactor());
    }

    static String told(StreamsGroupHeartbeatRequestData.Topology topology) {
        return list(topology.subtopologies().stream().map(of -> {
            List<String> groups = of.copartitionGroups().stream().map(group -> "[%s,%s]".formatted(group.sourceTopics(), group.repartitionSourceTopics())).toList();
            return "{\"id\":%s,\"sources\":%s,\"repartition\":%s,\"changelogs\":%s,\"sinks\":%s,\"groups\":%s}".formatted(
                quoted(of.subtopologyId()), list(of.sourceTopics().stream().map(StreamsGroupVectors::quoted).toList()),
                list(of.repartitionSourceTopics().stream().map(StreamsGroupVectors::told).toList()),
                list(of.stateChangelogTopics().stream().map(StreamsGroupVectors::told).toList()),
                list(of.repartitionSinkTopics().stream().map(StreamsGroupVectors::quoted).toList()), list(groups));
        }).toList());
    }

    static void topics() {
        StreamsGroupHeartbeatRequestData.Topology topology = topology();
        boolean same = RANDOM.nextBoolean();
        int partitions = 1 + RANDOM.nextInt(4);
        TreeMap<String, Integer> there = new TreeMap<>();
        for (String source : SOURCES) {
            if (RANDOM.nextInt(12) > 0) there.put(source, same ? partitions : 1 + RANDOM.nextInt(4));
        }
        for (var subtopology : topology.subtopologies()) {
            Stream.concat(subtopology.repartitionSourceTopics().stream(), subtopology.stateChangelogTopics().stream())
                .filter(topic -> RANDOM.nextInt(6) == 0).forEach(topic -> there.put(topic.name(), same ? partitions : 1 + RANDOM.nextInt(4)));
        }
        var image = answering(CoordinatorMetadataImage.class, (method, given) -> Optional.ofNullable(there.get((String) given[0]))
            .map(count -> answering(CoordinatorMetadataImage.TopicMetadata.class, (asked, __) -> count)));
        String result;
        try {
            ConfiguredTopology configured = InternalTopicManager.configureTopics(new LogContext().logger(StreamsGroupVectors.class), "g",
                "m", 0, StreamsTopology.fromHeartbeatRequest(topology), image, Time.SYSTEM);
            List<String> create = configured.internalTopicsToBeCreated().values().stream()
                .map(topic -> "[%s,%d,%d]".formatted(quoted(topic.name()), topic.numPartitions(), topic.replicationFactor())).toList();
            List<String> tasks = configured.subtopologies().map(of -> of.entrySet().stream()
                .map(entry -> "[%s,%d]".formatted(quoted(entry.getKey()), entry.getValue().numberOfTasks())).toList()).orElse(List.of());
            String problem = configured.topicConfigurationException().map(why -> "[%d,%s]".formatted(why.status().code(), quoted(why.getMessage()))).orElse("null");
            result = "{\"problem\":%s,\"create\":%s,\"tasks\":%s}".formatted(problem, list(create), list(tasks));
        } catch (RuntimeException why) {
            result = "{\"error\":%s,\"words\":%s}".formatted(quoted(why.getClass().getSimpleName()), quoted(why.getMessage()));
        }
        List<String> cluster = there.entrySet().stream().map(entry -> "[%s,%d]".formatted(quoted(entry.getKey()), entry.getValue())).toList();
        System.out.println("{\"kind\":\"topics\",\"cluster\":%s,\"topology\":%s,\"result\":%s}".formatted(list(cluster), told(topology), result));
    }

    // ---- records

    static String hex(byte[] bytes) {
        return bytes == null ? "null" : quoted(HexFormat.of().formatHex(bytes));
    }

    static void record(CoordinatorRecord record) {
        GroupCoordinatorRecordSerde serde = new GroupCoordinatorRecordSerde();
        String key = CoordinatorRecordJsonConverters.writeRecordKeyAsJson(record.key()).toString();
        String value = record.value() == null ? "null" : "{\"version\":%d,\"data\":%s}".formatted(record.value().version(),
            CoordinatorRecordJsonConverters.writeRecordValueAsJson(record.value().message(), record.value().version()));
        String json = "{\"key\":{\"type\":%d,\"data\":%s},\"value\":%s}".formatted(record.key().apiKey(), key, value);
        System.out.println("{\"kind\":\"record\",\"key\":%s,\"value\":%s,\"json\":%s}".formatted(hex(serde.serializeKey(record)),
            hex(serde.serializeValue(record)), json));
    }

    static void records() {
        StreamsGroupMember plain = StreamsGroupMember.Builder.withDefaults("m").setRebalanceTimeoutMs(300_000).setTopologyEpoch(0)
            .setClientId("c").setClientHost("/h").setProcessId("p").setAssignedTasks(assigned(2, 3)).setMemberEpoch(3).setPreviousMemberEpoch(2).build();
        StreamsGroupMember full = new StreamsGroupMember.Builder(plain).setInstanceId("i").setRackId("r")
            .setUserEndpoint(new StreamsGroupMemberMetadataValue.Endpoint().setHost("h").setPort(65535))
            .setClientTags(Map.of("zone", "z", "cluster", "c")).setState(MemberState.UNREVOKED_TASKS).setTasksPendingRevocation(assigned(2, 3)).build();
        for (StreamsGroupMember member : List.of(plain, full)) {
            record(StreamsCoordinatorRecordHelpers.newStreamsGroupMemberRecord("g", member));
            record(StreamsCoordinatorRecordHelpers.newStreamsGroupCurrentAssignmentRecord("g", member));
        }
        record(StreamsCoordinatorRecordHelpers.newStreamsGroupMetadataRecord("g", 1, 0, -1, Map.of(), -1, -1));
        record(StreamsCoordinatorRecordHelpers.newStreamsGroupMetadataRecord("g", 7, -5, 0, new TreeMap<>(Map.of("num.standby.replicas", "1", "rack.aware.assignment.tags", "zone,cluster")), -1, -1));
        record(StreamsCoordinatorRecordHelpers.newStreamsGroupTargetAssignmentMetadataRecord("g", 7, 0));
        record(StreamsCoordinatorRecordHelpers.newStreamsGroupTargetAssignmentMetadataRecord("g", 7, 1_700_000_000_000L));
        record(StreamsCoordinatorRecordHelpers.newStreamsGroupTargetAssignmentRecord("g", "m", new TasksTuple(some(2), some(2), Map.of())));
        for (int round = 0; round < 3; round++) record(StreamsCoordinatorRecordHelpers.newStreamsGroupTopologyRecord("g", topology()));
        record(StreamsCoordinatorRecordHelpers.newStreamsGroupMemberTombstoneRecord("g", "m"));
        record(StreamsCoordinatorRecordHelpers.newStreamsGroupEpochTombstoneRecord("g"));
        record(StreamsCoordinatorRecordHelpers.newStreamsGroupTopologyRecordTombstone("g"));
    }

    public static void main(String[] args) {
        for (int round = 0; round < 75; round++) assignments();
        for (int round = 0; round < 400; round++) step();
        for (int round = 0; round < 300; round++) topics();
        records();
    }
}
