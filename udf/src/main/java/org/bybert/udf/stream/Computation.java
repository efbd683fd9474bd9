package org.bybert.udf.stream;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.bybert.udf.ModelReference;
import scala.Function1;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.util.Failure;

/**
 * What decides the answers of one call.
 *
 * @param function      as SQL calls it, whoever else computes the same
 * @param model         as it was named; decides nothing
 * @param modelFiles    fingerprint of the model's files
 * @param modelSettings as the model was opened, whoever says so
 * @param options       of the call, by the names of its arguments
 */
public record Computation(
        String function,
        String model,
        String modelFiles,
        Map<String, String> modelSettings,
        Map<String, String> options)
        implements Serializable {

    /** A part of a plan that shows what it computes with. */
    public interface Shown {

        Computation computation();
    }

    /** A function on partitions as a plan shows it; those of Java Spark hides in its own. */
    public record Partitions<T, R>(MapPartitionsFunction<T, R> function, Computation computation)
            implements Function1<Iterator<T>, Iterator<R>>, Shown, Serializable {

        @Override
        public Iterator<R> apply(Iterator<T> rows) {
            try {
                return CollectionConverters.asScala(function.call(CollectionConverters.asJava(rows)));
            } catch (Exception e) {
                return new Failure<Iterator<R>>(e).get();
            }
        }
    }

    public Computation {
        Objects.requireNonNull(function, "function");
        Objects.requireNonNull(modelFiles, "model_files");
        modelSettings = new TreeMap<>(modelSettings);
        options = new TreeMap<>(options);
    }

    /** @param reference that is resolved */
    public static Computation of(String function, ModelReference reference, Map<String, String> options) {
        Map<String, String> settings = new TreeMap<>();
        reference.settings().forEach((key, setting) -> settings.put(key, setting.value()));
        return new Computation(function, reference.model(), reference.fingerprint(), settings, options);
    }

    /** What has other answers come out of the same function, in words; empty where nothing has. */
    List<String> differences(Computation now) {
        List<String> found = new ArrayList<>();
        if (!modelFiles.equals(now.modelFiles)) {
            found.add("model: " + model + " (fingerprint " + modelFiles + "), now " + now.model + " (" + now.modelFiles
                    + ')');
        }
        compare(found, modelSettings, now.modelSettings);
        compare(found, options, now.options);
        return found;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Computation that
                && function.equals(that.function)
                && differences(that).isEmpty();
    }

    @Override
    public int hashCode() {
        return Objects.hash(function, modelFiles, modelSettings, options);
    }

    private static void compare(List<String> found, Map<String, String> before, Map<String, String> now) {
        Set<String> keys = new TreeSet<>(before.keySet());
        keys.addAll(now.keySet());
        for (String key : keys) {
            if (!Objects.equals(before.get(key), now.get(key))) {
                found.add(key + ": " + before.get(key) + ", now " + now.get(key));
            }
        }
    }
}
