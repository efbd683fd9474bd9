package org.bybert.job;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;

/** What servers in JVMs of their own need. */
public final class Servers {

    private Servers() {}

    /** A port of the loopback interface that nobody listens on. */
    public static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** A jar that the build has fetched for them. */
    public static String fetched(String artifact) {
        return Path.of(System.getProperty("bybert.servers"), artifact + ".jar").toString();
    }
}
