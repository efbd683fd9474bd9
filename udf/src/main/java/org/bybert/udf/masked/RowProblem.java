package org.bybert.udf.masked;

/** A row that cannot be scored; the message is {@code kind: details}, the kind is what is counted. */
final class RowProblem extends Exception {

    RowProblem(String kind, String details) {
        super(kind + ": " + details);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
