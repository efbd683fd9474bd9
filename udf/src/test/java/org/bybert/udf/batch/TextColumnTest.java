package org.bybert.udf.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class TextColumnTest {

    @Test
    void aTextColumnHoldsStrings() {
        StructType schema = new StructType().add("Body", DataTypes.StringType).add("n", DataTypes.IntegerType);
        assertEquals(0, BatchPartition.textIndex(schema, "body"));
        assertEquals(
                "column n: expected string, found int; cast it, e.g. CAST(`n` AS STRING)",
                assertThrows(IllegalArgumentException.class, () -> BatchPartition.textIndex(schema, "n"))
                        .getMessage());
        assertEquals(
                "column text: expected one of [Body, n], found none of this name",
                assertThrows(IllegalArgumentException.class, () -> BatchPartition.textIndex(schema, "text"))
                        .getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> BatchPartition.schema(schema.add("Error", "int"), BatchPartition.EMBEDDING));
    }
}
