package org.bybert.encoder.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import org.bybert.encoder.error.ModelException;

/**
 * Tells whether two machines hold the same model: SHA-256 over one line {@code sha256  size  name} for each of the
 * {@link ModelFiles}, in the order of their names. Where the model comes from does not matter.
 */
public final class Fingerprint {

    /** Hashes of this JVM's files, by path, size and time of the last change. */
    private static final ConcurrentHashMap<String, String> KNOWN = new ConcurrentHashMap<>();

    private Fingerprint() {
    }

    /**
     * Reads every byte of the model, once per JVM as long as its files do not change.
     *
     * @return 64 hexadecimal digits
     * @throws ModelException where a file cannot be read, or is not the one that the Hugging Face cache names it as
     */
    public static String of(Path folder) {
        StringBuilder lines = new StringBuilder();
        for (String name : ModelFiles.list(folder)) {
            Path file = folder.resolve(name);
            try {
                lines.append(hash(file)).append("  ").append(Files.size(file)).append("  ").append(name).append('\n');
            } catch (IOException e) {
                throw new ModelException(file + ": cannot be read: " + e, e);
            }
        }
        return ContentHash.sha256(lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String hash(Path file) throws IOException {
        Path real = file.toRealPath();
        String key = real + "|" + Files.size(real) + "|" + Files.getLastModifiedTime(real);
        String known = KNOWN.get(key);
        if (known == null) {
            known = ContentHash.sha256(real);
            checkName(file, real, known);
            KNOWN.put(key, known);
        }
        return known;
    }

    /** Large files of the Hugging Face cache are named after their SHA-256. */
    private static void checkName(Path file, Path real, String hash) {
        String name = real.getFileName().toString();
        if (Files.isSymbolicLink(file) && name.matches("[0-9a-f]{64}") && !name.equals(hash)) {
            throw new ModelException(real + ": damaged: expected SHA-256 " + name + ", found " + hash
                    + "; delete this file and " + file + ", they are downloaded anew");
        }
    }
}
