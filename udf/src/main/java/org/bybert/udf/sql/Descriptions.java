package org.bybert.udf.sql;

import java.util.concurrent.ConcurrentHashMap;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.error.ModelException;
import org.bybert.udf.ModelReference;

/** What this JVM knows of its models without their weights: for functions that only need the tokenizer. */
final class Descriptions {

    private static final ConcurrentHashMap<ModelReference, ByBert.Description> MODELS = new ConcurrentHashMap<>();

    private Descriptions() {
    }

    /** @throws ModelException where the folder does not hold a usable model */
    static ByBert.Description get(ModelReference reference) {
        return MODELS.computeIfAbsent(reference, ModelReference::check);
    }
}
