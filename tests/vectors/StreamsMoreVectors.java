// Writes streams-more.jsonl: more of what small Kafka Streams topologies emit, by the real TopologyTestDriver, and
// streams-describe.jsonl: for the topologies of streams.jsonl, their description and what goes to internal topics.
//
// Each case is data, as in StreamsVectors.java: a list of operators ("ops"), turned into the real DSL calls, and a list
// of inputs. Record caches are off, the two internal emit intervals are 0, the wall clock starts at 0 and moves only by
// {"advance_wall_ms": N}. Output is the same on every run. The topologies of streams.jsonl are read from that file, built
// and run here too, and the program stops if an output differs.
//
// Operators and settings that StreamsVectors.java does not have (the rest means the same here as there):
//
//   named: NAME        on any operator: the operator's name. Consumed.withName (stream, table), Named.as (filter,
//                      filterNot, mapValues, map, selectKey, flatMap, flatMapValues, peek, split, toTable, toStream,
//                      merge, tableJoin..., globalTableJoin..., punctuate, valueToText, filterLong, count, reduce, sum, tableReduce, aggregate),
//                      Grouped.as (groupBy, groupByKey), Repartitioned.withName, StreamJoined.withName, Joined.as (stream-table
//                      joins), TableJoined.as (foreign-key joins), Suppressed.withName
//   store: NAME        the name of the state store: Materialized.as (table, count, reduce, sum, tableReduce, toTable, filter,
//                      filterNot and mapValues of a table, aggregate, table joins, foreign-key joins), StreamJoined.withStoreName.
//                      Without it: Materialized.with(String serde, serde of the value) where StreamsVectors.java has that
//   right: [OPS]       instead of topic in any join and in merge: the other side is built by these ops
//   right_named, right_store: NAME   on joins with a topic: names of the other side's source and (table) store
//   stream, table: extractor "skip" (LogAndSkipOnInvalidTimestamp), "partition_time" (UsePartitionTimeOnInvalidTimestamp)
//   filter, filterNot: contains TEXT = the value itself, not a field of it, contains TEXT. filterNot also on a table
//   conditions on a null value or a missing field are false
//   mapValues: append TEXT = the value with TEXT behind it
//   selectKey, groupBy, foreign-key joins: by "value" = the (foreign) key is the value itself
//   groupBy on a table: value_field F = KeyValue.pair(field, F of the value); without it the value stays whole
//   flatMap, flatMapValues: skip_empty true = empty parts are left out
//   peek               KStream.peek, which does nothing here
//   repartition        KStream.repartition(Repartitioned.with(String, String)), partitions N = withNumberOfPartitions(N)
//   split              KStream.split(), one .branch(condition) for each of branches [{field, equals | at_least | contains, as}]
//                      (as NAME = Branched.as), then .defaultBranch() if default is true or a name, else .noDefaultBranch().
//                      branch N = go on with that one, counted from 0; N = number of branches is the default one. A list of
//                      numbers = those branches, merged (first.merge(second)...)
//   sliding            emit_on_close true, as for tumbling
//   sum                also on session windows: the merger adds the two sums
//   tableReduce        KGroupedTable.reduce(adder, subtractor). by "sum": a + b and a - b; by "concat": a,b and a,-b
//   filterLong         KTable.filter or KStream.filter on a number: at_least N
//   valueToText        KTable.mapValues or KStream.mapValues: the number as text; null stays null
//   toStream           key "plain" = KTable.toStream((k, v) -> k.key()), key "start" = k.key() + "@" + k.window().start()
//   suppressUntilTimeLimit: max_records N = BufferConfig.maxRecords(N).emitEarlyWhenFull() instead of unbounded()
//   globalTableLeftJoin  as globalTableJoin, left. Both: by "key" instead of field = the key of the stream record
//   punctuate          KStream.process() with context.schedule(interval_ms, type "stream" = STREAM_TIME | "wall" =
//                      WALL_CLOCK_TIME): each record is forwarded as it is, each punctuation at T forwards key "tick", value
//                      T as text, timestamp T
//   cogroup            KGroupedStream.cogroup(aggregator).cogroup(other, aggregator), other = right [OPS] (a grouped stream);
//                      aggregators: agg + "l" + value and agg + "r" + value. May be followed by tumbling, session, sliding
//   aggregate          the end of a cogroup: starts with "", the session merger is a + "|" + b
//
// Run:  java -cp 'LIBS/*' StreamsMoreVectors.java OUTPUT_DIR STREAMS_JSONL      (LIBS also holds kafka-streams-test-utils)

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.Field;
import java.nio.file.*;
import java.time.*;
import java.util.*;
import java.util.function.Function;
import java.util.stream.*;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.kstream.internals.NamedInternal;
import org.apache.kafka.streams.processor.*;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.internals.InternalTopicConfig;
import org.apache.kafka.streams.processor.internals.InternalTopologyBuilder;
import org.apache.kafka.streams.state.*;
import org.apache.kafka.streams.test.TestRecord;

@SuppressWarnings({"unchecked", "rawtypes"})
public class StreamsMoreVectors {
    static final ObjectMapper JSON = new ObjectMapper();
    static final List<String> lines = new ArrayList<>();
    static final Set<String> names = new HashSet<>();
    static final Serde<String> S = Serdes.String();
    static final ValueJoiner<String, String, String> JOINED = (a, b) -> a + "+" + b;

