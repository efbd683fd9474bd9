package org.bybert.encoder.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.bybert.encoder.error.ModelException;

/** Hashes of contents, as lower-case hexadecimal digits: of bytes, files and whole models. */
public final class Fingerprint {

    /** Hashes of this JVM's files, by path, size and time of the last change. */
    private static final ConcurrentHashMap<String, String> KNOWN = new ConcurrentHashMap<>();

    private Fingerprint() {}

    /**
     * Tells whether two machines hold the same model: SHA-256 over one line {@code sha256  size  name} for each of the
     * {@link ModelFiles}, in the order of their names. Where the model comes from does not matter. Reads every byte of
     * it, once per JVM as long as its files do not change.
     *
     * @return 64 hexadecimal digits
     * @throws ModelException where a file cannot be read, or is {@link #damage damaged}
     */
    public static String of(Path folder) {
        return of(folder, ModelFiles.list(folder));
    }

    /** As {@link #of(Path)}, of other files that are all there, in the order of this list. */
    public static String of(Path folder, List<String> names) {
        StringBuilder lines = new StringBuilder();
        for (String name : names) {
            Path file = folder.resolve(name);
            try {
                String damage = damage(file);
                if (damage != null) {
                    throw new ModelException(damage + "; delete this file and " + file + ", they are downloaded anew");
                }
                lines.append(ofFile(file))
                        .append("  ")
                        .append(Files.size(file))
                        .append("  ")
                        .append(name)
                        .append('\n');
            } catch (IOException e) {
                throw new ModelException(file + ": cannot be read: " + e, e);
            }
        }
        return sha256(lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** SHA-256 of a file, which is read once in a JVM while it does not change. */
    public static String ofFile(Path file) throws IOException {
        Path real = file.toRealPath();
        String key = real + "|" + Files.size(real) + "|" + Files.getLastModifiedTime(real);
        String known = KNOWN.get(key);
        if (known == null) {
            known = sha256(real);
            KNOWN.put(key, known);
        }
        return known;
    }

    /**
     * Why a file is not the one that the Hugging Face cache names it as, which links to large files by their SHA-256 and
     * to small ones by Git's id; null where it is, or has another name.
     */
    public static String damage(Path file) throws IOException {
        Path real = file.toRealPath();
        String name = real.getFileName().toString();
        boolean sha256 = name.matches("[0-9a-f]{64}");
        if (!Files.isSymbolicLink(file) || !sha256 && !name.matches("[0-9a-f]{40}")) {
            return null;
        }
        String found = sha256 ? ofFile(real) : gitBlob(real);
        return found.equals(name)
                ? null
                : real + " (the cached copy of " + file.getFileName() + "): damaged: expected "
                        + (sha256 ? "SHA-256 " : "Git blob ") + name + ", found " + found;
    }

    public static String sha256(Path file) throws IOException {
        return of(digest("SHA-256"), file);
    }

    public static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest("SHA-256").digest(bytes));
    }

    /** The id that Git gives a file: SHA-1 over the word blob, the size, a zero byte and the content. */
    public static String gitBlob(Path file) throws IOException {
        MessageDigest digest = digest("SHA-1");
        digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
        return of(digest, file);
    }

    private static String of(MessageDigest digest, Path file) throws IOException {
        try (InputStream stream = new DigestInputStream(Files.newInputStream(file), digest)) {
            stream.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }
}
