package org.bybert.udf.sql.plan;

import java.util.List;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.RebalancePartitions;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionByExpression;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionOperation;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.catalyst.rules.Rule;
import scala.Option;

/**
 * Spark sorts a whole table by ranges, and finds the ranges by computing the table an extra time for a sample. Where
 * that would call the model twice per row, the results are shuffled first: shuffle files are read again, not computed
 * again. Sorts under a limit take no sample and are left alone.
 */
public final class KeepForSampling extends Rule<LogicalPlan> {

    @Override
    public LogicalPlan apply(LogicalPlan plan) {
        return plan instanceof LocalLimit limit ? limit.mapChildren(this::belowLimit) : shield(plan);
    }

    private LogicalPlan belowLimit(LogicalPlan plan) {
        if (plan instanceof Project) {
            return plan.mapChildren(this::belowLimit);
        }
        return plan instanceof Sort ? plan.mapChildren(this::apply) : apply(plan);
    }

    private LogicalPlan shield(LogicalPlan plan) {
        LogicalPlan node = plan.mapChildren(this::apply);
        return takesSample(node) && computes(node.children().head()) ? node.mapChildren(KeepForSampling::keep) : node;
    }

    private static boolean takesSample(LogicalPlan plan) {
        return plan instanceof Sort sort && sort.global() || plan instanceof RepartitionByExpression ranges
                && ScalaLists.list(ranges.partitionExpressions()).stream().anyMatch(e -> e instanceof SortOrder);
    }

    /** Whether the model is called on this side of the next shuffle. */
    private static boolean computes(LogicalPlan plan) {
        if (plan instanceof Aggregate || plan instanceof Window || plan instanceof RepartitionOperation
                || plan instanceof RebalancePartitions) {
            return false;
        }
        return plan instanceof EvaluateCalls
                || ScalaLists.list(plan.children()).stream().anyMatch(KeepForSampling::computes);
    }

    private static LogicalPlan keep(LogicalPlan plan) {
        return new RebalancePartitions(ScalaLists.seq(List.of()), plan, Option.empty(), Option.empty());
    }
}
