package org.bybert.udf.sql.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.UnaryNode;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * Appends the results of expensive expressions to the rows of its child, each once per row. Whatever uses a result
 * refers to its column, which no optimizer rule can turn into a second evaluation.
 */
public final class EvaluateCalls extends LogicalPlan implements UnaryNode {

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
    public int productArity() {
        return 3;
    }

    @Override
    public Object productElement(int n) {
        return List.of(units, results, child).get(n);
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof EvaluateCalls;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EvaluateCalls that && units.equals(that.units)
                && results.equals(that.results) && child.equals(that.child);
    }
}
