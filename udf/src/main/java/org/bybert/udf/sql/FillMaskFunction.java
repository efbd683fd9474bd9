package org.bybert.udf.sql;

import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.bybert.encoder.FilledText;
import org.bybert.encoder.batch.Answer;
import org.bybert.encoder.batch.FillMaskTask;
import org.bybert.encoder.batch.TextEngine;

/**
 * {@code bybert_fill_mask}: the text with every mask token filled, and the geometric mean of the probabilities of what
 * was filled in (null where the text has no mask). A text that is refused has null in both and the reason in
 * {@code error}.
 */
record FillMaskFunction(CallSettings settings) implements EngineFunction<FilledText> {

    private static final StructType RESULT = new StructType()
            .add("text", DataTypes.StringType, true)
            .add("score", DataTypes.DoubleType, true)
            .add("error", DataTypes.StringType, true);

    @Override
    public TextEngine<String, FilledText> engine() {
        return settings.engine(model -> new FillMaskTask(model, settings.texts()));
    }

    @Override
    public DataType resultType() {
        return RESULT;
    }

    @Override
    public Object value(Answer<FilledText> answer) {
        FilledText filled = answer.value();
        return new GenericInternalRow(new Object[] {
            filled == null ? null : UTF8String.fromString(filled.text()),
            filled == null || filled.masks() == 0 ? null : filled.score(),
            UTF8String.fromString(answer.error())});
    }
}
