// Walks the cells of classic-group-states.txt through Kafka's own group coordinator (GroupCoordinatorShard) and writes down
// what it answered. Needs no broker: the clock moves only as the steps say. The same on every run.
//   javac -cp 'LIBS/*' -d CLASSES ClassicGroupStates.java && java -cp 'CLASSES:LIBS/*' ClassicGroupStates classic-group-states.txt

import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.*;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.*;
import org.apache.kafka.common.message.JoinGroupRequestData.*;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.OffsetCommitRequestData.*;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.protocol.*;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.common.runtime.*;
import org.apache.kafka.coordinator.group.*;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorMetrics;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.timeline.SnapshotRegistry;

public class ClassicGroupStates {
    static final int SETTLE_MS = 400, DELAY_MS = 1500, REBALANCE_MS = 3000, SESSION_MS = 8000, LONG_SESSION_MS = 60000, RUNS = 20;
    static final String GROUP = "g";

    final GroupCoordinatorShard shard;
    final SnapshotRegistry snapshots = new SnapshotRegistry(new org.apache.kafka.common.utils.internals.LogContext());
    long now = 1_000_000, offset;

    final Map<String, String> ids = new TreeMap<>(), names = new HashMap<>();
    final Map<String, Integer> generations = new HashMap<>();
    final Map<String, List<String>> led = new HashMap<>();
    /** Requests without an answer, by who asked. */
    final Map<String, CompletableFuture<String>> waiting = new TreeMap<>();

    record Alarm(long at, CoordinatorTimer.TimeoutOperation<CoordinatorRecord> operation) {}

    class Timers implements CoordinatorTimer<CoordinatorRecord> {
        final Map<String, Alarm> alarms = new LinkedHashMap<>();

        public void schedule(String key, long delay, TimeUnit unit, boolean retry, TimeoutOperation<CoordinatorRecord> operation) {
            alarms.remove(key);
            alarms.put(key, new Alarm(now + unit.toMillis(delay), operation));
        }
        public void schedule(String key, long delay, TimeUnit unit, boolean retry, long backoff, TimeoutOperation<CoordinatorRecord> operation) {
            schedule(key, delay, unit, retry, operation);
        }
        public void scheduleIfAbsent(String key, long delay, TimeUnit unit, boolean retry, TimeoutOperation<CoordinatorRecord> operation) {
            if (!alarms.containsKey(key)) schedule(key, delay, unit, retry, operation);
        }
        public void cancel(String key) { alarms.remove(key); }
        public boolean isScheduled(String key) { return alarms.containsKey(key); }
    }

    final Timers timers = new Timers();

    ClassicGroupStates() {
        this(Map.of("group.initial.rebalance.delay.ms", "" + DELAY_MS, "group.max.size", "3"), CoordinatorMetadataImage.EMPTY);
    }

    ClassicGroupStates(Map<String, String> settings, CoordinatorMetadataImage image) {
        var time = (Time) Proxy.newProxyInstance(Time.class.getClassLoader(), new Class<?>[] {Time.class}, (self, method, args) ->
            method.getName().equals("nanoseconds") ? now * 1_000_000 : now);
        var executor = (CoordinatorExecutor<CoordinatorRecord>) Proxy.newProxyInstance(Time.class.getClassLoader(),
            new Class<?>[] {CoordinatorExecutor.class}, (self, method, args) -> false);
        var definitions = new ConfigDef();
        for (var part : List.of(GroupCoordinatorConfig.CONFIG_DEF, ShareGroupConfig.CONFIG_DEF))
            for (var key : part.configKeys().values()) if (!definitions.names().contains(key.name)) definitions.define(key);
        var config = new AbstractConfig(definitions, settings, false);
        var groupConfig = new GroupCoordinatorConfig(config);
        var builder = new GroupCoordinatorShard.Builder(groupConfig, new GroupConfigManager(groupConfig, new ShareGroupConfig(config)));
        builder.withAuthorizerPlugin(Optional.empty());
        builder.withSnapshotRegistry(snapshots).withTime(time).withTimer(timers).withExecutor(executor);
        var metrics = new GroupCoordinatorMetrics(new com.yammer.metrics.core.MetricsRegistry(), new org.apache.kafka.common.metrics.Metrics());
        builder.withCoordinatorMetrics(metrics).withTopicPartition(new TopicPartition("__consumer_offsets", 0));
        shard = builder.build();
        shard.onLoaded(image);
    }

