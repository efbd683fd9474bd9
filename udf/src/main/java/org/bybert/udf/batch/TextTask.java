package org.bybert.udf.batch;

import java.io.Serializable;
import java.util.List;
import org.bybert.encoder.Session;
import org.bybert.encoder.text.ByteTokenizer;

/**
 * What the model is asked for each text.
 *
 * @param <A> its answer
 */
interface TextTask<A> extends Serializable {

    /** A text as the model is to read it. */
    default String read(String text, ByteTokenizer tokenizer) {
        return text;
    }

    /** One answer per row of token ids. */
    List<A> run(Session session, List<int[]> rows);

    /** Makes one answer of those of a text's windows. */
    Joining<A> joining();

    /** Last step, once per text. */
    A finish(A answer);

    /** Why an answer cannot be given, or null. */
    String problem(A answer);

    /** Takes the answers of a text's windows in their order. */
    interface Joining<A> {
        void add(A answer, int tokens);

        A result();
    }
}
