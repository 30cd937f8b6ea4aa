// Random operations on Kafka's own SharePartition, with what it answered. Needs no broker; the same on every run.
//   javac -cp 'LIBS/*' -d CLASSES SharePartitionVectors.java && java -cp 'CLASSES:LIBS/*' kafka.server.share.SharePartitionVectors OUT RUNS
package kafka.server.share;

import java.nio.ByteBuffer;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.CompletableFuture;
import java.util.stream.*;
import org.apache.kafka.clients.consumer.internals.ShareAcquireMode;
import org.apache.kafka.common.*;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.*;
import org.apache.kafka.common.utils.*;
import org.apache.kafka.coordinator.group.ShareGroupAutoOffsetResetStrategy;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfigProvider;
import org.apache.kafka.coordinator.share.PersisterStateBatchCombiner;
import org.apache.kafka.server.partition.PartitionListener;
import org.apache.kafka.server.share.PartitionMetadataProvider;
import org.apache.kafka.server.share.acknowledge.ShareAcknowledgementBatch;
import org.apache.kafka.server.share.dlq.NoOpShareGroupDLQManager;
import org.apache.kafka.server.share.fetch.*;
import org.apache.kafka.server.share.persister.*;
import org.apache.kafka.server.storage.log.*;
import org.apache.kafka.server.util.timer.Timer;
import org.apache.kafka.server.util.timer.TimerTask;
import org.apache.kafka.server.util.timer.*;
import org.apache.kafka.storage.internals.log.LogOffsetMetadata;

public class SharePartitionVectors {
    static final TopicIdPartition TP = new TopicIdPartition(new Uuid(1, 2), new TopicPartition("jobs", 0));
    static long now;

    static class Clock implements Time {
        public long milliseconds() { return now; }
        public long nanoseconds() { return now * 1_000_000; }
        public long hiResClockMs() { return now; }
        public void sleep(long ms) { }
        public void waitObject(Object o, java.util.function.Supplier<Boolean> c, long d) { }
        public org.apache.kafka.common.utils.Timer timer(long t) { return null; }
    }

    static class Alarm implements Timer {
        final List<TimerTaskEntry> entries = new ArrayList<>();
        public void add(TimerTask task) { entries.add(new TimerTaskEntry(task, now + task.delayMs)); }
        public boolean advanceClock(long to) {
            while (true) {
                var due = entries.stream().filter(e -> e.expirationMs <= to).min(Comparator.comparingLong(e -> e.expirationMs));
                if (due.isEmpty()) { now = to; return true; }
                entries.remove(due.get());
                now = Math.max(now, due.get().expirationMs);
                if (!due.get().cancelled()) due.get().timerTask.run();
            }
        }
        public int size() { return entries.size(); }
        public void close() { }
    }

    static class Memory implements Persister {
        long start = -1; List<PersisterStateBatch> batches = List.of(); int complete = -1;
        public CompletableFuture<InitializeShareGroupStateResult> initializeState(InitializeShareGroupStateParameters p) { throw new IllegalStateException(); }
        public CompletableFuture<DeleteShareGroupStateResult> deleteState(DeleteShareGroupStateParameters p) { throw new IllegalStateException(); }
        public CompletableFuture<ReadShareGroupStateSummaryResult> readSummary(ReadShareGroupStateSummaryParameters p) { throw new IllegalStateException(); }
        public void stop() { }
        public CompletableFuture<ReadShareGroupStateResult> readState(ReadShareGroupStateParameters p) {
            return CompletableFuture.completedFuture(new ReadShareGroupStateResult.Builder().setTopicsData(List.of(new TopicData<>(TP.topicId(),
                List.of(PartitionFactory.newPartitionAllData(0, 1, start, Errors.NONE.code(), "", batches))))).build());
        }
        public CompletableFuture<WriteShareGroupStateResult> writeState(WriteShareGroupStateParameters p) {
            PartitionStateBatchData d = p.groupTopicPartitionData().topicsData().get(0).partitions().get(0);
            if (d.startOffset() > start) complete = d.deliveryCompleteCount();
            else if (d.startOffset() == start) complete = Math.max(complete, d.deliveryCompleteCount());
            start = Math.max(start, d.startOffset());
            batches = new PersisterStateBatchCombiner(new ArrayList<>(batches), d.stateBatches(), start).combineStateBatches();
            return CompletableFuture.completedFuture(new WriteShareGroupStateResult.Builder().setTopicsData(List.of(new TopicData<>(TP.topicId(),
                List.of(PartitionFactory.newPartitionErrorData(0, Errors.NONE.code(), ""))))).build());
        }
    }

