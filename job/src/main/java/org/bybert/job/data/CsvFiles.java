package org.bybert.job.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Comma-separated values as RFC 4180 has them, with a header; all columns are strings. */
final class CsvFiles {

    private static final String CORRUPT = "_corrupt_record";
    // Without pruning, so that a record of too few or too many values is noticed whatever columns are asked for.
    private static final Map<String, String> OPTIONS = Map.of("header", "true", "multiLine", "true", "escape", "\"",
            "enforceSchema", "false", "columnPruning", "false", "columnNameOfCorruptRecord", CORRUPT);

    private CsvFiles() {
    }

    /** The columns of the header, and {@link SourceTable#PROBLEM}. */
    static Dataset<Row> read(SparkSession spark, String path) {
        StructType schema = spark.read().options(OPTIONS).csv(path).schema();
        return spark.read().options(OPTIONS).schema(schema.add(CORRUPT, DataTypes.StringType)).csv(path)
                .withColumn(SourceTable.PROBLEM,
                        when(col(CORRUPT).isNotNull(), lit("the record does not have the values of the header")))
                .drop(CORRUPT);
    }
}
