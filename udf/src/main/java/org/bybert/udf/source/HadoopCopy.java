package org.bybert.udf.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.bybert.encoder.checkpoint.ContentHash;
import org.bybert.encoder.checkpoint.ModelFiles;
import org.bybert.encoder.error.Host;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.hub.FileLocks;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This host's copy of a model folder of a Hadoop file system. Its name holds the address and the names, sizes and times
 * of the files, so that a folder that changes is copied anew. One process copies, others wait; what is unfinished is
 * never seen. Old copies are left for the operator.
 */
final class HadoopCopy {

    private static final Logger LOG = LoggerFactory.getLogger(HadoopCopy.class);

    private final org.apache.hadoop.fs.Path source;
    private final String uri;
    private final Configuration configuration;
    private final Path cache;

    HadoopCopy(String uri, Configuration configuration, Path cache) {
        this.uri = uri;
        this.configuration = configuration;
        this.cache = cache;
        try {
            this.source = new org.apache.hadoop.fs.Path(uri);
        } catch (IllegalArgumentException e) {
            throw new ModelException(uri + ": not an address: " + e.getMessage(), e);
        }
    }

    /** {@code BYBERT_CACHE}, else a folder of this user's among the temporary ones. */
    static Path cache(Map<String, String> environment) {
        String named = environment.get("BYBERT_CACHE");
        return named == null || named.isBlank()
                ? Path.of(System.getProperty("java.io.tmpdir"), "bybert-" + System.getProperty("user.name"))
                : Path.of(named).toAbsolutePath();
    }

    Path folder() {
        FileSystem files;
        Map<String, FileStatus> listing;
        try {
            files = source.getFileSystem(configuration);
            listing = list(files);
        } catch (FileNotFoundException e) {
            throw new ModelException(uri + ": model folder not found", e);
        } catch (IOException | RuntimeException e) {
            // Hadoop reports a file system whose classes are missing by a bare RuntimeException.
            throw new ModelException(uri + ": cannot be read on host " + Host.name() + ": " + e.getMessage()
                    + (String.valueOf(e.getMessage()).contains("s3a") ? "; s3a needs --packages org.apache.hadoop:"
                            + "hadoop-aws:VERSION, of the version of Spark's Hadoop" : ""), e);
        }
        Path copy = cache.resolve(source.getName() + "-" + key(listing));
        return Files.isDirectory(copy) ? copy : copyUnderLock(files, listing, copy);
    }

    private Map<String, FileStatus> list(FileSystem files) throws IOException {
        Map<String, FileStatus> listing = new TreeMap<>();
        for (FileStatus status : files.listStatus(source)) {
            String name = status.getPath().getName();
            if (status.isFile() && !status.getPath().equals(source) && name.matches(".*\\.(json|safetensors)")) {
                listing.put(name, status);
            }
        }
        if (listing.isEmpty()) {
            throw new FileNotFoundException(uri);
        }
        return listing;
    }

    private String key(Map<String, FileStatus> listing) {
        StringBuilder text = new StringBuilder(uri);
        listing.forEach((name, status) -> text.append('\n').append(name).append(' ').append(status.getLen()).append(' ')
                .append(status.getModificationTime()));
        return ContentHash.sha256(text.toString().getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    }

    private Path copyUnderLock(FileSystem files, Map<String, FileStatus> listing, Path copy) {
        try {
            makeCache();
            FileLocks.holding(cache.resolve(copy.getFileName() + ".lock"), () -> {
                if (!Files.isDirectory(copy)) {
                    copy(files, listing, copy);
                }
            });
        } catch (IOException e) {
            throw new ModelException(uri + ": cannot be copied to " + cache + " on host " + Host.name() + ": " + e
                    + "; BYBERT_CACHE may name another folder, with room for the model", e);
        }
        return copy;
    }

    /** For this user alone: what others could write must not be opened. */
    private void makeCache() throws IOException {
        if (!Files.isDirectory(cache) && FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectories(cache, PosixFilePermissions.asFileAttribute(
                    PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(cache);
        }
    }

    private void copy(FileSystem files, Map<String, FileStatus> listing, Path copy) throws IOException {
        Path unfinished = cache.resolve(copy.getFileName() + ".copying");
        deleteFolder(unfinished);
        Files.createDirectory(unfinished);
        LOG.info("copying {} to {}", uri, copy);
        Optional<String> index = ModelFiles.index(listing::containsKey);
        if (index.isPresent()) {
            copy(files, listing.get(index.get()), unfinished);
        }
        for (String name : ModelFiles.list(listing::containsKey, unfinished)) {
            copy(files, listing.get(name), unfinished);
        }
        Files.move(unfinished, copy, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void copy(FileSystem files, FileStatus file, Path folder) throws IOException {
        Path target = folder.resolve(file.getPath().getName());
        try (InputStream stream = files.open(file.getPath())) {
            Files.copy(stream, target, StandardCopyOption.REPLACE_EXISTING);
        }
        if (Files.size(target) != file.getLen()) {
            throw new IOException(file.getPath() + ": expected " + file.getLen() + " bytes, found "
                    + Files.size(target));
        }
    }

    private static void deleteFolder(Path folder) throws IOException {
        if (Files.exists(folder)) {
            List<Path> content;
            try (Stream<Path> walk = Files.walk(folder)) {
                content = walk.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path path : content) {
                Files.delete(path);
            }
        }
    }
}
