package org.bybert.job.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.substring;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.bybert.job.terminal.Bundled;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.masked.Example;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One evaluation set.
 *
 * @param name shown in the results
 * @param path file, folder or glob that Hadoop can read
 */
public record DataSet(String name, String path) {

    /**
     * A set as it is read.
     *
     * @param rows of {@link Example#SCHEMA}
     * @param keys {@code set}, {@code id} of each row, null where the row brings none, and {@code bytes} of its text
     * @param used the columns in which texts and ids were found; no text where it is an expression, no id where there
     *             is no such column
     */
    public record Examples(Dataset<Row> rows, Dataset<Row> keys, Columns used) {}

    private static final Logger LOG = LoggerFactory.getLogger(DataSet.class);

    /**
     * @param arguments the bundled sets where there is none
     * @throws IllegalArgumentException where an argument is not {@code NAME=PATH}, or a name comes twice
     */
    public static List<DataSet> parse(List<String> arguments) {
        if (arguments.isEmpty()) {
            return Bundled.sets().entrySet().stream()
                    .map(set -> new DataSet(set.getKey(), set.getValue()))
                    .toList();
        }
        Map<String, DataSet> sets = new LinkedHashMap<>();
        for (String argument : arguments) {
            DataSet set = parse(argument);
            if (sets.put(set.name(), set) != null) {
                throw new IllegalArgumentException(
                        "expected a different name for each set, found \"" + set.name() + "\" twice");
            }
        }
        return List.copyOf(sets.values());
    }

    private static DataSet parse(String argument) {
        String[] parts = argument.split("=", 2);
        if (parts.length < 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
            throw new IllegalArgumentException("expected NAME=PATH, found \"" + argument + '"');
        }
        if (!parts[0].matches("[\\p{L}\\p{N}._-]+")) {
            throw new IllegalArgumentException(
                    "expected a name of letters, digits, '.', '_' and '-', found \"" + parts[0] + '"');
        }
        return new DataSet(parts[0], parts[1]);
    }

    /**
     * Opens the set.
     *
     * @throws UserError where path, columns or their types are not as expected, or there is no row
     */
    public Examples read(SparkSession spark, Columns columns, Reading reading) {
        SourceTable table = SourceTable.open(spark, new Source("data " + name, path, reading));
        Column text = table.text(columns);
        boolean bringsWords = bringsWords(table);
        Column words =
                bringsWords ? col(Columns.WORDS) : lit(null).cast(DataTypes.createArrayType(DataTypes.StringType));
        String idColumn = columns.id() != null ? columns.id() : table.has("id") ? "id" : null;
        Column id = idColumn == null ? lit(null).cast(DataTypes.StringType) : table.id(idColumn);
        // Rows without an id are known by their text, so that their masks do not depend on where they lie.
        Column hash = concat(lit("sha256:"), substring(sha2(coalesce(text, lit("")), 256), 1, 16));
        Dataset<Row> rows = table.rows()
                .select(
                        lit(name).as("set"),
                        coalesce(id, hash).as("id"),
                        text.as("text"),
                        words.as("words"),
                        lit(bringsWords).as("brings_words"),
                        table.problem(text).as("problem"));
        return new Examples(
                rows,
                table.rows()
                        .select(
                                lit(name).as("set"),
                                id.as("id"),
                                coalesce(octet_length(text), lit(0))
                                        .cast("long")
                                        .as("bytes")),
                new Columns(table.textColumn(columns), columns.expression(), idColumn));
    }

    private boolean bringsWords(SourceTable table) {
        if (!table.has(Columns.WORDS)) {
            return false;
        }
        DataType type = table.rows()
                .select(table.column(Columns.WORDS, "the words"))
                .schema()
                .apply(0)
                .dataType();
        boolean usable = type instanceof ArrayType words && words.elementType() instanceof StringType;
        if (!usable) {
            LOG.warn(
                    "data {}: the column \"{}\" is not used: expected array<string>, found {}",
                    name,
                    Columns.WORDS,
                    type.simpleString());
        }
        return usable;
    }
}
