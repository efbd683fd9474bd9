package org.bybert.udf;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.bybert.encoder.Encoder;
import org.bybert.encoder.ModelException;

/**
 * Which model, opened how: what tasks carry instead of the model itself.
 *
 * @param folder  path of the model folder, the same on driver and executors
 * @param options values that replace those of the folder's JSON files, see {@link Encoder#overridable}
 */
public record ModelReference(String folder, Map<String, String> options) implements Serializable {

    public ModelReference {
        options = new TreeMap<>(options);
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
        return Encoder.check(path(), options);
    }
}
