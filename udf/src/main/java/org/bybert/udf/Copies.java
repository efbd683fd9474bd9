package org.bybert.udf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bybert.encoder.checkpoint.ContentHash;
import org.bybert.encoder.checkpoint.ModelFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when a JVM has the weights of a model twice. Statics are one per class loader, and a Spark session with jars of
 * its own has its own class loader, whose classes cannot share objects with others. A system property per open model,
 * which is one per JVM and keeps no class loader alive, names the one that opened it first.
 */
final class Copies {

    private static final Logger LOG = LoggerFactory.getLogger(Copies.class);
    private static final String LOADER = name(Copies.class.getClassLoader());

    private Copies() {
    }

    /** Notes an open model; warns where another class loader has it, too. */
    static void add(ModelReference reference, Path folder, boolean warn) {
        Object other = System.getProperties().putIfAbsent(property(reference.content()), LOADER);
        if (warn && other != null && !other.equals(LOADER)) {
            LOG.warn("{}: this class loader ({}) opened its own copy of {} MB; another one of this JVM ({}) has opened "
                    + "the model, too, and the two cannot share it. It happens where sessions bring the jar (artifacts "
                    + "of Spark Connect, ADD JAR): put the jar on the executors' class path "
                    + "(spark.executor.extraClassPath).", reference.model(), LOADER, megabytes(folder), other);
        }
    }

    static void remove(ModelReference.Content content) {
        System.getProperties().remove(property(content), LOADER);
    }

    private static String property(ModelReference.Content content) {
        return "bybert.models.open." + ContentHash.sha256(content.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String name(ClassLoader loader) {
        return loader.getClass().getSimpleName() + "@" + Integer.toHexString(System.identityHashCode(loader));
    }

    private static long megabytes(Path folder) {
        long bytes = 0;
        for (String file : ModelFiles.list(folder)) {
            try {
                bytes += Files.size(folder.resolve(file));
            } catch (IOException e) {
                LOG.debug("{}: size unknown", file, e);
            }
        }
        return (bytes + 500_000) / 1_000_000;
    }
}
