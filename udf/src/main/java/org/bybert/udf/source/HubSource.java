package org.bybert.udf.source;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
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

    private static final List<String> CACHE = List.of("HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME");
    private static final List<String> PROXY = List.of(
            "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy");

    static HubSource of(HubId id) {
        return new HubSource(id, passedOn(System.getenv()));
    }

    /** What the driver's environment says of the hub, but for secrets. */
    static Map<String, String> passedOn(Map<String, String> environment) {
        Map<String, String> settings = new TreeMap<>(environment);
        settings.keySet()
                .removeIf(name -> !HubSettings.PUBLIC.contains(name) && !CACHE.contains(name) && !PROXY.contains(name));
        return settings;
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

    /** A host that says where its cache is, or its proxy, means that one, whatever the variable. */
    static Map<String, String> environment(Map<String, String> own, Map<String, String> driver) {
        Map<String, String> merged = new HashMap<>(driver);
        for (List<String> sameThing : List.of(CACHE, PROXY)) {
            if (sameThing.stream().anyMatch(own::containsKey)) {
                merged.keySet().removeAll(sameThing);
            }
        }
        merged.putAll(own);
        return merged;
    }

    @Override
    public String toString() {
        return id.toString();
    }
}
