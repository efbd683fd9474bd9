package org.bybert.udf.sql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.bybert.encoder.Session.Candidate;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.batch.ChooseTask;
import org.bybert.encoder.batch.EmbedTask;
import org.bybert.encoder.batch.FillMaskTask;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.encoder.batch.TextTask.ReadText;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.udf.Models;
import org.bybert.udf.batch.BatchPartition;
import org.bybert.udf.masked.MaskableText;
import org.bybert.udf.masked.ScoreTask;
import org.bybert.udf.masked.TextScore;
import org.bybert.udf.sql.plan.TextFunction;
import org.bybert.udf.words.Span;

/** What the functions of {@link SqlFunction} make of a text. */
final class Functions {

    private Functions() {}

    private static <T> GenericArrayData structs(List<T> values, Function<T, Object[]> fields) {
        return new GenericArrayData(values.stream()
                .map(value -> new GenericInternalRow(fields.apply(value)))
                .toArray());
    }

    /** {@code bybert_embed}: the pooled vector; null for a text that is refused. */
    record Embed(CallSettings settings) implements TextFunction.InBatches {

        @Override
        public TextEngine<String, float[]> engine() {
            return settings.engine(model -> new EmbedTask(model, settings.texts()));
        }

        @Override
        public DataType resultType() {
            return DataTypes.createArrayType(DataTypes.FloatType, false);
        }

        @Override
        public Object value(Answer<?> answer) {
            return answer.value() instanceof float[] vector ? UnsafeArrayData.fromPrimitiveArray(vector) : null;
        }
    }

    /**
     * {@code bybert_fill_mask}: the text with every mask token filled, and the geometric mean of the probabilities of
     * what was filled in (null where the text has no mask). A text that is refused has null in both and the reason in
     * {@code error}.
     */
    record FillMask(CallSettings settings) implements TextFunction.InBatches {

        private static final StructType RESULT = new StructType()
                .add("text", DataTypes.StringType, true)
                .add("score", DataTypes.DoubleType, true)
                .add("error", DataTypes.StringType, true);

        @Override
        public TextEngine<String, FilledText> engine() {
            return settings.engine(model -> new FillMaskTask(model, settings.texts(), settings.fill()));
        }

        private boolean hasGaps() {
            return settings.fill().topK() > 0;
        }

        @Override
        public DataType resultType() {
            return hasGaps() ? RESULT.add("gaps", BatchPartition.GAPS, true) : RESULT;
        }

        @Override
        public Object value(Answer<?> answer) {
            FilledText filled = (FilledText) answer.value();
            List<Object> values = new ArrayList<>();
            values.add(filled == null ? null : UTF8String.fromString(filled.text()));
            values.add(filled == null || filled.masks() == 0 ? null : filled.score());
            values.add(UTF8String.fromString(answer.error()));
            if (hasGaps()) {
                values.add(
                        filled == null
                                ? null
                                : structs(filled.gaps(), gap -> new Object[] {
                                    gap.start(),
                                    gap.length(),
                                    structs(gap.candidates(), candidate -> new Object[] {
                                        UTF8String.fromString(candidate.text()), candidate.logProbability()
                                    })
                                }));
            }
            return new GenericInternalRow(values.toArray());
        }
    }

    /**
     * {@code bybert_choose}, see {@link ChooseTask}. A text that is refused has null but for the {@code error}. Where each
     * text brings its own targets, the argument is a struct of both.
     */
    record Choose(CallSettings settings) implements TextFunction.InBatches {

        private static final StructType TARGET = new StructType()
                .add("text", DataTypes.StringType, false)
                .add("logprob", DataTypes.DoubleType, false)
                .add("probability", DataTypes.DoubleType, false);

        private static final StructType RESULT = new StructType()
                .add("text", DataTypes.StringType, true)
                .add("probability", DataTypes.DoubleType, true)
                .add("error", DataTypes.StringType, true)
                .add("targets", DataTypes.createArrayType(TARGET, false), true);

