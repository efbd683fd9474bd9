package org.bybert.udf.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkFiles;
import org.bybert.encoder.error.ModelException;

/**
 * A folder that Spark brings to every executor: {@code --archives model.zip#NAME}, or a folder that was added to the
 * context's files.
 *
 * @param name as after the {@code #}, with a folder of the archive behind it where there is one
 */
public record ShippedSource(String name) implements ModelSource {

    /** Set by spark-submit; YARN has properties of its own. */
    private static final List<String> ARCHIVES = List.of("spark.archives", "spark.yarn.dist.archives");

    /** Whether the job's archives include one of this name. */
    public static boolean isShipped(String model) {
        if (model.startsWith("/") || model.matches(SCHEME) || model.contains("..") || model.contains("\0")) {
            return false;
        }
        String first = model.split("/", 2)[0];
        boolean announced = ARCHIVES.stream()
                .flatMap(key -> Stream.of(System.getProperty(key, "").split(",")))
                .anyMatch(archive -> archive.strip().endsWith("#" + first));
        return announced || SparkEnv.get() != null && Files.isDirectory(root().resolve(model));
    }

    @Override
    public Path folder() {
        if (SparkEnv.get() != null) {
            // YARN unpacks into the working directory, other masters where Spark keeps its files.
            for (Path place : List.of(root(), Path.of(""))) {
                if (Files.isDirectory(place.resolve(name))) {
                    return onlyFolder(place.resolve(name).toAbsolutePath().normalize());
                }
            }
        }
        throw new ModelException(name + ": the folder has not come with the job to host " + ModelException.host()
                + "; expected it in "
                + (SparkEnv.get() == null
                        ? "Spark's files, once Spark has started"
                        : root().toAbsolutePath().normalize())
                + ", by --archives FILE.zip#" + name);
    }

    private static Path root() {
        return Path.of(SparkFiles.getRootDirectory());
    }

    /** Archives often hold one folder that holds the files. */
    private static Path onlyFolder(Path folder) {
        try (Stream<Path> content = Files.list(folder)) {
            List<Path> all = content.toList();
            return all.size() == 1 && Files.isDirectory(all.get(0)) ? all.get(0) : folder;
        } catch (IOException e) {
            throw new ModelException(folder + ": cannot be listed: " + e, e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
