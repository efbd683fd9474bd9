package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Species.FLOATS;
import static org.bybert.encoder.kernel.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.bybert.encoder.kernel.PackedMatrix;

/**
 * Matrix product by register tiles: a tile of rows × vectors of outputs stays in registers while the inputs pass by.
 *
 * <p>Every output is one chain of fused multiply-adds over its inputs in ascending order, whatever tile it falls into,
 * so that a row's bits do not depend on the rows beside it.
 */
final class Multiply {

    /** Vectors of a wide panel: 8 rows × 3 vectors fill 24 of the 32 registers of AVX-512. */
    static final int WIDE = 3;
    /** Rows of the large tile: with 16 registers (AVX2, SSE) 4 × 3 leave room for the weights and one input. */
    private static final int TALL = LANES >= 16 ? 8 : 4;
    /** Inputs taken at a time, so that a tile's inputs and its part of the panel stay in the first two cache levels. */
    private static final int BLOCK = 256;

    private Multiply() {
    }

    static void multiply(float[] x, int xAt, int xStride, int rows, PackedMatrix w, float[] y, int yAt, int yStride,
                         boolean add) {
        for (int row = 0; row < rows; row++) {
            w.startRow(y, yAt + row * yStride, add);
        }
        int outputs = w.outputs();
        int width;
        for (int first = 0; first < outputs; first += width) {
            width = w.widths().widthAt(first, outputs);
            for (int block = 0; block < w.inputs(); block += BLOCK) {
                int inputs = Math.min(BLOCK, w.inputs() - block);
                int wAt = first * w.inputs() + block * width;
                if (width == WIDE * LANES && outputs - first >= width) {
                    widePanel(x, xAt + block, xStride, rows, w.data(), wAt, inputs, y, yAt + first, yStride);
                } else {
                    for (int at = 0; at < width; at += LANES) {
                        narrowPanel(x, xAt + block, xStride, rows, w.data(), wAt + at, width, inputs,
                                y, yAt + first + at, yStride, Math.min(LANES, outputs - first - at));
                    }
                }
            }
        }
    }

    private static void widePanel(float[] x, int xAt, int xStride, int rows, float[] w, int wAt, int inputs,
                                  float[] y, int yAt, int yStride) {
        int row = 0;
        for (; row + TALL <= rows; row += TALL) {
            int xRow = xAt + row * xStride;
            int yRow = yAt + row * yStride;
            if (TALL == 8) {
                tile8x3(x, xRow, xStride, w, wAt, WIDE * LANES, inputs, y, yRow, yStride);
            } else {
                tile4x3(x, xRow, xStride, w, wAt, WIDE * LANES, inputs, y, yRow, yStride);
            }
        }
        if (row + 4 <= rows) {
            tile4x3(x, xAt + row * xStride, xStride, w, wAt, WIDE * LANES, inputs, y, yAt + row * yStride, yStride);
            row += 4;
        }
        for (; row < rows; row++) {
            tile1x3(x, xAt + row * xStride, xStride, w, wAt, WIDE * LANES, inputs, y, yAt + row * yStride, yStride);
        }
    }

    /** One vector of outputs, of which {@code outputs} exist. */
    private static void narrowPanel(float[] x, int xAt, int xStride, int rows, float[] w, int wAt, int wStride,
                                    int inputs, float[] y, int yAt, int yStride, int outputs) {
        int row = 0;
        if (outputs == LANES) {
            for (; row + 8 <= rows; row += 8) {
                tile8x1(x, xAt + row * xStride, xStride, w, wAt, wStride, inputs, y, yAt + row * yStride, yStride);
            }
        }
        VectorMask<Float> mask = FLOATS.indexInRange(0, outputs);
        for (; row < rows; row++) {
            tile1x1(x, xAt + row * xStride, w, wAt, wStride, inputs, y, yAt + row * yStride, mask);
        }
    }

