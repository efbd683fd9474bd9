package org.bybert.encoder.batch;

import java.util.Arrays;
import java.util.List;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.Session;

/**
 * One vector per text. Where a text is read in windows, {@code mean} and {@code cls} pooling give the mean of the
 * windows' vectors, weighted by their numbers of tokens (so that with {@code mean} every token counts alike, those in
 * an overlap once per window); {@code max} gives the largest value of each dimension. Sums are kept in double
 * precision, in the order of the windows. Scaling to length 1, where it is asked for, comes last.
 */
public record EmbedTask(TextReader reader, BatchOptions options) implements TextTask<String, float[], float[]> {

    public EmbedTask(ByBert model, BatchOptions options) {
        this(new TextReader(model, options), options);
    }

    @Override
    public ReadText read(String text) {
        return reader.read(text);
    }

    @Override
    public Pieces<float[], float[]> pieces(String text, ReadText read) {
        Pooled pooled = new Pooled(read.split());
        return new Pieces<>(reader.windows(read).map(Piece::new).iterator(), pooled::add, pooled::finish);
    }

    @Override
    public List<float[]> run(Session session, List<Piece> pieces) {
        return Arrays.asList(session.embed(Piece.rows(pieces), options.pooling()));
    }

    private final class Pooled {

        private final boolean split;
        private float[] vector;
        private double[] sums;
        private long tokens;

        Pooled(boolean split) {
            this.split = split;
        }

        /** The first window's vector becomes that of the text. */
        void add(Piece window, float[] values) {
            if (vector == null) {
                vector = values;
                sums = new double[values.length];
            }
            tokens += window.ids().length;
            for (int i = 0; split && i < values.length; i++) {
                sums[i] += (double) values[i] * window.ids().length;
                vector[i] =
                        options.pooling() == Pooling.MAX ? Math.max(vector[i], values[i]) : (float) (sums[i] / tokens);
            }
        }

        float[] finish() {
            if (options.normalize()) {
                Pooling.normalize(vector);
            }
            for (float value : vector) {
                if (!Float.isFinite(value)) {
                    throw new TextProblem(TextProblem.NOT_FINITE, "the model's values overflow on this text");
                }
            }
            return vector;
        }
    }
}
