package org.bybert.encoder.detect;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.bybert.encoder.checkpoint.Json;
import org.bybert.encoder.detect.Detection.Verdict;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.model.ModelFolder;
import org.bybert.encoder.model.Transformer;

/**
 * What was measured about the settings of a model that nobody gives, in a form that is kept and carried.
 *
 * @param options  the values to open it with, by their keys; see {@link ModelFolder#overridable}
 * @param findings one for each of these settings
 */
public record Measured(Map<String, String> options, List<Finding> findings) implements Serializable {

    /** Nothing. */
    public static final Measured NONE = new Measured(Map.of(), List.of());

    private static final int SHOWN = 40;

    public Measured {
        options = new TreeMap<>(options);
        findings = new ArrayList<>(findings);
    }

    /**
     * What was found out about one setting.
     *
     * @param decided  whether the measurement was clear
     * @param sentence about it, for people
     */
    public record Finding(String setting, boolean decided, String sentence) implements Serializable {

        private static Finding of(Verdict verdict) {
            String value = show(verdict.value());
            return new Finding(
                    verdict.setting(),
                    verdict.decided(),
                    verdict.decided()
                            ? verdict.setting() + ": " + value + ", measured: " + verdict.evidence()
                            : verdict.setting() + ": undecided between "
                                    + verdict.possible().stream()
                                            .map(Measured::show)
                                            .collect(Collectors.joining(", "))
                                    + " (" + verdict.evidence() + "); " + value + " is used, --model-option "
                                    + verdict.setting() + "=VALUE decides");
        }
    }

    /** The settings of the model that nobody gives, see {@link Detector#open}. */
    public static List<String> open(ModelFolder model) {
        return Detector.open(
                model.configSettings(),
                model.incompleteTokenizerSettings(),
                model.config().vocabSize());
    }

    /**
     * Reads the weights and measures.
     *
     * @param open of the model; not empty
     * @throws ModelException where the weights do not fit the configuration, or there is no memory for them
     */
    public static Measured of(ModelFolder model, List<String> open) {
        Transformer transformer;
        try {
            transformer = model.load(KernelChoice.kernels());
        } catch (OutOfMemoryError e) {
            throw new ModelException(model.folder() + ": no memory to measure " + String.join(", ", open)
                    + "; give the driver more (--driver-memory 4g), say them with --model-option, or leave the "
                    + "measurement out with --no-detect");
        }
        try {
            Detection detection = new Detector(transformer, model.incompleteTokenizerSettings()).run(open, false);
            return new Measured(
                    detection.options(open),
                    detection.verdicts().stream().map(Finding::of).toList());
        } catch (ModelException e) {
            return new Measured(
                    Map.of(),
                    open.stream()
                            .map(setting -> new Finding(
                                    setting,
                                    false,
                                    setting + ": not measured (" + e.getMessage() + "); --model-option " + setting
                                            + "=VALUE decides"))
                            .toList());
        }
    }

    /** Whether all that was measured is clear. */
    @JsonIgnore
    public boolean isDecided() {
        return findings.stream().allMatch(Finding::decided);
    }

    /** Where the value of a setting comes from that was measured; null for any other. */
    public String origin(String setting) {
        boolean clear = findings.stream().anyMatch(f -> f.setting().equals(setting) && f.decided());
        return !options.containsKey(setting) ? null : clear || isDecided() ? "measured" : "measured, undecided";
    }

    /** A value in a few words: of special tokens the first ones with their ids. */
    public static String show(String value) {
        if (value.length() <= SHOWN || !value.startsWith("{")) {
            return value;
        }
        JsonNode tokens = Json.parseValue(value, "special tokens");
        return tokens.properties().stream()
                        .limit(2)
                        .map(entry -> entry.getValue().path("content").asText() + " " + entry.getKey())
                        .collect(Collectors.joining(", "))
                + ", ...";
    }
}
