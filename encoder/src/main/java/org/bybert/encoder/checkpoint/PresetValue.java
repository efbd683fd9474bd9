package org.bybert.encoder.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;

/**
 * What is known about one value of a model before its files are read.
 *
 * @param json      the value as JSON; {@code null} where nobody outside the checkpoint knows it
 * @param source    who says so, or how it was inferred
 * @param confirmed whether a published source says so
 */
public record PresetValue(String json, String source, boolean confirmed) implements Serializable {

    public boolean isKnown() {
        return !json.equals("null");
    }

    public JsonNode value() {
        return Json.parseValue(json, "preset value");
    }

    /** One word for how sure it is. */
    public String certainty() {
        return !isKnown() ? "unknown" : confirmed ? "confirmed" : "inferred";
    }
}
