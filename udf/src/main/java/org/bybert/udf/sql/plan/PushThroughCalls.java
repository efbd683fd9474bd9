package org.bybert.udf.sql.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.PredicateHelper;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.rules.Rule;

/**
 * Keeps the model from working for nothing: conditions that do not need a result are checked before it is computed, and
 * a result that nobody asks for is not computed.
 */
public final class PushThroughCalls extends Rule<LogicalPlan> implements PredicateHelper {

    @Override
    public LogicalPlan apply(LogicalPlan plan) {
        return step(plan).mapChildren(this::apply);
    }

    private LogicalPlan step(LogicalPlan plan) {
        if (plan instanceof Filter filter && filter.child() instanceof EvaluateCalls calls) {
            return push(filter, calls);
        }
        if (plan instanceof Project project && project.child() instanceof EvaluateCalls calls) {
            return prune(project, calls);
        }
        return plan;
    }

    private LogicalPlan push(Filter filter, EvaluateCalls calls) {
        List<Expression> before = new ArrayList<>();
        List<Expression> after = new ArrayList<>();
        for (Expression part : ScalaLists.list(splitConjunctivePredicates(filter.condition()))) {
            boolean independent = part.deterministic() && part.references().subsetOf(calls.child().outputSet());
            (independent ? before : after).add(part);
        }
        if (before.isEmpty()) {
            return filter;
        }
        LogicalPlan pushed = calls.withNewChildInternal(new Filter(and(before).get(), calls.child()));
        return and(after).<LogicalPlan>map(condition -> new Filter(condition, pushed)).orElse(pushed);
    }

    private static Optional<Expression> and(List<Expression> parts) {
        return parts.stream().reduce(And::new);
    }

    private static LogicalPlan prune(Project project, EvaluateCalls calls) {
        List<Expression> units = new ArrayList<>();
        List<Attribute> results = new ArrayList<>();
        for (int i = 0; i < calls.results().size(); i++) {
            if (project.references().contains(calls.results().apply(i))) {
                units.add(calls.units().apply(i));
                results.add(calls.results().apply(i));
            }
        }
        if (results.size() == calls.results().size()) {
            return project;
        }
        LogicalPlan child = results.isEmpty() ? calls.child()
                : new EvaluateCalls(ScalaLists.seq(units), ScalaLists.seq(results), calls.child());
        return new Project(project.projectList(), child);
    }
}
