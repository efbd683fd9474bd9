package org.bybert.job.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.model.Stage;

/** Where the time of a forward pass goes, stage by stage. */
final class Profile {

    private Profile() {
    }

    /**
     * @param lengths of the rows in {@code pass}, in tokens
     */
    static StageTable of(String name, ModelConfig config, int[] lengths, ForwardPass pass, Rounds rounds, Pace pace) {
        Timing.of(pass, pace.warmUpSeconds());
        Stage[] stages = Stage.values();
        double[][] shares = new double[stages.length + 1][pace.rounds()];
        double[][] fractions = new double[stages.length][pace.rounds()];
        for (int round = 0; round < pace.rounds(); round++) {
            double before = rounds.peak();
            pass.clock().start();
            Timing timing = Timing.of(pass, pace.sliceSeconds());
            pass.clock().stop();
            double peak = (before + rounds.peak()) / 2;
            double onCore = timing.cpu() / timing.seconds();
            double other = timing.seconds();
            for (int i = 0; i < stages.length; i++) {
                double seconds = pass.clock().nanos(stages[i]) / 1e9;
                other -= seconds;
                shares[i][round] = seconds / timing.seconds();
                fractions[i][round] = flops(stages[i], config, lengths) * timing.calls() / 1e9
                        / (seconds * onCore) / peak;
            }
            shares[stages.length][round] = other / timing.seconds();
        }
        List<StageTable.Row> rows = new ArrayList<>();
        for (int i = 0; i < stages.length; i++) {
            double share = Spread.of(shares[i]).median();
            if (share > 0) {
                boolean counted = flops(stages[i], config, lengths) > 0;
                rows.add(new StageTable.Row(label(stages[i]), share,
                        counted ? Spread.of(fractions[i]).median() : null));
            }
        }
        rows.add(new StageTable.Row("other", Spread.of(shares[stages.length]).median(), null));
        return new StageTable(name, rows);
    }

    /** The operations of {@link Flops#forward} that belong to a stage; 0 where its work is not counted. */
    static double flops(Stage stage, ModelConfig config, int... lengths) {
        double tokens = 0;
        double attention = 0;
        for (int length : lengths) {
            tokens += length;
            attention += Flops.attention(config, length);
        }
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

    private static String label(Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
