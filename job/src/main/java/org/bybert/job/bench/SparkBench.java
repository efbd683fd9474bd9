package org.bybert.job.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Session;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.kernel.KernelChoice.Fma;
import org.bybert.job.bench.BenchReport.Machine;
import org.bybert.job.bench.BenchReport.Scaling;
import org.bybert.job.bench.Rounds.Pace;
import org.bybert.job.bench.Rounds.Workload;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;

/**
 * Measures Spark's way through the encoder beside the encoder alone, in rounds: in each, the same sentences by the bare
 * encoder, by {@code local[1]} and by {@code local[2]}, and what two threads of the machine give. Starting Spark is not
 * timed; planning, reading Parquet and scheduling are.
 */
final class SparkBench {

    private record Run(double seconds, double coreSeconds) {
    }

    /** The encoder alone on the batches that Spark's tasks make of the same texts, whose token ids are ready. */
    private static final class BareEncoder implements Runnable {

        private final Session session;
        private final BatchOptions options;
        private final List<List<int[]>> batches = new ArrayList<>();

        BareEncoder(ByBert encoder, List<String> texts, BatchOptions options) {
            this.session = encoder.newSession();
            this.options = options;
            LocalSpark.parts(texts).forEach(part -> pack(encoder, part));
        }

        private void pack(ByBert encoder, List<String> texts) {
            List<int[]> batch = new ArrayList<>();
            int tokens = 0;
            for (String text : texts) {
                int[] ids = encoder.tokenizer().encode(text);
                if (!batch.isEmpty() && tokens + ids.length > options.batchBytes()) {
                    batches.add(batch);
                    batch = new ArrayList<>();
                    tokens = 0;
                }
                batch.add(ids);
                tokens += ids.length;
            }
            batches.add(batch);
        }

        @Override
        public void run() {
            batches.forEach(this::embed);
        }

        void embedFirst() {
            embed(batches.get(0));
        }

        private void embed(List<int[]> batch) {
            session.embed(batch, options.pooling());
        }
    }

    private static final int WARM_UP_ROWS = 64;
    private static final Pace SCALING_PACE = new Pace(1, 0.5, 0.5);

    private final ModelReference reference;
    private final BatchOptions options;
    private final List<String> texts;
    private final int rounds;
    private final List<Integer> slots;
    private final Path folder;

    private final List<Run> bare = new ArrayList<>();
    private final List<Run> one = new ArrayList<>();
    private final List<Run> two = new ArrayList<>();
    private final List<Scaling> threads = new ArrayList<>();
    private final List<Long> sizes = new ArrayList<>();
    private final List<SparkReport.Heap> heap = new ArrayList<>();

    /**
     * @param slots  task slots to measure the memory with
     * @param folder for the tables
     */
    SparkBench(ModelReference reference, BatchOptions options, int rows, int rounds, List<Integer> slots,
               Path folder) {
        this.reference = reference;
        this.options = options;
        this.texts = Inputs.sentences(rows);
        this.rounds = rounds;
        this.slots = slots;
        this.folder = folder;
    }

    SparkReport run(String model, String weights) throws IOException {
        String warmUp = write("warm-up", Inputs.sentences(WARM_UP_ROWS));
        measureHeap(warmUp);
        ByBert encoder = Models.get(reference).encoder();
        for (int round = 0; round < rounds; round++) {
            round(round, encoder, warmUp);
        }
        return new SparkReport(Machine.here(), model, encoder.config().layers(), weights, encoder.kernels(),
                texts.size(), sizes.stream().mapToLong(Long::longValue).sum(), rounds, options.batchBytes(), speeds(),
                ratios(), Files.size(reference.path().resolve("model.safetensors")), heap,
                Models.attempts(reference));
    }

    private String write(String name, List<String> rows) {
        String table = folder.resolve(name).toUri().toString();
        try (LocalSpark spark = new LocalSpark(1)) {
            spark.write(rows, table);
        }
        return table;
    }

    /** Each number of slots in turn; what a second copy of the weights took would show. */
    @SuppressWarnings("try")
    private void measureHeap(String table) {
        try (LocalSpark spark = new LocalSpark(1)) {
            heap.add(new SparkReport.Heap(0, usedHeap()));
        }
        for (int n : slots) {
            try (LocalSpark spark = new LocalSpark(n)) {
                spark.embed(table, reference, options);
                heap.add(new SparkReport.Heap(n, usedHeap()));
            }
        }
    }

    private static long usedHeap() {
        // The second run frees what the first one's reference queues let go.
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private void round(int round, ByBert encoder, String warmUp) {
        List<String> slice = texts.subList(slice(round), slice(round + 1));
        sizes.add(slice.stream().mapToLong(Inputs::bytes).sum());
        String table = write("round-" + round, slice);
        BareEncoder alone = new BareEncoder(encoder, slice, options);
        alone.embedFirst();
        // Every other round backwards: a machine that grows busy must not favour one way.
        if (round % 2 == 0) {
            bare.add(run(alone));
            one.add(spark(1, table, warmUp));
            two.add(spark(2, table, warmUp));
        } else {
            two.add(spark(2, table, warmUp));
            one.add(spark(1, table, warmUp));
            bare.add(run(alone));
        }
        threads.add(scaling(encoder, slice));
    }

    private static Run run(Runnable alone) {
        Timing timing = Timing.of(alone, 0);
        return new Run(timing.seconds(), timing.cpu());
    }

    private int slice(int round) {
        return (int) ((long) texts.size() * round / rounds);
    }

    private Run spark(int slots, String table, String warmUp) {
        LocalSpark spark = new LocalSpark(slots);
        double seconds;
        try (spark) {
            spark.embed(warmUp, reference, options);
            seconds = spark.time(table, reference, options);
        }
        return new Run(seconds, spark.coreSeconds());
    }

    private Scaling scaling(ByBert encoder, List<String> slice) {
        try (Threads two = new Threads(2, SCALING_PACE)) {
            return two.measure(List.of(new Workload("bare", 0, 0,
                    () -> new BareEncoder(encoder, slice, options)::embedFirst))).get(0);
        }
    }

    private List<SparkReport.Speed> speeds() {
        return List.of(speed("bare encoder", bare), speed("local[1]", one), speed("local[2]", two));
    }

    private SparkReport.Speed speed(String name, List<Run> runs) {
        return new SparkReport.Speed(name, spread(round -> sizes.get(round) / runs.get(round).seconds()),
                spread(round -> sizes.get(round) / runs.get(round).coreSeconds()));
    }

    private List<SparkReport.Ratio> ratios() {
        return List.of(
                new SparkReport.Ratio("local[1] / bare encoder",
                        spread(round -> bare.get(round).seconds() / one.get(round).seconds()),
                        spread(round -> bare.get(round).coreSeconds() / one.get(round).coreSeconds())),
                new SparkReport.Ratio("local[2] / local[1]",
                        spread(round -> one.get(round).seconds() / two.get(round).seconds()), null),
                new SparkReport.Ratio("bare encoder, two threads / one",
                        spread(round -> threads.get(round).ratio().median()), null),
                new SparkReport.Ratio("multiply-adds, two threads / one",
                        spread(round -> threads.get(round).fma().median()), null));
    }

    private Summary spread(IntToDoubleFunction ofRound) {
        return Summary.of(IntStream.range(0, rounds).mapToDouble(ofRound).toArray());
    }
}
