package org.bybert.udf.sql;

import java.io.Serializable;
import org.bybert.encoder.Encoder;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.encoder.text.UnpairedSurrogates;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;
import org.bybert.udf.OpenModel;

/** From a text to token ids under the options' limit: the part that all functions share. */
record TextReader(ModelReference reference, FunctionOptions options, RowCounters counters) implements Serializable {

    /**
     * @param ids       null where the text is rejected
     * @param rejection why, or null
     */
    record Read(int[] ids, String rejection) {
    }

    OpenModel model() {
        return Models.get(reference);
    }

    /** Token ids of a text; whatever could not be taken as it was is counted. */
    Read read(String text) {
        ByteTokenizer tokenizer = model().encoder().tokenizer();
        if (UnpairedSurrogates.first(text) >= 0) {
            counters.repaired().add(1);
        }
        int[] ids = tokenizer.encode(text);
        if (ids.length <= limit()) {
            return new Read(ids, null);
        }
        if (options.longText() == LongText.TRUNCATE) {
            counters.truncated().add(1);
            return new Read(tokenizer.encode(tokenizer.truncate(text, limit())), null);
        }
        counters.tooLong().add(1);
        return new Read(null, rejection(ids.length));
    }

    /** Why a text is rejected, or null; counts nothing. */
    String rejection(String text) {
        int tokens = model().encoder().tokenizer().encode(text).length;
        return tokens <= limit() || options.longText() == LongText.TRUNCATE ? null : rejection(tokens);
    }

    private String rejection(int tokens) {
        return "too long: " + tokens + " tokens, the limit is " + limit();
    }

    private int limit() {
        Encoder encoder = model().encoder();
        return options.maxTokens() == 0 ? encoder.config().maxPositionEmbeddings() : options.maxTokens();
    }
}
