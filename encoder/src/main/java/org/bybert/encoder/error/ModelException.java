package org.bybert.encoder.error;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** A model that cannot be used; the message says which file, what was expected, what was found and what to do. */
public final class ModelException extends RuntimeException {

    public ModelException(String message) {
        super(message);
    }

    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The name of this machine, for errors that may come from any executor. */
    public static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "(unnamed)";
        }
    }
}
