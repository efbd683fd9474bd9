package org.bybert.job.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.is_valid_utf8;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.timestamp_add;
import static org.apache.spark.sql.functions.unix_micros;
import static org.apache.spark.sql.functions.when;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.job.terminal.Failure;
import org.bybert.job.terminal.UserError;

/**
 * The rows of a source with the columns they have.
 *
 * @param files null for a table
 * @param rows  with {@link #PROBLEM} where the format has it
 */
public record SourceTable(Source source, DataFiles files, Dataset<Row> rows) {

    /** Why a row could not be read, or null; not every format has the column. */
    static final String PROBLEM = "_bybert_problem";

    /** @throws UserError where there is no such source, or it cannot be read, or has no row */
    public static SourceTable open(SparkSession spark, Source source) {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        DataFormat wanted = source.reading().format();
        List<FileStatus> found = wanted == DataFormat.TABLE ? List.of() : source.found(hadoop);
        if (found.isEmpty() && !isTable(spark, source)) {
            throw new UserError(source.where()
                    + (wanted == DataFormat.TABLE ? ": no table of this name in the catalog" : " not found"));
        }
        DataFiles files = found.isEmpty() ? null : DataFiles.of(source, found, hadoop);
        DataFormat format = files == null ? DataFormat.TABLE : files.format();
        requireUse(source, format);
        try {
            Dataset<Row> rows = files == null
                    ? table(spark, source, hadoop)
                    : files.files().isEmpty() ? spark.emptyDataFrame() : FileRows.read(spark, files);
            requireDistinct(source, rows);
            if (!rows.isEmpty()) {
                return new SourceTable(source, files, rows);
            }
        } catch (Exception e) {
            // Spark declares nothing here, but throws AnalysisException and SparkException.
            String beginning = source.where() + " cannot be read as " + format + ": ";
            RuntimeException known = Failure.ofReading(e, beginning);
            throw known != null ? known : new UserError(beginning + Failure.firstLine(e), e);
        }
        throw new UserError(source.where() + ": expected at least one row, found none");
    }

    /** Spark finds none of two columns that differ in case only, unless it is told that case counts. */
    private static void requireDistinct(Source source, Dataset<Row> rows) {
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (String name : rows.columns()) {
            if (!names.add(name) && ignoresCase(rows.sparkSession())) {
                throw new UserError(source.where() + ": expected columns that differ in more than upper and lower "
                        + "case, found " + Arrays.toString(rows.drop(PROBLEM).columns())
                        + "; --conf spark.sql.caseSensitive=true tells them apart");
            }
        }
    }

    /** @throws UserError where the catalog itself cannot be opened */
    private static boolean isTable(SparkSession spark, Source source) {
        DataFormat wanted = source.reading().format();
        try {
            return (wanted == null || wanted == DataFormat.TABLE)
                    && spark.catalog().tableExists(source.path());
        } catch (Exception | NoClassDefFoundError e) {
            // Spark throws ParseException, which is one, without declaring it: most paths are no table's name.
            if (e instanceof AnalysisException) {
                return false;
            }
            throw new UserError(
                    source.where() + " cannot be looked up in Spark's catalog: " + Failure.firstLine(e)
                            + (lacksClasses(e) ? " --packages or --jars bring classes that are missing." : ""),
                    e);
        }
    }

    private static boolean lacksClasses(Throwable thrown) {
        return thrown != null
                && (thrown instanceof ClassNotFoundException
                        || thrown instanceof NoClassDefFoundError
                        || lacksClasses(thrown.getCause()));
    }

    /** What is said of text must not be said of something else. */
    private static void requireUse(Source source, DataFormat format) {
        boolean values = format == DataFormat.CSV || format == DataFormat.TSV;
        String unused = source.reading().delimiter() != null && !values
                ? "--delimiter"
                : source.reading().encoding() != null && !format.isText() ? "--encoding" : null;
        if (unused != null) {
            throw new UserError(source.where() + ": " + unused + " says nothing about data that is read as " + format
                    + (format == DataFormat.TEXT ? "; --format csv reads values" : ""));
        }
    }

    private static Dataset<Row> table(SparkSession spark, Source source, Configuration hadoop) {
        Dataset<Row> rows = spark.table(source.path());
        String[] files = rows.inputFiles();
        for (DataFormat format : new DataFormat[] {DataFormat.PARQUET, DataFormat.ORC}) {
            List<FileStatus> some = Arrays.stream(files)
                    .filter(file -> DataFormat.of(file) == format)
                    .limit(DataFiles.LOOKED_INTO)
                    .map(file -> source.status(file, hadoop))
                    .toList();
            ColumnarBatch.fit(spark, format, some);
        }
        return rows;
    }

    /**
     * Tells whether the files that hold the rows have changed, by their paths, lengths and times of change.
     *
     * @return null for a table that is not kept in files
     */
    public String fingerprint() {
        Configuration hadoop = rows.sparkSession().sparkContext().hadoopConfiguration();
        List<FileStatus> found = files != null
                ? files.files()
                : Arrays.stream(rows.inputFiles())
                        .map(file -> source.status(file, hadoop))
                        .toList();
        if (found.isEmpty()) {
            return null;
        }
        String lines = found.stream()
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
        return find(rows.drop(PROBLEM).schema(), name) != null;
    }