    /** What a coordinator does with a result: its records are replayed and written, and then whoever waited for that hears of it. */
    <T> T take(CoordinatorResult<T, CoordinatorRecord> result) {
        for (var record : result.records()) {
            written(record);
            if (result.replayRecords()) shard.replay(offset, -1, (short) -1, record);
            offset++;
        }
        if (result.appendFuture() != null) result.appendFuture().complete(null);
        return result.response();
    }

    void written(CoordinatorRecord record) {}

    int sessionMs(String name) { return name.equalsIgnoreCase("m") ? SESSION_MS : LONG_SESSION_MS; }

    int rebalanceMs() { return REBALANCE_MS; }

    void advance(long ms) {
        long end = now + ms;
        while (true) {
            var due = timers.alarms.entrySet().stream().filter(entry -> entry.getValue().at <= end)
                .min(Comparator.comparingLong(entry -> entry.getValue().at));
            if (due.isEmpty()) break;
            now = Math.max(now, due.get().getValue().at);
            timers.alarms.remove(due.get().getKey());
            take(due.get().getValue().operation.generateRecords());
        }
        now = end;
    }

    /** A request of the newest version. */
    static AuthorizableRequestContext from(ApiKeys key, String clientId) {
        return (AuthorizableRequestContext) Proxy.newProxyInstance(ClassicGroupStates.class.getClassLoader(),
            new Class<?>[] {AuthorizableRequestContext.class}, (self, method, args) -> switch (method.getName()) {
                case "clientId" -> clientId;
                case "requestVersion" -> (int) key.latestVersion();
                case "requestType" -> (int) key.id;
                case "clientAddress" -> InetAddress.getLoopbackAddress();
                default -> null;
            });
    }

    interface Asked { CompletableFuture<String> get(); }

    /** An exception is what the coordinator's service makes an error of. */
    static CompletableFuture<String> orError(Asked asked) {
        try {
            return asked.get();
        } catch (ApiException error) {
            return CompletableFuture.completedFuture(Errors.forException(error).name());
        }
    }

    static CompletableFuture<String> answered(short error) {
        return CompletableFuture.completedFuture(error == 0 ? "ok" : Errors.forCode(error).name());
    }

    static boolean isStatic(String name) { return Character.isUpperCase(name.charAt(0)); }

    static String instance(String name) { return isStatic(name) ? "i-" + name.charAt(0) : null; }

    /** `z` and `Z` were never there. */
    String id(String name) { return name.equalsIgnoreCase("z") ? "z" : ids.getOrDefault(name, ""); }

    CompletableFuture<String> join(String name, String how) {
        var protocols = new JoinGroupRequestProtocolCollection();
        var topics = how.equals("other") ? List.of("t", "u") : List.of("t");
        var metadata = ConsumerProtocol.serializeSubscription(new Subscription(topics));
        for (var protocol : how.equals("both") ? List.of("roundrobin", "range") : List.of(how.equals("roundrobin") ? how : "range")) {
            var bytes = new byte[metadata.remaining()];
            metadata.duplicate().get(bytes);
            protocols.add(new JoinGroupRequestProtocol().setName(protocol).setMetadata(bytes));
        }
        var request = new JoinGroupRequestData().setGroupId(GROUP).setMemberId(id(name)).setGroupInstanceId(instance(name))
            .setProtocolType("consumer").setProtocols(protocols).setRebalanceTimeoutMs(rebalanceMs())
            .setSessionTimeoutMs(sessionMs(name));
        var answer = new CompletableFuture<JoinGroupResponseData>();
        take(shard.classicGroupJoin(from(ApiKeys.JOIN_GROUP, name), request, answer, false));
        return answer.thenApply(given -> joined(name, given));
    }

