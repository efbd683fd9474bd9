package org.bybert.job.embed;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Rows and bytes of an input by bucket: a row's bucket is a hash of its id, or of its values where there is none, so
 * that it is the same in every run.
 *
 * @param rows         rows per bucket
 * @param bytes        bytes of text per bucket, in UTF-8
 * @param nullIds      rows without an id, unreadable ones left out; 0 where no id column was named
 * @param duplicateIds rows with an id that another row has
 */
record Buckets(long[] rows, long[] bytes, long nullIds, long duplicateIds) {

    static final int COUNT = 1 << 16;

    static Column of(Column... values) {
        return pmod(xxhash64(values), lit((long) COUNT)).cast("int");
    }

    /** One pass over the input. */
    static Buckets measure(EmbedInput input) {
        Column nulls = sum(when(col("id").isNull().and(col("readable")), 1).otherwise(0));
        Dataset<Row> sizes = input.sizes()
                .groupBy("id", "bucket")
                .agg(count(lit(1)).as("rows"), sum("bytes").as("bytes"), nulls.as("nulls"));
        Column duplicates =
                sum(when(col("id").isNotNull(), col("rows").minus(1)).otherwise(0));
        long[] rows = new long[COUNT];
        long[] bytes = new long[COUNT];
        long nullIds = 0;
        long duplicateIds = 0;
        for (Row row : sizes.groupBy("bucket")
                .agg(sum("rows"), sum("bytes"), sum("nulls"), duplicates)
                .collectAsList()) {
            rows[row.getInt(0)] = row.getLong(1);
            bytes[row.getInt(0)] = row.getLong(2);
            nullIds += row.getLong(3);
            duplicateIds += row.getLong(4);
        }
        return new Buckets(rows, bytes, input.hasId() ? nullIds : 0, duplicateIds);
    }
}
