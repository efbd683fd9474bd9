package org.bybert.encoder.model;

import java.util.Arrays;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.kernel.Panels;
import org.bybert.encoder.kernel.TileShape;
import org.bybert.encoder.model.StageClock.Stage;

/**
 * Bidirectional grouped-query attention over one row, a panel of queries at a time with a running softmax (Milakov and
 * Gimelshein 2018; Dao et al. 2022): memory grows with the length of a row, never with its square.
 *
 * <p>Scores have a row per key and a lane per query, so that they are at once the operand of the product with the
 * values. Keys are taken in blocks of {@link #KEYS} from the start of the row, so that a query's result depends on its
 * own row alone.
 */
record Attention(ModelConfig config, Kernels kernels, TileShape shape, int width, int headSize) {

    /**
     * Keys per block, a multiple of every group size: a panel of their scores (30 KiB at 32 queries) stays in the
     * first-level cache from the scores to the values.
     */
    static final int KEYS = 240;

    Attention(ModelConfig config, Kernels kernels) {
        this(config, kernels, kernels.shape(), kernels.shape().panel(), config.headSize());
    }

    /** What attention needs beside its operands. */
    static final class Buffers {

        private final TileShape shape;
        private final int headSize;
        private final int valueBlock;
        private final float[] queries;
        private final float[] scores;
        private final float[] out;
        private final float[] state;
        /** Keys of one head of one row as weight groups: a group of keys, within it a head's features. */
        private float[] keys = new float[0];
        /** Values of one head of one row as weight groups: block of keys, group of features, key. */
        private float[] values = new float[0];

        Buffers(ModelConfig config, TileShape shape) {
            this.shape = shape;
            this.headSize = config.headSize();
            this.valueBlock = shape.paddedOutputs(headSize) * KEYS;
            this.queries = new float[Panels.ALIGNMENT + headSize * shape.panel()];
            this.scores = new float[Panels.ALIGNMENT + KEYS * shape.panel()];
            this.out = new float[Panels.ALIGNMENT + shape.paddedOutputs(headSize) * shape.panel()];
            this.state = new float[4 * shape.panel()];
        }

        long floats() {
            return (long) queries.length + scores.length + out.length + state.length + keys.length + values.length;
        }

        void reserve(int longest) {
            int keysSize = Math.multiplyExact(shape.paddedOutputs(longest), headSize);
            int valuesSize = Math.multiplyExact((longest + KEYS - 1) / KEYS, valueBlock);
            if (keys.length < keysSize) {
                keys = new float[keysSize];
            }
            if (values.length < valuesSize) {
                values = new float[valuesSize];
            }
        }
    }

    /**
     * One row.
     *
     * @param start      first token of the row, whose keys and values are in {@code work.queryKeyValue}
     * @param queries    whose features begin with the query heads
     * @param firstQuery where the row's queries begin in {@code queries}, and its results in {@code work.attended}
     */
    void attend(int start, int length, Panels queries, int firstQuery, int count, Workspace work) {
        int group = config.attentionHeads() / config.keyValueHeads();
        for (int head = 0; head < config.keyValueHeads() && count > 0; head++) {
            int keys = config.querySize() + head * headSize;
            packKeys(start, length, keys, work);
            packValues(start, length, keys + config.keyValueSize(), work);
            work.clock().mark(Stage.ATTENTION_PACKING);
            for (int member = 0; member < group; member++) {
                for (int query = 0; query < count; query += width) {
                    attend(
                            length,
                            queries,
                            firstQuery + query,
                            Math.min(width, count - query),
                            (head * group + member) * headSize,
                            work);
                }
            }
        }
    }

    private void packKeys(int start, int length, int feature, Workspace work) {
        Panels from = work.queryKeyValue;
        float[] keys = work.attention.keys;
        int outputs = shape.outputs();
        for (int key = 0; key < length; key++) {
            int at = from.column(start + key) + feature * width;
            int to = key / outputs * outputs * headSize + key % outputs;
            for (int i = 0; i < headSize; i++) {
                keys[to + i * outputs] = from.data()[at + i * width];
            }
        }
        for (int key = length; key % outputs > 0; key++) {
            int to = key / outputs * outputs * headSize + key % outputs;
            for (int i = 0; i < headSize; i++) {
                keys[to + i * outputs] = 0;
            }
        }
    }

