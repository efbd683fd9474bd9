package org.bybert.job.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.substring;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.masked.Example;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a set into rows of {@link Example#SCHEMA}. */
public record DataReader(SparkSession spark, Columns columns) {

    private static final Logger LOG = LoggerFactory.getLogger(DataReader.class);

    /** @throws UserError where path, columns or their types are not as expected, or there is no row */
    public Dataset<Row> read(DataSet set) {
        SourceTable table = SourceTable.open(spark, new Source("data " + set.name(), set.path(), null));
        Column text = table.text(columns);
        boolean bringsWords = bringsWords(set, table);
        Column words = bringsWords ? col(Columns.WORDS)
                : lit(null).cast(DataTypes.createArrayType(DataTypes.StringType));
        return table.rows().select(
                lit(set.name()).as("set"),
                id(table, text).as("id"),
                text.as("text"),
                words.as("words"),
                lit(bringsWords).as("brings_words"),
                table.problem(text).as("problem"));
    }

    /** Rows without an id are known by their text, so that their masks do not depend on where they lie. */
    private Column id(SourceTable table, Column text) {
        Column hash = concat(lit("sha256:"), substring(sha2(coalesce(text, lit("")), 256), 1, 16));
        String name = columns.id() != null ? columns.id() : "id";
        return columns.id() == null && !table.has(name) ? hash
                : coalesce(table.column(name, "the id").cast(DataTypes.StringType), hash);
    }

    private static boolean bringsWords(DataSet set, SourceTable table) {
        if (!table.has(Columns.WORDS)) {
            return false;
        }
        DataType type = table.rows().schema().apply(Columns.WORDS).dataType();
        boolean usable = type instanceof ArrayType words && words.elementType() instanceof StringType;
        if (!usable) {
            LOG.warn("data {}: the column \"{}\" is not used: expected array<string>, found {}", set.name(),
                    Columns.WORDS, type.simpleString());
        }
        return usable;
    }
}
