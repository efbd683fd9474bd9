package org.bybert.job.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.is_valid_utf8;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.when;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.bybert.job.UserError;
import org.bybert.udf.masked.ExampleRows;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a set into rows of {@link ExampleRows#SCHEMA}. */
public final class DataReader {

    static final String PROBLEM = "_bybert_problem";

    private static final Logger LOG = LoggerFactory.getLogger(DataReader.class);

    private final SparkSession spark;
    private final Columns columns;

    public DataReader(SparkSession spark, Columns columns) {
        this.spark = spark;
        this.columns = columns;
    }

    /** @throws UserError where path, columns or their types are not as expected, or there is no row */
    public Dataset<Row> read(DataSet set) {
        DataFormat format = DataFormat.of(set, spark.sparkContext().hadoopConfiguration());
        Dataset<Row> rows = load(set, format);
        if (rows.isEmpty()) {
            throw new UserError("data " + set.name() + ": " + set.path() + ": expected at least one row, found none");
        }
        Column text = text(set, rows, format);
        boolean bringsWords = bringsWords(set, rows);
        Column words = bringsWords ? col(Columns.WORDS) : lit(null).cast(DataTypes.createArrayType(DataTypes.StringType));
        Column problem = has(rows, PROBLEM) ? col(PROBLEM) : lit(null).cast(DataTypes.StringType);
        return rows.select(
                lit(set.name()).as("set"),
                id(set, rows, text).as("id"),
                text.as("text"),
                words.as("words"),
                lit(bringsWords).as("brings_words"),
                coalesce(problem, when(not(is_valid_utf8(text)), lit("the text is not valid UTF-8"))).as("problem"));
    }

    private Dataset<Row> load(DataSet set, DataFormat format) {
        try {
            return switch (format) {
                case JSON_LINES -> JsonLines.read(spark, set.path());
                case JSON_DOCUMENT -> spark.read().option("multiLine", true).json(set.path());
                case PARQUET -> spark.read().parquet(set.path());
                case TEXT -> spark.read().text(set.path());
            };
        } catch (Exception e) {
            // Spark declares nothing here, but throws AnalysisException and SparkException.
            throw new UserError("data " + set.name() + ": " + set.path() + " cannot be read as " + format + ": "
                    + firstLine(e), e);
        }
    }

    private Column text(DataSet set, Dataset<Row> rows, DataFormat format) {
        if (columns.expression() != null) {
            Column expression = expr(columns.expression());
            DataType type = typeOf(set, rows, expression);
            if (!(type instanceof StringType)) {
                throw new UserError("data " + set.name() + ": --text-expr: expected a string, found "
                        + type.simpleString() + "; CAST(... AS STRING) makes one");
            }
            return expression;
        }
        String name = columns.text() != null ? columns.text() : format == DataFormat.TEXT ? "value" : "text";
        if (!has(rows, name)) {
            throw new UserError("data " + set.name() + ": " + set.path() + ": expected a column \"" + name
                    + "\" with the text, found " + visibleColumns(rows) + "; name it with --text-column, or give "
                    + "--text-expr");
        }
        DataType type = rows.schema().apply(name).dataType();
        if (!(type instanceof StringType)) {
            throw new UserError("data " + set.name() + ": column \"" + name + "\": expected string, found "
                    + type.simpleString() + "; --text-expr \"CAST(" + name + " AS STRING)\" makes one");
        }
        return quoted(name);
    }

    private DataType typeOf(DataSet set, Dataset<Row> rows, Column expression) {
        try {
            return rows.select(expression).schema().apply(0).dataType();
        } catch (Exception e) {
            if (e instanceof AnalysisException) {
                throw new UserError("data " + set.name() + ": --text-expr \"" + columns.expression() + "\": "
                        + firstLine(e) + "; the columns are " + visibleColumns(rows), e);
            }
            throw e;
        }
    }

    /** Rows without an id are known by their text, so that their masks do not depend on where they lie. */
    private Column id(DataSet set, Dataset<Row> rows, Column text) {
        Column hash = concat(lit("sha256:"), substring(sha2(coalesce(text, lit("")), 256), 1, 16));
        String name = columns.id() != null ? columns.id() : "id";
        if (columns.id() != null && !has(rows, name)) {
            throw new UserError("data " + set.name() + ": " + set.path() + ": expected a column \"" + name
                    + "\" with the id, found " + visibleColumns(rows));
        }
        return has(rows, name) ? coalesce(quoted(name).cast(DataTypes.StringType), hash) : hash;
    }

    private static boolean bringsWords(DataSet set, Dataset<Row> rows) {
        if (!has(rows, Columns.WORDS)) {
            return false;
        }
        DataType type = rows.schema().apply(Columns.WORDS).dataType();
        boolean usable = type instanceof ArrayType words && words.elementType() instanceof StringType;
        if (!usable) {
            LOG.warn("data {}: the column \"{}\" is not used: expected array<string>, found {}", set.name(),
                    Columns.WORDS, type.simpleString());
        }
        return usable;
    }

    private static boolean has(Dataset<Row> rows, String name) {
        return Arrays.asList(rows.columns()).contains(name);
    }

    private static List<String> visibleColumns(Dataset<Row> rows) {
        return Arrays.stream(rows.columns()).filter(name -> !name.equals(PROBLEM)).toList();
    }

    private static Column quoted(String name) {
        return col("`" + name.replace("`", "``") + "`");
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
    }
}
