package org.bybert.udf.sql;

import org.apache.spark.QueryContext;
import org.apache.spark.sql.AnalysisException;
import scala.Option;
import scala.collection.immutable.Map$;

/** A call that cannot be used; found while a query is analysed, before any task runs. */
final class CallError extends AnalysisException {

    private static final long serialVersionUID = 1;

    private CallError(String function, String message, Throwable cause) {
        super(function + ": " + message, Option.empty(), Option.empty(), Option.apply(cause), Option.empty(),
                Map$.MODULE$.<String, String>empty(), new QueryContext[0]);
    }

    /** Throws one where Java's compiler does not expect it: Spark's interfaces, made for Scala, declare none. */
    @SuppressWarnings("unchecked")
    static <E extends Throwable> RuntimeException thrown(String function, RuntimeException cause) throws E {
        throw (E) new CallError(function, cause.getMessage(), cause);
    }
}