    private static void tile8x3(float[] x, int xAt, int xStride, float[] w, int wAt, int wStride, int inputs,
                                float[] y, int yAt, int yStride) {
        int x1 = xAt + xStride;
        int x2 = x1 + xStride;
        int x3 = x2 + xStride;
        int x4 = x3 + xStride;
        int x5 = x4 + xStride;
        int x6 = x5 + xStride;
        int x7 = x6 + xStride;
        FloatVector s00 = FloatVector.fromArray(FLOATS, y, yAt);
        FloatVector s01 = FloatVector.fromArray(FLOATS, y, yAt + LANES);
        FloatVector s02 = FloatVector.fromArray(FLOATS, y, yAt + 2 * LANES);
        FloatVector s10 = FloatVector.fromArray(FLOATS, y, yAt + yStride);
        FloatVector s11 = FloatVector.fromArray(FLOATS, y, yAt + yStride + LANES);
        FloatVector s12 = FloatVector.fromArray(FLOATS, y, yAt + yStride + 2 * LANES);
        FloatVector s20 = FloatVector.fromArray(FLOATS, y, yAt + 2 * yStride);
        FloatVector s21 = FloatVector.fromArray(FLOATS, y, yAt + 2 * yStride + LANES);
        FloatVector s22 = FloatVector.fromArray(FLOATS, y, yAt + 2 * yStride + 2 * LANES);
        FloatVector s30 = FloatVector.fromArray(FLOATS, y, yAt + 3 * yStride);
        FloatVector s31 = FloatVector.fromArray(FLOATS, y, yAt + 3 * yStride + LANES);
        FloatVector s32 = FloatVector.fromArray(FLOATS, y, yAt + 3 * yStride + 2 * LANES);
        FloatVector s40 = FloatVector.fromArray(FLOATS, y, yAt + 4 * yStride);
        FloatVector s41 = FloatVector.fromArray(FLOATS, y, yAt + 4 * yStride + LANES);
        FloatVector s42 = FloatVector.fromArray(FLOATS, y, yAt + 4 * yStride + 2 * LANES);
        FloatVector s50 = FloatVector.fromArray(FLOATS, y, yAt + 5 * yStride);
        FloatVector s51 = FloatVector.fromArray(FLOATS, y, yAt + 5 * yStride + LANES);
        FloatVector s52 = FloatVector.fromArray(FLOATS, y, yAt + 5 * yStride + 2 * LANES);
        FloatVector s60 = FloatVector.fromArray(FLOATS, y, yAt + 6 * yStride);
        FloatVector s61 = FloatVector.fromArray(FLOATS, y, yAt + 6 * yStride + LANES);
        FloatVector s62 = FloatVector.fromArray(FLOATS, y, yAt + 6 * yStride + 2 * LANES);
        FloatVector s70 = FloatVector.fromArray(FLOATS, y, yAt + 7 * yStride);
        FloatVector s71 = FloatVector.fromArray(FLOATS, y, yAt + 7 * yStride + LANES);
        FloatVector s72 = FloatVector.fromArray(FLOATS, y, yAt + 7 * yStride + 2 * LANES);
        for (int i = 0; i < inputs; i++, wAt += wStride) {
            FloatVector w0 = FloatVector.fromArray(FLOATS, w, wAt);
            FloatVector w1 = FloatVector.fromArray(FLOATS, w, wAt + LANES);
            FloatVector w2 = FloatVector.fromArray(FLOATS, w, wAt + 2 * LANES);
            FloatVector v = FloatVector.broadcast(FLOATS, x[xAt + i]);
            s00 = v.fma(w0, s00);
            s01 = v.fma(w1, s01);
            s02 = v.fma(w2, s02);
            v = FloatVector.broadcast(FLOATS, x[x1 + i]);
            s10 = v.fma(w0, s10);
            s11 = v.fma(w1, s11);
            s12 = v.fma(w2, s12);
            v = FloatVector.broadcast(FLOATS, x[x2 + i]);
            s20 = v.fma(w0, s20);
            s21 = v.fma(w1, s21);
            s22 = v.fma(w2, s22);
            v = FloatVector.broadcast(FLOATS, x[x3 + i]);
            s30 = v.fma(w0, s30);
            s31 = v.fma(w1, s31);
            s32 = v.fma(w2, s32);
            v = FloatVector.broadcast(FLOATS, x[x4 + i]);
            s40 = v.fma(w0, s40);
            s41 = v.fma(w1, s41);
            s42 = v.fma(w2, s42);
            v = FloatVector.broadcast(FLOATS, x[x5 + i]);
            s50 = v.fma(w0, s50);
            s51 = v.fma(w1, s51);
            s52 = v.fma(w2, s52);
            v = FloatVector.broadcast(FLOATS, x[x6 + i]);
            s60 = v.fma(w0, s60);
            s61 = v.fma(w1, s61);
            s62 = v.fma(w2, s62);
            v = FloatVector.broadcast(FLOATS, x[x7 + i]);
            s70 = v.fma(w0, s70);
            s71 = v.fma(w1, s71);
            s72 = v.fma(w2, s72);
        }
        s00.intoArray(y, yAt);
        s01.intoArray(y, yAt + LANES);
        s02.intoArray(y, yAt + 2 * LANES);
        s10.intoArray(y, yAt + yStride);
        s11.intoArray(y, yAt + yStride + LANES);
        s12.intoArray(y, yAt + yStride + 2 * LANES);
        s20.intoArray(y, yAt + 2 * yStride);
        s21.intoArray(y, yAt + 2 * yStride + LANES);
        s22.intoArray(y, yAt + 2 * yStride + 2 * LANES);
        s30.intoArray(y, yAt + 3 * yStride);
        s31.intoArray(y, yAt + 3 * yStride + LANES);
        s32.intoArray(y, yAt + 3 * yStride + 2 * LANES);
        s40.intoArray(y, yAt + 4 * yStride);
        s41.intoArray(y, yAt + 4 * yStride + LANES);
        s42.intoArray(y, yAt + 4 * yStride + 2 * LANES);
        s50.intoArray(y, yAt + 5 * yStride);
        s51.intoArray(y, yAt + 5 * yStride + LANES);
        s52.intoArray(y, yAt + 5 * yStride + 2 * LANES);
        s60.intoArray(y, yAt + 6 * yStride);
        s61.intoArray(y, yAt + 6 * yStride + LANES);
        s62.intoArray(y, yAt + 6 * yStride + 2 * LANES);
        s70.intoArray(y, yAt + 7 * yStride);
        s71.intoArray(y, yAt + 7 * yStride + LANES);
        s72.intoArray(y, yAt + 7 * yStride + 2 * LANES);
    }

