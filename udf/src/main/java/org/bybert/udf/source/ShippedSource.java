package org.bybert.udf.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkFiles;
import org.apache.spark.util.Utils;
import org.bybert.encoder.error.ModelException;

/**
 * A folder that Spark brings to every executor: {@code --archives model.zip#NAME}, or a folder that was added to the
 * context's files.
 *
 * @param name as after the {@code #}, with a folder of the archive behind it where there is one
 */
public record ShippedSource(String name) implements ModelSource {

    private static final String OF_YARN = "spark.yarn.dist.archives";
    /** Set by spark-submit; YARN has a property of its own. */
    private static final List<String> ARCHIVES = List.of("spark.archives", OF_YARN);

    /** Whether the job's archives include one of this name. */
    public static boolean isShipped(String model) {
        if (model.startsWith("/") || model.matches(SCHEME) || model.contains("..") || model.contains("\0")) {
            return false;
        }
        return ARCHIVES.stream().anyMatch(key -> archive(key, model) != null)
                || SparkEnv.get() != null && Files.isDirectory(root().resolve(model));
    }

    /** The address of the archive that a name is announced for; null where there is none. */
    private static String archive(String key, String model) {
        String behind = "#" + first(model);
        return Stream.of(System.getProperty(key, "").split(","))
                .map(String::strip)
                .filter(archive -> archive.endsWith(behind))
                .map(archive -> archive.substring(0, archive.length() - behind.length()))
                .findFirst()
                .orElse(null);
    }

    private static String first(String model) {
        return model.split("/", 2)[0];
    }

    @Override
    public Path folder() {
        if (SparkEnv.get() != null) {
            unpack();
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

    /** YARN brings archives to its containers alone: a driver outside of them unpacks its own. */
    private void unpack() {
        String archive = archive(OF_YARN, name);
        Path folder = root().resolve(first(name));
        SparkEnv env = SparkEnv.get();
        boolean outside = env.executorId().equals("driver")
                && env.conf().get("spark.submit.deployMode", "client").equals("client");
        if (archive == null || !outside || Files.exists(folder)) {
            return;
        }
        try {
            org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(archive);
            Path unfinished = Files.createTempDirectory(root(), "archive");
            Path copy = unfinished.resolve(source.getName());
            try (InputStream in = source.getFileSystem(Stores.configuration()).open(source)) {
                Files.copy(in, copy);
            }
            Utils.unpack(copy.toFile(), unfinished.resolve(first(name)).toFile());
            Files.move(unfinished.resolve(first(name)), folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException e) {
            throw new ModelException(archive + ": the archive of " + name + " cannot be unpacked: " + e, e);
        }
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
