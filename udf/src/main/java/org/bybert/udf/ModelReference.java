package org.bybert.udf;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.checkpoint.Settings;
import org.bybert.encoder.detect.Measured;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.model.ModelFolder;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.udf.source.ModelSource;
import org.bybert.udf.source.ShippedSource;

/**
 * Which model, opened how: what tasks carry instead of the model itself. The driver resolves it, so that all executors
 * open the same bytes.
 *
 * @param model       as the user gave it: a folder, an id of the Hugging Face hub ({@code org/name[@revision]}), a path
 *                    that Hadoop reads, or the name of an archive that comes with the job
 * @param options     values that replace those of the folder's JSON files, see
 *                    {@link org.bybert.encoder.model.ModelFolder#overridable}
 * @param preset      values that fill what those files leave open, the same on every host; null for the one of
 *                    {@link Presets#installed} that the model's name or its config.json leads to, which
 *                    {@link #resolve} looks up
 * @param source      where every host finds the model, fixed by {@link #resolve}; null before
 * @param fingerprint what {@link Fingerprint} every host must find there; null before
 * @param measured    where some of {@code options} come from; null before anything was measured
 */
public record ModelReference(
        String model,
        Map<String, String> options,
        Preset preset,
        ModelSource source,
        String fingerprint,
        Measured measured)
        implements Serializable {

    public ModelReference {
        options = new TreeMap<>(options);
    }

    /** A model that is not resolved: whoever opens it takes what is there. */
    public ModelReference(String model, Map<String, String> options) {
        this(model, options, null);
    }

    /** As {@link #ModelReference(String, Map)}, with a preset that somebody has chosen. */
    public ModelReference(String model, Map<String, String> options, Preset preset) {
        this(model, options, preset, null, null, null);
    }

    /**
     * What makes two opened models the same one, wherever they were read.
     *
     * @param files     fingerprint of the files; their name where they may change, as nothing is resolved
     * @param options   that replace values
     * @param config    what a preset knows of config.json, as JSON by key; who says so does not matter
     * @param tokenizer as {@code config}, of tokenizer_config.json
     */
    record Content(
            String files, Map<String, String> options, Map<String, String> config, Map<String, String> tokenizer) {}

    Content content() {
        Preset known = preset == null ? Preset.NONE : preset;
        return new Content(
                fingerprint == null ? model : fingerprint,
                options,
                values(known.configJson()),
                values(known.tokenizerJson()));
    }

    private static Map<String, String> values(Map<String, Preset.Value> preset) {
        Map<String, String> values = new TreeMap<>();
        preset.forEach((key, value) -> values.put(key, value.json()));
        return values;
    }

    /**
     * Decides on the driver what all hosts will open: a branch of the hub becomes a commit, the files get a
     * fingerprint, and what nobody says about the model is {@link #measure measured}. Brings the model to this host where it
     * is elsewhere, and reads all of it.
     *
     * @throws ModelException where there is no such model
     */
    public ModelReference resolve() {
        if (source != null) {
            return this;
        }
        ModelSource pinned = ModelSource.of(model).pin();
        Path folder = pinned.folder();
        return new ModelReference(model, options, preset(folder), pinned, Fingerprint.of(folder), measured).measure();
    }

    /** As {@link #resolve}, and what was measured goes to the log: for those who have no terminal. */
    public ModelReference resolveAndLog() {
        ModelReference resolved = resolve();
        Verdicts.log(model, resolved.measured);
        return resolved;
    }

    /** As it is, whatever the model's files leave open. */
    public ModelReference withoutDetection() {
        return new ModelReference(model, options, preset, source, fingerprint, Measured.NONE);
    }

    /**
     * Adds options for what neither the options so far nor the model's files nor a confirmed value of a preset say, as it
     * is measured on this host: once, see {@link Verdicts}. Costs nothing where everything is said.
     *
     * @throws ModelException where the folder does not hold a usable model
     */
    public ModelReference measure() {
        if (measured != null) {
            return this;
        }
        Path folder = path();
        ModelFolder files = ModelFolder.read(folder, options, preset(folder));
        List<String> open = Measured.open(files);
        Measured found = open.isEmpty()
                ? Measured.NONE
                : Verdicts.ofThisHost().of(files, open, fingerprint == null ? Fingerprint.of(folder) : fingerprint);
        Map<String, String> all = new TreeMap<>(found.options());
        all.putAll(options);
        return new ModelReference(model, all, preset, source, fingerprint, found);
    }

    /**
     * One setting of a model.
     *
     * @param value  null where nobody gives one
     * @param origin who says so
     */
    public record SettingOrigin(String value, String origin) implements Serializable {}

    /**
     * The settings that decide what a text becomes, by their names, as the model is opened.
     *
     * @throws ModelException where the folder does not hold a usable model
     */
    public Map<String, SettingOrigin> settings() {
        Path folder = path();
        ModelFolder files = ModelFolder.read(folder, options, preset(folder));
        Map<String, SettingOrigin> settings = new TreeMap<>();
        for (String key : ModelConfig.OVERRIDABLE) {
            settings.put(key, setting(key, files.configSettings()));
        }
        for (String key : ByteTokenizer.OVERRIDABLE) {
            settings.put(key, setting(key, files.tokenizerSettings()));
        }
        return settings;
    }

    private SettingOrigin setting(String key, Settings settings) {
        String found = measured == null ? null : measured.origin(key);
        return settings.values().hasNonNull(key)
                ? new SettingOrigin(
                        settings.values().get(key).isTextual()
                                ? settings.values().get(key).asText()
                                : settings.values().get(key).toString(),
                        found == null ? settings.origin(key) : found)
                : new SettingOrigin(null, "given nowhere");
    }

    /** The one rule for what fills gaps, whoever opens the model and where. */
    private Preset preset(Path folder) {
        return preset == null ? Presets.installed().forModel(model, folder) : preset;
    }

    /**
     * The model's folder on this host, whatever it takes to have it here.
     *
     * @throws ModelException where it cannot be had
     */
    public Path path() {
        return found().folder();
    }

    private ModelSource found() {
        return source == null ? ModelSource.of(model) : source;
    }

    /** Whether the model comes with the job, so that it is nowhere before Spark has started. */
    public boolean comesWithJob() {
        return ShippedSource.isShipped(model);
    }

    /** A name for people: the id of the hub, or the last part of the path. */
    public String name() {
        String trimmed = model.replaceAll("/+$", "");
        return found().isHub() ? model : trimmed.substring(trimmed.lastIndexOf('/') + 1);
    }

    /**
     * Checks the model on the driver, so that a bad one stops the job before any task runs; reads no weights.
     *
     * @throws ModelException where the folder does not hold a usable model
     */
    public ByBert.Description check() {
        Path folder = path();
        return ByBert.check(folder, options, preset(folder));
    }

    /**
     * Opens the model with this JVM's kernels, for its caller alone; {@link Models#get} shares one.
     *
     * @throws ModelException where the folder does not hold a usable model
     */
    public ByBert open() {
        return open(path());
    }

    ByBert open(Path folder) {
        return ByBert.open(folder, options, preset(folder), KernelChoice.kernels());
    }
}
