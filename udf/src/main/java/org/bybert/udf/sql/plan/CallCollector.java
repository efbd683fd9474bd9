package org.bybert.udf.sql.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.CaseWhen;
import org.apache.spark.sql.catalyst.expressions.Coalesce;
import org.apache.spark.sql.catalyst.expressions.ConditionalExpression;
import org.apache.spark.sql.catalyst.expressions.EqualNullSafe;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.HigherOrderFunction;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IsNull;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.NamedLambdaVariable;
import org.apache.spark.sql.catalyst.expressions.Not;
import org.apache.spark.sql.catalyst.expressions.OuterReference;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MergeRows;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.RebalancePartitions;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionOperation;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.types.DataTypes;
import scala.Option;
import scala.Tuple2;
import scala.collection.immutable.Seq;

/**
 * Replaces what is expensive in expressions by columns, and gives a plan that has these columns; what is alike becomes
 * one column. A call in a branch that is not always taken becomes a call on a text that is null where the branch is not
 * taken: such rows never get to the model. What decides about branches is a column too, evaluated once, where and in the
 * order in which the whole expression would evaluate it.
 */
final class CallCollector {

    private static final Expression ALWAYS = Literal.create(true, DataTypes.BooleanType);
    private static final Expression NEVER = Literal.create(false, DataTypes.BooleanType);

    private LogicalPlan child;
    /** Columns of the child, and of the units, by what they stand for. */
    private final Map<Expression, Attribute> columns = new HashMap<>();
    /** What is yet to be put on the child. */
    private final List<Expression> units = new ArrayList<>();

    private final List<Attribute> results = new ArrayList<>();

    /** @param child gives the columns that the arguments may use */
    CallCollector(LogicalPlan child) {
        this.child = child;
    }

    /** The child with the columns that have been asked for, below or on top of it. */
    LogicalPlan plan() {
        if (!units.isEmpty()) {
            child = new EvaluateCalls(ScalaLists.seq(units), ScalaLists.seq(results), child);
            units.clear();
            results.clear();
        }
        return child;
    }

    static boolean hasCall(Expression expression) {
        return expression.exists(e -> e instanceof ModelCall);
    }

    /** Has a column for each call that is evaluated whatever comes out of the others. */
    void addCertain(Expression expression) {
        if (expression instanceof ModelCall) {
            replace(expression);
        } else if (expression instanceof ConditionalExpression conditional) {
            ScalaLists.list(conditional.alwaysEvaluatedInputs()).forEach(this::addCertain);
        } else if (!(expression instanceof HigherOrderFunction)) {
            ScalaLists.list(expression.children()).forEach(this::addCertain);
        }
    }

    Expression replace(Expression expression) {
        return replace(expression, ALWAYS);
    }

    /** @param reached of columns; where it is not true, the expression is not evaluated */
    private Expression replace(Expression expression, Expression reached) {
        if (!hasCall(expression)) {
            return expression;
        }
        if (expression instanceof ModelCall) {
            Expression call = expression.mapChildren(text -> replace(text, reached));
            return canMove(call) ? column(call, reached) : call;
        }
        if (expression instanceof HigherOrderFunction) {
            return canMove(expression) ? column(expression, reached) : expression;
        }
        if (expression instanceof ConditionalExpression conditional && isConditional(expression, conditional)) {
            if (expression instanceof If choice) {
                return replace(
                        List.of(new Tuple2<>(choice.predicate(), choice.trueValue())), choice.falseValue(), reached);
            }
            if (expression instanceof CaseWhen choice) {
                Expression otherwise = choice.elseValue().getOrElse(() -> Literal.create(null, choice.dataType()));
                return replace(ScalaLists.list(choice.branches()), otherwise, reached);
            }
            if (expression instanceof Coalesce) {
                return replaceFirst(ScalaLists.list(expression.children()), reached);
            }
            return canMove(expression) ? column(expression, reached) : expression;
        }
        return expression.mapChildren(part -> replace(part, reached));
    }

    /** Of CASE. */
    private Expression replace(
            List<Tuple2<Expression, Expression>> branches, Expression otherwise, Expression reached) {
        if (!branches.stream().allMatch(branch -> canDecide(branch._1))) {
            return new CaseWhen(ScalaLists.seq(branches), Option.apply(otherwise));
        }
        List<Tuple2<Expression, Expression>> replaced = new ArrayList<>();
        Expression open = reached;
        for (int i = 0; i < branches.size(); i++) {
            Tuple2<Expression, Expression> branch = branches.get(i);
            boolean hasMore = hasCall(otherwise)
                    || branches.subList(i, branches.size()).stream().anyMatch(b -> hasCall(b._1) || hasCall(b._2));
            if (hasMore) {
                Expression taken = decision(branch._1, open);
                branch = new Tuple2<>(taken, replace(branch._2, taken));
                open = and(open, new Not(new EqualNullSafe(taken, ALWAYS)));
            }
            replaced.add(branch);
        }
        return new CaseWhen(ScalaLists.seq(replaced), Option.apply(replace(otherwise, open)));
    }

