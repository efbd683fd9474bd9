package org.bybert.job.embed;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.unsafe.hash.Murmur3_x86_32;

/**
 * Which buckets make a unit. The largest buckets are dealt out first, each to the unit with the fewest bytes, so that
 * units are of about the same size; unit 0 is the largest.
 *
 * @param unitOfBucket unit of each bucket; null where rows stay in the partitions they are read in
 * @param rows         rows per unit
 * @param bytes        bytes of text per unit, in UTF-8
 */
record UnitPlan(int[] unitOfBucket, long[] rows, long[] bytes) {

    /** A row costs something even where its text is short. */
    private static final long ROW_COST = 8;
    /** Seed of the hash by which {@code Dataset.repartition} chooses a partition. */
    private static final int SPARK_SEED = 42;

    static UnitPlan of(Buckets buckets, int units) {
        long[] costs = new long[Buckets.COUNT];
        Arrays.setAll(costs, i -> buckets.bytes()[i] + ROW_COST * buckets.rows()[i]);
        long[] dealt = new long[units];
        PriorityQueue<Integer> smallest = new PriorityQueue<>(ascending(unit -> dealt[unit]));
        IntStream.range(0, units).forEach(smallest::add);
        int[] unitOfBucket = new int[Buckets.COUNT];
        IntStream.range(0, Buckets.COUNT)
                .boxed()
                .sorted(ascending(bucket -> -costs[bucket]))
                .forEach(bucket -> {
                    int unit = smallest.remove();
                    unitOfBucket[bucket] = unit;
                    dealt[unit] += costs[bucket];
                    smallest.add(unit);
                });
        int[] number = new int[units];
        List<Integer> bySize = IntStream.range(0, units)
                .boxed()
                .sorted(ascending(unit -> -dealt[unit]))
                .toList();
        IntStream.range(0, units).forEach(i -> number[bySize.get(i)] = i);
        long[] rows = new long[units];
        long[] bytes = new long[units];
        for (int bucket = 0; bucket < unitOfBucket.length; bucket++) {
            int unit = number[unitOfBucket[bucket]];
            unitOfBucket[bucket] = unit;
            rows[unit] += buckets.rows()[bucket];
            bytes[unit] += buckets.bytes()[bucket];
        }
        return new UnitPlan(unitOfBucket, rows, bytes);
    }

    /** By a number that each has, equal ones by themselves. */
    private static Comparator<Integer> ascending(ToLongFunction<Integer> number) {
        return Comparator.comparingLong(number).thenComparing(Comparator.naturalOrder());
    }

    /** Rows stay in their partitions, of which nothing is known. */
    static UnitPlan unspread(Buckets buckets) {
        return new UnitPlan(null, new long[] {LongStream.of(buckets.rows()).sum()}, new long[] {
            LongStream.of(buckets.bytes()).sum()
        });
    }

    boolean isSpread() {
        return unitOfBucket != null;
    }

    int units() {
        return rows.length;
    }

    long totalRows() {
        return LongStream.of(rows).sum();
    }

    long totalBytes() {
        return LongStream.of(bytes).sum();
    }

    /**
     * For each unit a number that {@code Dataset.repartition} of as many partitions puts into the partition of the
     * unit's number.
     */
    int[] partitionKeys() {
        Integer[] keys = new Integer[units()];
        for (int key = 0, missing = keys.length; missing > 0; key++) {
            int partition = Math.floorMod(Murmur3_x86_32.hashInt(key, SPARK_SEED), keys.length);
            if (keys[partition] == null) {
                keys[partition] = key;
                missing--;
            }
        }
        return Stream.of(keys).mapToInt(key -> key).toArray();
    }
}
