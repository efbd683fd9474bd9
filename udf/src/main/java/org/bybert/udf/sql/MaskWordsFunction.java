package org.bybert.udf.sql;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.udf.batch.Answer;
import org.bybert.udf.masked.MaskPicker;
import org.bybert.udf.sql.plan.TextFunction;
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
        WordText words = WordText.of(text, settings);
        settings.metrics().addRow(new Answer<>(null, words.bytes(), null, words.truncated(), words.error()));
        if (words.error() != null) {
            return new GenericInternalRow(new Object[] {null, null, UTF8String.fromString(words.error())});
        }
        List<Span> picked = MaskPicker.pick(words.units(), settings.rate(), settings.seed(), text);
        ByteTokenizer tokenizer = settings.tokenizer();
        int first = tokenizer.prefixLength();
        int[] ids = words.ids().clone();
        Object[] spans = new Object[picked.size()];
        for (int i = 0; i < spans.length; i++) {
            Span span = picked.get(i);
            String gold = tokenizer.decode(words.ids(), first + span.start(), first + span.end());
            spans[i] = new GenericInternalRow(
                    new Object[] {span.start(), span.end(), UTF8String.fromString(gold)});
            Arrays.fill(ids, first + span.start(), first + span.end(), tokenizer.maskId());
        }
        return new GenericInternalRow(new Object[] {
            UTF8String.fromString(tokenizer.decode(ids)), new GenericArrayData(spans), null});
    }
}