    /** Of COALESCE. */
    private Expression replaceFirst(List<Expression> values, Expression reached) {
        Expression first = values.get(0);
        List<Expression> rest = values.subList(1, values.size());
        if (rest.stream().noneMatch(CallCollector::hasCall)) {
            List<Expression> replaced = new ArrayList<>(rest);
            replaced.add(0, replace(first, reached));
            return new Coalesce(ScalaLists.seq(replaced));
        }
        if (!canDecide(first)) {
            return new Coalesce(ScalaLists.seq(values));
        }
        Expression value = decided(whereReached(replace(first, reached), reached));
        return new Coalesce(ScalaLists.seq(List.of(value, replaceFirst(rest, and(reached, new IsNull(value))))));
    }

    /** What happens to the rows of a MERGE: the first instruction of a row's kind whose condition is true. */
    LogicalPlan replace(MergeRows merge) {
        Expression source = merge.isSourceRowPresent();
        Expression target = merge.isTargetRowPresent();
        return new MergeRows(
                source,
                target,
                replace(merge.matchedInstructions(), new And(source, target)),
                replace(merge.notMatchedInstructions(), new And(source, new Not(target))),
                replace(merge.notMatchedBySourceInstructions(), new And(new Not(source), target)),
                merge.checkCardinality(),
                merge.output(),
                plan());
    }

    private Seq<MergeRows.Instruction> replace(Seq<MergeRows.Instruction> instructions, Expression reached) {
        List<MergeRows.Instruction> replaced = new ArrayList<>();
        Expression open = reached;
        List<MergeRows.Instruction> all = ScalaLists.list(instructions);
        if (!all.stream().allMatch(instruction -> canDecide(instruction.condition()))) {
            return instructions;
        }
        for (MergeRows.Instruction instruction : all) {
            Expression taken = decision(instruction.condition(), open);
            List<Expression> parts = new ArrayList<>(ScalaLists.list(((Expression) instruction).children()));
            parts.replaceAll(part -> part == instruction.condition() ? taken : replace(part, taken));
            replaced.add((MergeRows.Instruction) ((Expression) instruction).withNewChildren(ScalaLists.seq(parts)));
            open = and(open, new Not(new EqualNullSafe(taken, ALWAYS)));
        }
        return ScalaLists.seq(replaced);
    }

    private static Expression and(Expression reached, Expression more) {
        return reached.equals(ALWAYS) ? more : new And(reached, more);
    }

    /** A condition as a column, which is true where its branch is taken. */
    private Expression decision(Expression condition, Expression open) {
        Expression replaced = replace(condition, open);
        return decided(open.equals(ALWAYS) ? replaced : new If(open, replaced, NEVER));
    }

    /** As a column that is evaluated before all that depends on it. */
    private Expression decided(Expression value) {
        if (value instanceof Attribute || value.foldable()) {
            return value;
        }
        Attribute known = value.deterministic() ? columns.get(value.canonicalized()) : null;
        if (known != null) {
            return known;
        }
        finish(value);
        Alias column = alias(value);
        List<NamedExpression> all = new ArrayList<>(ScalaLists.list(child.output()));
        all.add(column);
        child = new Project(ScalaLists.seq(all), child);
        columns.put(value.canonicalized(), column.toAttribute());
        return column.toAttribute();
    }

    private static Expression whereReached(Expression expression, Expression reached) {
        return reached.equals(ALWAYS)
                ? expression
                : new If(reached, expression, Literal.create(null, expression.dataType()));
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
        return expression.deterministic() && isOfRow(expression);
    }

    /** Whether the child's rows are all that is needed, and all calls can be columns. */
    private boolean canDecide(Expression expression) {
        return isOfRow(expression) && !expression.exists(e -> e instanceof ModelCall && !e.deterministic());
    }

    private boolean isOfRow(Expression expression) {
        AttributeSet available = child.outputSet().$plus$plus(AttributeSet.apply(ScalaLists.seq(results)));
        return expression.references().subsetOf(available)
                && !expression.exists(e -> e instanceof AggregateExpression
                        || e instanceof WindowExpression
                        || e instanceof OuterReference)
                && !hasFreeVariable(expression);
    }

    private static boolean hasFreeVariable(Expression expression) {
        return !(expression instanceof HigherOrderFunction) && expression.exists(e -> e instanceof NamedLambdaVariable);
    }

    /** A result for all rows does for some, too. */
    private Expression column(Expression expression, Expression reached) {
        Attribute all = known(expression);
        if (all != null) {
            return all;
        }
        Expression unit = expression instanceof ModelCall
                ? expression.mapChildren(text -> whereReached(text, reached))
                : whereReached(expression, reached);
        Attribute some = known(unit);
        if (some != null) {
            return some;
        }
        finish(unit);
        Attribute result = alias(expression).toAttribute();
        units.add(unit);
        results.add(result);
        columns.put(unit.canonicalized(), result);
        return result;
    }

    /** Null where it is yet to be computed. */
    private Attribute known(Expression expression) {
        Expression unit = expression.canonicalized();
        if (!columns.containsKey(unit)) {
            KnownResult.find(unit, child).ifPresent(known -> {
                child = known.plan();
                columns.put(unit, known.result());
            });
        }
        return columns.get(unit);
    }

    /** Has results that an expression needs on the child. */
    private void finish(Expression expression) {
        if (results.stream().anyMatch(expression.references()::contains)) {
            plan();
        }
    }

    private static Alias alias(Expression expression) {
        return new Alias(
                expression,
                expression.prettyName(),
                NamedExpression.newExprId(),
                ScalaLists.seq(List.of()),
                Option.empty(),
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
