package org.bybert.udf.sql;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.spark.ErrorMessageFormat;
import org.apache.spark.SparkThrowable;
import org.apache.spark.SparkThrowableHelper;

/** What clients of Spark make of an error. */
final class Conditions {

    private Conditions() {}

    /**
     * The message of an error that has all that PySpark, JDBC and the terminal ask for.
     *
     * @param part of the message
     */
    static String check(Throwable thrown, String part) {
        SparkThrowable error = assertThrowable(thrown);
        assertNotNull(error.getCondition(), thrown::toString);
        assertNotNull(error.getSqlState(), thrown::toString);
        // What PySpark's getMessage() does.
        String message = SparkThrowableHelper.getMessage(error.getCondition(), error.getMessageParameters());
        assertTrue(message.contains(part), message);
        for (var format : scala.jdk.javaapi.CollectionConverters.asJava(ErrorMessageFormat.values())) {
            String shown = SparkThrowableHelper.getMessage(thrown, format);
            assertFalse(shown.contains("LEGACY"), shown);
        }
        assertTrue(thrown.getMessage().contains(part), thrown.getMessage());
        return thrown.getMessage();
    }

    private static SparkThrowable assertThrowable(Throwable thrown) {
        assertTrue(thrown instanceof SparkThrowable, thrown::toString);
        return (SparkThrowable) thrown;
    }
}
