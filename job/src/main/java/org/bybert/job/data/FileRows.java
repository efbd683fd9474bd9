package org.bybert.job.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.is_valid_utf8;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.ltrim;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.startswith;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;
import static org.bybert.job.data.SourceTable.PROBLEM;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.bybert.encoder.text.ByteEncoding;

/** From the files of a source to its rows, with what is wrong with each. */
final class FileRows {

    /** Spark's column for what it cannot parse. */
    static final String CORRUPT = "_corrupt_record";

    private static final Map<String, String> OPTIONS =
            Map.of("columnNameOfCorruptRecord", CORRUPT, "maxStringLen", String.valueOf(Integer.MAX_VALUE));

    private FileRows() {}

    /** With {@link SourceTable#PROBLEM} where the format has it. */
    static Dataset<Row> read(SparkSession spark, DataFiles files) {
        if (!files.format().isText()) {
            ColumnarBatch.fit(spark, files.format(), files.files());
        }
        return switch (files.format()) {
            case PARQUET -> files.reader(spark).parquet(files.paths());
            case ORC -> files.reader(spark).orc(files.paths());
            case TEXT -> lines(spark, files);
            case JSONL -> jsonObjects(lines(spark, files), files);
            case JSON -> jsonObjects(records(spark, files), files);
            default -> records(spark, files);
        };
    }

    /** Lines as {@code value}, the problem, and the columns that folders stand for. */
    private static Dataset<Row> lines(SparkSession spark, DataFiles files) {
        if (!files.source().reading().charset().equals(StandardCharsets.UTF_8)
                || files.files().stream().anyMatch(file -> DataFiles.isZstd(file.getPath()))) {
            return withoutMark(records(spark, files));
        }
        Dataset<Row> lines = files.reader(spark).text(files.paths());
        return withoutMark(lines.withColumn(
                PROBLEM,
                when(not(is_valid_utf8(col("value"))), lit("the line is not valid UTF-8" + TextDecoder.HINT))));
    }

    /** Files that were joined have byte order marks in their midst. */
    private static Dataset<Row> withoutMark(Dataset<Row> lines) {
        Column value = col("value");
        return lines.withColumn(
                "value",
                when(startswith(value, lit("\ufeff")), expr("substring(value, 2)"))
                        .otherwise(value));
    }

    /** As {@link FileRecords} finds them, and the columns that folders stand for. */
    private static Dataset<Row> records(SparkSession spark, DataFiles files) {
        // This source lists files and folders without reading the files, unless their content is asked for.
        Dataset<Row> listed = files.reader(spark)
                .format("binaryFile")
                .load(files.paths())
                .drop("modificationTime", "length", "content");
        FileRecords records = new FileRecords(
                files.format(),
                files.source().reading(),
                null,
                new SerializableConfiguration(spark.sparkContext().hadoopConfiguration()));
        if (files.format() == DataFormat.CSV || files.format() == DataFormat.TSV) {
            records = records.withHeaderOf(files.files().get(0).getPath());
        }
        StructType schema = records.schema();
        for (StructField field : listed.drop("path").schema().fields()) {
            schema = schema.add(field);
        }
        return listed.flatMap(records, Encoders.row(schema));
    }

    /**
     * JSON objects as rows with what is wrong with each. Spark's own reader would turn an unpaired surrogate into '?'
     * without a word, so the objects themselves are kept until they have been looked at.
     */
    private static Dataset<Row> jsonObjects(Dataset<Row> lines, DataFiles files) {
        Column value = col("value");
        Dataset<Row> objects =
                lines.filter(value.isNull().or(length(trim(value)).gt(0)));
        SparkSession spark = lines.sparkSession();
        StructType found = spark.read()
                .options(OPTIONS)
                .json(objects.select("value").filter(value.isNotNull()).as(Encoders.STRING()))
                .schema();
        List<String> others = Stream.of(lines.drop("value", PROBLEM).columns()).toList();
        // A folder's name says what Spark takes of a value that is in both.
        StructType fields = new StructType(Stream.of(found.fields())
                .filter(field -> !others.contains(field.name()) && !field.name().equals(CORRUPT))
                .toArray(StructField[]::new));
        if (fields.isEmpty() && files.format() == DataFormat.JSONL && !objects.isEmpty()) {
            throw files.notJsonLines(spark.sparkContext().hadoopConfiguration());
        }
        Column problem = coalesce(
                col(PROBLEM),
                // Of an array Spark would take the first object without a word.
                when(
                                col("parsed." + CORRUPT).isNotNull().or(startswith(ltrim(value), lit("["))),
                                lit("the line is not a valid JSON object"))
                        .when(
                                udf((UDF1<String, Boolean>) FileRows::hasUnpairedSurrogate, DataTypes.BooleanType)
                                        .apply(value),
                                lit("the line holds an unpaired surrogate")));
        List<Column> columns = new ArrayList<>(List.of(col("parsed.*"), problem.as(PROBLEM)));
        others.forEach(name -> columns.add(SourceTable.quoted(name)));
        return objects.withColumn("parsed", from_json(value, fields.add(CORRUPT, DataTypes.StringType), OPTIONS))
                .select(columns.toArray(Column[]::new))
                .drop(CORRUPT);
    }

    private static boolean hasUnpairedSurrogate(String line) {
        if (line == null) {
            return false;
        }
        if (!line.contains("\\u")) {
            return ByteEncoding.firstUnpaired(line) >= 0;
        }
        try (JsonParser parser = FileRecords.JSON.createParser(line)) {
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
}
