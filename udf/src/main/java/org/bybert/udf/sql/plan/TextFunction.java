package org.bybert.udf.sql.plan;

import java.io.Serializable;
import org.apache.spark.sql.types.DataType;

/**
 * What a SQL function makes of one text. Implementations are values: two that are equal answer alike. Answers are in
 * Catalyst's types.
 */
public interface TextFunction extends Serializable {

    DataType resultType();

    /** @param text not null */
    Object answer(String text);

    /** The answer of a null text. */
    default Object answerOfNull() {
        return null;
    }

    /** For the texts of one task; null where nothing is gained by batches. */
    default Answers answers() {
        return null;
    }

    /** Answers in the order of the texts. */
    interface Answers {

        void add(String text);

        /** Whether the next answer costs nothing, or more texts would not make it cheaper. */
        boolean isReady();

        /** The answer of the text that was added first. */
        Object remove();
    }
}
