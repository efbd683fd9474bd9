package org.bybert.udf.masked;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;
import org.bybert.encoder.Predictions;
import org.bybert.encoder.Session;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.udf.OpenModel;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.Span;

/**
 * Scores a stream of examples in ragged batches under a token budget; results come in the order of the examples, and
 * only one batch is in memory at a time.
 */
final class MaskedWordScorer implements Iterator<Row> {

    /** Enough rows for full register tiles, few enough that a layer's activations stay in the cache. */
    private static final int BATCH_TOKENS = 2048;
    private static final int BATCH_ROWS = 512;

    private final Iterator<Example> examples;
    private final OpenModel model;
    private final Settings settings;
    private final ByteTokenizer tokenizer;
    private final Deque<Row> ready = new ArrayDeque<>();
    private Segmenter segmenter;

    MaskedWordScorer(Iterator<Example> examples, OpenModel model, Settings settings) {
        this.examples = examples;
        this.model = model;
        this.settings = settings;
        this.tokenizer = model.encoder().tokenizer();
    }

    @Override
    public boolean hasNext() {
        if (ready.isEmpty() && examples.hasNext()) {
            nextBatch();
        }
        return !ready.isEmpty();
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.removeFirst();
    }

    private void nextBatch() {
        // One entry per example, in order: a finished row, or null for the next masked example.
        List<Row> rows = new ArrayList<>();
        List<MaskedExample> batch = new ArrayList<>();
        int tokens = 0;
        while (examples.hasNext() && tokens < BATCH_TOKENS && rows.size() < BATCH_ROWS) {
            Example example = examples.next();
            try {
                int bytes = RowCheck.bytes(example, settings, tokenizer.encoding());
                if (bytes > settings.maxBytes()) {
                    rows.add(PredictionRows.excluded(example, bytes));
                    continue;
                }
                MaskedExample masked = MaskedExample.of(example, settings, tokenizer, segmenterFor(example));
                rows.add(null);
                batch.add(masked);
                tokens += masked.ids().length;
            } catch (RowProblem e) {
                rows.add(PredictionRows.failed(example, e.getMessage()));
            }
        }
        Iterator<Row> scored = score(batch).iterator();
        for (Row row : rows) {
            ready.add(row == null ? scored.next() : row);
        }
    }

    /** Words are only cut where a row brings none: without such rows no dictionary is needed. */
    private Segmenter segmenterFor(Example example) {
        if (segmenter == null && !example.usesOwnWords(settings.unit())) {
            segmenter = Segmenter.of(settings.unit());
        }
        return segmenter;
    }

    private List<Row> score(List<MaskedExample> batch) {
        if (batch.isEmpty()) {
            return List.of();
        }
        RaggedBatch ragged = RaggedBatch.of(batch.stream().map(MaskedExample::ids).toList());
        int[] positions = new int[batch.stream().mapToInt(MaskedExample::maskedBytes).sum()];
        int count = 0;
        for (int row = 0; row < batch.size(); row++) {
            int first = ragged.start(row) + batch.get(row).first();
            for (Span span : batch.get(row).masked()) {
                for (int at = span.start(); at < span.end(); at++) {
                    positions[count++] = first + at;
                }
            }
        }
        Predictions predictions = model.withSession((Session session) -> session.predict(ragged, positions));
        List<Row> rows = new ArrayList<>();
        int at = 0;
        for (MaskedExample example : batch) {
            List<ScoredSpan> spans = new ArrayList<>();
            for (Span span : example.masked()) {
                spans.add(ScoredSpan.of(example, span, predictions, at, tokenizer));
                at += span.length();
            }
            rows.add(spans.stream().allMatch(span -> Double.isFinite(span.probability()))
                    ? PredictionRows.scored(example, spans, tokenizer)
                    : PredictionRows.failed(example.example(), "not finite: the model's scores overflow on this text"));
        }
        return rows;
    }
}
