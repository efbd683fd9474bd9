package org.bybert.udf.masked;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.FillOptions.Decoding;
import org.bybert.encoder.MaskPredict;
import org.bybert.encoder.Session;
import org.bybert.encoder.Session.Guess;
import org.bybert.encoder.Session.Predictions;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.encoder.batch.TextReader;
import org.bybert.encoder.batch.TextTask;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.Segmenter.Word;
import org.bybert.udf.words.Span;
import org.bybert.udf.words.Unit;

/**
 * Evaluation: a share of an example's units is masked at once, and what the model makes of them becomes a row of the
 * table of predictions, {@link #SCHEMA}: one per example, scored or not. An example over
 * {@link MaskedWordSettings#maxBytes} has no pieces.
 */
public record MaskedWordTask(ByteTokenizer tokenizer, MaskedWordSettings settings, TextReader reader)
        implements TextTask<Example, Guess, Row> {

    /** Values of the column {@code status}. */
    public static final String SCORED = "scored";

    public static final String EXCLUDED = "excluded";
    public static final String FAILED = "failed";
    private static final String TOO_LONG = "too long";

    private static final StructType SPAN = new StructType()
            .add("start", DataTypes.IntegerType, false)
            .add("end", DataTypes.IntegerType, false)
            .add("gold", DataTypes.StringType, false)
            .add("predicted", DataTypes.StringType, false)
            .add("correct", DataTypes.BooleanType, false)
            .add("correct_bytes", DataTypes.IntegerType, false)
            .add("probability", DataTypes.DoubleType, false)
            .add("byte_probabilities", new ArrayType(DataTypes.FloatType, false), false)
            .add("part_of_speech", DataTypes.StringType, true);

    /**
     * {@code masked_text} and {@code spans} are null where the row is not scored; {@code error} is null where it is.
     * A span's {@code start} and {@code end} are bytes of the text, its {@code probability} is the product of the
     * {@code byte_probabilities} of the bytes predicted; {@code correct_bytes} of its bytes were predicted, and it is
     * {@code correct} where they all were. Its {@code part_of_speech} is the segmenter's, null where that says nothing.
     * {@code n_bytes} is null where a row fails for anything but its length.
     */
    public static final StructType SCHEMA = new StructType()
            .add("set", DataTypes.StringType, false)
            .add("id", DataTypes.StringType, false)
            .add("status", DataTypes.StringType, false)
            .add("n_bytes", DataTypes.IntegerType, true)
            .add("n_units", DataTypes.IntegerType, true)
            .add("masked_text", DataTypes.StringType, true)
            .add("spans", new ArrayType(SPAN, false), true)
            .add("error", DataTypes.StringType, true);

    /**
     * As {@link #SCHEMA}; where there may be several passes a span also has what they fill in, {@code filled}, of which
     * {@code filled_correct_bytes} are right, and a row the number of its {@code passes}.
     */
    public static StructType schema(MaskedWordSettings settings) {
        if (settings.passes() == 1) {
            return SCHEMA;
        }
        StructType span = SPAN.add("filled", DataTypes.StringType, false)
                .add("filled_correct_bytes", DataTypes.IntegerType, false);
        StructType schema = new StructType();
        for (StructField field : SCHEMA.fields()) {
            schema = field.name().equals("spans")
                    ? schema.add("spans", new ArrayType(span, false), true)
                    : schema.add(field);
        }
        return schema.add("passes", DataTypes.IntegerType, true);
    }

    MaskedWordTask(ByteTokenizer tokenizer, MaskedWordSettings settings) {
        this(tokenizer, settings, TextReader.strict(tokenizer));
    }

    /** From a partition's rows, of {@link Example#SCHEMA}, to their predictions, of {@link #SCHEMA}. */
    public static MapPartitionsFunction<Row, Row> onPartitions(
            ModelReference reference, MaskedWordSettings settings, BatchMetrics metrics) {
        return rows -> !rows.hasNext()
                ? Collections.emptyIterator()
                : score(
                        rows,
                        settings,
                        metrics.engine(
                                reference,
                                BatchOptions.DEFAULTS,
                                model -> new MaskedWordTask(model.tokenizer(), settings)));
    }

    static Iterator<Row> score(Iterator<Row> rows, MaskedWordSettings settings, TextEngine<Example, Row> engine) {
        return engine.stream(
                rows,
                Example::of,
                row -> row.isNullAt(2) ? 0 : row.getString(2).length(),
                (row, answer) -> answer.error() == null
                        ? answer.value()
                        : row(
                                settings,
                                null,
                                row.getString(0),
                                row.getString(1),
                                FAILED,
                                answer.error().startsWith(TOO_LONG) ? answer.bytes() : null,
                                null,
                                null,
                                null,
                                answer.error()));
    }

    /** @param values of {@link #SCHEMA} */
    private static Row row(MaskedWordSettings settings, Integer passes, Object... values) {
        if (settings.passes() == 1) {
            return RowFactory.create(values);
        }
        Object[] more = Arrays.copyOf(values, values.length + 1);
        more[values.length] = passes;
        return RowFactory.create(more);
    }

    @Override
    public ReadText read(Example example) {
        ReadText read = reader.readPlain(example.text());
        if (example.problem() != null) {
            return read.refuse(example.problem(), "the row cannot be read");
        }
        if (read.error() != null) {
            return read;
        }
        if (read.bytes() > settings.rowLimit() && read.bytes() <= settings.maxBytes()) {
            return read.refuse(TOO_LONG, read.bytes() + " bytes, the row limit is " + settings.rowLimit());
        }
        if (example.usesOwnWords(settings.unit())) {
            if (example.words() == null) {
                return read.refuse("bad words", "the words column is null");
            }
            if (example.words().stream().anyMatch(Objects::isNull)
                    || !String.join("", example.words()).equals(example.text())) {
                return read.refuse("bad words", "the words do not concatenate to the text");
            }
        }
        return read;
    }

    @Override
    public Pieces<Guess, Row> pieces(Example example, ReadText read) {
        int bytes = read.bytes();
        if (bytes > settings.maxBytes()) {
            return Pieces.one(
                    null,
                    nothing ->
                            row(settings, null, example.set(), example.id(), EXCLUDED, bytes, null, null, null, null));
        }
        // Words are only cut where a row brings none: without such rows no dictionary is needed.
        List<Word> cut = example.usesOwnWords(settings.unit())
                ? example.words().stream().map(word -> new Word(word, null)).toList()
                : Segmenter.of(settings.unit(), settings.segmenter()).cut(example.text());
        MaskableText words =
                MaskableText.of(example.text(), cut.stream().map(Word::text).toList(), settings.unit(), tokenizer);
        List<Span> masked = MaskableText.pick(words.units(), settings.maskRate(), settings.seed(), example.id());
        Piece piece = words.mask(masked);
        MaskPredict predict = new MaskPredict(tokenizer, piece.ids(), fill());
        return Pieces.inPasses(
                Stream.of(predict),
                rows -> row(
                        settings,
                        predict.passes(),
                        example.set(),
                        example.id(),
                        SCORED,
                        bytes,
                        words.units().size(),
                        tokenizer.decode(piece.ids()),
                        spans(words, masked, piece, predict, partsOfSpeech(cut)),
                        null));
    }

    /** What is predicted is the best byte at each mask; several passes fill in valid text. */
    private FillOptions fill() {
        return settings.passes() == 1
                ? FillOptions.DEFAULTS.withDecoding(Decoding.BYTES)
                : FillOptions.DEFAULTS.withPasses(settings.passes());
    }

    /** By the first byte of each word. */
    private Map<Integer, String> partsOfSpeech(List<Word> cut) {
        Map<Integer, String> partsOfSpeech = new HashMap<>();
        int at = 0;
        for (Word word : cut) {
            if (word.partOfSpeech() != null) {
                partsOfSpeech.put(at, word.partOfSpeech());
            }
            at += tokenizer.encoding().byteLength(word.text());
        }
        return partsOfSpeech;
    }

    private Row[] spans(
            MaskableText words,
            List<Span> masked,
            Piece piece,
            MaskPredict predict,
            Map<Integer, String> partsOfSpeech) {
        int[] targets = piece.targets();
        Predictions predictions = predict.best();
        Row[] rows = new Row[masked.size()];
        int at = 0;
        for (int i = 0; i < rows.length; i++) {
            Span span = masked.get(i);
            int first = at;
            int correct = 0;
            double probability = 1;
            Float[] each = new Float[span.length()];
            for (; at < first + span.length(); at++) {
                correct += predictions.ids()[at] == targets[at] ? 1 : 0;
                probability *= predictions.probabilities()[at];
                each[at - first] = (float) predictions.probabilities()[at];
            }
            if (!Double.isFinite(probability)) {
                throw TextProblem.scoresNotFinite();
            }
            // Most bytes alone are no text.
            boolean alone = settings.unit() == Unit.BYTE;
            String gold = alone ? tokenizer.describe(targets[first]) : words.gold(span);
            String predicted = alone
                    ? tokenizer.describe(predictions.ids()[first])
                    : tokenizer.decode(predictions.ids(), first, at);
            List<Object> values = new ArrayList<>(Arrays.asList(
                    span.start(),
                    span.end(),
                    gold,
                    predicted,
                    correct == span.length(),
                    correct,
                    probability,
                    each,
                    partsOfSpeech.get(span.start())));
            if (settings.passes() > 1) {
                int from = piece.asked()[first];
                values.add(tokenizer.decode(predict.ids(), from, from + span.length()));
                values.add((int) IntStream.range(first, at)
                        .filter(j -> predict.ids()[piece.asked()[j]] == targets[j])
                        .count());
            }
            rows[i] = RowFactory.create(values.toArray());
        }
        return rows;
    }

    @Override
    public List<Guess> run(Session session, List<Piece> pieces) {
        return session.guess(Piece.rows(pieces), fill());
    }
}
