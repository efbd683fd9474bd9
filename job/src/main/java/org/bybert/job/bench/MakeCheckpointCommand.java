package org.bybert.job.bench;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.text.ByteEncoding;
import org.bybert.job.terminal.UserError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of {@code bybert make-checkpoint}. */
@Command(
        name = "make-checkpoint",
        description = {
            "Writes a model folder of a byBERT-JP model's shape with random weights, for tests and measurements of size, "
                    + "speed and memory. It is no trained model and says so wherever it is opened.",
            ""
        },
        sortOptions = false,
        footer = {"", "Example: bybert make-checkpoint --preset bybert-jp-400m --dtype bf16 --out /tmp/random-400m"})
public final class MakeCheckpointCommand implements Runnable {

    @Mixin
    private BenchCommand.Shape shape;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "The folder to write; must not exist, or be empty. It has its name only when it is complete.")
    private Path out;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The same seed gives the same files (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "bf16",
            description = "Element type of the weights: f32, f16 or bf16; the values are the same "
                    + "(default: ${DEFAULT-VALUE}).")
    private String dtype;

    @Option(
            names = "--byte-encoding",
            paramLabel = "NAME",
            description =
                    "For tokenizer_config.json: utf-8, mixed-radix or bit-prefix (default: utf-8; mixed-radix for "
                            + "bybert-jp-v2-100m).")
    private String byteEncoding;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        RandomModel model = model();
        try {
            model.write(out);
        } catch (IOException e) {
            // The JDK's message may be no more than a path.
            throw new UserError(
                    "--out " + out + ": cannot be written: "
                            + (e instanceof FileSystemException ? e.toString() : e.getMessage()),
                    e);
        }
        spec.commandLine()
                .getOut()
                .printf(
                        Locale.ROOT,
                        "%s: %s, %,d parameters in %s, random weights (seed %d)%n",
                        out,
                        model.name(),
                        model.weightBytes() / model.dtype().bytes(),
                        model.dtype(),
                        seed);
    }

    private RandomModel model() {
        Preset preset = shape.preset();
        String encoding = byteEncoding != null
                ? byteEncoding
                : preset.tokenizerJson().get("byte_encoding").value().asText();
        ByteEncoding.named(encoding, "--byte-encoding");
        return new RandomModel(
                preset.id(),
                shape.cut(preset.config(), preset.config().layers()),
                preset.queryKeyValueBias(),
                encoding,
                seed,
                dtype());
    }

    private Dtype dtype() {
        return Stream.of(Dtype.values())
                .filter(type -> type.isReadable() && type.name().equalsIgnoreCase(dtype))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "--dtype: expected f32, f16 or bf16, found \"" + dtype + '"'));
    }
}
