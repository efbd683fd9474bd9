package org.bybert.job.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.model.StageClock.Stage;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.WeightFormat;
import org.bybert.job.bench.BenchReport.Machine;
import org.bybert.job.bench.BenchReport.Measurement;
import org.bybert.job.bench.BenchReport.Scaling;
import org.bybert.job.bench.BenchReport.StageTable;
import org.bybert.job.bench.Rounds.Pace;
import org.bybert.job.bench.Rounds.Timing;
import org.bybert.job.bench.Rounds.Workload;

/**
 * Measures the whole encoder, the head at every position included, by length of its input.
 *
 * @param model   for the report: preset or folder
 * @param format  in which the transformer holds its weights
 * @param lengths rows of one sequence, in tokens, shortest first
 * @param mixed   measure mixed sentences too
 */
record EncoderBench(
        String model, Transformer transformer, WeightFormat format, List<Integer> lengths, boolean mixed, Pace pace) {

    /** Ragged batches of mixed sentences that one call handles. */
    private static final int MIXED_BATCHES = 2;

    /** Rows of ids in ragged batches. */
    private record Input(String name, List<List<int[]>> batches) {

        int[] lengths() {
            return batches.stream()
                    .flatMapToInt(batch -> batch.stream().mapToInt(row -> row.length))
                    .toArray();
        }
    }

    private List<Input> inputs() {
        ModelConfig config = transformer.config();
        List<Input> inputs = new ArrayList<>();
        lengths.forEach(length -> inputs.add(new Input(length.toString(), List.of(Inputs.rows(config, length)))));
        if (mixed) {
            int enough = MIXED_BATCHES * Inputs.BATCH_TOKENS / Inputs.SHORTEST;
            inputs.add(new Input(
                    "mixed",
                    Inputs.batches(Inputs.rows(config, Inputs.mixed(enough)), Inputs.BATCH_TOKENS)
                            .subList(0, MIXED_BATCHES)));
        }
        return inputs;
    }

    /**
     * @param threads measure that many threads against one; 1 leaves it out
     * @param profile measure where the time goes
     */
    BenchReport run(int threads, boolean profile) {
        List<Input> inputs = inputs();
        List<Workload> workloads = inputs.stream().map(this::workload).toList();
        Rounds rounds = new Rounds(pace);
        List<Measurement> measurements = rounds.measure(workloads);
        List<StageTable> stages =
                profile ? inputs.stream().map(input -> profile(input, rounds)).toList() : List.of();
        List<Scaling> scaling = threads > 1 ? rounds.scaling(threads, workloads) : List.of();
        return new BenchReport(
                "encoder",
                Machine.here(),
                model,
                transformer.config().layers(),
                transformer.kernels().name(),
                format.name(),
                rounds.peaks(),
                measurements,
                scaling,
                stages,
                List.of());
    }

    private Workload workload(Input input) {
        return new Workload(
                input.name(),
                Arrays.stream(input.lengths()).sum(),
                ForwardPass.flops(transformer.config(), input.lengths()),
                () -> {
                    ForwardPass[] passes = input.batches().stream()
                            .map(batch -> new ForwardPass(transformer, batch))
                            .toArray(ForwardPass[]::new);
                    // An array: the iterator of a list would count as the encoder's allocation.
                    return () -> {
                        for (ForwardPass pass : passes) {
                            pass.run();
                        }
                    };
                });
    }

    /** Where the time of a forward pass goes, stage by stage. */
    private StageTable profile(Input input, Rounds rounds) {
        Input first = new Input(input.name(), input.batches().subList(0, 1));
        ForwardPass pass = new ForwardPass(transformer, first.batches().get(0));
        double[] flops = Stream.of(Stage.values())
                .mapToDouble(stage -> flops(stage, transformer.config(), first.lengths()))
                .toArray();
        Timing.of(pass, pace.warmUpSeconds());
        Stage[] stages = Stage.values();
        double[][] shares = new double[stages.length + 1][pace.rounds()];
        double[][] fractions = new double[stages.length][pace.rounds()];
        for (int round = 0; round < pace.rounds(); round++) {
            double before = rounds.peak();
            pass.work().clock().start();
            Timing timing = Timing.of(pass, pace.sliceSeconds());
            pass.work().clock().stop();
            double peak = (before + rounds.peak()) / 2;
            double onCore = timing.cpu() / timing.seconds();
            shares[stages.length][round] = 1;
            for (int i = 0; i < stages.length; i++) {
                double seconds = pass.work().clock().nanos(stages[i]) / 1e9;
                shares[i][round] = seconds / timing.seconds();
                shares[stages.length][round] -= shares[i][round];
                fractions[i][round] = flops[i] * timing.calls() / 1e9 / (seconds * onCore) / peak;
            }
        }
        List<StageTable.Row> rows = new ArrayList<>();
        for (int i = 0; i < stages.length; i++) {
            double share = Summary.of(shares[i]).median();
            if (share > 0) {
                rows.add(new StageTable.Row(
                        stages[i].name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        share,
                        flops[i] > 0 ? Summary.of(fractions[i]).median() : null));
            }
        }
        rows.add(new StageTable.Row("other", Summary.of(shares[stages.length]).median(), null));
        return new StageTable(input.name(), rows);
    }

    /** The operations of {@link ForwardPass#flops} that belong to a stage; 0 where its work is not counted. */
    static double flops(Stage stage, ModelConfig config, int... lengths) {
        double tokens = Arrays.stream(lengths).sum();
        double attention = Arrays.stream(lengths)
                .mapToDouble(n -> ForwardPass.attentionFlops(config, n))
                .sum();
        double perLayer = 2 * tokens * config.hiddenSize() * config.layers();
        return switch (stage) {
            case QUERY_KEY_VALUE -> perLayer * (config.querySize() + 2 * config.keyValueSize());
            case SCORES, VALUES -> attention / 2;
            case OUTPUT -> perLayer * config.querySize();
            case GATE_UP -> perLayer * 2 * config.intermediateSize();
            case DOWN -> perLayer * config.intermediateSize();
            case HEAD -> 2 * tokens * config.hiddenSize() * config.vocabSize();
            default -> 0;
        };
    }
}
