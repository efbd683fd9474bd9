package org.bybert.udf.sql.plan;

import java.util.List;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import scala.collection.immutable.Seq;

/** Plans {@link EvaluateCalls}. */
public final class CallStrategy extends SparkStrategy {

    @Override
    public Seq<SparkPlan> apply(LogicalPlan plan) {
        return plan instanceof EvaluateCalls calls
                ? ScalaLists.seq(List.of(new EvaluateCallsExec(calls.units(), calls.results(), planLater(calls.child()))))
                : ScalaLists.seq(List.of());
    }
}