    private void packValues(int start, int length, int feature, Workspace work) {
        Panels from = work.queryKeyValue;
        float[] values = work.attention.values;
        int outputs = shape.outputs();
        for (int key = 0; key < length; key++) {
            int at = from.column(start + key) + feature * width;
            int to = key / KEYS * work.attention.valueBlock + key % KEYS * outputs;
            for (int first = 0; first < headSize; first += outputs, to += KEYS * outputs) {
                int count = Math.min(outputs, headSize - first);
                for (int i = 0; i < count; i++) {
                    values[to + i] = from.data()[at + (first + i) * width];
                }
            }
        }
        if (length % 2 == 1) {
            int to = length / KEYS * work.attention.valueBlock + length % KEYS * outputs;
            for (int first = 0; first < headSize; first += outputs, to += KEYS * outputs) {
                Arrays.fill(values, to, to + outputs, 0);
            }
        }
    }

    /** A panel of queries of one head against all keys. */
    private void attend(int length, Panels queries, int query, int lanes, int feature, Workspace work) {
        Buffers buffers = work.attention;
        boolean aligned = query % width == 0;
        float[] x = aligned ? queries.data() : buffers.queries;
        int xAt = aligned ? queries.at(query / width, feature) : Panels.ALIGNMENT;
        if (!aligned) {
            copyIn(queries, query, lanes, feature, x);
        }
        float[] state = buffers.state;
        Arrays.fill(state, 0, width, -Float.MAX_VALUE);
        Arrays.fill(state, width, 2 * width, 0);
        for (int first = 0; first < length; first += KEYS) {
            block(first, Math.min(KEYS, length - first), x, xAt, work);
        }
        for (int lane = 0; lane < width; lane++) {
            state[lane] = 1 / state[width + lane];
        }
        // Lanes beyond the row belong to rows that are yet to come, those before an unaligned row to earlier ones.
        if (aligned) {
            kernels.scale(
                    buffers.out,
                    Panels.ALIGNMENT,
                    headSize,
                    state,
                    0,
                    work.attended.data(),
                    work.attended.at(query / width, feature));
        } else {
            kernels.scale(buffers.out, Panels.ALIGNMENT, headSize, state, 0, buffers.out, Panels.ALIGNMENT);
            copyOut(buffers.out, work.attended, query, lanes, feature);
        }
        work.clock().mark(Stage.VALUES);
    }

    private void block(int first, int keys, float[] x, int xAt, Workspace work) {
        Buffers buffers = work.attention;
        kernels.multiply(
                buffers.keys,
                first * headSize,
                shape.outputs() * headSize,
                shape.groups(keys),
                headSize,
                x,
                xAt,
                0,
                1,
                buffers.scores,
                Panels.ALIGNMENT,
                0,
                false);
        work.clock().mark(Stage.SCORES);
        kernels.softmax(buffers.scores, Panels.ALIGNMENT, keys, buffers.state, 0);
        work.clock().mark(Stage.SOFTMAX);
        if (first > 0) {
            kernels.scale(
                    buffers.out, Panels.ALIGNMENT, headSize, buffers.state, 2 * width, buffers.out, Panels.ALIGNMENT);
        }
        kernels.multiply(
                buffers.values,
                first / KEYS * buffers.valueBlock,
                KEYS * shape.outputs(),
                shape.groups(headSize),
                keys + keys % 2,
                buffers.scores,
                Panels.ALIGNMENT,
                0,
                1,
                buffers.out,
                Panels.ALIGNMENT,
                0,
                first > 0);
        work.clock().mark(Stage.VALUES);
    }

    private void copyIn(Panels from, int token, int lanes, int feature, float[] to) {
        int head = Math.min(lanes, width - token % width);
        int at = from.column(token) + feature * width;
        int next = from.at(token / width + 1, feature);
        for (int row = 0; row < headSize * width; row += width) {
            for (int lane = 0; lane < head; lane++) {
                to[Panels.ALIGNMENT + row + lane] = from.data()[at + row + lane];
            }
            for (int lane = head; lane < lanes; lane++) {
                to[Panels.ALIGNMENT + row + lane] = from.data()[next + row + lane - head];
            }
        }
    }

    private void copyOut(float[] from, Panels to, int token, int lanes, int feature) {
        int head = Math.min(lanes, width - token % width);
        int at = to.column(token) + feature * width;
        int next = to.at(token / width + 1, feature);
        for (int row = 0; row < headSize * width; row += width) {
            for (int lane = 0; lane < head; lane++) {
                to.data()[at + row + lane] = from[Panels.ALIGNMENT + row + lane];
            }
            for (int lane = head; lane < lanes; lane++) {
                to.data()[next + row + lane - head] = from[Panels.ALIGNMENT + row + lane];
            }
        }
    }
}
