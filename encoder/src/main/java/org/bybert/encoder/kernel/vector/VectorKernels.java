package org.bybert.encoder.kernel.vector;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.kernel.PackedMatrix;
import org.bybert.encoder.kernel.TileShape;

/** Kernels on {@code jdk.incubator.vector}; the arithmetic is that of {@code ScalarKernels}, in another order. */
public final class VectorKernels implements Kernels {

    /** The vector width of this JVM; a constant, as the JIT compiler needs it. */
    static final VectorSpecies<Float> FLOATS = chosen(System.getProperty(KernelChoice.PROPERTY, "vector"));

    static final int LANES = FLOATS.length();
    /** Tokens of a tile. */
    static final int PANEL = 2 * LANES;

    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    /** Outputs of a tile, by the number of registers that CPUs of this vector width have. */
    private static final int OUTPUTS = LANES >= 16 ? 12 : 6;
    /** One sequence of 32, of the peak: 47 % without and 65 % with it on 512 bits (Zen 5), 75 and 66 on 256 (Zen 3). */
    private static final boolean FETCHES = LANES >= 16;

    private static final TileShape SHAPE = new TileShape(OUTPUTS, PANEL, FETCHES);
    private static final int HALF = PackedMatrix.BLOCK / 2;

    /**
     * The constants of {@code exp} in single precision: {@code exp(x) = 2^n · exp(r)} with {@code n = round(x / ln 2)}
     * and {@code |r| ≤ ln 2 / 2}; {@code exp(r)} is a polynomial of degree 5 whose remainder there is below 1e-7.
     * Relative error at most 3e-7 (ExpTest sweeps the range); arguments are clamped to ±87, where the result is still a
     * normal number.
     *
     * <p>The kernels spell the same steps out on vectors instead of calling a method: where the JIT compiler has
     * compiled such a method on its own before, it does not inline it, and then every vector that passes is an object,
     * which costs ten times the arithmetic.
     */
    static final class Exp {

        static final float LIMIT = 87f;
        /** Clamps work on bits as integers: a float minimum must mind NaN and signed zeros. */
        static final int LIMIT_BITS = Float.floatToRawIntBits(LIMIT);

        static final float LOG2_E = 1.442695f;
        /** ln 2 in two parts, so that {@code n · LN2_HIGH} is exact. */
        static final float LN2_HIGH = 0x1.63p-1f;

        static final float LN2_LOW = -2.12194440e-4f;
        /** Adding 1.5 · 2²³ leaves the rounded integer in the low bits; a shift by 23 drops all of its own. */
        static final float ROUNDER = 0x1.8p23f;
        /** Minimax polynomial of the relative error (Lawson's iteration), with exp(0) = 1 exactly. */
        static final float C1 = 0x1.fffff6p-1f;

        static final float C2 = 0x1.fffdc6p-2f;
        static final float C3 = 0x1.555a6cp-3f;
        static final float C4 = 0x1.573a6cp-5f;
        static final float C5 = 0x1.0fa82p-7f;
    }

    private static VectorSpecies<Float> chosen(String kernels) {
        return switch (kernels) {
            case "vector-512" -> FloatVector.SPECIES_512;
            case "vector-256" -> FloatVector.SPECIES_256;
            case "vector-128" -> FloatVector.SPECIES_128;
            default ->
                FloatVector.SPECIES_PREFERRED.length() > 16 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;
        };
    }

    @Override
    public String name() {
        return "vector-" + FLOATS.vectorBitSize();
    }

    @Override
    public TileShape shape() {
        return SHAPE;
    }

    /**
     * By register tiles: a group of outputs × a panel of tokens stays in registers while the inputs pass by. Panels are
     * outside, groups inside: a panel stays in the second-level cache while all groups pass it.
     *
     * <p>Every value is one chain of fused multiply-adds over its inputs in ascending order, whatever lane it falls
     * into, so that a row's bits do not depend on the rows beside it.
     */
    @Override
    public void multiply(
            float[] w,
            int wAt,
            int wStride,
            int groups,
            int inputs,
            float[] x,
            int xAt,
            int xStride,
            int panels,
            float[] y,
            int yAt,
            int yStride,
            boolean add) {
        for (int panel = 0; panel < panels; panel++) {
            if (!add) {
                int start = yAt + panel * yStride;
                Arrays.fill(y, start, start + groups * OUTPUTS * PANEL, 0);
            }
            for (int group = 0; group < groups; group++) {
                int tileAt = yAt + panel * yStride + group * OUTPUTS * PANEL;
                if (OUTPUTS == 12) {
                    Tile12x2.multiply(w, wAt + group * wStride, inputs, x, xAt + panel * xStride, y, tileAt);
                } else {
                    Tile6x2.multiply(w, wAt + group * wStride, inputs, x, xAt + panel * xStride, y, tileAt);
                }
            }
        }
    }