        @Override
        public TextEngine<?, FilledText> engine() {
            return settings.targets() == null
                    ? settings.engine(model -> new ChooseTask.OfEach(
                            model, settings.texts(), settings.fill().lengthBy()))
                    : settings.engine(model -> new ChooseTask(
                            model,
                            settings.texts(),
                            settings.targets(),
                            settings.fill().lengthBy()));
        }

        @Override
        public DataType textType(DataType argument) {
            return settings.targets() == null ? ((StructType) argument).apply(0).dataType() : argument;
        }

        @Override
        public Object text(Object input) {
            if (!(input instanceof InternalRow both)) {
                return input.toString();
            }
            if (both.isNullAt(0)) {
                return null;
            }
            List<String> targets = both.isNullAt(1)
                    ? null
                    : Arrays.stream(both.getArray(1).toObjectArray(DataTypes.StringType))
                            .map(target -> target == null ? null : target.toString())
                            .toList();
            return new ChooseTask.Choice(both.getUTF8String(0).toString(), targets);
        }

        @Override
        public DataType resultType() {
            return RESULT;
        }

        @Override
        public Object value(Answer<?> answer) {
            if (!(answer.value() instanceof FilledText chosen)) {
                return new GenericInternalRow(new Object[] {null, null, UTF8String.fromString(answer.error()), null});
            }
            List<Candidate> targets = chosen.gaps().get(0).candidates();
            return new GenericInternalRow(new Object[] {
                UTF8String.fromString(targets.get(0).text()),
                targets.get(0).probability(),
                null,
                structs(targets, target -> new Object[] {
                    UTF8String.fromString(target.text()), target.logProbability(), target.probability()
                })
            });
        }
    }

    /** {@code bybert_score}, see {@link ScoreTask}; null for a text that is refused, blank, or overflows the model. */
    record Score(CallSettings settings) implements TextFunction.InBatches {

        @Override
        public TextEngine<String, TextScore> engine() {
            return settings.engine(model ->
                    new ScoreTask(model, settings.texts(), settings.method(), settings.unit(), settings.cutter()));
        }

        @Override
        public DataType resultType() {
            return DataTypes.DoubleType;
        }

        @Override
        public Object value(Answer<?> answer) {
            return answer.value() instanceof TextScore score ? score.mean() : null;
        }
    }

    /** {@code bybert_check}: why {@link Embed} refuses a text, or null; reads no weights. */
    record Check(CallSettings settings) implements TextFunction {

        @Override
        public DataType resultType() {
            return DataTypes.StringType;
        }

        @Override
        public Object answer(String text) {
            return UTF8String.fromString(settings.reader().read(text).error());
        }

        @Override
        public Object answerOfNull() {
            return UTF8String.fromString("null text");
        }
    }

    /**
     * {@code bybert_mask_words}: the text with a share of its units masked, one mask token per byte, and where they
     * were. Which are masked depends on the seed and the text alone. Reads no weights.
     */
    record MaskWords(CallSettings settings) implements TextFunction {

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
            settings.metrics()
                    .addAnswer(new Answer<>(null, read.bytes(), null, error == null && read.truncated(), error));
            result[2] = UTF8String.fromString(error);
            return new GenericInternalRow(result);
        }

        /** @param read what is masked of the text */
        private Object[] mask(String text, String read) {
            ByteTokenizer tokenizer = Models.describe(settings.reference()).tokenizer();
            MaskableText words = MaskableText.of(read, settings.cutter().segment(read), settings.unit(), tokenizer);
            List<Span> picked = MaskableText.pick(words.units(), settings.rate(), settings.seed(), text);
            GenericArrayData spans = structs(
                    picked, span -> new Object[] {span.start(), span.end(), UTF8String.fromString(words.gold(span))});
            String masked = tokenizer.decode(words.mask(picked).ids());
            return new Object[] {UTF8String.fromString(masked), spans, null};
        }
    }
}
