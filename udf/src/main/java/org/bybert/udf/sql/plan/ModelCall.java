package org.bybert.udf.sql.plan;

import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.bybert.encoder.error.ModelException;
import org.bybert.udf.CallError;
import org.bybert.udf.stream.Computation;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * A call of one of the functions on one text. It can be evaluated row by row wherever an expression
 * can, but {@link ExtractCalls} moves it into {@link EvaluateCalls} where that is possible. It is not foldable: a call
 * on a constant is work for an executor, not for the optimizer.
 */
public final class ModelCall extends Expression implements CodegenFallback, CaseClass, Computation.Shown {

    private static final long serialVersionUID = 1;

    private final Expression child;
    private final String name;
    private final TextFunction function;
    private final String options;
    private final Computation computation;

    /**
     * @param options     as the query gives them, for the name of its column; what they mean the function knows
     * @param computation for checkpoints of streams
     */
    public ModelCall(Expression child, String name, TextFunction function, String options, Computation computation) {
        this.child = child;
        this.name = name;
        this.function = function;
        this.options = options;
        this.computation = computation;
    }

    public TextFunction function() {
        return function;
    }

    @Override
    public Computation computation() {
        return computation;
    }

    /** The text, or a struct of it and of what comes with it. */
    public Expression child() {
        return child;
    }

    @Override
    public Seq<Expression> children() {
        return ScalaLists.seq(List.of(child));
    }

    @Override
    public DataType dataType() {
        return function.resultType();
    }

    @Override
    public boolean nullable() {
        return true;
    }

    @Override
    public boolean foldable() {
        return false;
    }

    @Override
    public String prettyName() {
        return name;
    }

    @Override
    public TypeCheckResult checkInputDataTypes() {
        DataType type = function.textType(child.dataType());
        if (type instanceof StringType) {
            return TypeCheckResult.TypeCheckSuccess$.MODULE$;
        }
        return new TypeCheckResult.TypeCheckFailure(name + ": expected a text of type string, found "
                + type.simpleString() + "; cast it: " + name + "(CAST(" + child.sql() + " AS STRING))");
    }

    @Override
    public Object eval(InternalRow row) {
        Object text = child.eval(row);
        return text == null ? function.answerOfNull() : orError(() -> function.answerOf(text));
    }

    /** What the function does in a task. */
    <T> T orError(Supplier<T> work) {
        try {
            return work.get();
        } catch (ModelException | IllegalArgumentException | IllegalStateException e) {
            throw CallError.ofRun(name, e);
        }
    }

    /** Next to the model's work the cost of leaving generated code is nothing. */
    @Override
    public ExprCode doGenCode(CodegenContext context, ExprCode code) {
        return CodegenFallback.super.doGenCode(context, code);
    }

    @Override
    public Expression withNewChildrenInternal(IndexedSeq<Expression> newChildren) {
        return new ModelCall(newChildren.apply(0), name, function, options, computation);
    }

    @Override
    public List<Object> parts() {
        return List.of(child, name, function);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ModelCall that && parts().equals(that.parts());
    }

    @Override
    public String toString() {
        return with(child.toString());
    }

    @Override
    public String sql() {
        return with(child.sql());
    }

    private String with(String text) {
        return name + "(" + text + (options.isEmpty() ? "" : ", " + options) + ")";
    }
}
