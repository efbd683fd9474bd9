package org.bybert.job.terminal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.CallableRaisingIOE;

/** Files that a reader finds whole or not at all. */
public final class SmallFile {

    /** Records become objects with names in snake_case. */
    public static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private SmallFile() {}

    /** Writes JSON in place of what is there. */
    public static void writeJson(FileSystem fileSystem, Path target, Object value) {
        write(fileSystem, target, () -> MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(value));
    }

    /** Writes text in place of what is there. */
    public static void writeText(FileSystem fileSystem, Path target, String text) {
        write(fileSystem, target, () -> text.getBytes(StandardCharsets.UTF_8));
    }

    /** Beside the target, and then renamed into place. */
    private static void write(FileSystem fileSystem, Path target, CallableRaisingIOE<byte[]> content) {
        Path unfinished = new Path(target.getParent(), "_" + target.getName() + ".part");
        try {
            try (OutputStream stream = fileSystem.create(unfinished, true)) {
                stream.write(content.apply());
            }
            fileSystem.delete(target, false);
            if (!fileSystem.rename(unfinished, target)) {
                throw new IOException("cannot be renamed from " + unfinished);
            }
        } catch (IOException | FSError e) {
            throw new UserError(target + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /** @throws UserError where the file cannot be read, or holds something else */
    public static <T> T readJson(FileSystem fileSystem, Path file, Class<T> type) {
        try (InputStream stream = fileSystem.open(file)) {
            return MAPPER.readValue(stream.readAllBytes(), type);
        } catch (IOException e) {
            throw new UserError(file + ": expected JSON as an earlier run wrote it: " + e.getMessage(), e);
        }
    }
}
