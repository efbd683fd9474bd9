package org.bybert.udf.sql.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.ConditionalExpression;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.HigherOrderFunction;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.NamedLambdaVariable;
import org.apache.spark.sql.catalyst.expressions.OuterReference;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
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
import scala.collection.immutable.Seq;

/**
 * Replaces what is expensive in expressions by columns and remembers what they stand for; what is alike becomes one
 * column. A call in a branch that is not always taken is not taken out of its condition: the whole expression around it
 * becomes a column.
 */
final class CallCollector {

    private final AttributeSet available;
    private LogicalPlan child;
    private final Map<Expression, Alias> units = new LinkedHashMap<>();

    /** @param child gives the columns that the arguments may use */
    CallCollector(LogicalPlan child) {
        this.available = child.outputSet();
        this.child = child;
    }

    /** With more columns, where it computes results that are needed here too. */
    LogicalPlan child() {
        return child;
    }

    List<Expression> units() {
        return units.values().stream().map(Alias::child).toList();
    }

    /** The columns of the units. */
    List<Attribute> results() {
        return units.values().stream().map(Alias::toAttribute).toList();
    }

    static boolean hasCall(Expression expression) {
        return expression.exists(e -> e instanceof ModelCall);
    }

    Expression replace(Expression expression) {
        if (!hasCall(expression)) {
            return expression;
        }
        boolean unit = expression instanceof ModelCall
                || expression instanceof HigherOrderFunction
                || expression instanceof ConditionalExpression conditional && isConditional(expression, conditional);
        if (!unit) {
            return expression.mapChildren(this::replace);
        }
        return canMove(expression) ? column(expression) : expression;
    }

    /** The arguments of a call; other units stay as they are. */
    Expression replaceInside(Expression unit) {
        return unit instanceof ModelCall ? unit.mapChildren(this::replace) : unit;
    }

    /** The column of a unit that is known here, too; else as {@link #replaceInside}. */
    Expression columnOrInside(Expression unit) {
        Alias known = units.get(unit.canonicalized());
        return known == null ? replaceInside(unit) : known.toAttribute();
    }

    /** Whether a call may go unevaluated. */
    private static boolean isConditional(Expression expression, ConditionalExpression conditional) {
        List<Expression> always = new ArrayList<>();
        ScalaLists.list(conditional.alwaysEvaluatedInputs()).forEach(input -> addCalls(input, always));
        List<Expression> all = new ArrayList<>();
        addCalls(expression, all);
        return !always.containsAll(all);
    }

    private static void addCalls(Expression expression, List<Expression> calls) {
        if (expression instanceof ModelCall) {
            calls.add(expression.canonicalized());
        }
        ScalaLists.list(expression.children()).forEach(child -> addCalls(child, calls));
    }

    private boolean canMove(Expression expression) {
        return expression.references().subsetOf(available)
                && expression.deterministic()
                && !expression.exists(e -> e instanceof AggregateExpression
                        || e instanceof WindowExpression
                        || e instanceof OuterReference)
                && !hasFreeVariable(expression);
    }

    private static boolean hasFreeVariable(Expression expression) {
        return !(expression instanceof HigherOrderFunction) && expression.exists(e -> e instanceof NamedLambdaVariable);
    }

    private Expression column(Expression expression) {
        Expression unit = expression.canonicalized();
        if (!units.containsKey(unit)) {
            Optional<KnownResult> known = KnownResult.find(unit, child);
            if (known.isPresent()) {
                child = known.get().plan();
                return known.get().result();
            }
        }
        return units.computeIfAbsent(unit, e -> alias(expression)).toAttribute();
    }

    private static Alias alias(Expression expression) {
        return new Alias(
                expression,
                expression.prettyName(),
                NamedExpression.newExprId(),
                ScalaLists.seq(List.of()),
                scala.Option.empty(),
                ScalaLists.seq(List.of()));
    }

    /**
     * A result that a plan computes already, for another part of the query.
     *
     * @param plan gives it among its columns
     */
    private record KnownResult(Attribute result, LogicalPlan plan) {

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
                return below(named(unit, project).canonicalized(), project)
                        .map(known -> known.throughProject(project.projectList()));
            }
            return keepsColumns(plan) ? below(unit, plan) : Optional.empty();
        }

        /** Whether a column that its child gives is among its own. */
        private static boolean keepsColumns(LogicalPlan plan) {
            return plan instanceof EvaluateCalls
                    || plan instanceof Filter
                    || plan instanceof Sort
                    || plan instanceof Window
                    || plan instanceof Generate
                    || plan instanceof SubqueryAlias
                    || plan instanceof RepartitionOperation
                    || plan instanceof RebalancePartitions
                    || plan instanceof LocalLimit
                    || plan instanceof GlobalLimit;
        }

        /** A unit in the words of a projection's child. */
        private static Expression named(Expression unit, Project project) {
            for (NamedExpression column : ScalaLists.list(project.projectList())) {
                if (unit instanceof Attribute attribute
                        && column instanceof Alias alias
                        && alias.exprId().equals(attribute.exprId())) {
                    return alias.child();
                }
            }
            return unit.mapChildren(child -> named(child, project));
        }

        private static Optional<KnownResult> below(Expression unit, LogicalPlan plan) {
            LogicalPlan child = plan.children().head();
            return unit.references().subsetOf(child.outputSet())
                    ? find(unit, child)
                            .map(known -> new KnownResult(
                                    known.result(), plan.withNewChildren(ScalaLists.seq(List.of(known.plan())))))
                    : Optional.empty();
        }

        private KnownResult throughProject(Seq<NamedExpression> columns) {
            List<NamedExpression> more = new ArrayList<>(ScalaLists.list(columns));
            if (!plan.outputSet().contains(result)) {
                more.add(result);
            }
            return new KnownResult(
                    result, new Project(ScalaLists.seq(more), plan.children().head()));
        }
    }
}
