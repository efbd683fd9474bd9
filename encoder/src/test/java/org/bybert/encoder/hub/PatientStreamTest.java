package org.bybert.encoder.hub;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.bybert.encoder.error.ModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class PatientStreamTest {

    /** A server that answers, sends a little and then keeps the connection open for ever. */
    @Test
    @Timeout(30)
    void aServerThatFallsSilentIsGivenUp(@TempDir Path cache) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread silent = new Thread(() -> {
                while (!server.isClosed()) {
                    try {
                        Socket socket = server.accept();
                        socket.getOutputStream()
                                .write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"
                                        .getBytes(StandardCharsets.US_ASCII));
                    } catch (IOException e) {
                        return;
                    }
                }
            });
            silent.setDaemon(true);
            silent.start();
            Hub hub = new Hub(new HubSettings(
                    URI.create("http://127.0.0.1:" + server.getLocalPort()),
                    null,
                    cache,
                    false,
                    Proxies.NONE,
                    Duration.ofMillis(1),
                    Duration.ofMillis(200)));
            String message = assertThrows(ModelException.class, () -> hub.resolve(HubId.parse("a/b")))
                    .getMessage();
            assertTrue(message.contains("no data for 0.2 s"), message);
        }
    }
}
