package org.bybert.job.fillmask;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.FilledText;
import org.bybert.encoder.Session;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.encoder.text.MaskShorthand;
import org.bybert.udf.batch.LongText;

/** Fills the masks of a stream of texts, in its order, in batches of a bounded number of tokens. */
final class MaskFiller implements Iterator<List<FilledRow>> {

    private static final int BATCH_TOKENS = 2048;
    private static final int BATCH_ROWS = 256;

    private final Iterator<InputText> texts;
    private final ByteTokenizer tokenizer;
    private final Session session;
    private final int maxTokens;
    private final LongText longText;
    /** Token ids of the rows of this batch that the model is to read. */
    private final Deque<int[]> ids = new ArrayDeque<>();

    /** @param maxTokens longest text in tokens */
    MaskFiller(Iterator<InputText> texts, ByBert encoder, int maxTokens, LongText longText) {
        this.texts = texts;
        this.tokenizer = encoder.tokenizer();
        this.session = encoder.newSession();
        this.maxTokens = maxTokens;
        this.longText = longText;
    }

    @Override
    public boolean hasNext() {
        return texts.hasNext();
    }

    /** The rows of the next batch. */
    @Override
    public List<FilledRow> next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        ids.clear();
        List<FilledRow> rows = new ArrayList<>();
        int tokens = 0;
        while (texts.hasNext() && tokens < BATCH_TOKENS && rows.size() < BATCH_ROWS) {
            FilledRow row = encode(texts.next());
            rows.add(row);
            tokens += row.error() == null ? ids.getLast().length : 0;
        }
        Iterator<FilledText> filled = session.fillMask(List.copyOf(ids)).iterator();
        return rows.stream().map(row -> row.error() == null ? filled(row, filled.next()) : row).toList();
    }

    /** A row without its answer, whose ids are the last of this batch, or one with an error. */
    private FilledRow encode(InputText input) {
        if (input.problem() != null) {
            return FilledRow.failed(input, input.problem());
        }
        if (input.text().isEmpty()) {
            return FilledRow.failed(input, "empty text: it has no characters");
        }
        String text = tokenizer.expandMasks(input.text());
        int[] row = tokenizer.encode(text);
        if (count(row) == 0) {
            return FilledRow.failed(input, "no mask: expected " + tokenizer.maskText() + ", once per byte, or "
                    + "its shorthand for 1 to " + MaskShorthand.MOST);
        }
        boolean truncated = row.length > maxTokens;
        if (truncated && longText == LongText.ERROR) {
            return FilledRow.failed(input, "too long: " + row.length + " tokens, the limit is " + maxTokens);
        }
        if (truncated) {
            text = tokenizer.truncate(text, maxTokens);
            row = tokenizer.encode(text);
            if (count(row) == 0) {
                return FilledRow.failed(input, "no mask left: the text was cut at " + maxTokens + " tokens");
            }
        }
        ids.add(row);
        return new FilledRow(input.row(), input.text(), text, null, Double.NaN, count(row),
                row.length - tokenizer.addedTokens(), truncated, null);
    }

    private int count(int[] row) {
        int masks = 0;
        for (int id : row) {
            masks += id == tokenizer.maskId() ? 1 : 0;
        }
        return masks;
    }

    private static FilledRow filled(FilledRow row, FilledText answer) {
        boolean finite = Double.isFinite(answer.score());
        return new FilledRow(row.row(), row.text(), row.read(), finite ? answer.text() : null,
                finite ? answer.score() : Double.NaN, row.masks(), row.bytes(), row.truncated(),
                finite ? null : "not finite: the model's scores overflow on this text");
    }
}
