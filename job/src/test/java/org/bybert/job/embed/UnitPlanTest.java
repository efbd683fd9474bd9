package org.bybert.job.embed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.bybert.job.embed.EmbedOptions.Repartition;
import org.junit.jupiter.api.Test;

class UnitPlanTest {

    private static Buckets buckets(long seed) {
        Random random = new Random(seed);
        long[] rows = new long[Buckets.COUNT];
        long[] bytes = new long[Buckets.COUNT];
        for (int i = 0; i < 5000; i++) {
            int bucket = random.nextInt(Buckets.COUNT);
            rows[bucket]++;
            bytes[bucket] += random.nextInt(3000);
        }
        return new Buckets(rows, bytes, 0, 0);
    }

    @Test
    void unitsAreOfAboutTheSameSizeAndTheFirstIsTheLargest() {
        Buckets buckets = buckets(1);
        UnitPlan plan = UnitPlan.of(buckets, 12);
        assertEquals(12, plan.units());
        assertEquals(5000, plan.totalRows());
        assertEquals(Arrays.stream(buckets.bytes()).sum(), plan.totalBytes());
        long[] rows = new long[12];
        long[] bytes = new long[12];
        for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
            rows[plan.unitOfBucket()[bucket]] += buckets.rows()[bucket];
            bytes[plan.unitOfBucket()[bucket]] += buckets.bytes()[bucket];
        }
        assertArrayEquals(rows, plan.rows());
        assertArrayEquals(bytes, plan.bytes());
        long largest = IntStream.range(0, 12)
                .mapToLong(i -> bytes[i] + 8 * rows[i])
                .max()
                .orElseThrow();
        long smallest = IntStream.range(0, 12)
                .mapToLong(i -> bytes[i] + 8 * rows[i])
                .min()
                .orElseThrow();
        assertEquals(largest, bytes[0] + 8 * rows[0]);
        assertTrue(largest - smallest < 0.01 * largest, largest + " and " + smallest);
        assertArrayEquals(plan.unitOfBucket(), UnitPlan.of(buckets(1), 12).unitOfBucket());
    }

    @Test
    void moreUnitsThanRowsLeavesSomeEmpty() {
        long[] one = new long[Buckets.COUNT];
        one[7] = 1;
        UnitPlan plan = UnitPlan.of(new Buckets(one, new long[Buckets.COUNT], 0, 0), 3);
        assertArrayEquals(new long[] {1, 0, 0}, plan.rows());
        assertEquals(0, plan.unitOfBucket()[7]);
    }

    @Test
    void rowsThatAreNotSpreadAreOneSum() {
        UnitPlan plan = UnitPlan.unspread(buckets(2));
        assertFalse(plan.isSpread());
        assertEquals(5000, plan.totalRows());
    }

    @Test
    void aUnitsKeyLeadsSparkToThePartitionOfItsNumber() {
        SparkSession spark = SparkSession.builder().getOrCreate();
        for (int units : new int[] {1, 7, 100}) {
            int[] keys = UnitPlan.of(buckets(3), units).partitionKeys();
            assertEquals(units, Arrays.stream(keys).distinct().count());
            List<Row> rows = spark.createDataset(Arrays.stream(keys).boxed().toList(), Encoders.INT())
                    .repartition(units, functions.col("value"))
                    .select(functions.col("value"), functions.spark_partition_id())
                    .collectAsList();
            assertEquals(units, rows.size());
            rows.forEach(row -> assertEquals(row.getInt(0), keys[row.getInt(1)]));
        }
    }

    @Test
    void theNumberOfUnitsIsAsAskedForOrByBytesAndSlots() {
        assertEquals(5, Repartition.parse("5").units(1L << 40, 100));
        assertEquals(8, Repartition.parse("AUTO").units(0, 2));
        assertEquals(10, Repartition.parse("auto").units((10 << 20) - 1, 2));
        assertEquals(8192, Repartition.parse("auto").units(1L << 40, 2));
        assertTrue(Repartition.parse("off").isOff());
        for (String wrong : List.of("0", "-1", "65537", "many", "1e3", "")) {
            assertThrows(IllegalArgumentException.class, () -> Repartition.parse(wrong), wrong);
        }
    }
}
