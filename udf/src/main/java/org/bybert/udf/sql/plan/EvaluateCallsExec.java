package org.bybert.udf.sql.plan;

import java.util.ArrayDeque;
import java.util.Deque;
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
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import org.apache.spark.sql.execution.UnaryExecNode;
import org.apache.spark.sql.execution.exchange.Exchange;
import org.apache.spark.sql.types.DataType;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.udf.batch.ReadRow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/** Runs {@link EvaluateCalls}: rows stream through in their order, in the partitions they are in. */
public final class EvaluateCallsExec extends SparkPlan implements UnaryExecNode, CaseClass {

    private static final long serialVersionUID = 1;

    private static final Logger LOG = LoggerFactory.getLogger(EvaluateCallsExec.class);

    /** Bytes of a file that keep a model busy for seconds. */
    private static final long WORTH_SPREADING = 1 << 16;

    /** Rows differ in length. */
    private static final int TASKS_PER_CORE = 4;

    /** Plans {@link EvaluateCalls}. */
    public static final class Strategy extends SparkStrategy {

        @Override
        public Seq<SparkPlan> apply(LogicalPlan plan) {
            return ScalaLists.seq(
                    plan instanceof EvaluateCalls calls
                            ? List.of(new EvaluateCallsExec(calls.units(), calls.results(), planLater(calls.child())))
                            : List.of());
        }
    }

    /**
     * Results of one unit of {@link EvaluateCalls}, for rows that come and go in one order.
     *
     * @param input    the argument where the unit is a call that is answered in batches, else the result itself
     * @param type     of the input
     * @param function of the call; it and the engine, which knows answers early, are null where calls are evaluated
     *                 inside an expression, only where it needs them
     * @param isNull   whether a text was, of those whose answers are not fetched yet
     */
    private record Results(
            UnsafeProjection input,
            DataType type,
            TextFunction.InBatches function,
            TextEngine<Object, ?> engine,
            Deque<Boolean> isNull) {

        @SuppressWarnings("unchecked") // A function's engine takes the function's texts.
        private static Results of(Expression unit, List<Attribute> input) {
            return unit instanceof ModelCall call && call.function() instanceof TextFunction.InBatches function
                    ? new Results(
                            projection(List.of(call.child()), input),
                            call.child().dataType(),
                            function,
                            (TextEngine<Object, ?>) call.orError(function::engine),
                            new ArrayDeque<>())
                    : new Results(projection(List.of(unit), input), unit.dataType(), null, null, null);
        }

        private static UnsafeProjection projection(List<? extends Expression> expressions, List<Attribute> input) {
            return UnsafeProjection.create(ScalaLists.seq(expressions), ScalaLists.seq(input));
        }

        /** A null text has a null answer and never gets to the engine. */
        private void add(InternalRow row) {
            if (engine != null) {
                UnsafeRow argument = input.apply(row);
                Object text = argument.isNullAt(0) ? null : function.text(argument.get(0, type));
                isNull.add(text == null);
                if (text != null) {
                    engine.add(text);
                }
            }
        }

        /** Whether the next result costs nothing, or more texts would not make it cheaper. */
        private boolean isReady() {
            return engine == null || !isNull.isEmpty() && (isNull.getFirst() || engine.isReady());
        }

        /** @param row the one that was added first */
        private Object remove(InternalRow row) {
            if (engine != null) {
                return isNull.removeFirst() ? null : function.value(engine.remove());
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
        RDD<InternalRow> rows = child.execute();
        warnOfOneTask(rows);
        return rows.toJavaRDD()
                .mapPartitions(partition -> evaluate(partition, calls, input, output), true)
                .rdd();
    }

    /** A file that cannot be split, or is too small for it, is one task however many cores wait. */
    private void warnOfOneTask(RDD<InternalRow> rows) {
        int cores = rows.sparkContext().defaultParallelism();
        SparkPlan node = child;
        while (!(node instanceof Exchange || node instanceof EvaluateCallsExec)
                && node.children().size() == 1) {
            node = node.children().head();
        }
        if (node instanceof FileSourceScanExec scan
                && cores > 1
                && rows.getNumPartitions() == 1
                && scan.relation().sizeInBytes() >= WORTH_SPREADING) {
            LOG.warn(
                    "{}: one task reads all of it and computes its {}, while {} cores could; "
                            + "SELECT /*+ REPARTITION({}) */ where the query reads it spreads its rows",
                    scan.relation().location().rootPaths().mkString(", "),
                    units.mkString(", "),
                    cores,
                    TASKS_PER_CORE * cores);
        }
    }

    /**
     * The rows of a partition with the results of the units appended. A bounded number of rows is read ahead, as
     * results are asked for, so that short texts share a batch.
     */
    private static Iterator<InternalRow> evaluate(
            Iterator<InternalRow> rows, List<Expression> units, List<Attribute> input, List<Attribute> output) {
        List<Results> results =
                units.stream().map(unit -> Results.of(unit, input)).toList();
        UnsafeProjection unchanged = Results.projection(input, input);
        UnsafeProjection joined = Results.projection(output, output);
        JoinedRow both = new JoinedRow();
        return TextEngine.readAhead(
                // Spark uses one object for all rows of a partition.
                new ReadRow.Rows<>(rows, row -> unchanged.apply(row).copy()),
                read -> read.row().getSizeInBytes(),
                BatchOptions.DEFAULTS,
                read -> results.forEach(result -> result.add(read.row())),
                () -> results.stream().allMatch(Results::isReady),
                read -> {
                    read.place().restore();
                    return joined.apply(both.apply(
                            read.row(),
                            new GenericInternalRow(results.stream()
                                    .map(result -> result.remove(read.row()))
                                    .toArray())));
                });
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
    public List<Object> parts() {
        return List.of(units, results, child);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EvaluateCallsExec that && parts().equals(that.parts());
    }
}