    /**
     * The names that lead to a column or, from struct to struct, to a field (meta.id), as the source spells them; null
     * where there is none, or none spelled so but several that are alike.
     */
    private List<String> find(StructType fields, String name) {
        for (StructField field : fields.fields()) {
            if (field.name().equals(name)) {
                return List.of(name);
            }
        }
        List<List<String>> found = new ArrayList<>();
        for (StructField field : fields.fields()) {
            int length = field.name().length();
            if (!ignoresCase(rows.sparkSession()) && !name.startsWith(field.name())) {
                continue;
            }
            if (field.name().equalsIgnoreCase(name)) {
                found.add(List.of(field.name()));
            } else if (field.dataType() instanceof StructType struct
                    && name.regionMatches(true, 0, field.name() + ".", 0, length + 1)) {
                List<String> rest = find(struct, name.substring(length + 1));
                if (rest != null) {
                    found.add(Stream.concat(Stream.of(field.name()), rest.stream())
                            .toList());
                }
            }
        }
        return found.size() == 1 ? found.get(0) : null;
    }

    private static boolean ignoresCase(SparkSession spark) {
        return !Boolean.parseBoolean(spark.conf().get("spark.sql.caseSensitive"));
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
        String name = textColumn(wanted);
        if (!has(name)) {
            boolean one = columns().size() == 1 && columns().get(0).matches(".*[;\t|].*");
            throw new UserError(source.where() + ": expected a column \"" + name + "\" with the text, found "
                    + columns() + "; name it with --text-column, or give --text-expr"
                    + (one ? "; --delimiter says what stands between values" : ""));
        }
        Column column = column(name, "the text");
        DataType type = rows.select(column).schema().apply(0).dataType();
        if (!(type instanceof StringType)) {
            throw new UserError(source.label() + ": column \"" + name + "\": expected string, found "
                    + type.simpleString() + "; --text-expr \"CAST(" + name + " AS STRING)\" makes one");
        }
        return column;
    }

    /** Name of the column in which the text is looked for; null where it is an expression. */
    String textColumn(Columns wanted) {
        boolean isPlain = files != null && files.format() == DataFormat.TEXT;
        return wanted.text() != null || wanted.expression() != null ? wanted.text() : isPlain ? "value" : "text";
    }

    private DataType typeOf(String expression) {
        Dataset<Row> values;
        try {
            values = rows.select(expr(expression));
        } catch (Exception e) {
            if (e instanceof AnalysisException) {
                throw new UserError(
                        source.label() + ": --text-expr \"" + expression + "\": " + Failure.firstLine(e)
                                + "; the columns are " + columns(),
                        e);
            }
            throw e;
        }
        requireOfOneRow(expression, values.queryExecution().analyzed());
        return values.schema().apply(0).dataType();
    }

    /** Else the values could not stand beside the row's own. */
    private void requireOfOneRow(String expression, LogicalPlan plan) {
        for (LogicalPlan node = plan;
                node != null;
                node = node.children().size() == 1 ? node.children().head() : null) {
            String found = node instanceof Aggregate
                    ? "an aggregate function"
                    : node instanceof Window
                            ? "a window function"
                            : node instanceof Generate ? "a generator, which makes several rows of one" : null;
            if (found != null) {
                throw new UserError(source.label() + ": --text-expr \"" + expression
                        + "\": expected a value of one row, found " + found);
            }
        }
    }

    /**
     * A column that must be there, under its name as the source spells it.
     *
     * @param role what it holds, for the message
     * @throws UserError where it is not
     */
    public Column column(String name, String role) {
        List<String> path = path(name, role);
        return col(path.stream().map(SourceTable::quotes).collect(Collectors.joining(".")))
                .as(String.join(".", path));
    }

    /** How the source spells the name of a column, see {@link #column}. */
    public String name(String name, String role) {
        return String.join(".", path(name, role));
    }

    private List<String> path(String name, String role) {
        List<String> path = find(rows.drop(PROBLEM).schema(), name);
        if (path == null) {
            throw new UserError(
                    source.where() + ": expected a column \"" + name + "\" with " + role + ", found " + columns());
        }
        return path;
    }

    /** A column of ids as strings, which do not depend on the time zone of the session. */
    public Column id(String name) {
        Column id = column(name, "the id");
        DataType type = rows.select(id).schema().apply(0).dataType();
        // As Spark writes a point in time in UTC.
        return (type instanceof TimestampType
                        ? timestamp_add("MICROSECOND", unix_micros(id), lit(LocalDateTime.of(1970, 1, 1, 0, 0)))
                        : id)
                .cast(DataTypes.StringType);
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
        return col(quotes(name));
    }

    private static String quotes(String name) {
        return "`" + name.replace("`", "``") + "`";
    }
}
