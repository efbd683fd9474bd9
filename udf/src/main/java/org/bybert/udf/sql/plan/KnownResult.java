package org.bybert.udf.sql.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.RebalancePartitions;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionOperation;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.Window;

/**
 * A result that a plan computes already, for another part of the query.
 *
 * @param plan gives it among its columns
 */
record KnownResult(Attribute result, LogicalPlan plan) {

    /** @param unit canonical; all columns that it refers to are columns of the plan */
    static Optional<KnownResult> find(Expression unit, LogicalPlan plan) {
        if (plan instanceof EvaluateCalls calls) {
            for (int i = 0; i < calls.units().size(); i++) {
                if (calls.units().apply(i).canonicalized().equals(unit)) {
                    return Optional.of(new KnownResult(calls.results().apply(i), plan));
                }
            }
        }
        if (plan instanceof Project project) {
            return below(named(unit, project).canonicalized(), project).map(known -> known.throughProject(project.projectList()));
        }
        return keepsColumns(plan) ? below(unit, plan) : Optional.empty();
    }

    /** Whether a column that its child gives is among its own. */
    private static boolean keepsColumns(LogicalPlan plan) {
        return plan instanceof EvaluateCalls || plan instanceof Filter || plan instanceof Sort || plan instanceof Window
                || plan instanceof Generate || plan instanceof SubqueryAlias || plan instanceof RepartitionOperation
                || plan instanceof RebalancePartitions || plan instanceof LocalLimit || plan instanceof GlobalLimit;
    }

    /** A unit in the words of a projection's child. */
    private static Expression named(Expression unit, Project project) {
        for (NamedExpression column : ScalaLists.list(project.projectList())) {
            if (unit instanceof Attribute attribute && column instanceof Alias alias
                    && alias.exprId().equals(attribute.exprId())) {
                return alias.child();
            }
        }
        return unit.mapChildren(child -> named(child, project));
    }

    private static Optional<KnownResult> below(Expression unit, LogicalPlan plan) {
        LogicalPlan child = plan.children().head();
        return unit.references().subsetOf(child.outputSet())
                ? find(unit, child).map(known -> new KnownResult(known.result(),
                        plan.withNewChildren(ScalaLists.seq(List.of(known.plan())))))
                : Optional.empty();
    }

    private KnownResult throughProject(scala.collection.immutable.Seq<NamedExpression> columns) {
        List<NamedExpression> more = new ArrayList<>(ScalaLists.list(columns));
        if (!plan.outputSet().contains(result)) {
            more.add(result);
        }
        return new KnownResult(result, new Project(ScalaLists.seq(more), plan.children().head()));
    }
}
