package org.bybert.job.embed;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;

/** A short name for the state of files. */
final class Fingerprints {

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
