package org.bybert.job.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.is_valid_utf8;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.encoder.text.ByteEncoding;
import org.bybert.job.terminal.Failure;
import org.bybert.job.terminal.UserError;

/**
 * The rows of a source with the columns they have.
 *
 * @param rows with {@link #PROBLEM} where the format has it
 */
public record SourceTable(Source source, DataFormat format, Dataset<Row> rows) {

    /** Why a row could not be read, or null; not every format has the column. */
    static final String PROBLEM = "_bybert_problem";

    /** Spark's column for what it cannot parse. */
    static final String CORRUPT = "_corrupt_record";

    // Without pruning, so that a record of too few or too many values is noticed whatever columns are asked for.
    private static final Map<String, String> CSV = Map.of(
            "header",
            "true",
            "multiLine",
            "true",
            "escape",
            "\"",
            "enforceSchema",
            "false",
            "columnPruning",
            "false",
            "columnNameOfCorruptRecord",
            CORRUPT);

    /** @throws UserError where there is no such source, or it cannot be read, or has no row */
    public static SourceTable open(SparkSession spark, Source source) {
        DataFormat format = DataFormat.of(source, spark);
        try {
            Dataset<Row> rows = switch (format) {
                case JSONL -> jsonLines(spark, source.path());
                case JSON -> spark.read().option("multiLine", true).json(source.path());
                case CSV -> csv(spark, source.path());
                case PARQUET -> spark.read().parquet(source.path());
                case ORC -> spark.read().orc(source.path());
                case TEXT -> spark.read().text(source.path());
                case TABLE -> spark.table(source.path());
            };
            if (!rows.isEmpty()) {
                return new SourceTable(source, format, rows);
            }
        } catch (Exception e) {
            // Spark declares nothing here, but throws AnalysisException and SparkException.
            throw new UserError(source.where() + " cannot be read as " + format + ": " + Failure.firstLine(e), e);
        }
        throw new UserError(source.where() + ": expected at least one row, found none");
    }

    /**
     * JSON lines with what is wrong with each line. Spark's own reader would turn an unpaired surrogate into '?'
     * without a word, so the lines themselves are kept until they have been looked at.
     */
    private static Dataset<Row> jsonLines(SparkSession spark, String path) {
        Dataset<Row> lines =
                spark.read().text(path).filter(length(trim(col("value"))).gt(0));
        Map<String, String> options = Map.of("columnNameOfCorruptRecord", CORRUPT);
        StructType fields =
                spark.read().options(options).json(lines.as(Encoders.STRING())).schema();
        StructType schema =
                fields.getFieldIndex(CORRUPT).isDefined() ? fields : fields.add(CORRUPT, DataTypes.StringType);
        Column problem = when(not(is_valid_utf8(col("value"))), lit("the line is not valid UTF-8"))
                .when(col("parsed." + CORRUPT).isNotNull(), lit("the line is not a valid JSON object"))
                .when(
                        udf((UDF1<String, Boolean>) SourceTable::hasUnpairedSurrogate, DataTypes.BooleanType)
                                .apply(col("value")),
                        lit("the line holds an unpaired surrogate"));
        return lines.withColumn("parsed", from_json(col("value"), schema, options))
                .select(col("parsed.*"), problem.as(PROBLEM))
                .drop(CORRUPT);
    }

    private static boolean hasUnpairedSurrogate(String line) {
        if (!line.contains("\\u")) {
            return ByteEncoding.firstUnpaired(line) >= 0;
        }
        try (JsonParser parser = new JsonFactory().createParser(line)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_STRING && ByteEncoding.firstUnpaired(parser.getText()) >= 0) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    /** Comma-separated values as RFC 4180 has them, with a header; all columns are strings. */
    private static Dataset<Row> csv(SparkSession spark, String path) {
        StructType schema = spark.read().options(CSV).csv(path).schema();
        return spark.read()
                .options(CSV)
                .schema(schema.add(CORRUPT, DataTypes.StringType))
                .csv(path)
                .withColumn(
                        PROBLEM,
                        when(col(CORRUPT).isNotNull(), lit("the record does not have the values of the header")))
                .drop(CORRUPT);
    }

    /**
     * Tells whether the files that hold the rows have changed, by their paths, lengths and times of change.
     *
     * @return null for a table that is not kept in files
     */
    public String fingerprint() {
        Configuration hadoop = rows.sparkSession().sparkContext().hadoopConfiguration();
        List<FileStatus> files = format != DataFormat.TABLE
                ? source.files(hadoop)
                : Arrays.stream(rows.inputFiles())
                        .map(file -> source.status(file, hadoop))
                        .toList();
        if (files.isEmpty()) {
            return null;
        }
        String lines = files.stream()
                .map(file -> file.getPath() + "\t" + file.getLen() + "\t" + file.getModificationTime() + "\n")
                .sorted()
                .collect(Collectors.joining());
        return "sha256:" + Fingerprint.sha256(lines.getBytes(StandardCharsets.UTF_8));
    }

    /** Names of the columns that the source itself has. */
    public List<String> columns() {
        return Arrays.stream(rows.columns())
                .filter(name -> !name.equals(PROBLEM))
                .toList();
    }

    public boolean has(String name) {
        return columns().contains(name);
    }

    /** @throws UserError where there is no such column or expression, or it is not of strings */
    public Column text(Columns wanted) {
        if (wanted.expression() != null) {
            DataType type = typeOf(wanted.expression());
            if (!(type instanceof StringType)) {
                throw new UserError(source.label() + ": --text-expr: expected a string, found " + type.simpleString()
                        + "; CAST(... AS STRING) makes one");
            }
            return expr(wanted.expression());
        }
        String name = wanted.text() != null ? wanted.text() : format == DataFormat.TEXT ? "value" : "text";
        if (!has(name)) {
            throw new UserError(source.where() + ": expected a column \"" + name + "\" with the text, found "
                    + columns() + "; name it with --text-column, or give --text-expr");
        }
        DataType type = rows.schema().apply(name).dataType();
        if (!(type instanceof StringType)) {
            throw new UserError(source.label() + ": column \"" + name + "\": expected string, found "
                    + type.simpleString() + "; --text-expr \"CAST(" + name + " AS STRING)\" makes one");
        }
        return quoted(name);
    }

    private DataType typeOf(String expression) {
        try {
            return rows.select(expr(expression)).schema().apply(0).dataType();
        } catch (Exception e) {
            if (e instanceof AnalysisException) {
                throw new UserError(
                        source.label() + ": --text-expr \"" + expression + "\": " + Failure.firstLine(e)
                                + "; the columns are " + columns(),
                        e);
            }
            throw e;
        }
    }

    /**
     * A column that must be there.
     *
     * @param role what it holds, for the message
     * @throws UserError where it is not
     */
    public Column column(String name, String role) {
        if (!has(name)) {
            throw new UserError(
                    source.where() + ": expected a column \"" + name + "\" with " + role + ", found " + columns());
        }
        return quoted(name);
    }

    /** Why a row cannot be used, or null. */
    public Column problem(Column text) {
        Column problem = Arrays.asList(rows.columns()).contains(PROBLEM)
                ? col(PROBLEM)
                : lit(null).cast(DataTypes.StringType);
        return coalesce(problem, when(not(is_valid_utf8(text)), lit("the text is not valid UTF-8")));
    }

    /** A column by its very name, dots and all. */
    public static Column quoted(String name) {
        return col("`" + name.replace("`", "``") + "`");
    }
}