    String joined(String name, JoinGroupResponseData answer) {
        if (!answer.memberId().isEmpty() && !name.equalsIgnoreCase("z") && (answer.errorCode() == 0 || answer.errorCode() == Errors.MEMBER_ID_REQUIRED.code())) {
            ids.put(name, answer.memberId());
            names.put(answer.memberId(), name);
        }
        if (answer.errorCode() != 0) return Errors.forCode(answer.errorCode()).name();
        generations.put(name, answer.generationId());
        var told = "ok " + answer.generationId() + " " + answer.protocolName();
        if (answer.leader().equals(answer.memberId())) {
            led.put(name, answer.members().stream().map(member -> member.memberId()).toList());
            told += " leads " + shown(led.get(name));
        }
        return answer.skipAssignment() ? told + " skips" : told;
    }

    String shown(Collection<String> members) {
        return members.stream().map(id -> names.getOrDefault(id, "?")).sorted().collect(Collectors.joining(" ", "[", "]"));
    }

    /** A leader gives partition 0 to the first of its members by name, 1 to the second, and so on. */
    CompletableFuture<String> sync(String name, int generation) {
        var request = new SyncGroupRequestData().setGroupId(GROUP).setMemberId(id(name)).setGroupInstanceId(instance(name))
            .setGenerationId(generation).setProtocolType("consumer");
        var members = led.getOrDefault(name, List.of()).stream().sorted(Comparator.comparing(names::get)).toList();
        for (int at = 0; at < members.size(); at++) {
            var bytes = ConsumerProtocol.serializeAssignment(new Assignment(List.of(new TopicPartition("t", at))));
            request.assignments().add(new SyncGroupRequestAssignment().setMemberId(members.get(at)).setAssignment(bytesOf(bytes)));
        }
        var answer = new CompletableFuture<SyncGroupResponseData>();
        take(shard.classicGroupSync(from(ApiKeys.SYNC_GROUP, name), request, answer));
        return answer.thenApply(ClassicGroupStates::synced);
    }

