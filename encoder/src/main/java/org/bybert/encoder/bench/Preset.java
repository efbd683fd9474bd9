package org.bybert.encoder.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.bybert.encoder.checkpoint.ModelConfig;

/**
 * The shapes of the published byBERT-JP models, for measurements that need no weights. What a checkpoint decides and
 * time does not depend on (rotary base, epsilon) is Hugging Face's default.
 */
public enum Preset {
    BYBERT_JP_100M(768, 3072, 12, 12, 6, 3072, false),
    BYBERT_JP_200M(1024, 4096, 13, 16, 8, 3072, false),
    BYBERT_JP_400M(1024, 6144, 18, 16, 8, 3072, false),
    BYBERT_JP_V2_100M(768, 3328, 12, 12, 6, 4096, true);

    private static final int VOCAB = 288;
    private static final int HEAD_SIZE = 64;

    private final ModelConfig config;
    private final boolean queryKeyValueBias;

    Preset(int hidden, int intermediate, int layers, int heads, int keyValueHeads, int positions, boolean bias) {
        // attention_bias would demand a bias of the output projection too, which no byBERT-JP model has.
        this.config = new ModelConfig(VOCAB, hidden, intermediate, layers, heads, keyValueHeads, HEAD_SIZE, 1e-6f,
                10_000, positions, false, false, false);
        this.queryKeyValueBias = bias;
    }

    /** The name on the command line, e.g. {@code bybert-jp-100m} or {@code bybert-jp-v2-100m}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public ModelConfig config() {
        return config;
    }

    /** Whether the Q, K and V projections have a bias. */
    public boolean queryKeyValueBias() {
        return queryKeyValueBias;
    }

    /**
     * The preset of a name; the leading {@code bybert-jp-} may be left out.
     *
     * @throws IllegalArgumentException naming the presets where there is none of this name
     */
    public static Preset of(String name) {
        for (Preset preset : values()) {
            if (preset.id().equals(name) || preset.id().equals("bybert-jp-" + name)) {
                return preset;
            }
        }
        throw new IllegalArgumentException("preset: expected one of "
                + Arrays.stream(values()).map(Preset::id).collect(Collectors.joining(", "))
                + ", found \"" + name + '"');
    }
}
