package org.bybert.udf.sql.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.PredicateHelper;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.RebalancePartitions;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionByExpression;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionOperation;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.UnaryNode;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.catalyst.rules.Rule;
import scala.Option;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * Appends the results of expensive expressions to the rows of its child, each once per row. Whatever uses a result
 * refers to its column, which no optimizer rule can turn into a second evaluation.
 */
public final class EvaluateCalls extends LogicalPlan implements UnaryNode, CaseClass {

    private static final long serialVersionUID = 1;

    private final Seq<Expression> units;
    private final Seq<Attribute> results;
    private final LogicalPlan child;

    /**
     * @param units   a {@link ModelCall} each, or an expression in which calls are evaluated under a condition or for
     *                each element of an array
     * @param results their columns, in a list of their own: the optimizer strips aliases in nodes it does not know
     */
    public EvaluateCalls(Seq<Expression> units, Seq<Attribute> results, LogicalPlan child) {
        this.units = units;
        this.results = results;
        this.child = child;
    }

    public Seq<Expression> units() {
        return units;
    }

    public Seq<Attribute> results() {
        return results;
    }

    @Override
    public LogicalPlan child() {
        return child;
    }

    @Override
    public Seq<LogicalPlan> children() {
        return ScalaLists.seq(List.of(child));
    }

    @Override
    public Seq<Attribute> output() {
        return output(child.output(), results);
    }

    static Seq<Attribute> output(Seq<Attribute> input, Seq<Attribute> results) {
        List<Attribute> output = new ArrayList<>(ScalaLists.list(input));
        output.addAll(ScalaLists.list(results));
        return ScalaLists.seq(output);
    }

    @Override
    public AttributeSet producedAttributes() {
        return AttributeSet.apply(ScalaLists.<Expression>seq(ScalaLists.list(results)));
    }

    /** A common table expression that is used twice is then computed once and not inlined. */
    @Override
    public boolean deterministic() {
        return false;
    }

    @Override
    public LogicalPlan withNewChildInternal(LogicalPlan newChild) {
        return new EvaluateCalls(units, results, newChild);
    }

    @Override
    public LogicalPlan withNewChildrenInternal(IndexedSeq<LogicalPlan> newChildren) {
        return withNewChildInternal(newChildren.apply(0));
    }

    @Override
    public List<Object> parts() {
        return List.of(units, results, child);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EvaluateCalls that && parts().equals(that.parts());
    }

    /**
     * Keeps the model from working for nothing: conditions that do not need a result are checked before it is computed,
     * and a result that nobody asks for is not computed.
     */
    public static final class PushThroughCalls extends Rule<LogicalPlan> implements PredicateHelper {

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
                boolean independent = part.deterministic()
                        && part.references().subsetOf(calls.child().outputSet());
                (independent ? before : after).add(part);
            }
            if (before.isEmpty()) {
                return filter;
            }
            LogicalPlan pushed =
                    calls.withNewChildInternal(new Filter(and(before).get(), calls.child()));
            return and(after)
                    .<LogicalPlan>map(condition -> new Filter(condition, pushed))
                    .orElse(pushed);
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
            LogicalPlan child = results.isEmpty()
                    ? calls.child()
                    : new EvaluateCalls(ScalaLists.seq(units), ScalaLists.seq(results), calls.child());
            return new Project(project.projectList(), child);
        }
    }

    /**
     * Spark sorts a whole table by ranges, and finds the ranges by computing the table an extra time for a sample.
     * Where that would call the model twice per row, the results are shuffled first: shuffle files are read again, not
     * computed again. Sorts under a limit take no sample and are left alone.
     */
    public static final class KeepForSampling extends Rule<LogicalPlan> {

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
            return takesSample(node) && computes(node.children().head())
                    ? node.mapChildren(KeepForSampling::keep)
                    : node;
        }

        private static boolean takesSample(LogicalPlan plan) {
            return plan instanceof Sort sort && sort.global()
                    || plan instanceof RepartitionByExpression ranges
                            && ScalaLists.list(ranges.partitionExpressions()).stream()
                                    .anyMatch(e -> e instanceof SortOrder);
        }

        /** Whether the model is called on this side of the next shuffle. */
        private static boolean computes(LogicalPlan plan) {
            if (plan instanceof Aggregate
                    || plan instanceof Window
                    || plan instanceof RepartitionOperation
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
}
