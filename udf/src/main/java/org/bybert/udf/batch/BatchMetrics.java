package org.bybert.udf.batch;

import java.io.Serializable;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.AccumulatorV2;
import org.apache.spark.util.LongAccumulator;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.encoder.batch.TextTask;
import org.bybert.udf.ExecutorReport;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was done and what could not be taken as it was; Spark's UI shows each by name. A task that is tried again may
 * count its rows twice.
 *
 * @param batches    that the model computed
 * @param rows       answered, with a result or an error
 * @param bytes      of the texts of these rows, in the model's encoding
 * @param tokens     that the model read
 * @param padding    tokens that would have been added, had each batch been padded to its longest row
 * @param truncated  rows of which only the beginning was read
 * @param repaired   texts with unpaired surrogates, which were read as U+FFFD
 * @param duplicates rows that took over the answer of another with the same text
 * @param errors     rows without a result, by reason; may be null
 * @param executors  the latest report of each executor's JVM on each model; may be null
 */
public record BatchMetrics(
        LongAccumulator batches,
        LongAccumulator rows,
        LongAccumulator bytes,
        LongAccumulator tokens,
        LongAccumulator padding,
        LongAccumulator truncated,
        LongAccumulator repaired,
        LongAccumulator duplicates,
        MergedValues<Long> errors,
        MergedValues<ExecutorReport> executors)
        implements TextEngine.Counters, Serializable {

    private static final Logger LOG = LoggerFactory.getLogger(BatchMetrics.class);

    /**
     * New counters at zero, known to Spark: of Spark's own classes alone, without {@code errors} and {@code executors}, where
     * the driver was given ours after its start ({@code ADD JAR}, an artifact of a session), as it does not find them in the
     * results of tasks.
     */
    public static BatchMetrics register(SparkSession session) {
        SparkContext context = session.sparkContext();
        if (!cameWithSpark(session)) {
            return register(context, null, null);
        }
        MergedValues<Long> errors = new MergedValues<>(Long::sum);
        context.register(errors, "bybert errors");
        MergedValues<ExecutorReport> executors = new MergedValues<>((a, b) -> a.opens() >= b.opens() ? a : b);
        context.register(executors, "bybert executors");
        return register(context, errors, executors);
    }

    /** Whether the class loader that Spark started with gives these classes, and not one that a session has added. */
    private static boolean cameWithSpark(SparkSession session) {
        Class<?> known = null;
        try {
            known = ((org.apache.spark.sql.classic.SparkSession) session)
                    .sharedState()
                    .jarClassLoader()
                    .getParent()
                    .loadClass(BatchMetrics.class.getName());
        } catch (ClassNotFoundException e) {
            LOG.debug("not known to Spark when it started", e);
        }
        if (known != BatchMetrics.class) {
            LOG.warn(
                    "the jar came after Spark's start, by ADD JAR or as an artifact of a session: each such session opens "
                            + "copies of its models, and reasons of errors are not counted; --jars at the start avoids both");
        }
        return known == BatchMetrics.class;
    }

    private static BatchMetrics register(
            SparkContext context, MergedValues<Long> errors, MergedValues<ExecutorReport> executors) {
        return new BatchMetrics(
                context.longAccumulator("bybert batches"),
                context.longAccumulator("bybert rows"),
                context.longAccumulator("bybert bytes"),
                context.longAccumulator("bybert tokens"),
                context.longAccumulator("bybert padding tokens avoided"),
                context.longAccumulator("bybert rows truncated"),
                context.longAccumulator("bybert texts with unpaired surrogates"),
                context.longAccumulator("bybert duplicates"),
                errors,
                executors);
    }

    /** An engine for the calling task, on this JVM's model; what it does is counted here. */
    public <T, A> TextEngine<T, A> engine(
            ModelReference reference, BatchOptions options, Function<ByBert, TextTask<T, ?, A>> task) {
        ByBert model = Models.get(reference).encoder();
        if (executors != null) {
            ExecutorReport report = ExecutorReport.ofThisJvm(reference);
            executors.add(report.key(), report);
        }
        return new TextEngine<>(model, task.apply(model), options, BatchMetrics::checkKilled, this);
    }

    /** Ends a task that Spark no longer wants; outside of a task it does nothing. */
    private static void checkKilled() {
        TaskContext context = TaskContext.get();
        if (context != null && context.isInterrupted()) {
            throw new TaskKilledException("killed between two batches");
        }
    }

    @Override
    public void addBatch(long batchTokens, long batchPadding) {
        batches.add(1);
        tokens.add(batchTokens);
        padding.add(batchPadding);
    }

    @Override
    public void addRepaired() {
        repaired.add(1);
    }

    @Override
    public void addDuplicate() {
        duplicates.add(1);
    }

    @Override
    public void addAnswer(Answer<?> answer) {
        rows.add(1);
        if (answer.bytes() != null) {
            bytes.add(answer.bytes());
        }
        if (answer.truncated()) {
            truncated.add(1);
        }
        if (answer.error() != null && errors != null) {
            errors.add(TextProblem.kind(answer.error()), 1L);
        }
    }

    /** Of each executor's JVM that has told what it ran on. */
    public Collection<ExecutorReport> reports() {
        return executors == null ? List.of() : executors.value().values();
    }

    /** The counts so far, under the names they have in {@code metrics.json}; the executors are not among them. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("rows", rows.value());
        map.put("bytes", bytes.value());
        map.put("tokens", tokens.value());
        map.put("batches", batches.value());
        map.put("padding_tokens_avoided", padding.value());
        map.put("truncated", truncated.value());
        map.put("repaired", repaired.value());
        map.put("duplicates", duplicates.value());
        map.put("errors", errors.value());
        return map;
    }

    /** One value per name, for things of which there are few; values of one name are merged. */
    public static final class MergedValues<V> extends AccumulatorV2<Map.Entry<String, V>, Map<String, V>> {

        private final TreeMap<String, V> values = new TreeMap<>();
        private final Merge<V> merge;

        /** How two values become one, in whatever order they come. */
        interface Merge<V> extends BinaryOperator<V>, Serializable {}

        MergedValues(Merge<V> merge) {
            this.merge = merge;
        }

        @Override
        public synchronized boolean isZero() {
            return values.isEmpty();
        }

        @Override
        public synchronized MergedValues<V> copy() {
            MergedValues<V> copy = new MergedValues<>(merge);
            copy.values.putAll(values);
            return copy;
        }

        @Override
        public synchronized void reset() {
            values.clear();
        }

        public void add(String name, V value) {
            add(Map.entry(name, value));
        }

        @Override
        public synchronized void add(Map.Entry<String, V> value) {
            values.merge(value.getKey(), value.getValue(), merge);
        }

        @Override
        public synchronized void merge(AccumulatorV2<Map.Entry<String, V>, Map<String, V>> other) {
            other.value().entrySet().forEach(this::add);
        }

        @Override
        public synchronized Map<String, V> value() {
            return new TreeMap<>(values);
        }
    }
}