    final Random random; final int maxDelivery, maxLocks, lockMs; final boolean renew;
    final Alarm alarm = new Alarm(); final Memory memory = new Memory();
    final List<long[]> log = new ArrayList<>(); long end; long logStart;
    SharePartition share; boolean over;
    final StringBuilder out;

    SharePartitionVectors(int run, StringBuilder out) {
        this.out = out; random = new Random(run); now = 0;
        maxDelivery = new int[]{2, 3, 4, 5, 6}[random.nextInt(5)];
        maxLocks = new int[]{5, 12, 30, 100}[random.nextInt(4)];
        lockMs = 1000; renew = random.nextInt(4) > 0;
        end = logStart = random.nextInt(3) * 7;
        memory.start = end;
        out.append("{\"run\":" + run + ",\"maxDelivery\":" + maxDelivery + ",\"maxLocks\":" + maxLocks + ",\"lockMs\":" + lockMs + ",\"renew\":" + renew + ",\"start\":" + end + "}\n");
        open();
    }

    void open() {
        share = new SharePartition("workers", TP, 0, maxLocks, maxDelivery, lockMs, alarm, new Clock(), memory, new PartitionMetadataProvider() {
            public long offsetForEarliestTimestamp(TopicIdPartition t, int e) { return logStart; }
            public long offsetForLatestTimestamp(TopicIdPartition t, int e) { return end; }
            public long offsetForTimestamp(TopicIdPartition t, long ts, int e) { return end; }
            public LogOffsetMetadata endOffsetMetadata(TopicIdPartition t, FetchIsolation i) { return new LogOffsetMetadata(end); }
            public int leaderEpoch(TopicIdPartition t) { return 0; }
            public boolean addPartitionListener(TopicIdPartition t, PartitionListener l) { return true; }
            public void removePartitionListener(TopicIdPartition t, PartitionListener l) { }
        }, key -> { }, new ShareGroupConfigProvider(null) {
            public int recordLockDurationMsOrDefault(String g, int d) { return d; }
            public int deliveryCountLimitOrDefault(String g, int d) { return d; }
            public int partitionMaxRecordLocksOrDefault(String g, int d) { return d; }
            public boolean isRenewAcknowledgeEnabled(String g) { return renew; }
            public ShareGroupAutoOffsetResetStrategy autoOffsetReset(String g) { return ShareGroupAutoOffsetResetStrategy.EARLIEST; }
            public Optional<String> errorsDLQTopicName(String g) { return Optional.empty(); }
        }, null, () -> false, new NoOpShareGroupDLQManager());
        share.maybeInitialize().join();
    }

