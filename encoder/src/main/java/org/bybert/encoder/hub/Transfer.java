package org.bybert.encoder.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.hub.HubApi.RemoteFile;
import org.bybert.encoder.hub.Retry.Unreachable;

/** Receives the bytes of one file, from where a partial one ends; knows no more of them than how many they should be. */
final class Transfer {

    /** What a connection must bring for the failures before it to be forgiven. */
    private static final long PROGRESS = 1 << 20;

    private final HubSettings settings;
    private final HubHttp http;
    private final HubErrors errors;
    private final HubId id;
    private final RemoteFile file;
    private final URI uri;

    Transfer(HubSettings settings, HubHttp http, HubErrors errors, HubId id, RemoteFile file, URI uri) {
        this.settings = settings;
        this.http = http;
        this.errors = errors;
        this.id = id;
        this.file = file;
        this.uri = uri;
    }

    /**
     * Appends all that is missing, in as many connections as it takes.
     *
     * @throws Unreachable where too many of them fail
     * @throws IOException where the partial file cannot be written
     */
    void into(Path partial, DownloadLog progress) throws IOException {
        Retry retry = new Retry(settings.pause());
        try (FileChannel out = FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            boolean complete = out.size() == file.size();
            while (!complete) {
                long before = out.size();
                try {
                    complete = receiveOnce(out, progress);
                } catch (NetworkFailure e) {
                    if (out.size() - before >= PROGRESS) {
                        retry.progress();
                    }
                    retry.after(e);
                }
            }
        }
    }

    /** @return whether the file has arrived as far as its size tells */
    private boolean receiveOnce(FileChannel out, DownloadLog progress) throws IOException {
        HttpResponse<InputStream> response = open(out.size());
        try (InputStream body = new PatientStream(response.body(), settings.patience())) {
            int status = response.statusCode();
            boolean continues = status == 206 && response.headers().firstValue("Content-Range").orElse("")
                    .startsWith("bytes " + out.size() + "-");
            if (!continues) {
                out.truncate(0);
            }
            if (status == 416 || status == 206 && !continues) {
                throw new NetworkFailure(uri + ": the server does not send the range that was asked for", null);
            }
            if (status != 200 && status != 206) {
                throw errors.of(id, response);
            }
            copy(body, out, progress);
        }
        if (file.size() >= 0 && out.size() < file.size()) {
            throw new NetworkFailure(uri + ": ended after " + out.size() + " of " + file.size() + " bytes", null);
        }
        return true;
    }

    private HttpResponse<InputStream> open(long from) throws NetworkFailure {
        try {
            return http.get(uri, from);
        } catch (IOException e) {
            throw new NetworkFailure(e.getMessage(), e);
        }
    }

    private void copy(InputStream body, FileChannel out, DownloadLog progress) throws IOException {
        byte[] buffer = new byte[1 << 16];
        out.position(out.size());
        for (int read = read(body, buffer); read >= 0; read = read(body, buffer)) {
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            if (file.size() >= 0 && out.position() > file.size()) {
                out.truncate(0);
                throw new ModelException(uri + ": expected " + file.size() + " bytes, as the hub announced, found more; "
                        + "nothing of it was kept");
            }
            progress.at(out.position());
        }
    }

    private int read(InputStream body, byte[] buffer) throws NetworkFailure {
        try {
            return body.read(buffer);
        } catch (IOException e) {
            throw new NetworkFailure(uri + ": the connection broke: " + e.getMessage(), e);
        }
    }

    /** Reading failed, not writing: worth another try. */
    private static final class NetworkFailure extends IOException {

        NetworkFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
