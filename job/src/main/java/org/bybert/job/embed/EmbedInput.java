package org.bybert.job.embed;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.spark_partition_id;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import org.bybert.job.data.SourceTable;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.batch.BatchPartition;

/**
 * The input with what is needed to embed it.
 *
 * @param rows   text, problem and id, then the kept columns
 * @param hasId  whether the rows have an id
 * @param bucket of a row
 * @param result columns that are written: the kept ones, then those of the precision and of every answer
 */
record EmbedInput(Dataset<Row> rows, boolean hasId, Column bucket, StructType result) {

    /** Columns of {@link #units}; the kept ones follow. */
    static final String UNIT = "_bybert_unit";

    static final String TEXT = "_bybert_text";
    static final String PROBLEM = "_bybert_problem";
    static final String ID = "_bybert_id";
    static final int KEPT = 4;

    /** @throws UserError where a column that is asked for is missing, of a wrong type, or named as one of the result */
    static EmbedInput of(SourceTable table, EmbedOptions options) {
        String id = options.columns().id();
        Column text = table.text(options.columns());
        Column problem = table.problem(text);
        Column idOrNull = id == null ? lit(null).cast(DataTypes.StringType) : table.id(id);
        List<Column> columns =
                new ArrayList<>(List.of(when(problem.isNull(), text).as(TEXT), problem.as(PROBLEM), idOrNull.as(ID)));
        kept(table, options).forEach(name -> columns.add(table.column(name, "values to keep")));
        Dataset<Row> rows = table.rows().select(columns.toArray(Column[]::new));
        try {
            return new EmbedInput(
                    rows,
                    id != null,
                    bucket(rows, id != null),
                    BatchPartition.schema(
                            rows.drop(TEXT, PROBLEM, ID).schema(),
                            options.precision().columns()));
        } catch (IllegalArgumentException e) {
            throw new UserError(table.source().label() + ": " + e.getMessage() + " with --keep", e);
        }
    }

    private static Set<String> kept(SourceTable table, EmbedOptions options) {
        Set<String> kept = new LinkedHashSet<>();
        if (options.columns().id() != null) {
            kept.add(table.name(options.columns().id(), "the id"));
        }
        Stream.of(options.keep() == null ? table.columns() : options.keep(), options.partitionBy())
                .flatMap(List::stream)
                .map(name -> table.name(name, "values to keep"))
                .forEach(kept::add);
        return kept;
    }

    /** Without an id every value counts that can be hashed: alike rows may lie together, alike texts need not. */
    private static Column bucket(Dataset<Row> rows, boolean hasId) {
        return Buckets.of(
                hasId
                        ? new Column[] {col(ID)}
                        : Arrays.stream(rows.schema().fields())
                                .filter(field -> canBeHashed(field.dataType()))
                                .map(field -> SourceTable.quoted(field.name()))
                                .toArray(Column[]::new));
    }

    private static boolean canBeHashed(DataType type) {
        return type instanceof StringType
                || type instanceof NumericType
                || type instanceof DateType
                || type instanceof TimestampType
                || type instanceof BooleanType;
    }

    /** Per row: {@code id}, {@code bucket}, {@code bytes} and whether it is {@code readable}. */
    Dataset<Row> sizes() {
        return rows.select(
                col(ID).as("id"),
                bucket.as("bucket"),
                coalesce(octet_length(col(TEXT)), lit(0)).cast("long").as("bytes"),
                col(PROBLEM).isNull().as("readable"));
    }

    /** Some ids that come more than once. */
    List<String> someDuplicates(int limit) {
        return sizes()
                .filter(col("id").isNotNull())
                .groupBy("id")
                .count()
                .filter(col("count").gt(1))
                .orderBy("id")
                .limit(limit)
                .collectAsList()
                .stream()
                .map(row -> row.getString(0))
                .toList();
    }

    /** The rows of the units that are not done, each unit in a partition of its number, ordered by id. */
    Dataset<Row> units(UnitPlan plan, BitSet done) {
        if (!plan.isSpread()) {
            return rows.select(spark_partition_id().as(UNIT), col("*"));
        }
        int[] units = plan.unitOfBucket();
        int[] keys = plan.partitionKeys();
        Column unitOf = udf((UDF1<Integer, Integer>) number -> units[number], DataTypes.IntegerType)
                .apply(bucket);
        Dataset<Row> all = rows.select(unitOf.as(UNIT), col("*"));
        Column isDone =
                udf((UDF1<Integer, Boolean>) done::get, DataTypes.BooleanType).apply(col(UNIT));
        Column key = udf((UDF1<Integer, Integer>) unit -> keys[unit], DataTypes.IntegerType)
                .apply(col(UNIT));
        Dataset<Row> missing = done.isEmpty() ? all : all.filter(isDone.equalTo(false));
        Dataset<Row> spread = missing.repartition(plan.units(), key);
        return hasId ? spread.sortWithinPartitions(ID) : spread;
    }
}
