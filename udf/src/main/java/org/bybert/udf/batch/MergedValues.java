package org.bybert.udf.batch;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.apache.spark.util.AccumulatorV2;

/** One value per name, for things of which there are few; values of one name are merged. */
public final class MergedValues<V> extends AccumulatorV2<Map.Entry<String, V>, Map<String, V>> {

    private final TreeMap<String, V> values = new TreeMap<>();
    private final Merge<V> merge;

    /** How two values become one, in whatever order they come. */
    interface Merge<V> extends BinaryOperator<V>, Serializable {
    }

    MergedValues(Merge<V> merge) {
        this.merge = merge;
    }

    @Override
    public synchronized boolean isZero() {
        return values.isEmpty();
    }

    @Override
    public synchronized MergedValues<V> copy() {
        MergedValues<V> copy = new MergedValues<>(merge);
        copy.values.putAll(values);
        return copy;
    }

    @Override
    public synchronized void reset() {
        values.clear();
    }

    public void add(String name, V value) {
        add(Map.entry(name, value));
    }

    @Override
    public synchronized void add(Map.Entry<String, V> value) {
        values.merge(value.getKey(), value.getValue(), merge);
    }

    @Override
    public synchronized void merge(AccumulatorV2<Map.Entry<String, V>, Map<String, V>> other) {
        other.value().entrySet().forEach(this::add);
    }

    @Override
    public synchronized Map<String, V> value() {
        return new TreeMap<>(values);
    }
}