    static String synced(SyncGroupResponseData answer) {
        if (answer.errorCode() != 0) return Errors.forCode(answer.errorCode()).name();
        if (answer.assignment().length == 0) return "ok []";
        var partitions = ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(answer.assignment())).partitions();
        return partitions.stream().map(partition -> "" + partition.partition()).sorted().collect(Collectors.joining(" ", "ok [", "]"));
    }

    static byte[] bytesOf(ByteBuffer buffer) {
        var bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    CompletableFuture<String> beat(String name, int generation) {
        var request = new HeartbeatRequestData().setGroupId(GROUP).setMemberId(id(name)).setGroupInstanceId(instance(name))
            .setGenerationId(generation);
        return answered(take(shard.classicGroupHeartbeat(from(ApiKeys.HEARTBEAT, name), request)).errorCode());
    }

    CompletableFuture<String> leave(String name, boolean byInstance) {
        var member = new MemberIdentity().setMemberId(byInstance ? "" : id(name)).setGroupInstanceId(instance(name));
        var request = new LeaveGroupRequestData().setGroupId(GROUP).setMembers(List.of(member));
        var answer = take(shard.classicGroupLeave(from(ApiKeys.LEAVE_GROUP, name), request));
        return answered(answer.errorCode() != 0 ? answer.errorCode() : answer.members().get(0).errorCode());
    }

    CompletableFuture<String> commit(String name, int generation) {
        var outside = name.equals("-");
        var partition = new OffsetCommitRequestPartition().setPartitionIndex(0).setCommittedOffset(0);
        var topic = new OffsetCommitRequestTopic().setName("t").setPartitions(List.of(partition));
        var request = new OffsetCommitRequestData().setGroupId(GROUP).setMemberId(outside ? "" : id(name))
            .setGroupInstanceId(outside ? null : instance(name)).setGenerationIdOrMemberEpoch(outside ? -1 : generation)
            .setTopics(List.of(topic));
        var answer = take(shard.commitOffset(from(ApiKeys.OFFSET_COMMIT, name), request));
        return answered(answer.topics().get(0).partitions().get(0).errorCode());
    }

    String describe() {
        var described = shard.describeGroups(from(ApiKeys.DESCRIBE_GROUPS, "describe"), List.of(GROUP), Long.MAX_VALUE).get(0);
        var members = described.members().stream().map(member -> names.getOrDefault(member.memberId(), member.clientId() + "?"));
        return described.groupState() + " " + members.sorted().collect(Collectors.joining(" ", "[", "]"));
    }

    /** One step: its answer, or `waits` if there is none within the time to settle. */
    String step(String what) throws Exception {
        var words = what.split(" ");
        var pause = Map.of("delay", DELAY_MS + 100, "session", SESSION_MS + 300, "rest", 5000, "rebalance", REBALANCE_MS + 300).get(words[0]);
        if (pause != null) {
            advance(pause);
            return "";
        }
        var name = words[1];
        int last = generations.getOrDefault(name, 1);
        int generation = words.length > 2 && words[2].matches("-?\\d+") ? Integer.parseInt(words[2]) : last;
        var answer = orError(() -> switch (words[0]) {
            case "join" -> join(name, words.length > 2 ? words[2] : "range");
            case "sync" -> sync(name, generation);
            case "beat" -> beat(name, generation);
            case "leave" -> leave(name, false);
            case "remove" -> leave(name, true);
            case "commit" -> commit(name, generation);
            default -> throw new IllegalArgumentException(what);
        });
        advance(SETTLE_MS);
        if (answer.isDone()) return answer.get();
        waiting.put(words[0] + " " + name, answer);
        return "waits";
    }

    /** The answers to requests that waited, since it was last asked. */
    String late() throws Exception {
        var told = new StringBuilder();
        for (var entry : new TreeMap<>(waiting).entrySet()) {
            if (entry.getValue().isDone()) {
                told.append("; ").append(entry.getKey()).append(": ").append(entry.getValue().get());
                waiting.remove(entry.getKey());
            }
        }
        return told.toString();
    }

    static String walk(String begin, String steps) throws Exception {
        var world = new ClassicGroupStates();
        for (var what : begin.split(", ")) if (!what.isEmpty()) world.step(what);
        String last = "";
        for (var what : steps.split(", ")) {
            world.late();
            last = world.step(what);
        }
        // The members that get their ids only now must have them before they are named.
        String late = world.late();
        return last + " | " + world.describe() + late;
    }

    public static void main(String[] args) throws Exception {
        var file = Path.of(args[0]);
        var begins = new HashMap<String, String>();
        var out = new StringBuilder();
        for (var line : Files.readAllLines(file)) {
            var columns = line.split("\\|", -1);
            if (line.startsWith("= ")) {
                var steps = Stream.of(columns[1].trim().split(", ")).map(what -> begins.getOrDefault(what, what));
                begins.put(columns[0].substring(2).trim(), steps.collect(Collectors.joining(", ")));
            } else if (!line.startsWith("#")) {
                String state = columns[0].trim(), steps = columns[1].trim();
                // Who leads next may be up to a hash map.
                var answers = new TreeSet<String>();
                for (int run = 0; run < RUNS; run++) answers.add(walk(begins.get(state), steps).trim());
                line = String.format("%-11s | %-28s | ", state, steps) + String.join(" or ", answers);
            }
            out.append(line.stripTrailing()).append('\n');
        }
        Files.writeString(file, out.toString());
        System.exit(0);
    }
}
