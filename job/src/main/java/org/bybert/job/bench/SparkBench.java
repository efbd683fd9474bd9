package org.bybert.job.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Session;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.job.bench.BenchReport.Machine;
import org.bybert.job.bench.BenchReport.Scaling;
import org.bybert.job.bench.Rounds.Pace;
import org.bybert.job.bench.Rounds.Timing;
import org.bybert.job.bench.Rounds.Workload;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.BatchPartition;

/**
 * Measures Spark's way through the encoder beside the encoder alone, in rounds: in each, the same sentences by the bare
 * encoder, by {@code local[1]} and by {@code local[2]}, and what two threads of the machine give. Starting Spark is not
 * timed; planning, reading Parquet and scheduling are.
 *
 * @param folder for the tables
 */
record SparkBench(ModelReference reference, BatchOptions options, Path folder) {

    /** Parts of a table; enough for four slots to end together. */
    private static final int PARTS = 8;

    private static final String TIMED = "bybert.bench.timed";
    private static final int WARM_UP_ROWS = 64;
    private static final Pace SCALING_PACE = new Pace(1, 0.5, 0.5);

    /**
     * The result of {@code bybert bench spark}.
     *
     * @param model       preset whose shape was measured
     * @param rows        sentences of all rounds together
     * @param bytes       of these sentences
     * @param batchBytes  of a ragged batch at most
     * @param speeds      each way of computing, the bare encoder first
     * @param ratios      one way over another, round by round
     * @param weightBytes of the model's file
     * @param heap        that is in use after garbage collection
     * @param modelOpens  of this JVM, over all masters and rounds
     */
    record Report(
            Machine machine,
            String model,
            int layers,
            String weights,
            String kernels,
            int rows,
            long bytes,
            int rounds,
            int batchBytes,
            List<Speed> speeds,
            List<Ratio> ratios,
            long weightBytes,
            List<Heap> heap,
            int modelOpens) {}

    /**
     * @param bytesPerSecond     by the clock
     * @param bytesPerCoreSecond by the time that threads were on a core, which other work on the machine leaves alone
     */
    record Speed(String name, Summary bytesPerSecond, Summary bytesPerCoreSecond) {}

    record Ratio(String name, Summary byClock, Summary byCoreTime) {}

    /** @param slots task slots of the executor that has run; 0 before the model was opened */
    record Heap(int slots, long bytes) {}

    /** @param threads two threads of the bare encoder */
    private record Round(long bytes, Timing bare, Timing one, Timing two, Scaling threads) {}

    /**
     * @param model preset or name, for the report
     * @param rows  sentences of all rounds together
     * @param slots task slots to measure the memory with
     */
    Report run(String model, String weights, int rows, int rounds, List<Integer> slots) throws IOException {
        String warmUp = write("warm-up", Inputs.sentences(WARM_UP_ROWS));
        List<Heap> heap = heap(warmUp, slots);
        ByBert encoder = Models.get(reference).encoder();
        Rounds threads = new Rounds(SCALING_PACE);
        List<Round> measured = new ArrayList<>();
        for (List<String> texts : split(Inputs.sentences(rows), rounds)) {
            measured.add(round(measured.size(), encoder, threads, warmUp, texts));
        }
        return new Report(
                Machine.here(),
                model,
                encoder.config().layers(),
                weights,
                encoder.kernels(),
                rows,
                measured.stream().mapToLong(Round::bytes).sum(),
                rounds,
                options.batchBytes(),
                List.of(
                        speed("bare encoder", measured, Round::bare),
                        speed("local[1]", measured, Round::one),
                        speed("local[2]", measured, Round::two)),
                ratios(measured),
                Files.size(reference.path().resolve("model.safetensors")),
                heap,
                Models.attempts(reference));
    }

    /** Writes texts as a Parquet table of {@link #PARTS} files, in their order. */
    private String write(String name, List<String> texts) {
        String table = folder.resolve(name).toUri().toString();
        try (LocalSpark spark = new LocalSpark(1)) {
            for (List<String> part : split(texts, PARTS)) {
                spark.session
                        .createDataset(part, Encoders.STRING())
                        .toDF("text")
                        .coalesce(1)
                        .write()
                        .mode("append")
                        .parquet(table);
            }
        }
        return table;
    }

    /** In so many parts of about the same size, of which none is empty. */
    private static List<List<String>> split(List<String> texts, int parts) {
        return IntStream.range(0, parts)
                .mapToObj(i ->
                        texts.subList((int) ((long) texts.size() * i / parts), (int) (texts.size() * (i + 1L) / parts)))
                .filter(part -> !part.isEmpty())
                .toList();
    }

    /** Each number of slots in turn; what a second copy of the weights took would show. */
    @SuppressWarnings("try")
    private List<Heap> heap(String table, List<Integer> slots) {
        List<Heap> heap = new ArrayList<>();
        try (LocalSpark spark = new LocalSpark(1)) {
            heap.add(new Heap(0, usedHeap()));
        }
        for (int n : slots) {
            try (LocalSpark spark = new LocalSpark(n)) {
                spark.embed(table);
                heap.add(new Heap(n, usedHeap()));
            }
        }
        return heap;
    }

