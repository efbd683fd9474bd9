package org.bybert.udf.sql.plan;

import java.util.List;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import org.apache.spark.sql.execution.UnaryExecNode;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/** Runs {@link EvaluateCalls}: rows stream through in their order, in the partitions they are in. */
public final class EvaluateCallsExec extends SparkPlan implements UnaryExecNode {

    private static final long serialVersionUID = 1;

    /** Plans {@link EvaluateCalls}. */
    public static final class Strategy extends SparkStrategy {

        @Override
        public Seq<SparkPlan> apply(LogicalPlan plan) {
            return plan instanceof EvaluateCalls calls ? ScalaLists.seq(List.of(
                    new EvaluateCallsExec(calls.units(), calls.results(), planLater(calls.child()))))
                    : ScalaLists.seq(List.of());
        }
    }

    private final Seq<Expression> units;
    private final Seq<Attribute> results;
    private final SparkPlan child;

    public EvaluateCallsExec(Seq<Expression> units, Seq<Attribute> results, SparkPlan child) {
        this.units = units;
        this.results = results;
        this.child = child;
    }

    @Override
    public RDD<InternalRow> doExecute() {
        List<Attribute> input = List.copyOf(ScalaLists.list(child.output()));
        List<Attribute> output = List.copyOf(ScalaLists.list(output()));
        List<Expression> calls = List.copyOf(ScalaLists.list(units));
        return child.execute().toJavaRDD()
                .mapPartitions(rows -> EvaluatedRows.of(rows, calls, input, output), true).rdd();
    }

    @Override
    public SparkPlan child() {
        return child;
    }

    @Override
    public Seq<SparkPlan> children() {
        return ScalaLists.seq(List.of(child));
    }

    @Override
    public Seq<Attribute> output() {
        return EvaluateCalls.output(child.output(), results);
    }

    @Override
    public AttributeSet producedAttributes() {
        return AttributeSet.apply(ScalaLists.<Expression>seq(ScalaLists.list(results)));
    }

    @Override
    public Partitioning outputPartitioning() {
        return child.outputPartitioning();
    }

    @Override
    public Seq<SortOrder> outputOrdering() {
        return child.outputOrdering();
    }

    @Override
    public SparkPlan withNewChildInternal(SparkPlan newChild) {
        return new EvaluateCallsExec(units, results, newChild);
    }

    @Override
    public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> newChildren) {
        return withNewChildInternal(newChildren.apply(0));
    }

    @Override
    public String verboseStringWithOperatorId() {
        return UnaryExecNode.super.verboseStringWithOperatorId() + "Calls: " + units.mkString(", ") + "\n";
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
        return other instanceof EvaluateCallsExec;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EvaluateCallsExec that && units.equals(that.units)
                && results.equals(that.results) && child.equals(that.child);
    }
}
