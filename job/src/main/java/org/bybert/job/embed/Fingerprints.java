package org.bybert.job.embed;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.bybert.encoder.ModelException;
import org.bybert.udf.ModelReference;

/** Short names for the state of files. */
final class Fingerprints {

    private static final int BUFFER = 1 << 20;

    private Fingerprints() {
    }

    /** Of the paths, lengths and times of change; null where there is no file to tell a change by. */
    static String ofInput(List<FileStatus> files) {
        if (files.isEmpty()) {
            return null;
        }
        MessageDigest digest = digest();
        files.stream()
                .map(file -> file.getPath() + "\t" + file.getLen() + "\t" + file.getModificationTime() + "\n")
                .sorted()
                .forEach(line -> digest.update(line.getBytes(StandardCharsets.UTF_8)));
        return hex(digest);
    }

    /** Of names and contents of the model folder's JSON and safetensors files. */
    static String ofModel(ModelReference reference) {
        MessageDigest digest = digest();
        byte[] buffer = new byte[BUFFER];
        try (Stream<Path> files = Files.list(reference.path())) {
            for (Path file : files.filter(path -> path.toString().matches(".*\\.(json|safetensors)"))
                    .sorted(Comparator.comparing(Path::getFileName)).toList()) {
                digest.update((file.getFileName() + "\t" + Files.size(file) + "\n").getBytes(StandardCharsets.UTF_8));
                try (InputStream stream = Files.newInputStream(file)) {
                    for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                        digest.update(buffer, 0, read);
                    }
                }
            }
        } catch (IOException e) {
            throw new ModelException(reference.folder() + ": cannot be read: " + e, e);
        }
        return hex(digest);
    }

    private static String hex(MessageDigest digest) {
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
