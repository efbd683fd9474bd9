package org.bybert.encoder.model;

import java.util.Arrays;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.kernel.Kernels;

/**
 * Bidirectional grouped-query attention over the rows of a ragged batch, tile by tile with a running softmax (Milakov
 * and Gimelshein 2018; Dao et al. 2022): memory grows with the length of a row, never with its square.
 *
 * <p>Keys are taken in blocks of {@link #KEYS} from the start of the row, so that a query's result depends on its own
 * row alone.
 */
final class Attention {

    /** Keys per block: a block of keys and values of head size 64 takes 96 KiB. */
    static final int KEYS = 192;
    /** Queries per tile: their scores over a block of keys stay in the first-level cache. */
    static final int QUERIES = 32;

    private final Kernels kernels;
    private final int headSize;
    private final int querySize;
    private final int keyValueSize;
    private final int keyValueHeads;
    private final int group;
    private final int stride;

    Attention(ModelConfig config, Kernels kernels) {
        this.kernels = kernels;
        this.headSize = config.headSize();
        this.querySize = config.querySize();
        this.keyValueSize = config.keyValueSize();
        this.keyValueHeads = config.keyValueHeads();
        this.group = config.attentionHeads() / keyValueHeads;
        this.stride = querySize + 2 * keyValueSize;
    }

    /** Turns queries and keys by their positions and scales the queries by {@code 1 / sqrt(headSize)}. */
    void rotate(RaggedBatch batch, RotaryTable.Angles angles, Workspace work) {
        int half = headSize / 2;
        float queryScale = (float) (1 / Math.sqrt(headSize));
        for (int row = 0; row < batch.rows(); row++) {
            for (int position = 0; position < batch.length(row); position++) {
                int token = (batch.start(row) + position) * stride;
                int tableAt = position * half;
                for (int at = 0; at < querySize + keyValueSize; at += headSize) {
                    kernels.rotate(work.queryKeyValue, token + at, half, angles.cosines(), angles.sines(), tableAt,
                            at < querySize ? queryScale : 1f);
                }
            }
        }
    }

    /** From {@code work.queryKeyValue} to {@code work.attended}. */
    void attend(RaggedBatch batch, Workspace work) {
        for (int row = 0; row < batch.rows(); row++) {
            for (int head = 0; head < keyValueHeads; head++) {
                attend(batch.start(row), batch.length(row), head, work);
            }
        }
    }

    /** One row and one key-value head, with all query heads that share it. */
    private void attend(int start, int length, int keyValueHead, Workspace work) {
        int keyAt = start * stride + querySize + keyValueHead * headSize;
        int valueAt = keyAt + keyValueSize;
        Arrays.fill(work.sums, 0, group * length, 0f);
        for (int firstKey = 0; firstKey < length; firstKey += KEYS) {
            int keys = Math.min(KEYS, length - firstKey);
            work.keys.packRows(work.queryKeyValue, keyAt + firstKey * stride, stride, keys, headSize);
            work.values.packColumns(work.queryKeyValue, valueAt + firstKey * stride, stride, headSize, keys);
            work.clock().mark(Stage.ATTENTION_PACKING);
            for (int member = 0; member < group; member++) {
                int headAt = (keyValueHead * group + member) * headSize;
                for (int query = 0; query < length; query += QUERIES) {
                    tile(start + query, Math.min(QUERIES, length - query), headAt, keys, firstKey == 0,
                            member * length + query, work);
                }
            }
        }
        for (int member = 0; member < group; member++) {
            int headAt = (keyValueHead * group + member) * headSize;
            for (int query = 0; query < length; query++) {
                kernels.scale(work.attended, (start + query) * querySize + headAt, headSize,
                        1 / work.sums[member * length + query]);
            }
        }
    }

    /** A few queries of one head against one block of keys. */
    private void tile(int token, int queries, int headAt, int keys, boolean firstBlock, int stateAt, Workspace work) {
        int outAt = token * querySize + headAt;
        kernels.multiply(work.queryKeyValue, token * stride + headAt, stride, queries, work.keys,
                work.scores, 0, KEYS, false);
        work.clock().mark(Stage.SCORES);
        for (int q = 0; q < queries; q++) {
            float max = kernels.max(work.scores, q * KEYS, keys);
            if (!firstBlock) {
                float before = work.maxima[stateAt + q];
                max = Math.max(max, before);
                if (max > before) {
                    float correction = (float) StrictMath.exp(before - max);
                    work.sums[stateAt + q] *= correction;
                    kernels.scale(work.attended, outAt + q * querySize, headSize, correction);
                }
            }
            work.maxima[stateAt + q] = max;
            work.sums[stateAt + q] += kernels.expShifted(work.scores, q * KEYS, keys, max);
        }
        work.clock().mark(Stage.SOFTMAX);
        kernels.multiply(work.scores, 0, KEYS, queries, work.values, work.attended, outAt, querySize, !firstBlock);
        work.clock().mark(Stage.VALUES);
    }
}
