package org.bybert.job.terminal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
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

    /** Stores where a file is there when it has been written, and a rename is a copy. */
    private static final Set<String> WHOLE_WHEN_CLOSED = Set.of("s3a", "gs");

    private static final int TRIAL_BYTES = 1 << 16;

    private SmallFile() {}

    /** Fails where nothing can be written in a folder, which may be there all the same. */
    public static void tryOut(FileSystem fileSystem, Path folder) throws IOException {
        Path trial = new Path(folder, "_trial");
        try (OutputStream stream = fileSystem.create(trial, true)) {
            stream.write(new byte[TRIAL_BYTES]);
        }
        fileSystem.delete(trial, false);
    }

    /** Writes JSON in place of what is there. */
    public static void writeJson(FileSystem fileSystem, Path target, Object value) {
        write(fileSystem, target, () -> MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(value));
    }

    /** Writes text in place of what is there. */
    public static void writeText(FileSystem fileSystem, Path target, String text) {
        write(fileSystem, target, () -> text.getBytes(StandardCharsets.UTF_8));
    }

    /** Beside the target, and then renamed into place; where that copies, straight to it. */
    private static void write(FileSystem fileSystem, Path target, CallableRaisingIOE<byte[]> content) {
        boolean whole = WHOLE_WHEN_CLOSED.contains(fileSystem.getUri().getScheme());
        Path unfinished = whole ? target : new Path(target.getParent(), "_" + target.getName() + ".part");
        try {
            FSDataOutputStreamBuilder<?, ?> file = fileSystem.createFile(unfinished);
            file.overwrite(true).recursive();
            // Else S3A looks first what is there.
            file.opt("fs.s3a.create.performance", true);
            try (OutputStream stream = file.build()) {
                stream.write(content.apply());
            }
            if (whole) {
                return;
            }
            fileSystem.delete(target, false);
            if (!fileSystem.rename(unfinished, target)) {
                throw new IOException("cannot be renamed from " + unfinished);
            }
        } catch (IOException | FSError e) {
            throw new UserError(target + ": cannot be written: " + Failure.firstLine(e), e);
        }
    }

    /** @throws UserError where the file cannot be read, or holds something else */
    public static <T> T readJson(FileSystem fileSystem, Path file, Class<T> type) {
        try (InputStream stream = fileSystem.open(file)) {
            return MAPPER.readValue(stream.readAllBytes(), type);
        } catch (IOException e) {
            throw new UserError(file + ": expected JSON as an earlier run wrote it: " + Failure.firstLine(e), e);
        }
    }
}
