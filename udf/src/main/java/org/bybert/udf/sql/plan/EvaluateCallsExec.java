package org.bybert.udf.sql.plan;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import org.apache.spark.sql.execution.UnaryExecNode;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.unsafe.types.UTF8String;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.TextEngine;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

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

    /**
     * Results of one unit of {@link EvaluateCalls}, for rows that come and go in one order.
     *
     * @param input   the text where the unit is a call that is answered in batches, else the result itself
     * @param type    of the result
     * @param answers of the texts, which are known early; null where calls are evaluated inside an expression, only
     *                where it needs them
     */
    private record UnitResults(UnsafeProjection input, DataType type, TextFunction.Answers<?> answers) {

        private static UnitResults of(Expression unit, List<Attribute> input) {
            TextFunction.Answers<?> answers = unit instanceof ModelCall call ? call.function().answers() : null;
            Expression read = answers == null ? unit : ((ModelCall) unit).child();
            return new UnitResults(projection(List.of(read), input), unit.dataType(), answers);
        }

        private static UnsafeProjection projection(List<? extends Expression> expressions, List<Attribute> input) {
            return UnsafeProjection.create(ScalaLists.seq(expressions), ScalaLists.seq(input));
        }

        private void add(InternalRow row) {
            if (answers != null) {
                UTF8String text = input.apply(row).getUTF8String(0);
                answers.add(text == null ? null : text.toString());
            }
        }

        private boolean isReady() {
            return answers == null || answers.isReady();
        }

        /** @param row the one that was added first */
        private Object remove(InternalRow row) {
            if (answers != null) {
                return answers.remove();
            }
            InternalRow result = input.apply(row).copy();
            return result.isNullAt(0) ? null : result.get(0, type);
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
                .mapPartitions(rows -> evaluate(rows, calls, input, output), true).rdd();
    }

    /**
     * The rows of a partition with the results of the units appended. A bounded number of rows is read ahead, as
     * results are asked for, so that short texts share a batch.
     */
    private static Iterator<InternalRow> evaluate(Iterator<InternalRow> rows, List<Expression> units,
                                                  List<Attribute> input, List<Attribute> output) {
        List<UnitResults> results = units.stream().map(unit -> UnitResults.of(unit, input)).toList();
        UnsafeProjection unchanged = UnitResults.projection(input, input);
        UnsafeProjection joined = UnitResults.projection(output, output);
        JoinedRow both = new JoinedRow();
        // Spark uses one object for all rows of a partition.
        Iterator<UnsafeRow> copies = CollectionConverters.asJava(
                CollectionConverters.asScala(rows).map(row -> unchanged.apply(row).copy()));
        return TextEngine.readAhead(copies, UnsafeRow::getSizeInBytes, BatchOptions.DEFAULTS,
                row -> results.forEach(unit -> unit.add(row)),
                () -> results.stream().allMatch(UnitResults::isReady),
                row -> joined.apply(both.apply(row, new GenericInternalRow(
                        results.stream().map(unit -> unit.remove(row)).toArray()))));
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
