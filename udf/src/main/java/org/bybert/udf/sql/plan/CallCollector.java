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
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

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
        boolean unit = expression instanceof ModelCall || expression instanceof HigherOrderFunction
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
        return expression.references().subsetOf(available) && expression.deterministic()
                && !expression.exists(e -> e instanceof AggregateExpression || e instanceof WindowExpression
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
        return new Alias(expression, expression.prettyName(), NamedExpression.newExprId(), ScalaLists.seq(List.of()),
                scala.Option.empty(), ScalaLists.seq(List.of()));
    }
}