    @Override
    public void widen(int[] bf16, int at, int count, float[] out, int outAt) {
        // A bfloat16 is the upper half of the float of the same value.
        for (int i = 0; i < count / PackedMatrix.BLOCK; i++) {
            for (int lane = 0; lane < HALF; lane += LANES) {
                IntVector pair = IntVector.fromArray(INTS, bf16, at + i * HALF + lane);
                pair.and(0xffff0000).reinterpretAsFloats().intoArray(out, outAt + i * PackedMatrix.BLOCK + lane);
                pair.lanewise(VectorOperators.LSHL, 16)
                        .reinterpretAsFloats()
                        .intoArray(out, outAt + i * PackedMatrix.BLOCK + HALF + lane);
            }
        }
    }

    /**
     * A token per lane. Squares are summed in four chains, by feature modulo four, to cover the latency of an addition.
     * Square root and quotient are the correctly rounded ones of IEEE 754: relative error of the norm of one value at
     * most six roundings (3.6e-7).
     */
    @Override
    public void rmsNorm(float[] x, int xAt, int n, float[] weight, float epsilon, float[] y, int yAt) {
        for (int lane = 0; lane < PANEL; lane += LANES) {
            rmsNormOfVector(x, xAt + lane, n, weight, epsilon, y, yAt + lane);
        }
    }

