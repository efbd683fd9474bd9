package org.bybert.udf;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.bybert.encoder.Encoder;
import org.bybert.encoder.ModelException;
import org.bybert.encoder.preset.Preset;

/**
 * Which model, opened how: what tasks carry instead of the model itself.
 *
 * @param folder  path of the model folder, the same on driver and executors
 * @param options values that replace those of the folder's JSON files, see {@link Encoder#overridable}
 * @param preset  values that fill what those files leave open, the same on every executor; null for the preset in the
 *                jar that the folder leads to
 */
public record ModelReference(String folder, Map<String, String> options, Preset preset) implements Serializable {

    public ModelReference {
        options = new TreeMap<>(options);
    }

    public ModelReference(String folder, Map<String, String> options) {
        this(folder, options, null);
    }

    public Path path() {
        return Path.of(folder);
    }

    /**
     * Checks the model on the driver, so that a bad one stops the job before any task runs; reads no weights.
     *
     * @throws ModelException where the folder does not hold a usable model
     */
    public Encoder.Description check() {
        return Encoder.check(path(), options, preset);
    }
}
