package org.bybert.encoder.batch;

import java.util.Arrays;
import java.util.Iterator;
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
public final class EmbedTask implements TextTask<String, float[], float[]> {

    private final TextReader reader;
    private final BatchOptions options;

    public EmbedTask(ByBert model, BatchOptions options) {
        this.reader = new TextReader(model, options);
        this.options = options;
    }

    @Override
    public ReadText read(String text) {
        return reader.read(text);
    }

    @Override
    public Pieces<float[], float[]> pieces(String text, ReadText read) {
        return new Windows(read);
    }

    @Override
    public List<float[]> run(Session session, List<Piece> pieces) {
        return Arrays.asList(session.embed(Piece.rows(pieces), options.pooling()));
    }

    private final class Windows implements Pieces<float[], float[]> {

        private final boolean split;
        private final Iterator<int[]> windows;
        private float[] vector;
        private double[] sums;
        private long tokens;

        Windows(ReadText text) {
            this.split = text.split();
            this.windows = reader.windows(text);
        }

        @Override
        public Piece next() {
            return windows.hasNext() ? new Piece(windows.next()) : null;
        }

        /** The first window's vector becomes that of the text. */
        @Override
        public void add(Piece window, float[] values) {
            if (vector == null) {
                vector = values;
                sums = new double[values.length];
            }
            tokens += window.ids().length;
            for (int i = 0; split && i < values.length; i++) {
                sums[i] += (double) values[i] * window.ids().length;
                vector[i] = options.pooling() == Pooling.MAX ? Math.max(vector[i], values[i])
                        : (float) (sums[i] / tokens);
            }
        }

        @Override
        public float[] finish() {
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
