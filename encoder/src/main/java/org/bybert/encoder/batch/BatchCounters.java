package org.bybert.encoder.batch;

/** Is told what an engine does; by default nothing is counted. */
public interface BatchCounters {

    /** Counts nothing. */
    BatchCounters NONE = new BatchCounters() {
    };

    /**
     * The model has computed a batch.
     *
     * @param tokens  that it read
     * @param padding tokens that would have been added, had the batch been padded to its longest row
     */
    default void addBatch(long tokens, long padding) {
    }

    /** A text has unpaired surrogates, which are read as U+FFFD. */
    default void addRepaired() {
    }

    /** A text has the answer of an equal one that is in the window too. */
    default void addDuplicate() {
    }

    /** A text has left the engine, with a result or an error. */
    default void addAnswer(Answer<?> answer) {
    }
}