    private static void tile4x3(float[] x, int xAt, int xStride, float[] w, int wAt, int wStride, int inputs,
                                float[] y, int yAt, int yStride) {
        int x1 = xAt + xStride;
        int x2 = x1 + xStride;
        int x3 = x2 + xStride;
        FloatVector s00 = FloatVector.fromArray(FLOATS, y, yAt);
        FloatVector s01 = FloatVector.fromArray(FLOATS, y, yAt + LANES);
        FloatVector s02 = FloatVector.fromArray(FLOATS, y, yAt + 2 * LANES);
        FloatVector s10 = FloatVector.fromArray(FLOATS, y, yAt + yStride);
        FloatVector s11 = FloatVector.fromArray(FLOATS, y, yAt + yStride + LANES);
        FloatVector s12 = FloatVector.fromArray(FLOATS, y, yAt + yStride + 2 * LANES);
        FloatVector s20 = FloatVector.fromArray(FLOATS, y, yAt + 2 * yStride);
        FloatVector s21 = FloatVector.fromArray(FLOATS, y, yAt + 2 * yStride + LANES);
        FloatVector s22 = FloatVector.fromArray(FLOATS, y, yAt + 2 * yStride + 2 * LANES);
        FloatVector s30 = FloatVector.fromArray(FLOATS, y, yAt + 3 * yStride);
        FloatVector s31 = FloatVector.fromArray(FLOATS, y, yAt + 3 * yStride + LANES);
        FloatVector s32 = FloatVector.fromArray(FLOATS, y, yAt + 3 * yStride + 2 * LANES);
        for (int i = 0; i < inputs; i++, wAt += wStride) {
            FloatVector w0 = FloatVector.fromArray(FLOATS, w, wAt);
            FloatVector w1 = FloatVector.fromArray(FLOATS, w, wAt + LANES);
            FloatVector w2 = FloatVector.fromArray(FLOATS, w, wAt + 2 * LANES);
            FloatVector v = FloatVector.broadcast(FLOATS, x[xAt + i]);
            s00 = v.fma(w0, s00);
            s01 = v.fma(w1, s01);
            s02 = v.fma(w2, s02);
            v = FloatVector.broadcast(FLOATS, x[x1 + i]);
            s10 = v.fma(w0, s10);
            s11 = v.fma(w1, s11);
            s12 = v.fma(w2, s12);
            v = FloatVector.broadcast(FLOATS, x[x2 + i]);
            s20 = v.fma(w0, s20);
            s21 = v.fma(w1, s21);
            s22 = v.fma(w2, s22);
            v = FloatVector.broadcast(FLOATS, x[x3 + i]);
            s30 = v.fma(w0, s30);
            s31 = v.fma(w1, s31);
            s32 = v.fma(w2, s32);
        }
        s00.intoArray(y, yAt);
        s01.intoArray(y, yAt + LANES);
        s02.intoArray(y, yAt + 2 * LANES);
        s10.intoArray(y, yAt + yStride);
        s11.intoArray(y, yAt + yStride + LANES);
        s12.intoArray(y, yAt + yStride + 2 * LANES);
        s20.intoArray(y, yAt + 2 * yStride);
        s21.intoArray(y, yAt + 2 * yStride + LANES);
        s22.intoArray(y, yAt + 2 * yStride + 2 * LANES);
        s30.intoArray(y, yAt + 3 * yStride);
        s31.intoArray(y, yAt + 3 * yStride + LANES);
        s32.intoArray(y, yAt + 3 * yStride + 2 * LANES);
    }

