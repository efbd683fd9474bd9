package org.bybert.encoder.kernel.vector;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes the register tiles: a Java loop over variables cannot name registers, so the tile is unrolled here. A tile has
 * one ending, which adds: with a second one JDK 17's C1 runs out of virtual registers, and a method that C1 cannot
 * profile may stay with its slowest code for good. Run
 * {@code main} in the encoder's folder after a change; TileGeneratorTest compares the files with what this writes.
 */
final class TileGenerator {

    static final Path FOLDER = Path.of("src/main/java/org/bybert/encoder/kernel/vector");

    private final StringBuilder out = new StringBuilder();
    private final int outputs;
    private final int vectors;
    /** Inputs taken at a time. */
    private final int steps;

    private TileGenerator(int outputs, int vectors, int steps) {
        this.outputs = outputs;
        this.vectors = vectors;
        this.steps = steps;
    }

    public static void main(String[] args) throws IOException {
        Files.writeString(FOLDER.resolve("Tile12x2.java"), tile12x2());
        Files.writeString(FOLDER.resolve("Tile6x2.java"), tile6x2());
    }

    static String tile12x2() {
        return new TileGenerator(12, 2, 2).tile("""
                 * For 32 registers (AVX-512): 24 sums, two vectors of x and one weight fill 27 of them, and 12 × 2 needs
                 * the fewest loads per product (14 for 24) of all shapes that do not spill.
                """);
    }

    static String tile6x2() {
        return new TileGenerator(6, 2, 1).tile("""
                 * For 16 registers (AVX2, SSE): 12 sums, two vectors of x and two weights fill them; 12 sums also cover
                 * the latency of two multiply-add units. A loop that ends by != is not unrolled by the JIT compiler, which
                 * would then load more operands ahead than there are registers, at half the speed.
                 * Sums begin as loads: where all begin as one register of zeros, it copies them about in the loop in some JVMs.
                """);
    }

    private String tile(String why) {
        line(0, "package org.bybert.encoder.kernel.vector;");
        line(0, "");
        line(0, "import static org.bybert.encoder.kernel.vector.VectorKernels.FLOATS;");
        line(0, "import static org.bybert.encoder.kernel.vector.VectorKernels.LANES;");
        line(0, "");
        line(0, "import jdk.incubator.vector.FloatVector;");
        line(0, "");
        line(0, "/**");
        line(
                0,
                " * Product of " + outputs + " outputs and " + vectors + " vectors of tokens, whose sums stay in"
                        + " registers. Written by TileGenerator.");
        line(0, " *");
        out.append(why);
        line(0, " */");
        line(0, "final class Tile" + outputs + "x" + vectors + " {");
        line(0, "");
        if (steps == 1) {
            line(1, "private static final float[] ZEROS = new float[" + outputs * vectors + " * LANES];");
            line(0, "");
        }
        line(1, "private Tile" + outputs + "x" + vectors + "() {");
        line(1, "}");
        line(0, "");
        line(1, "/** {@code y += w · x}" + (steps == 1 ? "" : "; inputs are taken two at a time") + ". */");
        line(1, "static void multiply(float[] w, int wAt, int inputs, float[] x, int xAt, float[] y, int yAt) {");
        each((r, v) -> line(
                2,
                "FloatVector " + sum(r, v) + " = "
                        + (steps == 1
                                ? "FloatVector.fromArray(FLOATS, ZEROS, "
                                        + (r * vectors + v == 0 ? "0" : lanes(r * vectors + v)) + ")"
                                : "FloatVector.zero(FLOATS)")
                        + ";"));
        if (steps == 1) {
            line(2, "int end = wAt + inputs * " + outputs + ";");
            line(2, "while (wAt != end) {");
            step(0, "wAt", "xAt");
            line(3, "wAt += " + outputs + ";");
            line(3, "xAt += " + lanes(vectors) + ";");
        } else {
            line(2, "for (int i = 0; i < inputs; i += " + steps + ") {");
            for (int n = 0; n < steps; n++) {
                step(n, "wAt + i * " + outputs, "xAt + i * " + vectors + " * LANES");
            }
        }
        line(2, "}");
        each((r, v) -> line(
                2,
                sum(r, v) + ".add(FloatVector.fromArray(FLOATS, y, " + at("yAt", r * vectors + v) + ")).intoArray(y, "
                        + at("yAt", r * vectors + v) + ");"));
        line(1, "}");
        line(0, "}");
        return out.toString();
    }

    private void step(int n, String weights, String tokens) {
        for (int v = 0; v < vectors; v++) {
            line(
                    3,
                    (n == 0 ? "FloatVector " : "") + "x" + v + " = FloatVector.fromArray(FLOATS, x, "
                            + at(tokens, n * vectors + v) + ");");
        }
        for (int r = 0; r < outputs; r++) {
            int offset = n * outputs + r;
            line(
                    3,
                    (offset == 0 ? "FloatVector " : "") + "weight = FloatVector.broadcast(FLOATS, w[" + weights
                            + (offset == 0 ? "" : " + " + offset) + "]);");
            for (int v = 0; v < vectors; v++) {
                line(3, sum(r, v) + " = weight.fma(x" + v + ", " + sum(r, v) + ");");
            }
        }
    }

    private static String at(String base, int vectors) {
        return vectors == 0 ? base : base + " + " + lanes(vectors);
    }

    private static String lanes(int vectors) {
        return vectors == 1 ? "LANES" : vectors + " * LANES";
    }

    private static String sum(int r, int v) {
        return "s" + r + (char) ('a' + v);
    }

    private interface Place {
        void visit(int r, int v);
    }

    private void each(Place place) {
        for (int r = 0; r < outputs; r++) {
            for (int v = 0; v < vectors; v++) {
                place.visit(r, v);
            }
        }
    }

    private void line(int indent, String text) {
        out.append("    ".repeat(indent)).append(text).append('\n');
    }
}
