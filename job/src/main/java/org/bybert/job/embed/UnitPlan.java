package org.bybert.job.embed;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
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

    private static final class Unit {
        private final int number;
        private long cost;

        Unit(int number) {
            this.number = number;
        }
    }

    static UnitPlan of(Buckets buckets, int units) {
        long[] costs = new long[Buckets.COUNT];
        Arrays.setAll(costs, i -> buckets.bytes()[i] + ROW_COST * buckets.rows()[i]);
        PriorityQueue<Unit> smallest = new PriorityQueue<>(
                Comparator.<Unit>comparingLong(unit -> unit.cost).thenComparingInt(unit -> unit.number));
        Unit[] all = IntStream.range(0, units).mapToObj(Unit::new).toArray(Unit[]::new);
        smallest.addAll(Arrays.asList(all));
        int[] dealt = new int[Buckets.COUNT];
        IntStream.range(0, Buckets.COUNT).boxed()
                .sorted(Comparator.<Integer>comparingLong(bucket -> -costs[bucket]).thenComparingInt(bucket -> bucket))
                .forEach(bucket -> {
                    Unit unit = smallest.remove();
                    dealt[bucket] = unit.number;
                    unit.cost += costs[bucket];
                    smallest.add(unit);
                });
        return numbered(buckets, dealt, all);
    }

    private static UnitPlan numbered(Buckets buckets, int[] dealt, Unit[] all) {
        int[] number = new int[all.length];
        Unit[] bySize = all.clone();
        Arrays.sort(bySize, Comparator.<Unit>comparingLong(unit -> -unit.cost).thenComparingInt(unit -> unit.number));
        for (int i = 0; i < bySize.length; i++) {
            number[bySize[i].number] = i;
        }
        int[] unitOfBucket = Arrays.stream(dealt).map(unit -> number[unit]).toArray();
        long[] rows = new long[all.length];
        long[] bytes = new long[all.length];
        for (int bucket = 0; bucket < unitOfBucket.length; bucket++) {
            rows[unitOfBucket[bucket]] += buckets.rows()[bucket];
            bytes[unitOfBucket[bucket]] += buckets.bytes()[bucket];
        }
        return new UnitPlan(unitOfBucket, rows, bytes);
    }

    /** Rows stay in their partitions, of which nothing is known. */
    static UnitPlan unspread(Buckets buckets) {
        return new UnitPlan(null, new long[] {LongStream.of(buckets.rows()).sum()},
                new long[] {LongStream.of(buckets.bytes()).sum()});
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
        int units = units();
        int[] keys = new int[units];
        boolean[] found = new boolean[units];
        int missing = units;
        for (int key = 0; missing > 0; key++) {
            int partition = Math.floorMod(Murmur3_x86_32.hashInt(key, SPARK_SEED), units);
            if (!found[partition]) {
                found[partition] = true;
                keys[partition] = key;
                missing--;
            }
        }
        return keys;
    }
}
