package org.bybert.encoder.error;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** The name of this machine, for errors that may come from any executor. */
public final class Host {

    private Host() {
    }

    public static String name() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "(unnamed)";
        }
    }
}
