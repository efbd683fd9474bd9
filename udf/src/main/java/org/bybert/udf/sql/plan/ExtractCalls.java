package org.bybert.udf.sql.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MergeRows;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionByExpression;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.Subquery;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.catalyst.rules.Rule;

/**
 * Moves calls of the model out of the expressions of a query into {@link EvaluateCalls} below them: the same call is
 * then evaluated once per row however often the query uses it, and rows are computed in batches. It must run before the
 * optimizer, which copies expressions freely. In a join, a call on one side's columns moves to that side.
 *
 * <p>Calls stay where they are, and are evaluated row by row, on both sides of a join at once, on aggregates, and in
 * correlated subqueries.
 */
public final class ExtractCalls extends Rule<LogicalPlan> {

    @Override
    public LogicalPlan apply(LogicalPlan plan) {
        LogicalPlan node = plan.mapChildren(this::apply).mapExpressions(this::inSubqueries);
        boolean isKnown = node instanceof Project
                || node instanceof Filter
                || node instanceof Sort
                || node instanceof Aggregate
                || node instanceof Window
                || node instanceof Generate
                || node instanceof RepartitionByExpression
                || node instanceof Join
                || node instanceof MergeRows;
        return isKnown && ScalaLists.list(node.expressions()).stream().anyMatch(CallCollector::hasCall)
                ? extract(node)
                : node;
    }

    /** The same in subqueries that the optimizer itself makes: of a condition of UPDATE or DELETE by which files are left out. */
    public static final class OfTheOptimizer extends Rule<LogicalPlan> {

        @Override
        public LogicalPlan apply(LogicalPlan plan) {
            return plan instanceof Subquery ? new ExtractCalls().apply(plan) : plan;
        }
    }

    private Expression inSubqueries(Expression expression) {
        Expression inside = expression.mapChildren(this::inSubqueries);
        return inside instanceof SubqueryExpression subquery && !subquery.isCorrelated()
                ? subquery.withNewPlan(apply(subquery.plan()))
                : inside;
    }

    private static LogicalPlan extract(LogicalPlan node) {
        LogicalPlan rewritten = node;
        List<LogicalPlan> children = new ArrayList<>();
        for (LogicalPlan child : ScalaLists.list(node.children())) {
            CallCollector calls = new CallCollector(child);
            if (node instanceof MergeRows merge) {
                rewritten = calls.replace(merge);
            } else if (node instanceof Aggregate aggregate) {
                Set<Expression> groups = new HashSet<>();
                ScalaLists.list(aggregate.groupingExpressions()).forEach(group -> groups.add(group.canonicalized()));
                rewritten = rewritten.mapExpressions(expression -> inAggregate(expression, groups, calls));
            } else {
                ScalaLists.list(rewritten.expressions()).forEach(calls::addCertain);
                rewritten = rewritten.mapExpressions(calls::replace);
            }
            children.add(calls.plan());
        }
        if (rewritten.fastEquals(node)) {
            return node;
        }
        LogicalPlan result = rewritten.withNewChildren(ScalaLists.seq(children));
        return result.outputSet().size() == node.outputSet().size()
                ? result
                : new Project(ScalaLists.<NamedExpression>seq(ScalaLists.list(node.output())), result);
    }

    /** What is neither a group nor within an aggregate function is computed for a group, which is no row of the child. */
    private static Expression inAggregate(Expression expression, Set<Expression> groups, CallCollector calls) {
        return expression instanceof AggregateExpression || groups.contains(expression.canonicalized())
                ? calls.replace(expression)
                : expression.mapChildren(part -> inAggregate(part, groups, calls));
    }
}
