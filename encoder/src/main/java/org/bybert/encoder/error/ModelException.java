package org.bybert.encoder.error;

/** A model that cannot be used; the message says which file, what was expected, what was found and what to do. */
public final class ModelException extends RuntimeException {

    public ModelException(String message) {
        super(message);
    }

    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