    private static void rmsNormOfVector(float[] x, int xAt, int n, float[] weight, float epsilon, float[] y, int yAt) {
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = FloatVector.zero(FLOATS);
        FloatVector s2 = FloatVector.zero(FLOATS);
        FloatVector s3 = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i < n - 3; i += 4) {
            FloatVector v0 = FloatVector.fromArray(FLOATS, x, xAt + i * PANEL);
            FloatVector v1 = FloatVector.fromArray(FLOATS, x, xAt + i * PANEL + PANEL);
            FloatVector v2 = FloatVector.fromArray(FLOATS, x, xAt + i * PANEL + 2 * PANEL);
            FloatVector v3 = FloatVector.fromArray(FLOATS, x, xAt + i * PANEL + 3 * PANEL);
            s0 = v0.fma(v0, s0);
            s1 = v1.fma(v1, s1);
            s2 = v2.fma(v2, s2);
            s3 = v3.fma(v3, s3);
        }
        for (; i < n; i++) {
            FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + i * PANEL);
            s0 = v.fma(v, s0);
        }
        FloatVector mean = s0.add(s1).add(s2.add(s3)).div(n);
        FloatVector factor =
                FloatVector.broadcast(FLOATS, 1f).div(mean.add(epsilon).sqrt());
        for (i = 0; i < n; i++) {
            FloatVector.fromArray(FLOATS, x, xAt + i * PANEL)
                    .mul(factor)
                    .mul(weight[i])
                    .intoArray(y, yAt + i * PANEL);
        }
    }

    @Override
    public void rotate(float[] x, int at, int half, float[] angles, int anglesAt, float scale) {
        int second = half * PANEL;
        for (int i = 0; i < second; i += LANES) {
            FloatVector cosine =
                    FloatVector.fromArray(FLOATS, angles, anglesAt + i).mul(scale);
            FloatVector sine =
                    FloatVector.fromArray(FLOATS, angles, anglesAt + second + i).mul(scale);
            FloatVector a = FloatVector.fromArray(FLOATS, x, at + i);
            FloatVector b = FloatVector.fromArray(FLOATS, x, at + second + i);
            a.mul(cosine).sub(b.mul(sine)).intoArray(x, at + i);
            b.mul(cosine).add(a.mul(sine)).intoArray(x, at + second + i);
        }
    }

    /**
     * With {@code silu(g) = g / (1 + exp(−g))}: relative error at most 6e-7, that of {@link Exp} and four roundings;
     * below −87, where exp is clamped, silu is below 1e-34 in size instead of smaller still.
     */
    @Override
    public void swiGlu(float[] gate, int gateAt, float[] up, int upAt, float[] y, int yAt, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector g = FloatVector.fromArray(FLOATS, gate, gateAt + i);
            IntVector bits = g.neg().reinterpretAsInts();
            FloatVector v = bits.and(Integer.MAX_VALUE)
                    .min(Exp.LIMIT_BITS)
                    .or(bits.and(Integer.MIN_VALUE))
                    .reinterpretAsFloats();
            FloatVector shifted =
                    v.fma(FloatVector.broadcast(FLOATS, Exp.LOG2_E), FloatVector.broadcast(FLOATS, Exp.ROUNDER));
            FloatVector k = shifted.sub(Exp.ROUNDER);
            FloatVector r = k.fma(FloatVector.broadcast(FLOATS, -Exp.LN2_HIGH), v);
            r = k.fma(FloatVector.broadcast(FLOATS, -Exp.LN2_LOW), r);
            FloatVector p = r.fma(FloatVector.broadcast(FLOATS, Exp.C5), FloatVector.broadcast(FLOATS, Exp.C4));
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.C3));
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.C2));
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.C1));
            p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
            p = p.reinterpretAsInts()
                    .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                    .reinterpretAsFloats();
            g.div(p.add(1)).mul(FloatVector.fromArray(FLOATS, up, upAt + i)).intoArray(y, yAt + i);
        }
    }

    /** A query per lane. Relative error of an exponential at most 3e-7, see {@link Exp}. */
    @Override
    public void softmax(float[] scores, int at, int keys, float[] state, int stateAt) {
        int sums = stateAt + PANEL;
        int factors = stateAt + 2 * PANEL;
        int newSums = stateAt + 3 * PANEL;
        max(scores, at, keys, state, stateAt, factors);
        exp(state, factors, 1, state, stateAt, newSums);
        exp(scores, at, keys, state, stateAt, newSums);
        for (int lane = 0; lane < PANEL; lane += LANES) {
            FloatVector.fromArray(FLOATS, state, sums + lane)
                    .fma(
                            FloatVector.fromArray(FLOATS, state, factors + lane),
                            FloatVector.fromArray(FLOATS, state, newSums + lane))
                    .intoArray(state, sums + lane);
        }
    }

    /**
     * Brings the maxima up to date and keeps the old ones. Bits whose lower 31 are flipped where the sign is set have
     * the order of the floats; an integer maximum is one instruction, a float maximum six, because of NaN and signed
     * zeros.
     */
    private static void max(float[] scores, int at, int keys, float[] maxima, int maxAt, int oldAt) {
        for (int lane = 0; lane < PANEL; lane += LANES) {
            FloatVector before = FloatVector.fromArray(FLOATS, maxima, maxAt + lane);
            before.intoArray(maxima, oldAt + lane);
            IntVector max = before.reinterpretAsInts();
            max = max.lanewise(VectorOperators.ASHR, 31).and(Integer.MAX_VALUE).lanewise(VectorOperators.XOR, max);
            for (int key = 0; key < keys; key++) {
                IntVector bits = FloatVector.fromArray(FLOATS, scores, at + lane + key * PANEL)
                        .reinterpretAsInts();
                max = max.max(bits.lanewise(VectorOperators.ASHR, 31)
                        .and(Integer.MAX_VALUE)
                        .lanewise(VectorOperators.XOR, bits));
            }
            max.lanewise(VectorOperators.ASHR, 31)
                    .and(Integer.MAX_VALUE)
                    .lanewise(VectorOperators.XOR, max)
                    .reinterpretAsFloats()
                    .intoArray(maxima, maxAt + lane);
        }
    }

    /** {@code x = exp(x − max)} for {@code x ≤ max}, and the sums over the rows. Arithmetic: see {@link Exp}. */
    private static void exp(float[] x, int at, int rows, float[] state, int maxAt, int sumsAt) {
        for (int lane = 0; lane < PANEL; lane += LANES) {
            FloatVector max = FloatVector.fromArray(FLOATS, state, maxAt + lane);
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int row = 0; row < rows; row++) {
                FloatVector v = max.sub(FloatVector.fromArray(FLOATS, x, at + lane + row * PANEL));
                v = v.reinterpretAsInts()
                        .min(Exp.LIMIT_BITS)
                        .or(Integer.MIN_VALUE)
                        .reinterpretAsFloats();
                FloatVector shifted =
                        v.fma(FloatVector.broadcast(FLOATS, Exp.LOG2_E), FloatVector.broadcast(FLOATS, Exp.ROUNDER));
                FloatVector n = shifted.sub(Exp.ROUNDER);
                FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -Exp.LN2_HIGH), v);
                r = n.fma(FloatVector.broadcast(FLOATS, -Exp.LN2_LOW), r);
                FloatVector p = r.fma(FloatVector.broadcast(FLOATS, Exp.C5), FloatVector.broadcast(FLOATS, Exp.C4));
                p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.C3));
                p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.C2));
                p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.C1));
                p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
                p = p.reinterpretAsInts()
                        .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                        .reinterpretAsFloats();
                p.intoArray(x, at + lane + row * PANEL);
                sum = sum.add(p);
            }
            sum.intoArray(state, sumsAt + lane);
        }
    }

    @Override
    public void scale(float[] x, int xAt, int rows, float[] factors, int factorsAt, float[] y, int yAt) {
        for (int lane = 0; lane < PANEL; lane += LANES) {
            FloatVector factor = FloatVector.fromArray(FLOATS, factors, factorsAt + lane);
            for (int row = 0; row < rows; row++) {
                FloatVector.fromArray(FLOATS, x, xAt + lane + row * PANEL)
                        .mul(factor)
                        .intoArray(y, yAt + lane + row * PANEL);
            }
        }
    }
}