    MemoryRecords records(List<long[]> batches) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 18);
        for (long[] b : batches) {
            SimpleRecord[] rs = LongStream.rangeClosed(b[0], b[1]).mapToObj(o -> new SimpleRecord(("v" + o).getBytes())).toArray(SimpleRecord[]::new);
            buffer.put(MemoryRecords.withRecords(b[0], Compression.NONE, rs).buffer());
        }
        buffer.flip();
        return MemoryRecords.readableRecords(buffer);
    }

    String pairs(List<long[]> batches) { return batches.stream().map(b -> "[" + b[0] + "," + b[1] + "]").collect(Collectors.joining(",", "[", "]")); }

    String after() {
        StringBuilder s = new StringBuilder(",\"after\":{\"start\":" + share.startOffset() + ",\"end\":" + share.endOffset() + ",\"next\":" + share.nextFetchOffset() + ",\"complete\":" + share.deliveryCompleteCount() + ",\"canAcquire\":" + share.canAcquireRecords() + ",\"records\":[");
        List<String> rows = new ArrayList<>();
        for (InFlightBatch b : share.cachedState().values()) {
            for (long o = b.firstOffset(); o <= b.lastOffset(); o++) {
                InFlightState st = b.offsetState() == null ? null : b.offsetState().get(o);
                RecordState rs = st == null ? b.batchState() : st.state();
                int count = st == null ? b.batchDeliveryCount() : st.deliveryCount();
                String member = st == null ? b.batchMemberId() : st.memberId();
                rows.add("[" + o + "," + rs.id + "," + count + ",\"" + member + "\"]");
            }
        }
        s.append(String.join(",", rows)).append("],\"kept\":[");
        s.append(memory.batches.stream().map(b -> "[" + b.firstOffset() + "," + b.lastOffset() + "," + b.deliveryState() + "," + b.deliveryCount() + "]").collect(Collectors.joining(",")));
        return s.append("],\"keptStart\":" + memory.start + ",\"keptComplete\":" + memory.complete + "}}\n").toString();
    }

    void op(String text) { out.append(text).append(",\"at\":" + now).append(after()); }

    void acquire() {
        String member = "m" + random.nextInt(3);
        boolean byRecord = random.nextInt(4) == 0;
        int batchSize = 1 + random.nextInt(6), max = 1 + random.nextInt(14), k = 1 + random.nextInt(4);
        if (!share.canAcquireRecords()) return;
        long offset = share.nextFetchOffset();
        List<long[]> read = log.stream().filter(b -> b[1] >= offset).limit(k).toList();
        if (read.isEmpty()) return;
        var data = new FetchPartitionData(Errors.NONE, end, logStart, records(read), Optional.empty(), OptionalLong.empty(), Optional.empty(), OptionalInt.empty(), false);
        ShareAcquiredRecords got;
        // With all locks in use Kafka can throw here: nothing to compare from then on.
        try { got = share.acquire(member, byRecord ? ShareAcquireMode.RECORD_LIMIT : ShareAcquireMode.BATCH_OPTIMIZED, batchSize, max, offset, data, FetchIsolation.HIGH_WATERMARK); }
        catch (IllegalArgumentException e) { over = true; return; }
        String rows = got.acquiredRecords().stream().map(r -> "[" + r.firstOffset() + "," + r.lastOffset() + "," + r.deliveryCount() + "]").collect(Collectors.joining(",", "[", "]"));
        op("{\"op\":\"acquire\",\"member\":\"" + member + "\",\"byRecord\":" + byRecord + ",\"batchSize\":" + batchSize + ",\"max\":" + max + ",\"offset\":" + offset + ",\"read\":" + pairs(read) + ",\"acquired\":" + rows);
    }

    void acknowledge() {
        var cached = new ArrayList<>(share.cachedState().values());
        if (cached.isEmpty() && random.nextInt(3) > 0) return;
        String member = "m" + random.nextInt(3);
        List<ShareAcknowledgementBatch> batches = new ArrayList<>();
        List<String> rows = new ArrayList<>();
        for (int i = 0, n = 1 + random.nextInt(2); i < n; i++) {
            long first, last;
            if (cached.isEmpty() || random.nextInt(8) == 0) {
                first = Math.max(0, share.startOffset() - 3 + random.nextInt(12)); last = first + random.nextInt(4);
            } else {
                InFlightBatch b = cached.get(random.nextInt(cached.size()));
                // Mostly for a run of records that the member holds.
                if (b.offsetState() != null) {
                    List<Long> held = new ArrayList<>();
                    for (var e : b.offsetState().entrySet()) if (e.getValue().state() == RecordState.ACQUIRED) held.add(e.getKey());
                    first = held.isEmpty() ? b.firstOffset() : held.get(random.nextInt(held.size()));
                    if (!held.isEmpty()) member = random.nextInt(9) == 0 ? member : b.offsetState().get(first).memberId();
                    last = first;
                    while (held.contains(last + 1) && random.nextInt(3) > 0) last++;
                } else {
                    if (!b.batchMemberId().isEmpty() && random.nextInt(9) > 0) member = b.batchMemberId();
                    first = random.nextInt(3) == 0 ? b.firstOffset() + random.nextInt((int) (b.lastOffset() - b.firstOffset() + 1)) : b.firstOffset();
                    last = random.nextInt(3) == 0 ? first + random.nextInt((int) (b.lastOffset() - first + 1)) : b.lastOffset();
                }
            }
            // As clients make them: in order, without overlap.
            if (!batches.isEmpty() && first <= batches.get(batches.size() - 1).lastOffset()) continue;
            List<Byte> types = new ArrayList<>();
            int size = random.nextInt(3) == 0 ? (int) (last - first + 1) : 1;
            for (int t = 0; t < size; t++) types.add((byte) new int[]{1, 1, 1, 2, 2, 2, 3, 4, 0}[random.nextInt(9)]);
            batches.add(new ShareAcknowledgementBatch(first, last, types));
            rows.add("[" + first + "," + last + "," + types.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]")) + "]");
        }
        String error = "null", words = "";
        try {
            share.acknowledge(member, batches).join();
        } catch (Exception e) {
            Throwable t = e.getCause() == null ? e : e.getCause();
            // Kafka's own slip, a NullPointerException: nothing to compare from here on.
            if (Errors.forException(t) == Errors.UNKNOWN_SERVER_ERROR) { over = true; return; }
            error = "\"" + Errors.forException(t).name() + "\""; words = t.getMessage();
        }
        op("{\"op\":\"acknowledge\",\"member\":\"" + member + "\",\"batches\":[" + String.join(",", rows) + "],\"error\":" + error + ",\"words\":\"" + words + "\"");
    }

    void run(int steps) {
        for (int i = 0; i < steps && !over; i++) {
            alarm.advanceClock(now + 1);
            int dice = random.nextInt(100);
            if (log.isEmpty() || dice < 12 && end - share.startOffset() < 60) {
                if (random.nextInt(12) == 0) end += 1 + random.nextInt(4); // a gap: compacted away
                long last = end + random.nextInt(random.nextInt(3) == 0 ? 10 : 4);
                log.add(new long[]{end, last}); end = last + 1;
            } else if (dice < 45) acquire();
            else if (dice < 80) acknowledge();
            else if (dice < 85) { String m = "m" + random.nextInt(3); share.releaseAcquiredRecords(m).join(); op("{\"op\":\"release\",\"member\":\"" + m + "\""); }
            else if (dice < 95) { long to = now + 100 + random.nextInt(900); alarm.advanceClock(to); op("{\"op\":\"time\""); }
            else if (dice < 97) {
                long to = Math.min(end, share.startOffset() + 1 + random.nextInt(5));
                if (to > share.startOffset()) { logStart = to; log.removeIf(b -> b[1] < to); share.updateCacheAndOffsets(to); op("{\"op\":\"logStart\",\"to\":" + to); }
            } else if (dice < 99) {
                alarm.entries.clear(); open(); op("{\"op\":\"restart\"");
            }
        }
    }

    public static void main(String[] args) throws Exception {
        StringBuilder out = new StringBuilder();
        for (int run = 1; run <= Integer.parseInt(args[1]); run++) new SharePartitionVectors(run, out).run(60);
        Files.writeString(Path.of(args[0], "share-partition.jsonl"), out.toString());
    }
}
