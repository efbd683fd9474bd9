package org.bybert.udf.batch;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/** Finds the column with the text. */
public final class TextColumn {

    private TextColumn() {
    }

    /**
     * Index of a column of strings, by its name; upper and lower case are alike where no column has it exactly.
     *
     * @throws IllegalArgumentException where there is none, naming the columns there are, or it holds something else,
     *                                  naming the type and the cast
     */
    public static int index(StructType schema, String name) {
        int index = find(schema, name);
        DataType type = schema.fields()[index].dataType();
        if (!(type instanceof StringType)) {
            throw new IllegalArgumentException("column " + name + ": expected string, found " + type.simpleString()
                    + "; cast it, e.g. CAST(`" + name + "` AS STRING)");
        }
        return index;
    }

    private static int find(StructType schema, String name) {
        List<String> names = List.of(schema.fieldNames());
        if (names.contains(name)) {
            return names.indexOf(name);
        }
        List<Integer> alike = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(name)) {
                alike.add(i);
            }
        }
        if (alike.size() != 1) {
            throw new IllegalArgumentException("column " + name + ": expected one of " + names + ", found "
                    + (alike.isEmpty() ? "none" : "several") + " of this name");
        }
        return alike.get(0);
    }
}
