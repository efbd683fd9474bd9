package org.bybert.job.terminal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.ThreadUtils;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Tells on standard error how much is done and how long the rest may take, as lines. What is done for good is added; of
 * running tasks executors tell every ten seconds how far they are.
 */
public abstract class Progress extends SparkListener implements AutoCloseable {

    private static final int INTERVAL_SECONDS = 10;

    private final Terminal terminal;
    private final long accumulator;
    private final long total;
    private final long atStart;
    private final Map<Long, Long> running = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock =
            ThreadUtils.newDaemonSingleThreadScheduledExecutor("bybert progress");
    private long finished;
    private long firstSeconds;
    private long firstDone = -1;
    private String last = "";
    private SparkContext heard;

    /**
     * @param accumulator id of the accumulator that counts in tasks what is counted here
     * @param total       what there is to do
     * @param atStart     of this what an earlier run has done
     */
    protected Progress(Terminal terminal, long accumulator, long total, long atStart) {
        this.terminal = terminal;
        this.accumulator = accumulator;
        this.total = total;
        this.atStart = atStart;
        this.finished = atStart;
        Future<?> unused = clock.scheduleAtFixedRate(this::print, INTERVAL_SECONDS, INTERVAL_SECONDS, TimeUnit.SECONDS);
    }

    /** A quantity for people, e.g. bytes in their unit. */
    protected abstract String amount(long n);

    /** What is done in a second. */
    protected abstract String rate(double n);

    /** What follows the amounts, or nothing; called where {@link #add} is locked out. */
    protected String more() {
        return "";
    }

    protected final synchronized void add(long n) {
        finished += n;
    }

    @Override
    public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
        CollectionConverters.asJava(update.accumUpdates())
                .forEach(task -> CollectionConverters.asJava(task._4()).forEach(info -> {
                    if (info.id() == accumulator && info.update().getOrElse(() -> null) instanceof Long n) {
                        running.put((Long) task._1(), inTask(n));
                    }
                }));
    }

    /** What a running task's count stands for. */
    protected long inTask(long n) {
        return n;
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        running.remove(end.taskInfo().taskId());
    }

    private synchronized void print() {
        long done = Math.min(
                total,
                finished + running.values().stream().mapToLong(Long::longValue).sum());
        long now = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime());
        if (done == atStart) {
            return;
        }
        if (firstDone < 0) {
            firstDone = done;
            firstSeconds = now;
        }
        double rate = now == firstSeconds ? 0 : (double) (done - firstDone) / (now - firstSeconds);
        String line =
                amount(done) + " of " + amount(total) + " (" + (total == 0 ? 100 : 100 * done / total) + " %)" + more();
        if (!line.equals(last)) {
            last = line;
            terminal.remark(line
                    + (rate > 0
                            ? ", " + rate(rate) + "/s, about " + Texts.duration((long) ((total - done) / rate))
                                    + " left"
                            : ""));
        }
    }

    /** Hears of the tasks of a context until it is closed. */
    public final void listenTo(SparkContext context) {
        heard = context;
        context.addSparkListener(this);
    }

    @Override
    public void close() {
        clock.shutdownNow();
        if (heard != null) {
            heard.removeSparkListener(this);
        }
    }
}
