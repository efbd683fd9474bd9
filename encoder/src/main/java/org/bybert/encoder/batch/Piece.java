package org.bybert.encoder.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.bybert.encoder.model.RaggedBatch;

/**
 * A row of a batch: a text or a part of it.
 *
 * @param ids     what the model reads
 * @param asked   positions among {@code ids} at which tokens are asked for
 * @param targets the tokens that stood at these positions
 */
public record Piece(int[] ids, int[] asked, int[] targets) {

    private static final int[] NONE = {};

    /** A piece of which no position is asked for by itself. */
    public Piece(int[] ids) {
        this(ids, NONE, NONE);
    }

    static List<int[]> rows(List<Piece> pieces) {
        return pieces.stream().map(Piece::ids).toList();
    }

    /** Token ids of some pieces, laid end to end. */
    public static RaggedBatch batch(List<Piece> pieces) {
        return RaggedBatch.of(rows(pieces));
    }

    /** The positions that are asked for, in the batch of these pieces. */
    public static int[] asked(List<Piece> pieces) {
        int[] positions = new int[pieces.stream().mapToInt(piece -> piece.asked.length).sum()];
        int next = 0;
        int start = 0;
        for (Piece piece : pieces) {
            for (int position : piece.asked) {
                positions[next++] = start + position;
            }
            start += piece.ids.length;
        }
        return positions;
    }

    /** What stood there. */
    public static int[] targets(List<Piece> pieces) {
        return pieces.stream().flatMapToInt(piece -> Arrays.stream(piece.targets)).toArray();
    }

    /**
     * What was said of the positions of each piece.
     *
     * @param slice takes the place of a piece's first position among all positions, and the place after its last
     */
    public static <P> List<P> slices(List<Piece> pieces, BiFunction<Integer, Integer, P> slice) {
        List<P> slices = new ArrayList<>(pieces.size());
        int from = 0;
        for (Piece piece : pieces) {
            int to = from + piece.asked.length;
            slices.add(slice.apply(from, to));
            from = to;
        }
        return slices;
    }
}