    private static void tile1x3(float[] x, int xAt, int xStride, float[] w, int wAt, int wStride, int inputs,
                                float[] y, int yAt, int yStride) {
        FloatVector s00 = FloatVector.fromArray(FLOATS, y, yAt);
        FloatVector s01 = FloatVector.fromArray(FLOATS, y, yAt + LANES);
        FloatVector s02 = FloatVector.fromArray(FLOATS, y, yAt + 2 * LANES);
        for (int i = 0; i < inputs; i++, wAt += wStride) {
            FloatVector w0 = FloatVector.fromArray(FLOATS, w, wAt);
            FloatVector w1 = FloatVector.fromArray(FLOATS, w, wAt + LANES);
            FloatVector w2 = FloatVector.fromArray(FLOATS, w, wAt + 2 * LANES);
            FloatVector v = FloatVector.broadcast(FLOATS, x[xAt + i]);
            s00 = v.fma(w0, s00);
            s01 = v.fma(w1, s01);
            s02 = v.fma(w2, s02);
        }
        s00.intoArray(y, yAt);
        s01.intoArray(y, yAt + LANES);
        s02.intoArray(y, yAt + 2 * LANES);
    }

    private static void tile8x1(float[] x, int xAt, int xStride, float[] w, int wAt, int wStride, int inputs,
                                float[] y, int yAt, int yStride) {
        int x1 = xAt + xStride;
        int x2 = x1 + xStride;
        int x3 = x2 + xStride;
        int x4 = x3 + xStride;
        int x5 = x4 + xStride;
        int x6 = x5 + xStride;
        int x7 = x6 + xStride;
        FloatVector s00 = FloatVector.fromArray(FLOATS, y, yAt);
        FloatVector s10 = FloatVector.fromArray(FLOATS, y, yAt + yStride);
        FloatVector s20 = FloatVector.fromArray(FLOATS, y, yAt + 2 * yStride);
        FloatVector s30 = FloatVector.fromArray(FLOATS, y, yAt + 3 * yStride);
        FloatVector s40 = FloatVector.fromArray(FLOATS, y, yAt + 4 * yStride);
        FloatVector s50 = FloatVector.fromArray(FLOATS, y, yAt + 5 * yStride);
        FloatVector s60 = FloatVector.fromArray(FLOATS, y, yAt + 6 * yStride);
        FloatVector s70 = FloatVector.fromArray(FLOATS, y, yAt + 7 * yStride);
        for (int i = 0; i < inputs; i++, wAt += wStride) {
            FloatVector w0 = FloatVector.fromArray(FLOATS, w, wAt);
            FloatVector v = FloatVector.broadcast(FLOATS, x[xAt + i]);
            s00 = v.fma(w0, s00);
            v = FloatVector.broadcast(FLOATS, x[x1 + i]);
            s10 = v.fma(w0, s10);
            v = FloatVector.broadcast(FLOATS, x[x2 + i]);
            s20 = v.fma(w0, s20);
            v = FloatVector.broadcast(FLOATS, x[x3 + i]);
            s30 = v.fma(w0, s30);
            v = FloatVector.broadcast(FLOATS, x[x4 + i]);
            s40 = v.fma(w0, s40);
            v = FloatVector.broadcast(FLOATS, x[x5 + i]);
            s50 = v.fma(w0, s50);
            v = FloatVector.broadcast(FLOATS, x[x6 + i]);
            s60 = v.fma(w0, s60);
            v = FloatVector.broadcast(FLOATS, x[x7 + i]);
            s70 = v.fma(w0, s70);
        }
        s00.intoArray(y, yAt);
        s10.intoArray(y, yAt + yStride);
        s20.intoArray(y, yAt + 2 * yStride);
        s30.intoArray(y, yAt + 3 * yStride);
        s40.intoArray(y, yAt + 4 * yStride);
        s50.intoArray(y, yAt + 5 * yStride);
        s60.intoArray(y, yAt + 6 * yStride);
        s70.intoArray(y, yAt + 7 * yStride);
    }

    private static void tile1x1(float[] x, int xAt, float[] w, int wAt, int wStride, int inputs,
                                float[] y, int yAt, VectorMask<Float> mask) {
        FloatVector sum = FloatVector.fromArray(FLOATS, y, yAt, mask);
        for (int i = 0; i < inputs; i++, wAt += wStride) {
            sum = FloatVector.broadcast(FLOATS, x[xAt + i]).fma(FloatVector.fromArray(FLOATS, w, wAt), sum);
        }
        sum.intoArray(y, yAt, mask);
    }
}
