package org.bybert.job.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.is_valid_utf8;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.bybert.job.UserError;

/** The rows of a source with the columns they have. */
public final class SourceTable {

    /** Why a row could not be read, or null; not every format has the column. */
    static final String PROBLEM = "_bybert_problem";

    private final Source source;
    private final DataFormat format;
    private final Dataset<Row> rows;

    private SourceTable(Source source, DataFormat format, Dataset<Row> rows) {
        this.source = source;
        this.format = format;
        this.rows = rows;
    }

    /** @throws UserError where there is no such source, or it cannot be read, or has no row */
    public static SourceTable open(SparkSession spark, Source source) {
        DataFormat format = DataFormat.of(source, spark);
        Dataset<Row> rows;
        boolean empty;
        try {
            rows = switch (format) {
                case JSONL -> JsonLines.read(spark, source.path());
                case JSON -> spark.read().option("multiLine", true).json(source.path());
                case CSV -> CsvFiles.read(spark, source.path());
                case PARQUET -> spark.read().parquet(source.path());
                case ORC -> spark.read().orc(source.path());
                case TEXT -> spark.read().text(source.path());
                case TABLE -> spark.table(source.path());
            };
            empty = rows.isEmpty();
        } catch (Exception e) {
            // Spark declares nothing here, but throws AnalysisException and SparkException.
            throw new UserError(source.where() + " cannot be read as " + format + ": " + firstLine(e), e);
        }
        if (empty) {
            throw new UserError(source.where() + ": expected at least one row, found none");
        }
        return new SourceTable(source, format, rows);
    }

    public Source source() {
        return source;
    }

    public DataFormat format() {
        return format;
    }

    public Dataset<Row> rows() {
        return rows;
    }

    /** The files that hold the rows; for a table those that Spark reads, none where it is not kept in files. */
    public List<FileStatus> files() {
        Configuration hadoop = rows.sparkSession().sparkContext().hadoopConfiguration();
        if (format != DataFormat.TABLE) {
            return SourceFiles.of(source, hadoop);
        }
        return Arrays.stream(rows.inputFiles()).map(file -> SourceFiles.status(source, file, hadoop)).toList();
    }

    /** Names of the columns that the source itself has. */
    public List<String> columns() {
        return Arrays.stream(rows.columns()).filter(name -> !name.equals(PROBLEM)).toList();
    }

    public boolean has(String name) {
        return columns().contains(name);
    }

    /** @throws UserError where there is no such column or expression, or it is not of strings */
    public Column text(Columns wanted) {
        if (wanted.expression() != null) {
            DataType type = typeOf(wanted.expression());
            if (!(type instanceof StringType)) {
                throw new UserError(source.label() + ": --text-expr: expected a string, found "
                        + type.simpleString() + "; CAST(... AS STRING) makes one");
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
                throw new UserError(source.label() + ": --text-expr \"" + expression + "\": " + firstLine(e)
                        + "; the columns are " + columns(), e);
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
            throw new UserError(source.where() + ": expected a column \"" + name + "\" with " + role + ", found "
                    + columns());
        }
        return quoted(name);
    }

    /** Why a row cannot be used, or null. */
    public Column problem(Column text) {
        Column problem = Arrays.asList(rows.columns()).contains(PROBLEM) ? col(PROBLEM)
                : lit(null).cast(DataTypes.StringType);
        return coalesce(problem, when(not(is_valid_utf8(text)), lit("the text is not valid UTF-8")));
    }

    /** A column by its very name, dots and all. */
    public static Column quoted(String name) {
        return col("`" + name.replace("`", "``") + "`");
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
    }
}
