package org.bybert.job.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.is_valid_utf8;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;
import static org.bybert.job.data.SourceTable.CORRUPT;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.text.ByteEncoding;

/**
 * JSON lines with what is wrong with each line. Spark's own reader would turn an unpaired surrogate into '?' without a
 * word, so the lines themselves are kept until they have been looked at.
 */
final class JsonLines {

    private JsonLines() {
    }

    /** The lines' fields as columns, and {@link SourceTable#PROBLEM}. */
    static Dataset<Row> read(SparkSession spark, String path) {
        Dataset<Row> lines = spark.read().text(path).filter(length(trim(col("value"))).gt(0));
        StructType fields = spark.read().option("columnNameOfCorruptRecord", CORRUPT)
                .json(lines.as(Encoders.STRING())).schema();
        StructType schema = fields.getFieldIndex(CORRUPT).isDefined()
                ? fields : fields.add(CORRUPT, DataTypes.StringType);
        Column parsed = from_json(col("value"), schema, Map.of("columnNameOfCorruptRecord", CORRUPT));
        Column problem = when(not(is_valid_utf8(col("value"))), lit("the line is not valid UTF-8"))
                .when(col("parsed." + CORRUPT).isNotNull(), lit("the line is not a valid JSON object"))
                .when(udf((UDF1<String, Boolean>) JsonLines::hasUnpairedSurrogate, DataTypes.BooleanType)
                        .apply(col("value")), lit("the line holds an unpaired surrogate"));
        Dataset<Row> rows = lines.withColumn("parsed", parsed).withColumn("problem", problem);
        Column[] columns = Stream.concat(
                Arrays.stream(schema.fieldNames()).filter(name -> !name.equals(CORRUPT))
                        .map(name -> col("parsed").getField(name).as(name)),
                Stream.of(col("problem").as(SourceTable.PROBLEM))).toArray(Column[]::new);
        return rows.select(columns);
    }

    static boolean hasUnpairedSurrogate(String line) {
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
}
