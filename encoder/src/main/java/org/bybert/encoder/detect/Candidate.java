package org.bybert.encoder.detect;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Map;
import java.util.TreeMap;

/**
 * One way in which a model may have been trained.
 *
 * @param options values of settings by their keys in the model's JSON files, each as JSON; what is missing is as the
 *                files say
 */
public record Candidate(@JsonValue Map<String, String> options) {

    public Candidate {
        options = new TreeMap<>(options);
    }

    /** The value of a setting, or null. */
    public String get(String setting) {
        return options.get(setting);
    }

    Candidate with(String setting, String value) {
        Map<String, String> changed = new TreeMap<>(options);
        changed.put(setting, value);
        return new Candidate(changed);
    }

    Candidate with(Candidate others) {
        Map<String, String> changed = new TreeMap<>(options);
        changed.putAll(others.options);
        return new Candidate(changed);
    }
}