    /** One operator with its settings. */
    static Map<String, Object> op(String name, Object... settings) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("op", name);
        for (int i = 0; i < settings.length; i += 2) m.put((String) settings[i], settings[i + 1]);
        return m;
    }

    static Map<String, Object> map(Object... settings) {
        Map<String, Object> m = new LinkedHashMap<>();
        for (int i = 0; i < settings.length; i += 2) m.put((String) settings[i], settings[i + 1]);
        return m;
    }

    static Map<String, Object> in(String topic, String key, String value, long ts) { return map("topic", topic, "key", key, "value", value, "timestamp", ts); }

    static Map<String, Object> in(String key, String value, long ts) { return in("in", key, value, ts); }

    static Map<String, Object> two(String key, String value, long ts) { return in("in2", key, value, ts); }

    static Map<String, Object> three(String key, String value, long ts) { return in("in3", key, value, ts); }

    static Map<String, Object> wall(long ms) { return map("advance_wall_ms", ms); }

    static Map<String, Object> ride(String id, String status, String zone, int fare, long ts) {
        return in(id, "{\"status\":\"" + status + "\",\"zone\":" + (zone == null ? "null" : "\"" + zone + "\"") + ",\"fare\":" + fare + "}", ts);
    }

    static String field(String value, String field) {
        if (value == null) return null;
        try {
            JsonNode n = JSON.readTree(value).get(field);
            return n == null || n.isNull() ? null : n.asText();
        } catch (Exception e) {
            throw new RuntimeException(e);
        }
    }

    static Duration ms(Map<String, Object> op, String name) { return Duration.ofMillis(number(op, name)); }

    static long number(Map<String, Object> op, String name) { return ((Number) op.get(name)).longValue(); }

    static boolean test(Map<String, Object> op, String v) {
        if (op.containsKey("contains")) return v != null && v.contains((String) op.get("contains"));
        String f = field(v, (String) op.get("field"));
        return f != null && (op.containsKey("equals") ? op.get("equals").equals(f) : Long.parseLong(f) >= number(op, "at_least"));
    }

    static String reduced(String how, String a, String b) {
        return switch (how) {
            case "latest" -> b;
            case "max" -> Long.parseLong(a) >= Long.parseLong(b) ? a : b;
            case "sum" -> Long.toString(Long.parseLong(a) + Long.parseLong(b));
            case "concat" -> a + "," + b;
            default -> throw new IllegalArgumentException(how);
        };
    }

    static String subtracted(String how, String a, String b) {
        return switch (how) {
            case "sum" -> Long.toString(Long.parseLong(a) - Long.parseLong(b));
            case "concat" -> a + ",-" + b;
            default -> throw new IllegalArgumentException(how);
        };
    }

    // ---- ops -> DSL ---------------------------------------------------------------------------------------

    static Named named(Map<String, Object> op) { return op.containsKey("named") ? Named.as((String) op.get("named")) : NamedInternal.empty(); }

    static Consumed<String, String> consumed(Map<String, Object> op, String setting) {
        Consumed<String, String> c = Consumed.with(S, S);
        if (op.containsKey(setting)) c = c.withName((String) op.get(setting));
        if ("skip".equals(op.get("extractor"))) c = c.withTimestampExtractor(new LogAndSkipOnInvalidTimestamp());
        if ("partition_time".equals(op.get("extractor"))) c = c.withTimestampExtractor(new UsePartitionTimeOnInvalidTimestamp());
        return c;
    }

    static Grouped<String, String> grouped(Map<String, Object> op) {
        return op.containsKey("named") ? Grouped.with((String) op.get("named"), S, S) : Grouped.with(S, S);
    }

    /** Materialized for an operator that always has a store. */
    static <V, T extends StateStore> Materialized<String, V, T> store(Map<String, Object> op, Serde<V> values) {
        return op.containsKey("store") ? Materialized.<String, V, T>as((String) op.get("store")).withKeySerde(S).withValueSerde(values) : Materialized.with(S, values);
    }

    static KStream<String, String> rightStream(StreamsBuilder b, Map<String, Object> op) {
        return op.containsKey("right") ? (KStream<String, String>) build(b, (List<Map<String, Object>>) op.get("right"))
            : b.stream((String) op.get("topic"), consumed(op, "right_named"));
    }

    static KTable<String, String> rightTable(StreamsBuilder b, Map<String, Object> op) {
        if (op.containsKey("right")) return (KTable<String, String>) build(b, (List<Map<String, Object>>) op.get("right"));
        return table(b, (String) op.get("topic"), consumed(op, "right_named"), (String) op.get("right_store"));
    }

    static KTable<String, String> table(StreamsBuilder b, String topic, Consumed<String, String> c, String store) {
        return store == null ? b.table(topic, c) : b.table(topic, c, Materialized.<String, String, KeyValueStore<Bytes, byte[]>>as(store).withKeySerde(S).withValueSerde(S));
    }

    static Topology build(List<Map<String, Object>> ops) {
        StreamsBuilder b = new StreamsBuilder();
        sink(build(b, ops));
        return b.build();
    }

    static Object build(StreamsBuilder b, List<Map<String, Object>> ops) {
        Object cur = null;
        for (Map<String, Object> op : ops) {
            String name = (String) op.get("op");
            String f = (String) op.get("field");
            boolean byValue = "value".equals(op.get("by"));
            Named n = named(op);
            KStream<String, String> s = cur instanceof KStream ? (KStream<String, String>) cur : null;
            KTable<String, String> t = cur instanceof KTable ? (KTable<String, String>) cur : null;
            boolean withStore = op.containsKey("store");
            Materialized<String, String, KeyValueStore<Bytes, byte[]>> text = store(op, S);
            switch (name) {
                case "stream" -> cur = b.stream((String) op.get("topic"), consumed(op, "named"));
                case "table" -> cur = table(b, (String) op.get("topic"), consumed(op, "named"), (String) op.get("store"));
                case "filter" -> {
                    Predicate<String, String> p = (k, v) -> test(op, v);
                    cur = t == null ? s.filter(p, n) : withStore ? t.filter(p, n, text) : t.filter(p, n);
                }
                case "filterNot" -> {
                    Predicate<String, String> p = (k, v) -> test(op, v);
                    cur = t == null ? s.filterNot(p, n) : withStore ? t.filterNot(p, n, text) : t.filterNot(p, n);
                }
                case "filterLong" -> {
                    Predicate<Object, Long> p = (k, v) -> v != null && v >= number(op, "at_least");
                    cur = t == null ? ((KStream<Object, Long>) cur).filter(p, n) : ((KTable<Object, Long>) cur).filter(p, n);
                }
                case "mapValues" -> {
                    ValueMapper<String, String> m = v -> op.containsKey("append") ? v + op.get("append") : field(v, f);
                    cur = t == null ? s.mapValues(m, n) : withStore ? t.mapValues(m, n, text) : t.mapValues(m, n);
                }
                case "valueToText" -> {
                    ValueMapper<Object, String> m = v -> v == null ? null : String.valueOf(v);
                    cur = t == null ? ((KStream<Object, Object>) cur).mapValues(m, n) : ((KTable<Object, Object>) cur).mapValues(m, n);
                }
                case "selectKey" -> cur = s.selectKey((k, v) -> byValue ? v : field(v, f), n);
                case "map" -> cur = s.map((k, v) -> KeyValue.pair(field(v, (String) op.get("key_field")), field(v, (String) op.get("value_field"))), n);
                case "flatMapValues" -> cur = s.flatMapValues(v -> parts(op, v), n);
                case "flatMap" -> cur = s.flatMap((k, v) -> parts(op, v).stream().map(x -> KeyValue.pair(x, k)).collect(Collectors.toList()), n);
                case "peek" -> cur = s.peek((k, v) -> { }, n);
                case "merge" -> cur = s.merge(rightStream(b, op), n);
                case "repartition" -> {
                    Repartitioned<String, String> r = Repartitioned.with(S, S);
                    if (op.containsKey("named")) r = r.withName((String) op.get("named"));
                    if (op.containsKey("partitions")) r = r.withNumberOfPartitions((int) number(op, "partitions"));
                    cur = s.repartition(r);
                }
                case "split" -> cur = split(s, op, n);
                case "groupByKey" -> cur = s.groupByKey(grouped(op));
                case "groupBy" -> cur = t != null
                    ? t.groupBy((k, v) -> KeyValue.pair(byValue ? v : field(v, f), op.containsKey("value_field") ? field(v, (String) op.get("value_field")) : v), grouped(op))
                    : s.groupBy((k, v) -> byValue ? v : field(v, f), grouped(op));
                case "tumbling", "hopping" -> {
                    TimeWindows w = TimeWindows.ofSizeAndGrace(ms(op, "size_ms"), ms(op, "grace_ms"));
                    if (name.equals("hopping")) w = w.advanceBy(ms(op, "advance_ms"));
                    if (cur instanceof CogroupedKStream c) cur = c.windowedBy(w);
                    else cur = emit(op, ((KGroupedStream<String, String>) cur).windowedBy(w));
                }
                case "sliding" -> {
                    SlidingWindows w = SlidingWindows.ofTimeDifferenceAndGrace(ms(op, "difference_ms"), ms(op, "grace_ms"));
                    if (cur instanceof CogroupedKStream c) cur = c.windowedBy(w);
                    else cur = emit(op, ((KGroupedStream<String, String>) cur).windowedBy(w));
                }
                case "session" -> {
                    SessionWindows w = SessionWindows.ofInactivityGapAndGrace(ms(op, "gap_ms"), ms(op, "grace_ms"));
                    if (cur instanceof CogroupedKStream c) cur = c.windowedBy(w);
                    else {
                        SessionWindowedKStream<String, String> sw = ((KGroupedStream<String, String>) cur).windowedBy(w);
                        cur = Boolean.TRUE.equals(op.get("emit_on_close")) ? sw.emitStrategy(EmitStrategy.onWindowClose()) : sw;
                    }
                }
                case "count" -> {
                    if (cur instanceof KGroupedStream g) cur = g.count(n, store(op, Serdes.Long()));
                    else if (cur instanceof KGroupedTable g) cur = g.count(n, store(op, Serdes.Long()));
                    else if (cur instanceof TimeWindowedKStream g) cur = g.count(n, store(op, Serdes.Long()));
                    else cur = ((SessionWindowedKStream) cur).count(n, store(op, Serdes.Long()));
                }
                case "reduce" -> {
                    Reducer<String> r = (x, y) -> reduced((String) op.get("by"), x, y);
                    if (cur instanceof KGroupedStream g) cur = ((KGroupedStream<String, String>) g).reduce(r, n, store(op, S));
                    else if (cur instanceof TimeWindowedKStream g) cur = ((TimeWindowedKStream<String, String>) g).reduce(r, n, store(op, S));
                    else cur = ((SessionWindowedKStream<String, String>) cur).reduce(r, n, store(op, S));
                }
                case "tableReduce" -> cur = ((KGroupedTable<String, String>) cur).reduce((x, y) -> reduced((String) op.get("by"), x, y),
                    (x, y) -> subtracted((String) op.get("by"), x, y), n, store(op, S));
                case "sum" -> { // aggregate: start at 0, add the field; a grouped table also subtracts the old value
                    Aggregator<String, String, Long> add = (k, v, agg) -> agg + Long.parseLong(field(v, f));
                    if (cur instanceof KGroupedStream g) cur = ((KGroupedStream<String, String>) g).aggregate(() -> 0L, add, n, store(op, Serdes.Long()));
                    else if (cur instanceof KGroupedTable g) cur = ((KGroupedTable<String, String>) g).aggregate(() -> 0L, add,
                        (k, v, agg) -> agg - Long.parseLong(field(v, f)), n, store(op, Serdes.Long()));
                    else if (cur instanceof TimeWindowedKStream g) cur = ((TimeWindowedKStream<String, String>) g).aggregate(() -> 0L, add, n, store(op, Serdes.Long()));
                    else cur = ((SessionWindowedKStream<String, String>) cur).aggregate(() -> 0L, add, (k, x, y) -> x + y, n, store(op, Serdes.Long()));
                }
                case "cogroup" -> {
                    Aggregator<String, String, String> l = (k, v, agg) -> agg + "l" + v, r = (k, v, agg) -> agg + "r" + v;
                    CogroupedKStream<String, String> c = ((KGroupedStream<String, String>) cur).cogroup(l);
                    cur = c.cogroup((KGroupedStream<String, String>) build(b, (List<Map<String, Object>>) op.get("right")), r);
                }
                case "aggregate" -> {
                    Initializer<String> init = () -> "";
                    if (cur instanceof CogroupedKStream c) cur = ((CogroupedKStream<String, String>) c).aggregate(init, n, store(op, S));
                    else if (cur instanceof TimeWindowedCogroupedKStream c) cur = ((TimeWindowedCogroupedKStream<String, String>) c).aggregate(init, n, store(op, S));
                    else cur = ((SessionWindowedCogroupedKStream<String, String>) cur).aggregate(init, (k, x, y) -> x + "|" + y, n, store(op, S));
                }
                case "suppressUntilWindowCloses" -> {
                    Suppressed<Windowed> w = (Suppressed) Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded());
                    cur = ((KTable) cur).suppress(op.containsKey("named") ? w.withName((String) op.get("named")) : w);
                }
                case "suppressUntilTimeLimit" -> {
                    Suppressed.BufferConfig<?> buffer = op.containsKey("max_records") ? Suppressed.BufferConfig.maxRecords(number(op, "max_records")).emitEarlyWhenFull() : Suppressed.BufferConfig.unbounded();
                    Suppressed<Object> w = Suppressed.untilTimeLimit(ms(op, "limit_ms"), buffer);
                    cur = ((KTable) cur).suppress(op.containsKey("named") ? w.withName((String) op.get("named")) : w);
                }
                case "tableJoin", "tableLeftJoin", "tableOuterJoin" -> {
                    KTable<String, String> r = rightTable(b, op);
                    cur = switch (name) {
                        case "tableJoin" -> withStore ? t.join(r, JOINED, n, text) : t.join(r, JOINED, n);
                        case "tableLeftJoin" -> withStore ? t.leftJoin(r, JOINED, n, text) : t.leftJoin(r, JOINED, n);
                        default -> withStore ? t.outerJoin(r, JOINED, n, text) : t.outerJoin(r, JOINED, n);
                    };
                }
                case "foreignKeyJoin", "foreignKeyLeftJoin" -> {
                    KTable<String, String> r = rightTable(b, op);
                    Function<String, String> key = v -> byValue ? v : field(v, f);
                    TableJoined<String, String> tj = op.containsKey("named") ? TableJoined.as((String) op.get("named")) : null;
                    cur = name.equals("foreignKeyJoin") ? (tj == null ? t.join(r, key, JOINED, text) : t.join(r, key, JOINED, tj, text))
                        : (tj == null ? t.leftJoin(r, key, JOINED, text) : t.leftJoin(r, key, JOINED, tj, text));
                }
                case "streamJoin", "streamLeftJoin", "streamOuterJoin" -> {
                    KStream<String, String> r = rightStream(b, op);
                    JoinWindows w = JoinWindows.ofTimeDifferenceAndGrace(ms(op, "difference_ms"), ms(op, "grace_ms"));
                    if (op.containsKey("before_ms")) w = w.before(ms(op, "before_ms"));
                    if (op.containsKey("after_ms")) w = w.after(ms(op, "after_ms"));
                    StreamJoined<String, String, String> with = StreamJoined.with(S, S, S);
                    if (op.containsKey("named")) with = with.withName((String) op.get("named"));
                    if (withStore) with = with.withStoreName((String) op.get("store"));
                    cur = name.equals("streamJoin") ? s.join(r, JOINED, w, with) : name.equals("streamLeftJoin") ? s.leftJoin(r, JOINED, w, with) : s.outerJoin(r, JOINED, w, with);
                }
                case "streamTableJoin", "streamTableLeftJoin" -> {
                    KTable<String, String> r = rightTable(b, op);
                    if (op.containsKey("named")) {
                        Joined<String, String, String> j = Joined.with(S, S, S, (String) op.get("named"));
                        cur = name.equals("streamTableJoin") ? s.join(r, JOINED, j) : s.leftJoin(r, JOINED, j);
                    } else cur = name.equals("streamTableJoin") ? s.join(r, JOINED) : s.leftJoin(r, JOINED);
                }
                case "globalTableJoin", "globalTableLeftJoin" -> {
                    Consumed<String, String> c = consumed(op, "right_named");
                    GlobalKTable<String, String> g = op.containsKey("right_store") ? b.globalTable((String) op.get("topic"), c,
                        Materialized.<String, String, KeyValueStore<Bytes, byte[]>>as((String) op.get("right_store")).withKeySerde(S).withValueSerde(S)) : b.globalTable((String) op.get("topic"), c);
                    KeyValueMapper<String, String, String> key = (k, v) -> "key".equals(op.get("by")) ? k : field(v, f);
                    cur = name.equals("globalTableJoin") ? s.join(g, key, JOINED, n) : s.leftJoin(g, key, JOINED, n);
                }
                case "punctuate" -> {
                    ProcessorSupplier<String, String, String, String> ticks = () -> new Ticks(ms(op, "interval_ms"), "wall".equals(op.get("type")) ? PunctuationType.WALL_CLOCK_TIME : PunctuationType.STREAM_TIME);
                    cur = op.containsKey("named") ? s.process(ticks, n) : s.process(ticks);
                }
                case "toTable" -> cur = s.toTable(n, text);
                case "toStream" -> {
                    if (op.containsKey("key")) cur = ((KTable<Windowed<String>, Object>) cur).toStream((k, v) -> op.get("key").equals("plain") ? k.key() : k.key() + "@" + k.window().start(), n);
                    else cur = ((KTable<Object, Object>) cur).toStream(n);
                }
                default -> throw new IllegalArgumentException(name);
            }
        }
        return cur;
    }

    static <K, V> TimeWindowedKStream<K, V> emit(Map<String, Object> op, TimeWindowedKStream<K, V> w) {
        return Boolean.TRUE.equals(op.get("emit_on_close")) ? w.emitStrategy(EmitStrategy.onWindowClose()) : w;
    }

    static List<String> parts(Map<String, Object> op, String v) {
        return Arrays.stream(v.split((String) op.get("split"))).filter(x -> !x.isEmpty() || !Boolean.TRUE.equals(op.get("skip_empty"))).collect(Collectors.toList());
    }

    static KStream<String, String> split(KStream<String, String> s, Map<String, Object> op, Named n) {
        BranchedKStream<String, String> split = op.containsKey("named") ? s.split(n) : s.split();
        List<Map<String, Object>> branches = (List<Map<String, Object>>) op.get("branches");
        for (Map<String, Object> br : branches) {
            Predicate<String, String> p = (k, v) -> test(br, v);
            split = br.containsKey("as") ? split.branch(p, Branched.as((String) br.get("as"))) : split.branch(p);
        }
        Object rest = op.get("default");
        Map<String, KStream<String, String>> all = rest == null ? split.noDefaultBranch() : rest instanceof String as ? split.defaultBranch(Branched.as(as)) : split.defaultBranch();
        // The map's own order says nothing, so look each branch up: the numbers in the names tell the order, 0 = default.
        List<KStream<String, String>> inOrder = new ArrayList<>();
        for (int i = 0; i <= branches.size(); i++) {
            String as = i < branches.size() ? (String) branches.get(i).get("as") : rest instanceof String x ? x : null;
            String suffix = as != null ? as : i < branches.size() ? "" + (i + 1) : "0";
            inOrder.add(all.entrySet().stream().filter(e -> e.getKey().endsWith(suffix)).map(Map.Entry::getValue).findFirst().orElse(null));
        }
        List<Integer> chosen = op.get("branch") instanceof List<?> l ? (List<Integer>) l : List.of((Integer) op.get("branch"));
        KStream<String, String> cur = inOrder.get(chosen.get(0));
        for (int i = 1; i < chosen.size(); i++) cur = cur.merge(inOrder.get(chosen.get(i)));
        return cur;
    }

    static class Ticks implements Processor<String, String, String, String> {
        final Duration interval;
        final PunctuationType type;
        ProcessorContext<String, String> context;

        Ticks(Duration interval, PunctuationType type) {
            this.interval = interval;
            this.type = type;
        }

        public void init(ProcessorContext<String, String> context) {
            this.context = context;
            context.schedule(interval, type, t -> context.forward(new Record<>("tick", Long.toString(t), t)));
        }

        public void process(Record<String, String> record) { context.forward(record); }
    }

    static void sink(Object cur) {
        ((KStream<Object, Object>) cur).map((k, v) -> {
            Map<String, Object> key = new LinkedHashMap<>();
            if (k instanceof Windowed<?> w) {
                key.put("key", w.key());
                key.put("window_start", w.window().start());
                key.put("window_end", w.window().end());
            } else key.put("key", k);
            return KeyValue.pair(text(key), text(v));
        }).to("out", Produced.with(S, S));
    }

    static String text(Object o) {
        try {
            return JSON.writeValueAsString(o);
        } catch (Exception e) {
            throw new RuntimeException(e);
        }
    }

    // ---- running a case -----------------------------------------------------------------------------------

    /** Takes the place of the driver's map of produced records, and keeps them in the order in which they were produced. */
    static class Produces extends HashMap<String, Queue<ProducerRecord<byte[], byte[]>>> {
        final List<ProducerRecord<byte[], byte[]>> all = new ArrayList<>();

        @Override
        public Queue<ProducerRecord<byte[], byte[]>> computeIfAbsent(String topic, Function<? super String, ? extends Queue<ProducerRecord<byte[], byte[]>>> f) {
            return super.computeIfAbsent(topic, t -> new LinkedList<>() {
                @Override
                public boolean add(ProducerRecord<byte[], byte[]> r) {
                    all.add(r);
                    return super.add(r);
                }
            });
        }
    }

    static String hex(byte[] b) { return b == null ? null : HexFormat.of().formatHex(b); }

    static Object get(Class<?> c, Object o, String field) throws Exception {
        Field f = c.getDeclaredField(field);
        f.setAccessible(true);
        return f.get(o);
    }

    static Map<String, Object> run(String name, String note, List<Map<String, Object>> ops, List<Map<String, Object>> inputs) throws Exception {
        if (!names.add(name)) throw new IllegalArgumentException("twice: " + name);
        Path dir = Files.createTempDirectory("streams");
        Properties p = new Properties();
        p.put("application.id", "vectors-" + name);
        p.put("bootstrap.servers", "unused:1");
        p.put("statestore.cache.max.bytes", "0");
        p.put("default.key.serde", Serdes.StringSerde.class);
        p.put("default.value.serde", Serdes.StringSerde.class);
        p.put("state.dir", dir.toString());
        p.put("__emit.interval.ms.kstreams.outer.join.spurious.results.fix__", 0L);
        p.put("__emit.interval.ms.kstreams.windowed.aggregation__", 0L);
        List<Object> rows = new ArrayList<>(), internal = new ArrayList<>();
        Topology t = build(ops);
        String describe = t.describe().toString();
        Map<String, Object> row = new LinkedHashMap<>();
        try (TopologyTestDriver d = new TopologyTestDriver(t, p, Instant.ofEpochMilli(0))) {
            Produces produced = new Produces();
            Field map = TopologyTestDriver.class.getDeclaredField("outputRecordsByTopic");
            map.setAccessible(true);
            if (!((Map<?, ?>) map.get(d)).isEmpty()) throw new IllegalStateException("records before the first input");
            map.set(d, produced);
            TestOutputTopic<String, String> out = d.createOutputTopic("out", new StringDeserializer(), new StringDeserializer());
            for (int i = 0; i < inputs.size(); i++) {
                Map<String, Object> x = inputs.get(i);
                produced.all.clear();
                if (x.containsKey("advance_wall_ms")) d.advanceWallClockTime(ms(x, "advance_wall_ms"));
                else d.createInputTopic((String) x.get("topic"), new StringSerializer(), new StringSerializer())
                    .pipeInput((String) x.get("key"), (String) x.get("value"), Instant.ofEpochMilli(number(x, "timestamp")));
                for (TestRecord<String, String> r : out.readRecordsToList()) {
                    Map<String, Object> o = map("after_input", i);
                    o.putAll(JSON.readValue(r.key(), Map.class));
                    o.put("value", JSON.readValue(r.value(), Object.class));
                    o.put("timestamp", r.timestamp());
                    rows.add(o);
                }
                for (ProducerRecord<byte[], byte[]> r : produced.all) {
                    if (r.topic().equals("out")) continue;
                    Map<String, Object> o = map("after_input", i, "topic", r.topic(), "key_hex", hex(r.key()), "value_hex", hex(r.value()), "timestamp", r.timestamp());
                    List<Object> headers = new ArrayList<>();
                    for (Header h : r.headers()) headers.add(Arrays.asList(h.key(), hex(h.value())));
                    if (!headers.isEmpty()) o.put("headers", headers);
                    internal.add(o);
                }
            }
            row.put("name", name);
            row.put("note", note);
            row.put("ops", ops);
            row.put("inputs", inputs);
            row.put("outputs", rows);
            double dropped = d.metrics().entrySet().stream().filter(e -> e.getKey().name().equals("dropped-records-total"))
                .mapToDouble(e -> ((Number) e.getValue().metricValue()).doubleValue()).sum();
            row.put("dropped_records", (long) dropped);
            row.put("describe", describe);
            row.put("internal_topics", internalTopics(t));
            row.put("changelogs", internal);
        }
        if (!describe.equals(t.describe().toString())) throw new IllegalStateException("the description changed: " + name);
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path x : files.sorted(Comparator.reverseOrder()).collect(Collectors.toList())) Files.delete(x);
        }
        return row;
    }

    /** The internal topics as the real application would create them; the number of partitions only where the topology fixes it. */
    static List<Object> internalTopics(Topology t) throws Exception {
        InternalTopologyBuilder b = (InternalTopologyBuilder) get(Topology.class, t, "internalTopologyBuilder");
        Map<String, Object> topics = new TreeMap<>();
        for (var e : b.subtopologyToTopicsInfo().entrySet()) {
            int sub = (Integer) get(e.getKey().getClass(), e.getKey(), "nodeGroupId");
            for (InternalTopicConfig c : e.getValue().repartitionSourceTopics.values()) topics.put(c.name(), internalTopic("repartition", sub, c));
            for (InternalTopicConfig c : e.getValue().stateChangelogTopics.values()) topics.put(c.name(), internalTopic("changelog", sub, c));
        }
        return new ArrayList<>(topics.values());
    }

    static Map<String, Object> internalTopic(String kind, int subtopology, InternalTopicConfig c) {
        Map<String, Object> m = map("topic", c.name(), "kind", kind, "subtopology", subtopology);
        c.numberOfPartitions().ifPresent(n -> m.put("partitions", n));
        m.put("config", new TreeMap<>(c.properties(Map.of(), 86400000L)));
        return m;
    }

    @SafeVarargs
    static List<Map<String, Object>> ops(Map<String, Object>... ops) { return List.of(ops); }

    @SafeVarargs
    static void add(String name, String note, List<Map<String, Object>> ops, Map<String, Object>... inputs) throws Exception {
        lines.add(text(run(name, note, ops, Arrays.asList(inputs))));
    }

    /** The topologies of streams.jsonl: the same outputs again, then the description and the internal records. */
    static void describeOthers(Path from, Path to) throws Exception {
        List<String> result = new ArrayList<>();
        for (String line : Files.readAllLines(from)) {
            Map<String, Object> old = JSON.readValue(line, Map.class);
            Map<String, Object> row = run((String) old.get("name"), (String) old.get("note"), (List<Map<String, Object>>) old.get("ops"), (List<Map<String, Object>>) old.get("inputs"));
            Map<String, Object> same = new LinkedHashMap<>(row);
            same.keySet().retainAll(old.keySet());
            if (!text(same).equals(line)) throw new IllegalStateException("not as recorded: " + old.get("name") + "\n" + line + "\n" + text(same));
            row.keySet().retainAll(Set.of("name", "describe", "internal_topics", "changelogs"));
            result.add(text(row));
        }
        Files.write(to, result);
        System.out.println("streams-describe.jsonl: " + result.size() + " rows");
    }

    // ---- cases --------------------------------------------------------------------------------------------

    static Map<String, Object>[] day() {
        return new Map[]{ride("r1", "requested", "north", 0, 1000), ride("r2", "requested", "south", 0, 2000), ride("r1", "completed", "north", 1200, 9000),
            ride("r3", "requested", "north", 0, 11000), ride("r2", "completed", "south", 800, 12000), ride("r4", "cancelled", "east", 0, 15000), ride("r3", "completed", "east", 2500, 21000)};
    }

    /** "a@10000 b@12000": for one key, value @ timestamp. */
    static Map<String, Object>[] values(String text) { return keyed(text.replaceAll("(\\S+)", "k=$1")); }

    /** "a=x@10000 in2:b=y@12000 c=-@5 -=z@6 wall:500": [topic:]key=value@timestamp, - = null. */
    static Map<String, Object>[] keyed(String text) {
        return Arrays.stream(text.trim().split("\\s+")).map(x -> {
            if (x.startsWith("wall:")) return wall(Long.parseLong(x.substring(5)));
            String topic = "in";
            if (x.contains(":")) {
                topic = x.substring(0, x.indexOf(':'));
                x = x.substring(x.indexOf(':') + 1);
            }
            int eq = x.indexOf('='), at = x.lastIndexOf('@');
            String k = x.substring(0, eq), v = x.substring(eq + 1, at);
            return in(topic, k.equals("-") ? null : k, v.equals("-") ? null : v, Long.parseLong(x.substring(at + 1)));
        }).toArray(Map[]::new);
    }

    public static void main(String[] args) throws Exception {
        var st = op("stream", "topic", "in");
        var st2 = op("stream", "topic", "in2");
        var tb = op("table", "topic", "in");
        var tb2 = op("table", "topic", "in2");
        var gk = op("groupByKey");
        var byZone = op("groupBy", "field", "zone");
        var byValue = op("groupBy", "by", "value");
        var ts = op("toStream");
        var count = op("count");
        var concat = op("reduce", "by", "concat");
        var close = op("suppressUntilWindowCloses");
        var toText = op("valueToText");

        // sessions
        var session = op("session", "gap_ms", 5000, "grace_ms", 60000);
        add("session-three", "three sessions become one in two steps: each step takes away what it merges", ops(st, gk, session, concat, ts), values("a@0 b@10000 c@20000 d@5000 e@15000"));
        add("session-three-other-order", "the same records, the outer ones last", ops(st, gk, session, concat, ts), values("e@15000 d@5000 c@20000 a@0 b@10000"));
        add("session-reduce-order", "the parts of a merged value are in the order of time of the sessions, then the new record", ops(st, gk, session, concat, ts), values("b@10000 b2@11000 a@1000 a2@2000 m@6000 z@16000 y@0"));
        add("session-backwards", "a record before the session moves its start", ops(st, gk, session, concat, ts), values("a@20000 b@16000 c@11000 d@5999 e@0"));
        add("session-same-time", "records of one moment, and one inside the session", ops(st, gk, session, concat, ts), values("a@1000 b@1000 c@4000 d@2000 e@4000 f@1000"));
        add("session-inside", "a record inside a session of more than the gap changes no bounds", ops(st, gk, session, count, ts), values("a@0 b@4000 c@8000 d@12000 e@6000"));
        add("session-two-keys", "each key has its own sessions", ops(st, gk, session, concat, ts), keyed("a=1@0 b=2@2000 a=3@9000 b=4@6000 a=5@4500 c=6@5000 b=7@12000"));
        add("session-nulls", "null keys and values", ops(st, gk, session, count, ts), keyed("a=1@0 -=2@2000 a=-@3000 a=3@4000"));
        add("session-late-two-keys", "stream time is shared: a record of another key can make one late", ops(st, gk, op("session", "gap_ms", 5000, "grace_ms", 3000), concat, ts),
            keyed("a=1@0 b=2@10000 a=3@4000 a=4@7000 b=5@14000 a=6@8000 a=7@11000 b=8@30000 b=9@21999 b=10@22000"));
        add("session-late-but-merged", "a late record that reaches a session which is still open is no late one", ops(st, gk, op("session", "gap_ms", 5000, "grace_ms", 0), concat, ts), values("a@10000 b@14000 c@7000 d@3000 e@1000 f@30000 g@18999 h@24999 i@25000"));
        add("session-sum", "aggregate with a merger", ops(st, byZone, session, op("sum", "field", "fare"), ts),
            ride("r1", "x", "north", 5, 0), ride("r2", "x", "north", 7, 9000), ride("r3", "x", "south", -4, 9000), ride("r4", "x", "north", -20, 4500), ride("r5", "x", null, 1, 5000));
        add("session-merge-then-late", "grace counts from the end of the merged session", ops(st, gk, op("session", "gap_ms", 5000, "grace_ms", 5000), count, ts), values("a@0 b@9000 c@4500 d@13000 e@3000 f@19001 g@9000 h@14001"));

        // sliding windows
        var sliding = op("sliding", "difference_ms", 5000, "grace_ms", 60000);
        add("sliding-concat", "which records are in which window", ops(st, gk, sliding, concat, ts), values("a@10000 b@12000 c@16000 d@17000 e@30000"));
        add("sliding-concat-out-of-order", "records between others", ops(st, gk, sliding, concat, ts), values("a@10000 b@20000 c@15000 d@12000 e@17500 f@10001"));
        add("sliding-backwards", "each record is older than the one before", ops(st, gk, sliding, concat, ts), values("a@20000 b@18000 c@15000 d@14999 e@9000"));
        add("sliding-same-time", "records of one moment", ops(st, gk, sliding, concat, ts), values("a@10000 b@10000 c@13000 d@10000 e@13000 f@8000"));
        add("sliding-edge", "a distance equal to the difference, one more, one less", ops(st, gk, sliding, concat, ts), values("a@10000 b@15000 c@20001 d@25000 e@15001"));
        add("sliding-left-window", "an older record creates the window that ends at it and the one that starts after it", ops(st, gk, sliding, count, ts), values("a@10000 b@16000 c@13000 d@12000 e@11000"));
        add("sliding-early", "records earlier than the difference: one window from 0", ops(st, gk, sliding, concat, ts), values("a@1000 b@3000 c@5000 d@5001 e@9000"));
        add("sliding-early-out-of-order", "the same, out of order", ops(st, gk, sliding, concat, ts), values("a@4000 b@1000 c@2500 d@0 e@6000 f@5500 g@2500"));
        add("sliding-zero", "first record at 0", ops(st, gk, sliding, concat, ts), values("a@0 b@0 c@5000 d@4999"));
        add("sliding-two-keys", "two keys, nulls", ops(st, gk, sliding, concat, ts), keyed("a=1@10000 b=2@11000 a=3@12000 -=4@12000 a=-@12500 b=5@9000 a=6@9000"));
        add("sliding-grace", "late records: windows that are closed stay as they are, the others take the record", ops(st, gk, op("sliding", "difference_ms", 5000, "grace_ms", 3000), concat, ts), keyed("a=1@10000 b=2@16000 a=3@12000 a=4@14000 b=5@20000 a=6@13000 a=7@11999 a=8@12001 b=9@17500"));
        add("sliding-sum-negative", "negative numbers", ops(st, byZone, sliding, op("sum", "field", "fare"), ts), ride("r1", "x", "north", -5, 10000), ride("r2", "x", "north", 3, 12000), ride("r3", "x", "north", -4, 11000));

        // hopping and tumbling windows
        add("hopping-uneven", "an advance that does not divide the size", ops(st, gk, op("hopping", "size_ms", 10000, "advance_ms", 3000, "grace_ms", 20000), concat, ts), values("a@0 b@2999 c@3000 d@9999 e@10000 f@17000 g@6000"));
        add("hopping-out-of-order", "late within grace and after it, window by window", ops(st, gk, op("hopping", "size_ms", 10000, "advance_ms", 4000, "grace_ms", 3000), concat, ts), values("a@5000 b@14000 c@7000 d@3000 e@19000 f@11000 g@8000 h@23000 i@4000"));
        add("hopping-late-two-keys", "two keys", ops(st, gk, op("hopping", "size_ms", 6000, "advance_ms", 2000, "grace_ms", 1000), count, ts), keyed("a=x@1000 b=x@9000 a=x@3000 a=x@4000 b=x@2000 b=x@6500"));
        add("tumbling-zero", "timestamp 0 and out of order with a shared stream time", ops(st, gk, op("tumbling", "size_ms", 1000, "grace_ms", 1000), concat, ts), keyed("a=1@0 a=2@0 b=3@999 a=4@1000 b=5@1999 a=6@500 b=7@2000 a=8@999 b=9@1500"));
        add("tumbling-negative", "negative timestamps are skipped (LogAndSkipOnInvalidTimestamp)", ops(op("stream", "topic", "in", "extractor", "skip"), gk, op("tumbling", "size_ms", 1000, "grace_ms", 0), concat, ts), values("a@-1 b@0 c@-1000 d@500 e@1500 f@-1"));
        add("tumbling-partition-time", "negative timestamps become the highest time seen (UsePartitionTimeOnInvalidTimestamp)", ops(op("stream", "topic", "in", "extractor", "partition_time"), gk, op("tumbling", "size_ms", 1000, "grace_ms", 5000), concat, ts), values("b@100 c@-1000 d@2500 e@1500 f@-1"));
        add("tumbling-nulls", "null keys and values", ops(st, gk, op("tumbling", "size_ms", 1000, "grace_ms", 0), count, ts), keyed("a=1@0 -=2@100 a=-@5000 a=3@200 b=4@6000 a=5@900"));

        // suppress
        var tumble = op("tumbling", "size_ms", 10000, "grace_ms", 5000);
        add("suppress-sliding", "one result for each sliding window", ops(st, gk, op("sliding", "difference_ms", 5000, "grace_ms", 0), concat, close, ts), values("a@10000 b@12000 c@16000 d@30000 e@50000"));
        add("suppress-sliding-out-of-order", "with grace", ops(st, gk, op("sliding", "difference_ms", 5000, "grace_ms", 10000), concat, close, ts), values("a@10000 b@18000 c@14000 d@11000 e@27000 f@16000 g@60000"));
        add("suppress-hopping-out-of-order", "with grace", ops(st, gk, op("hopping", "size_ms", 10000, "advance_ms", 4000, "grace_ms", 3000), concat, close, ts), values("a@5000 b@14000 c@7000 d@3000 e@19000 f@11000 g@8000 h@23000 i@60000"));
        add("suppress-many-keys", "many windows close at once: by window end, then by the bytes of the key", ops(st, gk, tumble, count, close, ts), keyed("d=x@9000 b=x@1000 aa=x@11000 a=x@5000 c=x@2000 a=x@12000 ab=x@3000 d=x@13000 b=x@4000 e=x@60000"));
        add("suppress-late-buffer", "an update does not move a row of the buffer", ops(st, gk, op("hopping", "size_ms", 10000, "advance_ms", 5000, "grace_ms", 0), count, close, ts), keyed("b=x@6000 a=x@7000 c=x@1000 b=x@9000 a=x@8000 z=x@10000 z=x@15000 z=x@40000"));
        add("suppress-filter", "a filter behind: windows with two or more", ops(st, gk, tumble, count, close, op("filterLong", "at_least", 2), ts), keyed("a=x@1000 b=x@2000 a=x@3000 a=x@12000 c=x@40000 a=x@80000"));
        add("filter-suppress", "a filter before: what it holds back does not move the time of suppress", ops(st, gk, tumble, count, op("filterLong", "at_least", 2), close, ts), keyed("a=x@1000 b=x@2000 a=x@3000 a=x@12000 c=x@40000 c=x@41000 a=x@80000 a=x@81000"));
        add("suppress-map", "values mapped behind", ops(st, gk, tumble, count, close, toText, ts), keyed("a=x@1000 b=x@2000 a=x@3000 z=x@40000"));
        add("suppress-reduce", "a windowed reduce", ops(st, gk, tumble, concat, close, ts), keyed("a=1@1000 b=2@2000 a=3@14000 a=4@9000 b=5@16000 b=6@8000 z=7@40000"));
        add("suppress-session-merge", "sessions that are merged leave no result", ops(st, gk, op("session", "gap_ms", 5000, "grace_ms", 4000), concat, close, ts), values("a@0 b@8000 c@4000 d@20000 e@13500 f@15500 g@60000"));
        add("suppress-session-two-keys", "the order of results", ops(st, gk, op("session", "gap_ms", 5000, "grace_ms", 0), count, close, ts), keyed("b=x@1000 a=x@1000 c=x@500 b=x@4000 d=x@3000 a=x@10000 z=x@40000 z=x@80000"));
        add("suppress-regroup", "final counts by key and window, then counted again by their value", ops(st, gk, tumble, count, close, op("toStream", "key", "start"), toText, byValue, count, ts), keyed("a=x@1000 b=x@2000 a=x@3000 c=x@4000 z=x@40000 z=x@80000"));
        var limit = op("suppressUntilTimeLimit", "limit_ms", 10000);
        add("time-limit-keys", "several keys: the limit counts from the first update that waits", ops(st, gk, count, limit, ts), keyed("a=x@0 b=x@2000 a=x@4000 c=x@9000 a=x@10000 b=x@11999 b=x@12000 d=x@5000 c=x@30000"));
        add("time-limit-out-of-order", "an older record, and one much older than the limit", ops(st, gk, concat, limit, ts), keyed("a=1@20000 b=2@15000 c=3@5000 a=4@9000 b=5@26000 d=6@16000 e=7@40000"));
        add("time-limit-tombstones", "a row that comes and goes while it waits still sends its tombstone", ops(tb, op("filter", "contains", "x"), limit, ts), keyed("a=x1@0 a=y@1000 b=y@2000 b=x2@3000 c=x3@4000 c=-@5000 d=x4@20000 d=-@21000 d=x5@22000 e=x6@50000"));
        add("time-limit-max-records", "a buffer of two rows sends the oldest early", ops(st, gk, count, op("suppressUntilTimeLimit", "limit_ms", 60000, "max_records", 2), ts), keyed("a=x@0 b=x@2000 a=x@4000 c=x@5000 d=x@1000 b=x@6000 a=x@7000 e=x@100000"));
        add("time-limit-zero", "limit 0", ops(st, gk, count, op("suppressUntilTimeLimit", "limit_ms", 0), ts), keyed("a=x@10 b=x@5 a=x@20"));
        add("time-limit-windows", "windowed rows, before they close", ops(st, gk, tumble, count, op("suppressUntilTimeLimit", "limit_ms", 3000), ts), keyed("a=x@1000 a=x@2000 b=x@3500 a=x@4000 a=x@9000 a=x@12000 a=x@9500 a=x@30000"));

        // emit on window close
        add("emit-on-close-keys", "several keys and windows close at once", ops(st, gk, op("tumbling", "size_ms", 10000, "grace_ms", 5000, "emit_on_close", true), count, ts), keyed("d=x@9000 b=x@1000 aa=x@11000 a=x@5000 c=x@2000 a=x@12000 ab=x@3000 d=x@13000 b=x@4000 e=x@19000 a=x@9000 a=x@14000 f=x@29000 f=x@39999"));
        add("emit-on-close-jump", "the store keeps size + grace before the latest window start: what closes later than that is gone without a result", ops(st, gk, op("hopping", "size_ms", 10000, "advance_ms", 5000, "grace_ms", 5000, "emit_on_close", true), concat, ts), keyed("a=1@4000 b=2@7000 c=3@19000 c=4@24000 a=5@24000 b=6@44999 c=7@60000 c=8@75000"));
        add("emit-on-close-jump-grace", "a longer grace: the window that starts exactly size + grace before the latest one still gets its result", ops(st, gk, op("tumbling", "size_ms", 10000, "grace_ms", 20000, "emit_on_close", true), count, ts), keyed("b=x@1000 a=x@11000 a=x@39999 b=x@69999 c=x@70000 c=x@130000"));
        add("emit-on-close-hopping", "late records", ops(st, gk, op("hopping", "size_ms", 10000, "advance_ms", 4000, "grace_ms", 3000, "emit_on_close", true), concat, ts), keyed("b=a@5000 a=b@14000 b=c@7000 a=d@3000 a=e@19000 b=f@11000 a=g@8000 a=h@23000 b=i@26000 b=j@31000 b=k@60000"));
        add("emit-on-close-sliding", "in order", ops(st, gk, op("sliding", "difference_ms", 5000, "grace_ms", 0, "emit_on_close", true), concat, ts), values("a@10000 b@12000 c@16000 d@18000 e@22000 f@50000 g@51000"));
        add("emit-on-close-sliding-late", "out of order, two keys", ops(st, gk, op("sliding", "difference_ms", 5000, "grace_ms", 10000, "emit_on_close", true), concat, ts), keyed("b=a@10000 a=b@18000 b=c@14000 a=d@11000 b=e@27000 a=f@16000 a=f2@5000 a=g@31000 b=h@36000 a=i@42001"));
        add("emit-on-close-sessions", "two keys, merges, late records", ops(st, gk, op("session", "gap_ms", 5000, "grace_ms", 4000, "emit_on_close", true), concat, ts), keyed("b=1@0 a=2@1000 b=3@8000 b=4@4000 a=5@20000 c=6@11500 c=7@15500 c=8@13000 a=9@60000 b=10@90000"));
        add("emit-on-close-sum", "aggregate", ops(st, byZone, op("tumbling", "size_ms", 10000, "grace_ms", 0, "emit_on_close", true), op("sum", "field", "fare"), ts), day());

        // global tables
        Map<String, Object>[] global = new Map[]{ride("r0", "a", "north", 1, 0), two("north", "N1", 100), ride("r1", "a", "north", 1, 2), two("north", "N2", 50), ride("r2", "a", "north", 1, 3), two("north", null, 60),
            ride("r3", "a", "north", 1, 4), two("north", "N3", 1), ride("r4", "a", "north", 1, 5), ride("r5", "a", null, 1, 6), in("r6", null, 7), in(null, "{\"zone\":\"north\"}", 8), two(null, "X", 9), two("south", null, 10), ride("r7", "a", "south", 1, 11)};
        add("global-table-changes", "updates and tombstones in between; null keys on both sides", ops(st, op("globalTableJoin", "topic", "in2", "field", "zone")), global);
        add("global-table-left-join", "the same, left", ops(st, op("globalTableLeftJoin", "topic", "in2", "field", "zone")), global);
        add("global-table-by-key", "by the key of the record", ops(st, op("globalTableLeftJoin", "topic", "in2", "by", "key")), keyed("a=1@1 in2:a=A@2 a=2@3 -=3@4 a=-@5 in2:a=-@6 a=4@7"));

        // foreign keys
        Map<String, Object>[] fk = new Map[]{two("north", "N1", 1), two("south", "S1", 2), ride("r1", "a", "north", 1, 3), ride("r1", "b", "south", 1, 4), ride("r1", "c", "north", 1, 5), ride("r1", "c", "north", 1, 6),
            ride("r1", "d", null, 1, 7), ride("r1", "e", "west", 1, 8), ride("r1", "f", "north", 1, 9), in("r1", null, 10), in("r1", null, 11), ride("r2", "a", null, 1, 12), in("r2", null, 13), ride("r3", "a", "west", 1, 14), two("west", "W1", 15), in(null, "{\"zone\":\"north\"}", 16), two(null, "X", 17)};
        add("foreign-key-changes", "the foreign key changes, goes back, is null, points nowhere; the row goes", ops(tb, op("foreignKeyJoin", "topic", "in2", "field", "zone"), ts), fk);
        add("foreign-key-left-changes", "the same, left", ops(tb, op("foreignKeyLeftJoin", "topic", "in2", "field", "zone"), ts), fk);
        Map<String, Object>[] many = new Map[]{ride("r3", "a", "north", 1, 5), ride("r1", "a", "north", 1, 6), ride("r10", "a", "north", 1, 7), ride("r2", "a", "northwest", 1, 8), ride("r2b", "a", "north", 1, 1), two("north", "N1", 4),
            two("northwest", "NW", 3), two("north", null, 9), two("north", null, 10), ride("r1", "b", "north", 1, 11), two("north", "N2", 12), in("r3", null, 13), two("north", "N2", 14), two("north", "N3", 2)};
        add("foreign-key-many", "many rows of one right row: their order; tombstone and re-creation on the right", ops(tb, op("foreignKeyJoin", "topic", "in2", "field", "zone"), ts), many);
        add("foreign-key-left-many", "the same, left", ops(tb, op("foreignKeyLeftJoin", "topic", "in2", "field", "zone"), ts), many);
        add("foreign-key-timestamps", "out of order: the larger timestamp of both sides", ops(tb, op("foreignKeyJoin", "topic", "in2", "by", "value"), ts), keyed("in2:n=N1@100 a=n@50 a=n@40 in2:n=N2@90 b=n@200 in2:n=N3@150 b=n@120 in2:n=-@80 in2:n=N4@70"));
        add("foreign-key-count", "grouped and counted behind", ops(tb, op("foreignKeyLeftJoin", "topic", "in2", "by", "value"), byValue, count, ts), keyed("in2:n=N@1 a=n@2 b=n@3 c=s@4 in2:n=M@5 c=n@6 b=-@7 in2:n=-@8"));
        add("foreign-key-filter", "a filtered left table, filtered behind too", ops(tb, op("filter", "contains", "n"), op("foreignKeyLeftJoin", "topic", "in2", "by", "value"), op("filterNot", "contains", "null"), ts), keyed("a=n@1 b=s@2 in2:n=N@3 in2:s=S@4 b=n@5 a=s@6 in2:n=-@7 in2:n=N2@8"));

        // table-table joins
        Map<String, Object>[] tomb = keyed("k=-@1 in2:k=-@2 k=L1@3 in2:k=-@4 in2:k=R1@5 k=-@6 k=-@7 in2:k=R2@8 k=L2@9 in2:k=-@10 k=-@11 in2:k=R3@12 in2:k=-@13 -=L@14 in2:-=R@15");
        add("table-join-tombstones", "tombstones on both sides, of rows that are there and that are not", ops(tb, op("tableJoin", "topic", "in2"), ts), tomb);
        add("table-left-join-tombstones", "left", ops(tb, op("tableLeftJoin", "topic", "in2"), ts), tomb);
        add("table-outer-join-tombstones", "outer", ops(tb, op("tableOuterJoin", "topic", "in2"), ts), tomb);
        Map<String, Object>[] older = keyed("k=L1@100 in2:k=R1@50 k=L2@80 in2:k=R2@120 k=L3@10 in2:k=R3@60 k=-@5 in2:k=-@1 in2:k=R4@200 k=L4@7");
        add("table-join-out-of-order", "an older update still replaces; the result has the larger timestamp", ops(tb, op("tableJoin", "topic", "in2"), ts), older);
        add("table-left-join-out-of-order", "left", ops(tb, op("tableLeftJoin", "topic", "in2"), ts), older);
        add("table-outer-join-out-of-order", "outer", ops(tb, op("tableOuterJoin", "topic", "in2"), ts), older);
        Map<String, Object>[] plain = keyed("k=L@1 in2:k=R@2 j=L@3 in2:j=Q@4 i=L@5 in2:i=R@6 in2:j=R@7 k=-@8 in2:i=-@9 in2:h=R@10 h=L@11 in2:j=-@12 j=-@13");
        add("table-join-filter", "a filter behind", ops(tb, op("tableJoin", "topic", "in2"), op("filter", "contains", "R"), ts), plain);
        add("table-left-join-filter", "rows with both sides only", ops(tb, op("tableLeftJoin", "topic", "in2"), op("filterNot", "contains", "null"), ts), plain);
        add("table-join-map-values", "mapped behind", ops(tb, op("tableJoin", "topic", "in2"), op("mapValues", "append", "!"), ts), plain);
        add("table-outer-join-count", "grouped by the joined value and counted", ops(tb, op("tableOuterJoin", "topic", "in2"), byValue, count, ts), plain);
        add("table-left-join-count", "the same, left", ops(tb, op("tableLeftJoin", "topic", "in2"), byValue, count, ts), plain);
        add("table-join-count", "the same, inner", ops(tb, op("tableJoin", "topic", "in2"), byValue, count, ts), plain);
        add("table-join-filtered-sides", "both sides are filtered tables", ops(tb, op("filter", "contains", "L"), op("tableOuterJoin", "right", ops(tb2, op("filterNot", "contains", "Q"))), ts), keyed("k=L1@1 in2:k=R1@2 k=M@3 in2:k=Q@4 k=L2@5 in2:k=R2@6 in2:j=Q@7 j=M@8 j=L@9"));
        add("table-join-three", "a third table joined behind", ops(tb, op("tableJoin", "topic", "in2"), op("tableLeftJoin", "topic", "in3"), ts), keyed("k=L1@1 in3:k=T1@2 in2:k=R1@3 in3:k=T2@4 k=L2@5 in2:k=-@6 in3:k=-@7 in2:k=R2@8"));
        add("table-join-aggregate", "the right side is a count", ops(tb, op("tableLeftJoin", "right", ops(st2, gk, count, toText)), ts), keyed("k=L1@1 in2:k=x@2 in2:k=x@3 k=L2@4 k=-@5 in2:k=x@6 k=L3@7"));

        // stream-stream joins
        Map<String, Object>[] several = keyed("k=L1@1000 k=L2@2000 k=L3@1500 in2:k=R1@1800 in2:k=R2@1000 k=L4@1700 in2:j=R3@1700 in2:k=R4@1700 k=L5@1700 j=L6@9000 in2:z=R5@20000");
        var within = new Object[]{"topic", "in2", "difference_ms", 1000, "grace_ms", 5000};
        add("stream-join-several", "several matches: their order", ops(st, op("streamJoin", within)), several);
        add("stream-left-join-several", "left", ops(st, op("streamLeftJoin", within)), several);
        add("stream-outer-join-several", "outer", ops(st, op("streamOuterJoin", within)), several);
        Map<String, Object>[] nulls = keyed("-=L1@1000 in2:-=R1@1000 k=-@1100 in2:k=-@1200 k=L2@1300 in2:k=R2@1400 -=-@1500 -=L3@60000 in2:-=R3@60000 in2:z=R4@90000");
        add("stream-join-nulls", "null keys and null values", ops(st, op("streamJoin", within)), nulls);
        add("stream-left-join-nulls", "left: a null key on the left has no match, at once", ops(st, op("streamLeftJoin", within)), nulls);
        add("stream-outer-join-nulls", "outer", ops(st, op("streamOuterJoin", within)), nulls);
        Map<String, Object>[] disorder = keyed("k=L1@10000 in2:k=R1@14000 k=L2@13500 in2:k=R2@9500 j=L3@8000 in2:j=R3@7000 i=L4@20000 in2:i=R4@18000 k=L5@15000 in2:k=R5@14000 in2:h=R6@21500 h=L7@15400 h=L8@15501 z=L9@50000 in2:z=R9@50000");
        add("stream-join-out-of-order", "old records on either side, within grace and after it", ops(st, op("streamJoin", within)), disorder);
        add("stream-left-join-out-of-order", "left", ops(st, op("streamLeftJoin", within)), disorder);
        add("stream-outer-join-out-of-order", "outer", ops(st, op("streamOuterJoin", within)), disorder);
        Map<String, Object>[] sides = keyed("k=L1@10000 in2:k=a@6999 in2:k=b@7000 in2:k=c@10000 in2:k=d@11000 in2:k=e@11001 k=L2@14000 k=L3@9000 in2:k=f@30000 in2:z=g@60000");
        var asym = new Object[]{"topic", "in2", "difference_ms", 1000, "before_ms", 3000, "after_ms", 1000, "grace_ms", 5000};
        add("stream-join-asymmetric", "the right record up to 3 s before and 1 s after", ops(st, op("streamJoin", asym)), sides);
        add("stream-left-join-asymmetric", "left", ops(st, op("streamLeftJoin", asym)), sides);
        add("stream-outer-join-asymmetric", "outer", ops(st, op("streamOuterJoin", asym)), sides);
        add("stream-join-before-only", "the right record 1 to 3 s before: after is negative", ops(st, op("streamJoin", "topic", "in2", "difference_ms", 3000, "after_ms", -1000, "grace_ms", 5000)), keyed("k=L1@10000 in2:k=a@9001 in2:k=b@9000 in2:k=c@7000 in2:k=d@6999 k=L2@10500 in2:k=e@9500"));
        Map<String, Object>[] closing = keyed("c=L1@1000 a=L2@1000 in2:b=R1@900 in2:a=R2@5000 b=L3@1200 in2:c=R3@3000 d=L4@1100 in2:e=R4@3100 d=L5@9000 in2:e=R5@10100 z=L6@30000 in2:z=R6@60000 y=L7@90000");
        add("stream-left-join-close", "several keys close at once: the order of results", ops(st, op("streamLeftJoin", "topic", "in2", "difference_ms", 1000, "grace_ms", 5000)), closing);
        add("stream-outer-join-close", "outer", ops(st, op("streamOuterJoin", "topic", "in2", "difference_ms", 1000, "grace_ms", 5000)), closing);
        add("stream-outer-join-no-grace", "outer, grace 0", ops(st, op("streamOuterJoin", "topic", "in2", "difference_ms", 1000, "grace_ms", 0)), closing);
        add("stream-left-join-same-time", "equal timestamps on both sides, window 0", ops(st, op("streamLeftJoin", "topic", "in2", "difference_ms", 0, "grace_ms", 0)), keyed("k=L1@5 in2:k=R1@5 k=L2@5 in2:k=R2@6 k=L3@6 k=L4@7 in2:k=R3@9 k=L5@9 in2:k=R4@9 k=L6@20"));
        Map<String, Object>[] expired = keyed("k=L1@10000 i=L2@10001 j=L3@16999 in2:k=R1@10500 j=L4@17000 in2:k=R2@10500 in2:i=R3@10500 in2:m=R4@100000 k=L5@99000 k=L6@20000 in2:k=R5@20000 in2:m=R6@200000 m=L7@1000 in2:m=R7@1000 m=L8@200500");
        add("stream-join-expired", "each side's store keeps before + after + grace behind its own latest record", ops(st, op("streamJoin", within)), expired);
        add("stream-outer-join-expired", "outer", ops(st, op("streamOuterJoin", within)), expired);
        add("stream-self-join", "a topic joined with itself", ops(st, op("streamJoin", "topic", "in", "difference_ms", 1000, "grace_ms", 5000)), keyed("k=1@1000 k=2@1500 k=3@2100 j=4@1500 k=5@1100"));
        add("stream-join-window", "a join, then counted in windows", ops(st, op("streamJoin", within), gk, tumble, count, ts), several);

        // stream-table joins
        Map<String, Object>[] mixed = keyed("in2:k=T1@100 k=e1@50 in2:k=T2@40 k=e2@60 in2:k=-@30 k=e3@110 in2:k=T3@20 k=e4@10 -=e5@5 j=e6@5 in2:-=T4@6 k=-@7");
        add("stream-table-join-out-of-order", "the table as it is now, whatever the timestamps", ops(st, op("streamTableJoin", "topic", "in2")), mixed);
        add("stream-table-left-join-out-of-order", "left", ops(st, op("streamTableLeftJoin", "topic", "in2")), mixed);
        add("stream-table-join-filtered", "with a filtered and mapped table", ops(st, op("streamTableLeftJoin", "right", ops(tb2, op("filter", "contains", "T"), op("mapValues", "append", "!")))), keyed("in2:k=T1@1 k=e1@2 in2:k=U@3 k=e2@4 in2:k=T2@5 k=e3@6"));
        add("stream-table-join-count", "with a count", ops(st, op("streamTableLeftJoin", "right", ops(st2, gk, count, toText))), keyed("k=e1@1 in2:k=x@2 k=e2@3 in2:k=x@4 k=e3@5"));

        // tables
        Map<String, Object>[] rows = new Map[]{ride("r1", "a", "north", 10, 1), ride("r2", "a", "north", 5, 2), ride("r1", "a", "north", 7, 3), ride("r1", "a", "south", 7, 4), in("r2", null, 5), ride("r3", "a", null, 3, 6), ride("r1", "a", null, 7, 7),
            ride("r3", "a", "south", -9, 8), ride("r3", "a", "south", -9, 9), in("r9", null, 10), ride("r4", "a", "south", -1, 2)};
        add("table-reduce-sum", "reduce with an adder and a subtractor", ops(tb, op("groupBy", "field", "zone", "value_field", "fare"), op("tableReduce", "by", "sum"), ts), rows);
        add("table-reduce-concat", "the order: old value out, new value in", ops(tb, op("groupBy", "field", "zone", "value_field", "fare"), op("tableReduce", "by", "concat"), ts), rows);
        add("table-group-nulls", "rows without a group", ops(tb, byZone, count, ts), rows);
        add("table-group-sum-negative", "negative values", ops(tb, byZone, op("sum", "field", "fare"), ts), rows);
        add("table-filter-not", "filterNot of a table", ops(tb, op("filterNot", "field", "zone", "equals", "north"), ts), rows);
        add("table-map-filter", "mapped, then filtered", ops(tb, op("mapValues", "field", "zone"), op("filter", "contains", "north"), ts), rows);
        add("table-filter-map", "filtered, then mapped", ops(tb, op("filter", "field", "fare", "at_least", 5), op("mapValues", "field", "zone"), ts), rows);
        add("table-filter-group-count", "filtered, then grouped and counted", ops(tb, op("filter", "field", "fare", "at_least", 5), byZone, count, ts), rows);
        add("to-table-group-count", "a stream as a table, grouped", ops(st, op("toTable"), byZone, count, ts), rows);
        add("to-table-nulls", "null keys are left out, null values are tombstones, also of rows that are not there", ops(st, op("toTable"), ts), keyed("a=1@5 -=2@6 b=-@7 a=-@3 a=-@4 a=3@1"));
        add("table-nulls", "the same for a table", ops(tb, ts), keyed("a=1@5 -=2@6 b=-@7 a=-@3 a=-@4 a=3@1"));
        add("select-key-to-table", "a new key, then a table (repartition)", ops(st, op("selectKey", "field", "zone"), op("toTable"), ts), rows);
        add("count-filter", "the groups with two or more", ops(st, byZone, count, op("filterLong", "at_least", 2), ts), day());
        add("table-count-filter", "a group that shrinks leaves the filter again", ops(tb, byZone, count, op("filterLong", "at_least", 2), ts), ride("r1", "a", "north", 1, 1), ride("r2", "a", "north", 1, 2), ride("r3", "a", "north", 1, 3), in("r1", null, 4), in("r2", null, 5), in("r3", null, 6), ride("r1", "a", "north", 1, 7), ride("r2", "a", "north", 1, 8));

        // repartition, merge, split and the rest of the stream operators
        add("select-key-group", "selectKey, then groupByKey (repartition)", ops(st, op("selectKey", "field", "zone"), gk, count, ts), rows);
        add("map-join", "map, then a stream join: the mapped side goes through a topic", ops(st, op("map", "key_field", "zone", "value_field", "fare"), op("streamJoin", within)), ride("r1", "a", "north", 1, 1000), two("north", "N", 1500), ride("r2", "a", null, 2, 1600), ride("r3", "a", "north", 3, 400), two("north", "M", 100));
        add("map-join-both", "both sides mapped", ops(st, op("selectKey", "by", "value"), op("streamOuterJoin", "right", ops(st2, op("selectKey", "by", "value")), "difference_ms", 1000, "grace_ms", 0)), keyed("1=x@0 in2:2=x@500 3=y@600 in2:4=z@700 5=w@9000 in2:6=w@20000"));
        add("map-table-join", "a new key, then a table join", ops(st, op("selectKey", "field", "zone"), op("streamTableLeftJoin", "topic", "in2")), two("north", "N", 1), ride("r1", "a", "north", 1, 2), ride("r2", "a", null, 1, 3), ride("r3", "a", "south", 1, 4));
        add("merge-count", "two topics merged, then counted", ops(st, op("merge", "topic", "in2"), gk, count, ts), keyed("a=1@10 in2:a=2@5 in2:b=3@7 b=4@1"));
        add("merge-select-key", "one of the merged streams has a new key: the merged stream goes through a topic", ops(st, op("merge", "right", ops(st2, op("selectKey", "by", "value"))), gk, concat, ts), keyed("a=1@10 in2:x=a@5 b=3@7 in2:y=b@1"));
        add("counts-of-counts", "how many zones have how many events: a count, then a table grouped by it", ops(st, byZone, count, toText, byValue, count, ts), day());
        add("counts-chained", "a count, then a stream of its updates, grouped by the count", ops(st, byZone, count, ts, toText, byValue, count, ts), day());
        add("window-chained", "counts of a window become a stream and are counted again in larger windows", ops(st, gk, op("tumbling", "size_ms", 1000, "grace_ms", 0), count, op("toStream", "key", "plain"), toText, gk, op("tumbling", "size_ms", 10000, "grace_ms", 0), concat, ts), values("a@100 b@900 c@1100 d@5000 e@5100 f@500 g@12000 h@12100"));
        add("flat-map-count", "words", ops(st, op("flatMapValues", "split", " "), byValue, count, ts), in("1", "the taxi the ride", 10), in("2", "ride", 5), in("3", "a taxi", 20));
        add("flat-map-empty", "records that become none", ops(st, op("flatMap", "split", ",", "skip_empty", true), gk, count, ts), in("r1", "", 5), in("r2", "north,,south", 6), in("r3", ",,", 7), in("r4", "north", 3));
        add("flat-map-values-empty", "the same for values", ops(st, op("flatMapValues", "split", ",", "skip_empty", true)), in("r1", "", 5), in("r2", "north,,south", 6), in("r3", ",,", 7), in(null, "x", 8));
        add("peek", "peek passes everything on", ops(st, op("peek"), op("filter", "contains", "a"), op("peek")), keyed("k=a@1 k=b@2 -=a@3 k=-@4"));
        var branches = List.of(map("field", "status", "equals", "completed"), map("field", "fare", "at_least", 1000), map("field", "zone", "equals", "north"));
        add("split-first", "the first branch", ops(st, op("split", "branches", branches, "branch", 0)), day());
        add("split-third", "a record goes to the first branch that takes it only", ops(st, op("split", "branches", branches, "branch", 2)), day());
        add("split-default", "what no branch takes", ops(st, op("split", "branches", branches, "default", true, "branch", 3)), day());
        add("split-merge", "branches merged again", ops(st, op("split", "branches", branches, "default", true, "branch", List.of(3, 0))), day());
        add("repartition", "through a topic", ops(st, op("repartition", "partitions", 4)), keyed("a=1@10 b=2@5 -=3@20 a=-@15"));
        add("repartition-count", "and then counted: no second topic", ops(st, op("selectKey", "field", "zone"), op("repartition"), gk, count, ts), rows);
        add("sum-negative", "negative values", ops(st, byZone, op("sum", "field", "fare"), ts), ride("r1", "a", "north", -10, 1), ride("r2", "a", "north", 4, 2), ride("r3", "a", "north", 6, 3), ride("r4", "a", "south", -1, 4));

        // names
        add("named-count", "names for the filter, the grouping and the store", ops(op("stream", "topic", "in", "named", "rides"), op("filter", "field", "status", "equals", "completed", "named", "only-done"), op("groupBy", "field", "zone", "named", "by-zone"),
            op("count", "store", "rides-per-zone", "named", "count-rides"), op("toStream", "named", "updates")), day());
        add("named-store-only", "only the store has a name: the repartition topic has the name of the store", ops(st, byZone, op("count", "store", "rides-per-zone"), ts), day());
        add("named-grouped-only", "only the grouping has a name", ops(st, op("groupBy", "field", "zone", "named", "by-zone"), count, ts), day());
        add("named-windows", "a named windowed count and suppress", ops(st, gk, tumble, op("count", "store", "pings", "named", "count-pings"), op("suppressUntilWindowCloses", "named", "final"), ts), keyed("a=x@1000 b=x@2000 z=x@40000"));
        add("named-sessions", "a named session store", ops(st, gk, session, op("reduce", "by", "concat", "store", "trips"), ts), values("a@0 b@9000 c@4500"));
        add("named-table", "a named table and its group", ops(op("table", "topic", "in", "store", "rides", "named", "rides-source"), op("groupBy", "field", "zone", "named", "by-zone"), op("sum", "field", "fare", "store", "fares"), ts), rows);
        add("named-table-filter", "a filter and a map with stores of their own", ops(tb, op("filter", "field", "fare", "at_least", 5, "store", "large", "named", "only-large"), op("mapValues", "field", "zone", "store", "zones"), ts), rows);
        add("named-table-join", "a table join with a store", ops(op("table", "topic", "in", "store", "left"), op("tableOuterJoin", "topic", "in2", "right_store", "right", "right_named", "right-source", "store", "joined", "named", "join"), ts), tomb);
        add("named-foreign-key", "names in a foreign-key join", ops(op("table", "topic", "in", "store", "rides"), op("foreignKeyLeftJoin", "topic", "in2", "right_store", "zones", "field", "zone", "store", "rides-with-zone", "named", "zone-join"), ts), fk);
        add("named-stream-join", "names in a stream join, with a map before it", ops(st, op("selectKey", "by", "value", "named", "re-key"), op("streamLeftJoin", "topic", "in2", "difference_ms", 1000, "grace_ms", 0, "named", "match", "store", "match-store")), keyed("1=k@1000 in2:k=R1@1500 2=k@5000 3=j@9000 in2:z=z@20000"));
        add("named-stream-join-name", "a name only", ops(st, op("streamOuterJoin", "topic", "in2", "difference_ms", 1000, "grace_ms", 0, "named", "match")), keyed("k=L1@1000 in2:k=R1@1500"));
        add("named-stream-join-store", "store names only", ops(st, op("streamOuterJoin", "topic", "in2", "difference_ms", 1000, "grace_ms", 0, "store", "match-store")), keyed("k=L1@1000 in2:k=R1@1500"));
        add("named-table-join-name", "a name only", ops(tb, op("tableJoin", "topic", "in2", "named", "join"), ts), keyed("k=L1@1 in2:k=R1@2"));
        add("named-foreign-key-name", "a name only", ops(tb, op("foreignKeyJoin", "topic", "in2", "by", "value", "named", "zone-join"), ts), keyed("k=n@1 in2:n=N@2"));
        add("named-foreign-key-store", "a store name only", ops(tb, op("foreignKeyJoin", "topic", "in2", "by", "value", "store", "joined"), ts), keyed("k=n@1 in2:n=N@2"));
        add("named-stateless", "names all along", ops(op("stream", "topic", "in", "named", "source"), op("peek", "named", "look"), op("mapValues", "append", "!", "named", "shout"), op("flatMapValues", "split", ",", "named", "pieces"), op("merge", "topic", "in2", "named", "both", "right_named", "source-2"),
            op("filterNot", "contains", "x", "named", "no-x"), op("selectKey", "by", "value", "named", "re-key"), op("groupByKey", "named", "grouped"), op("reduce", "by", "latest", "named", "newest", "store", "newest-store"), op("filter", "contains", "a", "named", "only-a"), op("mapValues", "append", "?", "named", "ask"), op("toStream", "named", "changes")), keyed("k=a,b@1 in2:k=ax@2 in2:k=aa@3"));
        add("named-stream-table-join", "a name for the repartition topic of a stream-table join", ops(st, op("selectKey", "field", "zone"), op("streamTableJoin", "topic", "in2", "right_store", "zones", "named", "with-zone")), two("north", "N", 1), ride("r1", "a", "north", 1, 2));
        add("named-global-table", "a global table with a store", ops(st, op("globalTableJoin", "topic", "in2", "field", "zone", "right_store", "zones", "named", "with-zone")), two("north", "N", 1), ride("r1", "a", "north", 1, 2));
        add("named-repartition", "a named repartition and table", ops(st, op("selectKey", "field", "zone", "named", "re-key"), op("repartition", "named", "by-zone", "partitions", 3), op("toTable", "store", "zones", "named", "as-table"), ts), rows);
        add("named-split", "named branches", ops(st, op("split", "named", "status-", "branches", List.of(map("field", "status", "equals", "completed", "as", "done"), map("field", "fare", "at_least", 1000)), "default", "rest", "branch", List.of(0, 2))), day());
        add("named-table-reduce", "a named reduce of a table", ops(tb, op("groupBy", "field", "zone", "value_field", "fare"), op("tableReduce", "by", "sum", "store", "fares", "named", "add-fares"), ts), rows);

        // punctuation
        add("punctuate-stream", "stream time: first at the first record, then at most once for each record", ops(st, op("punctuate", "interval_ms", 1000, "type", "stream")), keyed("a=1@100 a=2@900 a=3@1100 a=4@1099 a=5@5500 wall:10000 a=6@5900 a=7@6000 a=8@7100"));
        add("punctuate-wall", "wall clock: at most once for each move of the clock", ops(st, op("punctuate", "interval_ms", 1000, "type", "wall")), keyed("a=1@100 wall:500 a=2@90000 wall:500 wall:1 wall:999 wall:5500 wall:499 wall:501 a=3@1 wall:1000"));
        add("punctuate-stream-late", "older records do not move stream time; null keys and values do", ops(st, op("punctuate", "interval_ms", 1000, "type", "stream")), keyed("a=1@10500 a=2@3000 a=3@11499 -=4@11500 a=-@12600 a=5@13000"));
        add("punctuate-count", "ticks are counted behind", ops(st, op("punctuate", "interval_ms", 1000, "type", "wall", "named", "clock"), gk, count, ts), keyed("a=1@100 wall:1000 wall:3000 a=2@50 wall:500 wall:500"));
        add("punctuate-two", "a stream-time and a wall-clock punctuation", ops(st, op("punctuate", "interval_ms", 1000, "type", "stream"), op("punctuate", "interval_ms", 700, "type", "wall")), keyed("a=1@0 wall:700 a=2@999 a=3@1000 wall:2000 a=4@1900 a=5@2000"));
        add("punctuate-two-topics", "stream time of a task with two topics", ops(st, op("merge", "topic", "in2"), op("punctuate", "interval_ms", 1000, "type", "stream")), keyed("a=1@5000 in2:b=2@100 in2:b=3@6000 a=4@5500 in2:b=5@7000"));

        describeOthers(Path.of(args[1]), Path.of(args[0], "streams-describe.jsonl"));
        Files.write(Path.of(args[0], "streams-more.jsonl"), lines);
        System.out.println("streams-more.jsonl: " + lines.size() + " rows");
        System.exit(0);
    }
}
