package org.bybert.udf.batch;

import java.util.Arrays;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that follow every answer: {@code n_bytes} (of the whole text in the model's encoding; null for a null
 * text), {@code n_tokens} (that the model read; null where it read none), {@code truncated} and {@code error}
 * ({@code reason} or {@code reason: details}; null where there is an answer).
 */
final class ResultColumns {

    private static final StructType COMMON = new StructType()
            .add("n_bytes", DataTypes.IntegerType, true)
            .add("n_tokens", DataTypes.IntegerType, true)
            .add("truncated", DataTypes.BooleanType, false)
            .add("error", DataTypes.StringType, true);

    private ResultColumns() {
    }

    static StructType append(StructType input, StructType answer) {
        StructType result = input;
        for (StructType part : new StructType[] {answer, COMMON}) {
            for (StructField field : part.fields()) {
                if (Arrays.stream(input.fieldNames()).anyMatch(field.name()::equalsIgnoreCase)) {
                    throw new IllegalArgumentException("column " + field.name()
                            + ": the input has one of this name already; rename it or leave it out");
                }
                result = result.add(field);
            }
        }
        return result;
    }

    static Object[] of(Answer<?> answer, Object... values) {
        Object[] columns = Arrays.copyOf(values, values.length + COMMON.size());
        int at = values.length;
        columns[at++] = answer.bytes();
        columns[at++] = answer.tokens();
        columns[at++] = answer.truncated();
        columns[at] = answer.error();
        return columns;
    }
}
