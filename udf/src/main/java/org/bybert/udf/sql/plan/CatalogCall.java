package org.bybert.udf.sql.plan;

import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.ApplyFunctionExpression;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * A call as Spark's catalogs of functions know one: evaluated row by row, until {@link Replace} has put the call itself
 * in its place.
 *
 * @param name with which it was found
 * @param call on the first column of a row, if it takes a text
 */
public record CatalogCall(String name, Expression call) implements ScalarFunction<Object>, Serializable {

    @Override
    public DataType[] inputTypes() {
        return call instanceof ModelCall ? new DataType[] {DataTypes.StringType} : new DataType[0];
    }

    @Override
    public DataType resultType() {
        return call.dataType();
    }

    @Override
    public boolean isResultNullable() {
        return call.nullable();
    }

    @Override
    public Object produceResult(InternalRow row) {
        return call.eval(row);
    }

    /** Before {@link ExtractCalls}, which knows {@link ModelCall} only. */
    public static final class Replace extends Rule<LogicalPlan> {

        @Override
        public LogicalPlan apply(LogicalPlan plan) {
            return plan.mapChildren(this::apply).mapExpressions(Replace::replace);
        }

        private static Expression replace(Expression expression) {
            Expression inside = expression.mapChildren(Replace::replace);
            return inside instanceof ApplyFunctionExpression apply && apply.function() instanceof CatalogCall found
                    ? found.call().withNewChildren(apply.children())
                    : inside;
        }
    }
}
