package org.bybert.udf.source;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bybert.encoder.hub.Hub;
import org.bybert.encoder.hub.HubId;
import org.bybert.encoder.hub.HubSettings;

/**
 * A model of the Hugging Face hub. Each host looks it up in its own cache first.
 *
 * @param driver the driver's settings, for hosts that have none of their own; without its token, which executors get
 *               by {@code spark.executorEnv.HF_TOKEN}
 */
record HubSource(HubId id, Map<String, String> driver) implements ModelSource {

    static HubSource of(HubId id) {
        Map<String, String> settings = new TreeMap<>(System.getenv());
        settings.keySet().retainAll(HubSettings.PUBLIC);
        return new HubSource(id, settings);
    }

    @Override
    public HubSource pin() {
        return new HubSource(find().id(), driver);
    }

    @Override
    public Path folder() {
        return find().folder();
    }

    @Override
    public boolean isHub() {
        return true;
    }

    @Override
    public String commit() {
        return id.isPinned() ? id.revision() : null;
    }

    private Hub.Snapshot find() {
        return new Hub(HubSettings.of(environment(System.getenv(), driver))).resolve(id);
    }

    /** A host that says where its cache is means that place, whatever the variable. */
    static Map<String, String> environment(Map<String, String> own, Map<String, String> driver) {
        Map<String, String> merged = new HashMap<>(driver);
        if (own.containsKey("HF_HUB_CACHE") || own.containsKey("HF_HOME")) {
            merged.remove("HF_HUB_CACHE");
            merged.remove("HF_HOME");
        }
        merged.putAll(own);
        return merged;
    }

    @Override
    public String toString() {
        return id.toString();
    }
}
