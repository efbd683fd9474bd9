package org.bybert.encoder;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.model.ModelFolder;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.WarmUp;
import org.bybert.encoder.text.ByteTokenizer;

/**
 * A byBERT model ready to answer: tokenizer, weights and kernels. Share one per JVM; each thread brings a
 * {@link Session} or borrows one.
 */
public final class ByBert {

    private final ByteTokenizer tokenizer;
    private final Transformer transformer;
    private final ConcurrentLinkedDeque<Session> idleSessions = new ConcurrentLinkedDeque<>();

    private ByBert(ByteTokenizer tokenizer, Transformer transformer) {
        this.tokenizer = tokenizer;
        this.transformer = transformer;
    }

    /** Opens a model folder with this JVM's kernels and nothing overridden. */
    public static ByBert open(Path folder) {
        return open(folder, Map.of(), null, KernelChoice.kernels());
    }

    /**
     * Opens a model folder: {@code config.json}, {@code tokenizer_config.json} and safetensors weights. The first call
     * in a JVM also warms the kernels up, see {@link WarmUp}.
     *
     * @param preset    fills what the two JSON files leave open; null for the installed one that the folder's
     *                  name or its config.json leads to, if any
     * @param overrides values that replace those of the two JSON files, see {@link ModelFolder#overridable};
     *                  {@code weights} says how matrices are held, {@code f32} or {@code bf16} (half the memory; a BF16
     *                  checkpoint's default, with the same results; other checkpoints are rounded)
     * @throws ModelException naming file, expected and found where the folder does not hold a byBERT model
     */
    public static ByBert open(Path folder, Map<String, String> overrides, Preset preset, Kernels kernels) {
        ModelFolder model = ModelFolder.read(folder, overrides, preset);
        return new ByBert(model.tokenizer(), model.load(kernels));
    }

    /** As {@link #check(Path, Map, Preset)}, with the installed preset that the folder leads to. */
    public static Description check(Path folder, Map<String, String> overrides) {
        return check(folder, overrides, null);
    }

    /**
     * Does everything {@link #open} does except reading the weights: the cheap check for a driver.
     *
     * @throws ModelException as {@link #open}
     */
    public static Description check(Path folder, Map<String, String> overrides, Preset preset) {
        ModelFolder model = ModelFolder.read(folder, overrides, preset);
        ByteTokenizer tokenizer = model.tokenizer();
        Transformer.check(model.config(), model.checkpoint());
        return new Description(model.config(), tokenizer);
    }

    /** What a model folder says about itself. */
    public record Description(ModelConfig config, ByteTokenizer tokenizer) {}

    public ByteTokenizer tokenizer() {
        return tokenizer;
    }

    public ModelConfig config() {
        return transformer.config();
    }

    /** Name of the kernels in use. */
    public String kernels() {
        return transformer.kernels().name();
    }

    public Session newSession() {
        return new Session(tokenizer, transformer);
    }

    /** Lends the calling thread a session; there are as many as threads have ever needed at once. */
    public <T> T withSession(Function<Session, T> work) {
        Session idle = idleSessions.pollFirst();
        Session session = idle == null ? newSession() : idle;
        try {
            return work.apply(session);
        } finally {
            idleSessions.addFirst(session);
        }
    }
}
