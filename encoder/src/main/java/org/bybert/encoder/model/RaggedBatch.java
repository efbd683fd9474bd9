package org.bybert.encoder.model;

import java.util.List;

/**
 * Rows of token ids laid end to end, without padding.
 *
 * @param ids    all ids, row after row
 * @param starts {@code rows + 1} positions: row {@code r} is {@code ids[starts[r] … starts[r + 1])}
 */
public record RaggedBatch(int[] ids, int[] starts) {

    public static RaggedBatch of(List<int[]> rows) {
        int[] starts = new int[rows.size() + 1];
        for (int r = 0; r < rows.size(); r++) {
            starts[r + 1] = Math.addExact(starts[r], rows.get(r).length);
        }
        int[] ids = new int[starts[rows.size()]];
        for (int r = 0; r < rows.size(); r++) {
            System.arraycopy(rows.get(r), 0, ids, starts[r], rows.get(r).length);
        }
        return new RaggedBatch(ids, starts);
    }

    public int rows() {
        return starts.length - 1;
    }

    /** Number of tokens of all rows. */
    public int tokens() {
        return ids.length;
    }

    public int start(int row) {
        return starts[row];
    }

    public int length(int row) {
        return starts[row + 1] - starts[row];
    }

    int longest() {
        // A loop: a stream would be the only thing that a forward pass allocates.
        int longest = 0;
        for (int row = 0; row < rows(); row++) {
            longest = Math.max(longest, length(row));
        }
        return longest;
    }
}
