package org.bybert.job.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Session;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.job.bench.BenchReport.Machine;
import org.bybert.job.bench.BenchReport.Scaling;
import org.bybert.job.bench.Rounds.Pace;
import org.bybert.job.bench.Rounds.Timing;
import org.bybert.job.bench.Rounds.Workload;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;

/**
 * Measures Spark's way through the encoder beside the encoder alone, in rounds: in each, the same sentences by the bare
 * encoder, by {@code local[1]} and by {@code local[2]}, and what two threads of the machine give. Starting Spark is not
 * timed; planning, reading Parquet and scheduling are.
 */
final class SparkBench {

    private static final int WARM_UP_ROWS = 64;
    private static final Pace SCALING_PACE = new Pace(1, 0.5, 0.5);

    private final ModelReference reference;
    private final BatchOptions options;
    private final Path folder;

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
    record Report(Machine machine, String model, int layers, String weights, String kernels, int rows, long bytes,
                  int rounds, int batchBytes, List<Speed> speeds, List<Ratio> ratios, long weightBytes,
                  List<Heap> heap, int modelOpens) {
    }

    /**
     * @param bytesPerSecond     by the clock
     * @param bytesPerCoreSecond by the time that threads were on a core, which other work on the machine leaves alone
     */
    record Speed(String name, Summary bytesPerSecond, Summary bytesPerCoreSecond) {
    }

    record Ratio(String name, Summary byClock, Summary byCoreTime) {
    }

    /** @param slots task slots of the executor that has run; 0 before the model was opened */
    record Heap(int slots, long bytes) {
    }

    /** One way of computing the sentences of a round. */
    private record Run(double seconds, double coreSeconds) {
    }

    /** @param threads two threads of the bare encoder */
    private record Round(long bytes, Run bare, Run one, Run two, Scaling threads) {
    }

    /** @param folder for the tables */
    SparkBench(ModelReference reference, BatchOptions options, Path folder) {
        this.reference = reference;
        this.options = options;
        this.folder = folder;
    }

    /**
     * @param model preset or name, for the report
     * @param rows  sentences of all rounds together
     * @param slots task slots to measure the memory with
     */
    Report run(String model, String weights, int rows, int rounds, List<Integer> slots) throws IOException {
        String warmUp = write("warm-up", Inputs.sentences(WARM_UP_ROWS));
        List<Heap> heap = heap(warmUp, slots);
        ByBert encoder = Models.get(reference).encoder();
        List<String> texts = Inputs.sentences(rows);
        Rounds threads = new Rounds(SCALING_PACE);
        List<Round> measured = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            measured.add(round(round, encoder, threads, warmUp,
                    texts.subList(part(rows, round, rounds), part(rows, round + 1, rounds))));
        }
        return new Report(Machine.here(), model, encoder.config().layers(), weights, encoder.kernels(), rows,
                measured.stream().mapToLong(Round::bytes).sum(), rounds, options.batchBytes(),
                List.of(speed("bare encoder", measured, Round::bare), speed("local[1]", measured, Round::one),
                        speed("local[2]", measured, Round::two)),
                ratios(measured), Files.size(reference.path().resolve("model.safetensors")), heap,
                Models.attempts(reference));
    }

    private static int part(int rows, int round, int rounds) {
        return (int) ((long) rows * round / rounds);
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
    private List<Heap> heap(String table, List<Integer> slots) {
        List<Heap> heap = new ArrayList<>();
        try (LocalSpark spark = new LocalSpark(1)) {
            heap.add(new Heap(0, usedHeap()));
        }
        for (int n : slots) {
            try (LocalSpark spark = new LocalSpark(n)) {
                spark.embed(table, reference, options);
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
        List<Supplier<Run>> ways = List.of(() -> {
            Timing timing = Timing.of(() -> batches.forEach(batch -> session.embed(batch, options.pooling())), 0);
            return new Run(timing.seconds(), timing.cpu());
        }, () -> spark(1, table, warmUp), () -> spark(2, table, warmUp));
        Run[] runs = new Run[ways.size()];
        for (int i = 0; i < runs.length; i++) {
            // Every other round backwards: a machine that grows busy must not favour one way.
            int way = round % 2 == 0 ? i : runs.length - 1 - i;
            runs[way] = ways.get(way).get();
        }
        Scaling scaling = threads.scaling(2, List.of(new Workload("bare", 0, 0, () -> {
            Session own = encoder.newSession();
            return () -> own.embed(batches.get(0), options.pooling());
        }))).get(0);
        return new Round(texts.stream().mapToLong(Inputs::bytes).sum(), runs[0], runs[1], runs[2], scaling);
    }

    /** The token ids of the batches that Spark's tasks make of the same texts. */
    private List<List<int[]>> batches(ByBert encoder, List<String> texts) {
        List<List<int[]>> batches = new ArrayList<>();
        for (List<String> part : LocalSpark.parts(texts)) {
            List<int[]> batch = new ArrayList<>();
            int tokens = 0;
            for (String text : part) {
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
        return batches;
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

    private static Speed speed(String name, List<Round> rounds, Function<Round, Run> way) {
        return new Speed(name, spread(rounds, round -> round.bytes() / way.apply(round).seconds()),
                spread(rounds, round -> round.bytes() / way.apply(round).coreSeconds()));
    }

    private static List<Ratio> ratios(List<Round> rounds) {
        return List.of(
                new Ratio("local[1] / bare encoder",
                        spread(rounds, round -> round.bare().seconds() / round.one().seconds()),
                        spread(rounds, round -> round.bare().coreSeconds() / round.one().coreSeconds())),
                new Ratio("local[2] / local[1]",
                        spread(rounds, round -> round.one().seconds() / round.two().seconds()), null),
                new Ratio("bare encoder, two threads / one",
                        spread(rounds, round -> round.threads().ratio().median()), null),
                new Ratio("multiply-adds, two threads / one",
                        spread(rounds, round -> round.threads().fma().median()), null));
    }

    private static Summary spread(List<Round> rounds, ToDoubleFunction<Round> ofRound) {
        return Summary.of(rounds.stream().mapToDouble(ofRound).toArray());
    }
}
