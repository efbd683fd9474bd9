package org.bybert.udf.sql.plan;

import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.unsafe.types.UTF8String;

/** Results of one unit of {@link EvaluateCalls}, for rows that come and go in one order. */
interface UnitResults {

    void add(InternalRow row);

    boolean isReady();

    /** @param row the one that was added first */
    Object remove(InternalRow row);

    static UnitResults of(Expression unit, List<Attribute> input) {
        TextFunction.Answers answers = unit instanceof ModelCall call ? call.function().answers() : null;
        return answers == null ? new RowByRow(projection(unit, input), unit)
                : new Batched(projection(((ModelCall) unit).child(), input), answers);
    }

    private static UnsafeProjection projection(Expression expression, List<Attribute> input) {
        return UnsafeProjection.create(ScalaLists.seq(List.of(expression)), ScalaLists.seq(input));
    }

    /** The texts are known early, their answers come in batches. */
    record Batched(UnsafeProjection text, TextFunction.Answers answers) implements UnitResults {

        @Override
        public void add(InternalRow row) {
            UTF8String value = text.apply(row).getUTF8String(0);
            answers.add(value == null ? null : value.toString());
        }

        @Override
        public boolean isReady() {
            return answers.isReady();
        }

        @Override
        public Object remove(InternalRow row) {
            return answers.remove();
        }
    }

    /** Calls are evaluated inside the expression, only where it needs them. */
    record RowByRow(UnsafeProjection value, Expression unit) implements UnitResults {

        @Override
        public void add(InternalRow row) {
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public Object remove(InternalRow row) {
            InternalRow result = value.apply(row).copy();
            return result.isNullAt(0) ? null : result.get(0, unit.dataType());
        }
    }
}
