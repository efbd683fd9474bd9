package org.bybert.job.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.kernel.Fma;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.WeightFormat;

/** Measures the whole encoder, the head at every position included, by length of its input. */
public final class EncoderBench {

    /** Ragged batches of mixed sentences that one call handles. */
    private static final int MIXED_BATCHES = 2;

    private final String model;
    private final Transformer transformer;
    private final WeightFormat format;
    private final List<Input> inputs;
    private final Pace pace;
    private final Fma fma = KernelChoice.fma();

    /**
     * @param model   for the report: preset or folder
     * @param format  in which the transformer holds its weights
     * @param lengths rows of one sequence, in tokens, shortest first
     * @param mixed   measure mixed sentences too
     */
    public EncoderBench(String model, Transformer transformer, WeightFormat format, List<Integer> lengths,
                        boolean mixed, Pace pace) {
        this.model = model;
        this.transformer = transformer;
        this.format = format;
        this.pace = pace;
        this.inputs = new ArrayList<>();
        lengths.forEach(length -> inputs.add(new Input(Integer.toString(length), List.of(new int[] {length}))));
        if (mixed) {
            inputs.add(new Input("mixed", Lengths.mixedBatches(MIXED_BATCHES)));
        }
    }

    /** Ragged batches of rows of these lengths, in tokens. */
    private record Input(String name, List<int[]> batches) {

        int[] lengths() {
            return batches.stream().flatMapToInt(Arrays::stream).toArray();
        }
    }

    /**
     * @param threads measure that many threads against one; 1 leaves it out
     * @param profile measure where the time goes
     */
    public BenchReport run(int threads, boolean profile) {
        List<Workload> workloads = inputs.stream().map(this::workload).toList();
        Rounds rounds = new Rounds(fma, pace);
        List<Measurement> measurements = rounds.measure(workloads);
        List<StageTable> stages = new ArrayList<>();
        if (profile) {
            inputs.forEach(input -> stages.add(profile(input, rounds)));
        }
        List<Scaling> scaling = List.of();
        if (threads > 1) {
            try (Threads shared = new Threads(threads, fma, pace)) {
                scaling = shared.measure(workloads);
            }
        }
        return new BenchReport("encoder", Machine.here(), model, transformer.config().layers(),
                transformer.kernels().name(), format.name(), rounds.peaks(), measurements, scaling, stages,
                List.of());
    }

    private Workload workload(Input input) {
        ModelConfig config = transformer.config();
        return new Workload(input.name(), Arrays.stream(input.lengths()).sum(),
                Flops.forward(config, input.lengths()), () -> {
            ForwardPass[] passes = input.batches().stream().map(this::pass).toArray(ForwardPass[]::new);
            // An array: the iterator of a list would count as the encoder's allocation.
            return () -> {
                for (ForwardPass pass : passes) {
                    pass.run();
                }
            };
        });
    }

    private ForwardPass pass(int[] lengths) {
        return new ForwardPass(transformer, Lengths.batch(transformer.config(), lengths));
    }

    private StageTable profile(Input input, Rounds rounds) {
        int[] lengths = input.batches().get(0);
        return Profile.of(input.name(), transformer.config(), lengths, pass(lengths), rounds, pace);
    }
}
