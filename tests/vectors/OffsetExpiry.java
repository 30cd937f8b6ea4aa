// Walks the lines of offset-expiry.txt through Kafka's own group coordinator (GroupCoordinatorShard) and writes down which
// tombstones it wrote in the last step, and what is left of the group. Needs no broker. The same on every run.
//   javac -cp 'LIBS/*' -d CLASSES ClassicGroupStates.java OffsetExpiry.java && java -cp 'CLASSES:LIBS/*' OffsetExpiry offset-expiry.txt

import java.nio.file.*;
import java.util.*;
import java.util.concurrent.CompletableFuture;
import java.util.stream.*;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.*;
import org.apache.kafka.common.message.OffsetCommitRequestData.*;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.metadata.*;
import org.apache.kafka.common.protocol.*;
import org.apache.kafka.coordinator.common.runtime.*;
import org.apache.kafka.coordinator.group.GroupCoordinatorShard.DeletedTopic;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.image.*;

public class OffsetExpiry extends ClassicGroupStates {
    static final Map<String, Uuid> TOPICS = Map.of("t", new Uuid(1, 1), "u", new Uuid(1, 2));

    /** Keys of the tombstones that the step has written. */
    final List<String> gone = new ArrayList<>();

    OffsetExpiry() {
        super(Map.of("group.initial.rebalance.delay.ms", "" + DELAY_MS, "offsets.retention.minutes", "60",
            "offsets.retention.check.interval.ms", "60000", "group.max.session.timeout.ms", "36000000",
            "group.consumer.max.session.timeout.ms", "36000000", "group.consumer.session.timeout.ms", "36000000"), topics());
    }

    static CoordinatorMetadataImage topics() {
        var delta = new MetadataDelta.Builder().setImage(MetadataImage.EMPTY).build();
        TOPICS.forEach((name, id) -> {
            delta.replay(new TopicRecord().setName(name).setTopicId(id));
            delta.replay(new PartitionRecord().setTopicId(id).setPartitionId(0).setReplicas(List.of(1)).setIsr(List.of(1)).setLeader(1));
        });
        return new KRaftCoordinatorMetadataImage(delta.apply(MetadataProvenance.EMPTY));
    }

    void written(CoordinatorRecord record) {
        if (record.value() == null)
            gone.add(record.key() instanceof OffsetCommitKey key ? key.topic() + "-" + key.partition() : "type " + record.key().apiKey());
    }

    /** Nobody's time is over while the clock runs. */
    int sessionMs(String name) { return 36_000_000; }

    int rebalanceMs() { return 36_000_000; }

    String step(String what) throws Exception {
        gone.clear();
        var words = what.split(" ");
        return switch (words[0]) {
            case "wait" -> {
                advance(60_000 * Long.parseLong(words[1]));
                yield "";
            }
            case "commit" -> commit(words[1], words[2]);
            case "enter" -> enter(words[1], words[2]);
            case "exit" -> enter(words[1], null);
            case "drop" -> {
                take(shard.onTopicsDeleted(List.of(new DeletedTopic(TOPICS.get(words[1]), words[1]))));
                yield "";
            }
            default -> super.step(what);
        };
    }

    String commit(String name, String topic) {
        var outside = name.equals("-");
        var partition = new OffsetCommitRequestPartition().setPartitionIndex(0).setCommittedOffset(0);
        var named = new OffsetCommitRequestTopic().setName(topic).setPartitions(List.of(partition));
        var request = new OffsetCommitRequestData().setGroupId(GROUP).setMemberId(outside ? "" : id(name))
            .setGenerationIdOrMemberEpoch(outside ? -1 : generations.get(name)).setTopics(List.of(named));
        var answer = take(shard.commitOffset(from(ApiKeys.OFFSET_COMMIT, name), request));
        return Errors.forCode(answer.topics().get(0).partitions().get(0).errorCode()).name();
    }

    /** Enters a group of the consumer protocol, or leaves it. */
    String enter(String name, String topic) {
        var request = new ConsumerGroupHeartbeatRequestData().setGroupId(GROUP).setMemberId(name).setMemberEpoch(topic == null ? -1 : 0);
        if (topic != null) request.setRebalanceTimeoutMs(rebalanceMs()).setSubscribedTopicNames(List.of(topic)).setTopicPartitions(List.of());
        var answer = take(shard.consumerGroupHeartbeat(from(ApiKeys.CONSUMER_GROUP_HEARTBEAT, name), request));
        ids.put(name, name);
        generations.put(name, answer.memberEpoch());
        return Errors.forCode(answer.errorCode()).name();
    }

    /** Its type and state, and the topics of its offsets. */
    String left() {
        var groups = shard.listGroups(List.of(), List.of(), Long.MAX_VALUE);
        if (groups.isEmpty()) return "no group";
        var offsets = shard.fetchOffsets(new OffsetFetchRequestGroup().setGroupId(GROUP).setTopics(null), Long.MAX_VALUE);
        var topics = offsets.topics().stream().map(topic -> topic.name()).sorted().collect(Collectors.joining(" ", "[", "]"));
        return groups.get(0).groupType() + " " + groups.get(0).groupState() + " " + topics;
    }

    static String walk(String steps) throws Exception {
        var world = new OffsetExpiry();
        for (var what : steps.split(", ")) {
            world.step(what);
            world.late();
        }
        // Offsets come in the order of a hash map.
        var offsets = world.gone.stream().filter(key -> !key.startsWith("type")).sorted();
        var gone = Stream.concat(offsets, world.gone.stream().filter(key -> key.startsWith("type"))).collect(Collectors.joining(", "));
        return gone + " | " + world.left();
    }

    public static void main(String[] args) throws Exception {
        var file = Path.of(args[0]);
        var begins = new HashMap<String, String>();
        var out = new StringBuilder();
        for (var line : Files.readAllLines(file)) {
            var columns = line.split("\\|", -1);
            if (line.startsWith("= ")) {
                begins.put(columns[0].substring(2).trim(), columns[1].trim());
            } else if (!line.startsWith("#")) {
                var steps = Stream.of(columns[0].trim().split(", ")).map(what -> begins.getOrDefault(what, what));
                line = String.format("%-80s | ", columns[0].trim()) + walk(steps.collect(Collectors.joining(", ")));
            }
            out.append(line.stripTrailing()).append('\n');
        }
        Files.writeString(file, out.toString());
        System.exit(0);
    }
}
