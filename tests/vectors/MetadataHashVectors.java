// Topics with their racks, and the hashes that Kafka's group coordinator makes of them. Needs no broker; the same on every run.
//   java -cp 'LIBS/*' MetadataHashVectors.java > metadata-hashes.jsonl
import java.lang.reflect.Proxy;
import java.util.*;
import java.util.stream.*;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataImage;
import org.apache.kafka.coordinator.group.Utils;

public class MetadataHashVectors {
    static final String[] NAMES = {"orders", "payments", "a", "rides.eu", "sensor_data", "x".repeat(249), "T-1", "clicks", "__share", "2024"};
    static final String[] RACKS = {"a", "b", "rack-3", "zürich", "日本"};
    static final Random RANDOM = new Random(7);

    @SuppressWarnings("unchecked")
    static <T> T answering(Class<T> type, java.util.function.BiFunction<String, Object[], Object> answer) {
        return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class[]{type}, (self, method, args) -> answer.apply(method.getName(), args));
    }

    static List<String> racks() {
        List<String> racks = new ArrayList<>(List.of(RACKS));
        Collections.shuffle(racks, RANDOM);
        return racks.subList(0, RANDOM.nextInt(4));
    }

    static String json(List<String> words) {
        return words.stream().map(word -> '"' + word + '"').collect(Collectors.joining(",", "[", "]"));
    }

    public static void main(String[] args) {
        for (int round = 0; round < 60; round++) {
            List<String> rows = new ArrayList<>();
            Map<String, Long> hashes = new TreeMap<>();
            int count = round == 0 ? 0 : 1 + RANDOM.nextInt(4);
            for (int at = 0; at < count; at++) {
                String name = NAMES[RANDOM.nextInt(NAMES.length)];
                if (hashes.containsKey(name)) continue;
                Uuid id = new Uuid(RANDOM.nextLong(), RANDOM.nextLong());
                boolean told = RANDOM.nextBoolean();
                List<List<String>> racks = new ArrayList<>();
                int partitions = RANDOM.nextInt(3) == 0 ? 1 : 1 + RANDOM.nextInt(40);
                for (int partition = 0; partition < partitions; partition++) racks.add(told ? racks() : List.of());
                var topic = answering(CoordinatorMetadataImage.TopicMetadata.class, (method, given) -> switch (method) {
                    case "id" -> id;
                    case "name" -> name;
                    case "partitionCount" -> racks.size();
                    case "partitionRacks" -> new ArrayList<>(racks.get((Integer) given[0]));
                    default -> null;
                });
                var image = answering(CoordinatorMetadataImage.class, (method, given) -> Optional.of(topic));
                hashes.put(name, Utils.computeTopicHash(name, image));
                String all = racks.stream().map(MetadataHashVectors::json).collect(Collectors.joining(",", "[", "]"));
                rows.add("{\"name\":\"%s\",\"topic_id\":\"%s\",\"racks\":%s,\"hash\":%d}".formatted(name, id, all, hashes.get(name)));
            }
            System.out.println("{\"topics\":[%s],\"group_hash\":%d}".formatted(String.join(",", rows), Utils.computeGroupHash(hashes)));
        }
    }
}
