package org.bybert.udf;

import org.apache.spark.QueryContext;
import org.apache.spark.SparkRuntimeException;
import org.apache.spark.sql.AnalysisException;
import scala.Option;
import scala.collection.immutable.Map;

/**
 * What is wrong with a call, as Spark's clients can show it: with a condition, which PySpark, JDBC and the terminal look
 * up in Spark's own files. One that these lack has no message there (and none at all in Spark 4.0), so this is Spark's
 * condition for messages of programs, SQLSTATE P0001.
 */
public final class CallError {

    public static final String CONDITION = "USER_RAISED_EXCEPTION";

    private CallError() {}

    /** What ends the analysis of a query. */
    public static AnalysisException ofAnalysis(String name, RuntimeException cause) {
        String message = name + ": " + cause.getMessage();
        return new AnalysisException(
                message,
                Option.empty(),
                Option.empty(),
                Option.apply(cause),
                Option.apply(CONDITION),
                parameters(message),
                new QueryContext[0]);
    }

    /** What ends a task, or a micro-batch before it has tasks. */
    public static SparkRuntimeException ofRun(String name, RuntimeException cause) {
        return new SparkRuntimeException(
                CONDITION, parameters(name + ": " + cause.getMessage()), cause, new QueryContext[0], "");
    }

    private static Map<String, String> parameters(String message) {
        return new Map.Map1<>("errorMessage", message);
    }
}
