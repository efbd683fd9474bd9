package org.bybert.udf.words;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import org.bybert.encoder.error.ModelException;
import org.bybert.udf.mecab.MecabDictionary;
import org.bybert.udf.source.ModelSource;
import org.bybert.udf.source.ShippedSource;

/**
 * How words are cut, in a form that tasks carry. The driver resolves it, so that all executors cut by the same dictionary.
 *
 * @param name      {@code unidic}, the dictionary that comes with Kuromoji, or {@code mecab:DIR}, see
 *                  {@link MecabDictionary}
 * @param joinsRuns whether runs of digits, and of letters of one script, are one word
 * @param source    where every host finds the dictionary, fixed by {@link #resolve}; null before, and for Kuromoji's
 * @param hash      {@link MecabDictionary#hash} that every host must find there, or of Kuromoji's the SHA-256 of its jar;
 *                  null before {@link #resolve}
 */
public record SegmenterReference(String name, boolean joinsRuns, ModelSource source, String hash)
        implements Serializable {

    private static final String BUNDLED = "unidic";
    private static final String MECAB = "mecab:";
    /** What holds where nothing is said. */
    public static final SegmenterReference DEFAULT = new SegmenterReference(BUNDLED, true);

    private static final ConcurrentHashMap<SegmenterReference, MecabDictionary> OPEN = new ConcurrentHashMap<>();

    /** @throws IllegalArgumentException where the name is neither */
    public SegmenterReference {
        if (!name.equals(BUNDLED) && !(name.startsWith(MECAB) && name.length() > MECAB.length())) {
            throw new IllegalArgumentException("expected " + BUNDLED + " or " + MECAB + "DIR, found '" + name + "'");
        }
    }

    public SegmenterReference(String name, boolean joinsRuns) {
        this(name, joinsRuns, null, null);
    }

    boolean isBundled() {
        return name.equals(BUNDLED);
    }

    /** Whether the dictionary comes with the job, so that it is nowhere before Spark has started. */
    public boolean comesWithJob() {
        return !isBundled() && ShippedSource.isShipped(folder());
    }

    private String folder() {
        return name.substring(MECAB.length());
    }

    /**
     * Decides on the driver what all hosts will open, and opens it there.
     *
     * @throws ModelException where the dictionary cannot be used
     */
    public SegmenterReference resolve() {
        if (isBundled()) {
            return new SegmenterReference(name, joinsRuns, null, Segmenter.kuromojiHash());
        }
        if (source != null) {
            return this;
        }
        ModelSource found = ModelSource.of(folder(), ModelSource.Kind.DICTIONARY);
        return new SegmenterReference(name, joinsRuns, found, open(found).hash());
    }

    /** The dictionary of this JVM. */
    MecabDictionary dictionary() {
        return OPEN.computeIfAbsent(this, reference -> {
            SegmenterReference resolved = reference.resolve();
            MecabDictionary dictionary = open(resolved.source);
            if (!dictionary.hash().equals(resolved.hash)) {
                throw new ModelException(name + ": not the driver's dictionary: expected hash " + resolved.hash
                        + ", found " + dictionary.hash() + " on host " + ModelException.host()
                        + "; give every host the same files");
            }
            return dictionary;
        });
    }

    private MecabDictionary open(ModelSource found) {
        Path folder = found.folder();
        try {
            return MecabDictionary.of(folder);
        } catch (ModelException e) {
            // The message names the folder on this host, which may be a copy.
            throw found instanceof ModelSource.Folder ? e : new ModelException(name + ": " + e.getMessage(), e);
        }
    }

    /** For people: the name, and what was found under it. */
    @Override
    public String toString() {
        return name + (source == null ? "" : ", hash " + hash) + (joinsRuns ? "" : ", runs not joined");
    }
}
