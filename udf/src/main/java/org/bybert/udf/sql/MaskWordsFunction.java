package org.bybert.udf.sql;

import java.util.List;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.bybert.encoder.batch.Answer;
import org.bybert.encoder.batch.ReadText;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.udf.masked.MaskableText;
import org.bybert.udf.sql.plan.TextFunction;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.Span;

/**
 * {@code bybert_mask_words}: the text with a share of its units masked, one mask token per byte, and where they were.
 * Which are masked depends on the seed and the text alone. Reads no weights.
 */
record MaskWordsFunction(CallSettings settings) implements TextFunction {

    private static final StructType SPAN = new StructType()
            .add("start", DataTypes.IntegerType, false)
            .add("end", DataTypes.IntegerType, false)
            .add("text", DataTypes.StringType, false);

    private static final StructType RESULT = new StructType()
            .add("masked_text", DataTypes.StringType, true)
            .add("spans", DataTypes.createArrayType(SPAN, false), true)
            .add("error", DataTypes.StringType, true);

    @Override
    public DataType resultType() {
        return RESULT;
    }

    @Override
    public Object answer(String text) {
        ReadText read = settings.reader().readPlain(text);
        if (read.repaired()) {
            settings.metrics().addRepaired();
        }
        String error = read.error();
        Object[] result = {null, null, null};
        if (error == null) {
            try {
                result = mask(text, read.text());
            } catch (TextProblem e) {
                error = e.getMessage();
            }
        }
        settings.metrics().addAnswer(
                new Answer<>(null, read.bytes(), null, error == null && read.truncated(), error));
        result[2] = UTF8String.fromString(error);
        return new GenericInternalRow(result);
    }

    /** @param read what is masked of the text */
    private Object[] mask(String text, String read) {
        MaskableText words = MaskableText.of(read, Segmenter.of(settings.unit()).segment(read), settings.unit(),
                settings.tokenizer());
        List<Span> picked = MaskableText.pick(words.units(), settings.rate(), settings.seed(), text);
        Object[] spans = picked.stream().map(span -> new GenericInternalRow(
                new Object[] {span.start(), span.end(), UTF8String.fromString(words.gold(span))})).toArray();
        String masked = settings.tokenizer().decode(words.mask(picked).ids());
        return new Object[] {UTF8String.fromString(masked), new GenericArrayData(spans), null};
    }
}
