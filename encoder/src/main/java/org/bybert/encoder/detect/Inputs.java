package org.bybert.encoder.detect;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.text.ByteTokenizer;

/**
 * Which tokens a model has read in training, by its embeddings: a row that was never an input keeps its random start, and
 * one that was has moved, in length and direction. What has not moved is told by rows that cannot have been inputs: those
 * of ids that stand for nothing, and those of byte values that the encoding never makes. A training that replaces tokens by
 * random ones has shown even these now and then, so that it is compared how far a row is from their mean, and how far they
 * are.
 *
 * @param spare  rows of ids that stand for nothing, or null where there are too few
 * @param unmade rows of byte values that the encoding never makes, or null where there are too few
 */
record Inputs(Transformer transformer, Group spare, Group unmade) {

    /** Whether a token was read in training. */
    public enum Word {
        READ(" was read in training"),
        NEVER_READ(" was never read in training"),
        UNCLEAR(" may have been read in training");

        private final String text;

        Word(String text) {
            this.text = text;
        }

        /** What follows the token's name. */
        public String text() {
            return text;
        }
    }

    /**
     * How far a token's row is from those that cannot have been inputs. All distances are Euclidean, from the mean of the
     * group; 0 and no rows where there is no such group.
     *
     * @param length of the row
     */
    public record Evidence(
            String token,
            int id,
            @JsonProperty("in_training") Word word,
            double length,
            Compared spare,
            Compared unmade) {

        @Override
        public String toString() {
            String groups = Stream.of(
                            spare == null ? null : spare + " spare ids",
                            unmade == null ? null : unmade + " unused byte values")
                    .filter(Objects::nonNull)
                    .collect(Collectors.joining(", "));
            return token + " (id " + id + ")" + word.text() + ": its embedding is "
                    + (groups.isEmpty() ? "there, but no row that cannot have been an input" : groups);
        }
    }

    /**
     * @param distance of the token's row from the mean of a group
     * @param typical  that of the group's rows, the median
     * @param spread   of theirs: 1.4826 times the median deviation, which is the standard deviation of a normal distribution
     */
    public record Compared(double distance, double typical, double spread, int rows) {

        private double deviations() {
            return (distance - typical) / Math.max(spread, LEAST_SPREAD * typical);
        }

        boolean isLike() {
            return deviations() < 4 || distance < 1.3 * typical;
        }

        boolean isFar() {
            return deviations() > 6 && distance > 1.5 * typical;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "%.3f (theirs %.3f ± %.3f) from the mean of %d", distance, typical, spread, rows);
        }
    }

    /** A part of the distance below which a spread is an accident of few rows. */
    private static final double LEAST_SPREAD = 0.02;

    private static final int FEWEST = 4;

    /** Rows that cannot have been inputs. */
    private record Group(double[] mean, double typical, double spread, double length, int rows) {

        static Group of(Transformer transformer, BitSet ids) {
            int n = ids.cardinality();
            if (n < FEWEST) {
                return null;
            }
            float[][] rows = ids.stream().mapToObj(transformer::embedding).toArray(float[][]::new);
            double[] mean = new double[rows[0].length];
            for (float[] row : rows) {
                Arrays.setAll(mean, i -> mean[i] + row[i] / (double) n);
            }
            // A row's distance from the mean of the others, so that it compares with one that is not of the group.
            double[] distances = Arrays.stream(rows)
                    .mapToDouble(row -> distance(row, mean) * n / (n - 1))
                    .toArray();
            double typical = median(distances);
            double spread = 1.4826
                    * median(Arrays.stream(distances)
                            .map(d -> Math.abs(d - typical))
                            .toArray());
            double length = median(Arrays.stream(rows)
                    .mapToDouble(row -> distance(row, new double[mean.length]))
                    .toArray());
            return new Group(mean, typical, spread, length, n);
        }

        Compared compare(float[] row) {
            return new Compared(distance(row, mean), typical, spread, rows);
        }
    }

    /** @param tokenizer whose ids and encoding are taken for the model's */
    static Inputs of(Transformer transformer, ByteTokenizer tokenizer) {
        BitSet unmade = tokenizer.unmadeIds();
        BitSet spare = tokenizer.spareIds();
        return new Inputs(transformer, Group.of(transformer, spare), Group.of(transformer, unmade));
    }

    Evidence of(String token, int id) {
        float[] row = transformer.embedding(id);
        double length = distance(row, new double[row.length]);
        Compared toSpare = spare == null ? null : spare.compare(row);
        Compared toUnmade = unmade == null ? null : unmade.compare(row);
        return new Evidence(token, id, word(length, toSpare, toUnmade), length, toSpare, toUnmade);
    }

    /** Whether a row is as far from the spare ones as they are from each other; false where there are none. */
    boolean isStill(int id) {
        return spare != null && spare.compare(transformer.embedding(id)).isLike();
    }

    private Word word(double length, Compared toSpare, Compared toUnmade) {
        if (toSpare == null && toUnmade == null) {
            return Word.UNCLEAR;
        }
        boolean still = toSpare != null ? toSpare.isLike() : toUnmade.isLike() || length < unmade.length();
        boolean moved = (toSpare == null || toSpare.isFar())
                && (toUnmade == null || toUnmade.isFar() && length > unmade.length());
        return still ? Word.NEVER_READ : moved ? Word.READ : Word.UNCLEAR;
    }

    private static double distance(float[] row, double[] from) {
        double sum = 0;
        for (int i = 0; i < row.length; i++) {
            sum += (row[i] - from[i]) * (row[i] - from[i]);
        }
        return Math.sqrt(sum);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