    private static long usedHeap() {
        // The second run frees what the first one's reference queues let go.
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private Round round(int round, ByBert encoder, Rounds threads, String warmUp, List<String> texts) {
        String table = write("round-" + round, texts);
        List<List<int[]>> batches = batches(encoder, texts);
        Session session = encoder.newSession();
        session.embed(batches.get(0), options.pooling());
        List<Supplier<Timing>> ways = List.of(
                () -> Timing.of(() -> batches.forEach(batch -> session.embed(batch, options.pooling())), 0),
                () -> spark(1, table, warmUp),
                () -> spark(2, table, warmUp));
        Timing[] runs = new Timing[ways.size()];
        for (int i = 0; i < runs.length; i++) {
            // Every other round backwards: a machine that grows busy must not favour one way.
            int way = round % 2 == 0 ? i : runs.length - 1 - i;
            runs[way] = ways.get(way).get();
        }
        Scaling scaling = threads.scaling(2, List.of(new Workload("bare", 0, 0, () -> {
                    Session own = encoder.newSession();
                    return () -> own.embed(batches.get(0), options.pooling());
                })))
                .get(0);
        return new Round(texts.stream().mapToLong(Inputs::bytes).sum(), runs[0], runs[1], runs[2], scaling);
    }

    /** The token ids of the batches that Spark's tasks make of the same texts. */
    private List<List<int[]>> batches(ByBert encoder, List<String> texts) {
        return split(texts, PARTS).stream()
                .map(part -> part.stream().map(encoder.tokenizer()::encode).toList())
                .flatMap(rows -> Inputs.batches(rows, options.batchBytes()).stream())
                .toList();
    }

    private Timing spark(int slots, String table, String warmUp) {
        LocalSpark spark = new LocalSpark(slots);
        double seconds;
        try (spark) {
            spark.embed(warmUp);
            spark.session.sparkContext().setLocalProperty(TIMED, "true");
            seconds = Timing.of(() -> spark.embed(table), 0).seconds();
        }
        // It is closed: all tasks have reported.
        return new Timing(1, seconds, spark.coreNanos / 1e9, 0);
    }

    /** Spark in this JVM with some task slots, which sums what the tasks of timed stages spent on a core. */
    private final class LocalSpark extends SparkListener implements AutoCloseable {

        private final SparkSession session;
        private final Set<Integer> timedStages = new HashSet<>();
        private long coreNanos;

        LocalSpark(int slots) {
            // Each file of a table becomes a task: it costs as much to open as a task may read.
            session = SparkSession.builder()
                    .appName("bybert bench spark")
                    .master("local[" + slots + ']')
                    .config("spark.ui.enabled", false)
                    .config("spark.ui.showConsoleProgress", false)
                    .config("spark.sql.files.maxPartitionBytes", 1 << 26)
                    .config("spark.sql.files.openCostInBytes", 1 << 26)
                    .getOrCreate();
            session.sparkContext().addSparkListener(this);
        }

        @Override
        public void onStageSubmitted(SparkListenerStageSubmitted stage) {
            if (stage.properties() != null && stage.properties().getProperty(TIMED) != null) {
                timedStages.add(stage.stageInfo().stageId());
            }
        }

        @Override
        public void onTaskEnd(SparkListenerTaskEnd task) {
            if (timedStages.contains(task.stageId())) {
                coreNanos += task.taskMetrics().executorCpuTime();
            }
        }

        /** Reads a table, embeds its texts and drops the result. */
        void embed(String table) {
            Dataset<Row> texts = session.read().parquet(table);
            BatchMetrics metrics = BatchMetrics.register(session);
            texts.mapPartitions(
                            BatchPartition.embed(
                                    reference, options, BatchPartition.textIndex(texts.schema(), "text"), metrics),
                            Encoders.row(BatchPartition.schema(texts.schema(), BatchPartition.EMBEDDING)))
                    .write()
                    .format("noop")
                    .mode("overwrite")
                    .save();
            if (!metrics.errors().isZero() || metrics.duplicates().value() > 0) {
                throw new UserError("the benchmark's sentences must all be computed, but: " + metrics.toMap());
            }
        }

        @Override
        public void close() {
            session.stop();
        }
    }

    private static Speed speed(String name, List<Round> rounds, Function<Round, Timing> way) {
        return new Speed(
                name,
                spread(rounds, round -> round.bytes() / way.apply(round).seconds()),
                spread(rounds, round -> round.bytes() / way.apply(round).cpu()));
    }

    private static List<Ratio> ratios(List<Round> rounds) {
        return List.of(
                new Ratio(
                        "local[1] / bare encoder",
                        spread(
                                rounds,
                                round -> round.bare().seconds() / round.one().seconds()),
                        spread(rounds, round -> round.bare().cpu() / round.one().cpu())),
                new Ratio(
                        "local[2] / local[1]",
                        spread(
                                rounds,
                                round -> round.one().seconds() / round.two().seconds()),
                        null),
                new Ratio(
                        "bare encoder, two threads / one",
                        spread(rounds, round -> round.threads().ratio().median()),
                        null),
                new Ratio(
                        "multiply-adds, two threads / one",
                        spread(rounds, round -> round.threads().fma().median()),
                        null));
    }

    private static Summary spread(List<Round> rounds, ToDoubleFunction<Round> ofRound) {
        return Summary.of(rounds.stream().mapToDouble(ofRound).toArray());
    }
}
