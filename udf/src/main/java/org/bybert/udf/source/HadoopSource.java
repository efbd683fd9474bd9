package org.bybert.udf.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.encoder.checkpoint.ModelFiles;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.hub.FileLocks;
import org.bybert.udf.mecab.MecabDictionary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of a file system that Hadoop reads; each host copies it once. The name of the copy holds the address and the
 * names, sizes and times of the files, so that a folder that changes is copied anew. One process copies, others wait;
 * what is unfinished is never seen. Old copies are left for the operator.
 *
 * @param settings what the driver's configuration adds to Hadoop's defaults ({@code spark.hadoop.*}, core-site.xml,
 *                 what the program set), so that executors read the model as they read the data
 */
record HadoopSource(String uri, Kind kind, Map<String, String> settings) implements ModelSource {

    private static final Logger LOG = LoggerFactory.getLogger(HadoopSource.class);

    static HadoopSource of(String uri, Kind kind) {
        Configuration configuration = Stores.configuration();
        Map<String, String> settings = new TreeMap<>();
        for (Map.Entry<String, String> entry : configuration) {
            String[] sources = configuration.getPropertySources(entry.getKey());
            if (sources == null || sources.length == 0 || !sources[sources.length - 1].endsWith("-default.xml")) {
                settings.put(entry.getKey(), entry.getValue());
            }
        }
        return new HadoopSource(uri, kind, settings);
    }

    @Override
    public Path folder() {
        return copy(System.getenv());
    }

    /** @param environment may name the cache, see {@link HostFolder#of} */
    Path copy(Map<String, String> environment) {
        org.apache.hadoop.fs.Path source = address();
        FileSystem files;
        Map<String, FileStatus> listing;
        String name;
        try {
            Configuration configuration = new Configuration();
            settings.forEach(configuration::set);
            files = source.getFileSystem(configuration);
            listing = list(files, source);
            name = source.getName() + "-" + key(listing);
        } catch (FileNotFoundException e) {
            throw new ModelException(
                    uri + ": " + kind.noun + " folder not found, or none of the files of one in it", e);
        } catch (IOException | RuntimeException | NoClassDefFoundError e) {
            String advice = Stores.advice(e);
            throw new ModelException(
                    uri + ": cannot be read on host " + ModelException.host() + ": "
                            + (advice == null ? e.getMessage() : advice),
                    e);
        }
        try {
            Path copy = HostFolder.of(environment).resolve(name);
            if (!isWhole(listing, copy)) {
                FileLocks.holding(copy.resolveSibling(name + ".lock"), () -> {
                    if (!isWhole(listing, copy)) {
                        copy(files, listing, copy);
                    }
                });
            }
            return copy;
        } catch (IOException e) {
            throw new ModelException(
                    uri + ": cannot be copied to host " + ModelException.host() + ": " + e
                            + "; BYBERT_CACHE may name another folder, with room for the " + kind.noun,
                    e);
        }
    }

    private org.apache.hadoop.fs.Path address() {
        try {
            return new org.apache.hadoop.fs.Path(uri);
        } catch (IllegalArgumentException e) {
            throw new ModelException(uri + ": not an address: " + e.getMessage(), e);
        }
    }

    private Map<String, FileStatus> list(FileSystem files, org.apache.hadoop.fs.Path source) throws IOException {
        Map<String, FileStatus> listing = new TreeMap<>();
        for (FileStatus status : files.listStatus(source)) {
            String name = status.getPath().getName();
            if (status.isFile() && !status.getPath().equals(source) && isWanted(name)) {
                listing.put(name, status);
            }
        }
        if (listing.isEmpty()) {
            throw new FileNotFoundException(uri);
        }
        return listing;
    }

    private boolean isWanted(String name) {
        return kind == Kind.MODEL ? name.matches(".*\\.(json|safetensors)") : MecabDictionary.FILES.contains(name);
    }

    /** Names of the files to copy; of a model after the file that names them has been copied. */
    private List<String> wanted(Map<String, FileStatus> listing, Path copy) {
        return kind == Kind.MODEL ? ModelFiles.list(listing::containsKey, copy) : List.copyOf(listing.keySet());
    }

    private String key(Map<String, FileStatus> listing) {
        StringBuilder text = new StringBuilder(uri);
        listing.forEach((name, status) -> text.append('\n')
                .append(name)
                .append(' ')
                .append(status.getLen())
                .append(' ')
                .append(status.getModificationTime()));
        return Fingerprint.sha256(text.toString().getBytes(StandardCharsets.UTF_8))
                .substring(0, 16);
    }

    /** Whether all files are there; what cleans up temporary folders takes single ones. */
    private boolean isWhole(Map<String, FileStatus> listing, Path copy) {
        try {
            return Files.isDirectory(copy)
                    && wanted(listing, copy).stream()
                            .allMatch(name -> copy.resolve(name).toFile().length()
                                    == listing.get(name).getLen());
        } catch (ModelException e) {
            return false;
        }
    }

    private void copy(FileSystem files, Map<String, FileStatus> listing, Path copy) throws IOException {
        if (Files.exists(copy)) {
            LOG.warn("{}: the cached copy of {} has lost files or parts of them; it is copied anew", copy, uri);
            FileUtil.fullyDelete(copy.toFile());
        }
        Path unfinished = copy.resolveSibling(copy.getFileName() + ".copying");
        FileUtil.fullyDelete(unfinished.toFile());
        Files.createDirectory(unfinished);
        LOG.info("copying {} to {}", uri, copy);
        Optional<String> index = ModelFiles.index(listing::containsKey);
        if (index.isPresent()) {
            copy(files, listing.get(index.get()), unfinished);
        }
        for (String name : wanted(listing, unfinished)) {
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
            throw new IOException(
                    file.getPath() + ": expected " + file.getLen() + " bytes, found " + Files.size(target));
        }
    }

    /** Without the settings, which may hold passwords. */
    @Override
    public String toString() {
        return uri;
    }
}
