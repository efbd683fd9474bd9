package org.bybert.job.embed;

import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.ThreadUtils;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.Texts;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Tells on standard error how many bytes are done and how long the rest may take. Units that are done count with the
 * bytes they were planned with; of running tasks executors tell every ten seconds how far they are.
 */
final class EmbedProgress extends SparkListener implements AutoCloseable {

    private static final int INTERVAL_SECONDS = 10;

    private final Terminal terminal;
    private final UnitPlan plan;
    private final long tokensAccumulator;
    private final Map<Long, Long> running = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock =
            ThreadUtils.newDaemonSingleThreadScheduledExecutor("bybert progress");
    private final long atStart;
    private long doneBytes;
    private int doneUnits;
    private long firstSeconds;
    private long firstBytes = -1;
    private String last = "";

    /**
     * @param tokensAccumulator id of the accumulator that counts tokens, of which a byte is one
     * @param done              units that an earlier run has done
     */
    EmbedProgress(Terminal terminal, UnitPlan plan, long tokensAccumulator, BitSet done) {
        this.terminal = terminal;
        this.plan = plan;
        this.tokensAccumulator = tokensAccumulator;
        this.atStart = done.stream()
                .filter(unit -> plan.isSpread())
                .mapToLong(unit -> plan.bytes()[unit])
                .sum();
        this.doneBytes = atStart;
        this.doneUnits = done.cardinality();
        Future<?> unused = clock.scheduleAtFixedRate(this::print, INTERVAL_SECONDS, INTERVAL_SECONDS, TimeUnit.SECONDS);
    }

    synchronized void unitDone(UnitMarker marker) {
        doneBytes +=
                plan.isSpread() ? plan.bytes()[marker.unit()] : marker.counts().bytes();
        doneUnits++;
    }

    @Override
    public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
        CollectionConverters.asJava(update.accumUpdates())
                .forEach(task -> CollectionConverters.asJava(task._4()).forEach(info -> {
                    if (info.id() == tokensAccumulator && info.update().getOrElse(() -> null) instanceof Long bytes) {
                        // The windows of a text that is split overlap.
                        running.put((Long) task._1(), Math.min(bytes, plan.bytes()[0]));
                    }
                }));
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        running.remove(end.taskInfo().taskId());
    }

    private synchronized void print() {
        long total = plan.totalBytes();
        long done = Math.min(
                total,
                doneBytes + running.values().stream().mapToLong(Long::longValue).sum());
        long now = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime());
        if (done == atStart) {
            return;
        }
        if (firstBytes < 0) {
            firstBytes = done;
            firstSeconds = now;
        }
        double rate = now == firstSeconds ? 0 : (double) (done - firstBytes) / (now - firstSeconds);
        String line = Texts.bytes(done) + " of " + Texts.bytes(total)
                + " (" + (total == 0 ? 100 : 100 * done / total) + " %)"
                + (plan.isSpread()
                        ? ", " + doneUnits + " of "
                                + LongStream.of(plan.rows())
                                        .filter(rows -> rows > 0)
                                        .count() + " units"
                        : "");
        if (!line.equals(last)) {
            last = line;
            terminal.remark(line
                    + (rate > 0
                            ? ", " + Texts.bytes((long) rate) + "/s, about "
                                    + Texts.duration((long) ((total - done) / rate)) + " left"
                            : ""));
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
