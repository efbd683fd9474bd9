package org.bybert.udf;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.util.AccumulatorV2;

/** Collects the latest report of each executor JVM on each model; adding a report twice changes nothing. */
public final class ExecutorReports extends AccumulatorV2<ExecutorReport, Collection<ExecutorReport>> {

    private final SortedMap<String, ExecutorReport> reports = Collections.synchronizedSortedMap(new TreeMap<>());

    @Override
    public boolean isZero() {
        return reports.isEmpty();
    }

    @Override
    public ExecutorReports copy() {
        ExecutorReports copy = new ExecutorReports();
        synchronized (reports) {
            copy.reports.putAll(reports);
        }
        return copy;
    }

    @Override
    public void reset() {
        reports.clear();
    }

    @Override
    public void add(ExecutorReport report) {
        reports.merge(report.key(), report, (a, b) -> a.opens() >= b.opens() ? a : b);
    }

    @Override
    public void merge(AccumulatorV2<ExecutorReport, Collection<ExecutorReport>> other) {
        other.value().forEach(this::add);
    }

    @Override
    public Collection<ExecutorReport> value() {
        synchronized (reports) {
            return new TreeMap<>(reports).values();
        }
    }
}
