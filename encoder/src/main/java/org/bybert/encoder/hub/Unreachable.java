package org.bybert.encoder.hub;

import java.io.IOException;

/** The hub gives no answer, or one that says it is in trouble: worth another try, and no verdict on the model. */
final class Unreachable extends IOException {

    Unreachable(String message, Throwable cause) {
        super(message, cause);
    }
}
