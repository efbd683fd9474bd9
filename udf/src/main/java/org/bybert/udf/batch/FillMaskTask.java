package org.bybert.udf.batch;

import java.util.List;
import org.bybert.encoder.FilledText;
import org.bybert.encoder.Session;
import org.bybert.encoder.text.ByteTokenizer;

/** Every mask of a text filled with the most probable token. */
final class FillMaskTask implements TextTask<FilledText> {

    /** @throws IllegalArgumentException where long texts are to be split */
    FillMaskTask(BatchOptions options) {
        if (options.longText() == LongText.SPLIT) {
            throw new IllegalArgumentException("long text: masks are filled in one look at the whole text, so that it "
                    + "cannot be split; expected truncate or error");
        }
    }

    @Override
    public String read(String text, ByteTokenizer tokenizer) {
        return tokenizer.expandMasks(text);
    }

    @Override
    public List<FilledText> run(Session session, List<int[]> rows) {
        return session.fillMask(rows);
    }

    @Override
    public Joining<FilledText> joining() {
        throw new IllegalStateException("texts with masks are not split");
    }

    @Override
    public FilledText finish(FilledText answer) {
        return answer;
    }

    @Override
    public String problem(FilledText answer) {
        return answer.masks() == 0 || Double.isFinite(answer.score()) ? null
                : "not finite: the model's scores overflow on this text";
    }
}
