package org.bybert.udf.mecab;

import java.io.IOException;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.encoder.error.ModelException;

/**
 * A dictionary that MeCab 0.996 has compiled, in UTF-8: the words of a text are those of {@code mecab -d FOLDER}. Its files
 * are mapped into memory, once per JVM, and shared by all threads.
 *
 * <p>Two things differ, at which MeCab itself breaks: it ends a text at U+0000, and loses what follows 65,535 bytes of white
 * space.
 */
public final class MecabDictionary {

    private static final String SYSTEM = "sys.dic";
    private static final String UNKNOWN = "unk.dic";
    private static final String MATRIX = "matrix.bin";
    private static final String CHARACTERS = "char.bin";
    private static final String SETTINGS = "dicrc";
    private static final List<String> NEEDED = List.of(SYSTEM, UNKNOWN, MATRIX, CHARACTERS);

    /** The files that are read, of which only the last one may be missing. */
    public static final List<String> FILES = List.of(SYSTEM, UNKNOWN, MATRIX, CHARACTERS, SETTINGS);

    private static final ConcurrentHashMap<String, MecabDictionary> OPEN = new ConcurrentHashMap<>();

    /**
     * @param places   start and end (exclusive) of each word, as indices of the text
     * @param contexts right context id of each
     */
    public record Words(int[] places, char[] contexts) {}

    final Lexicon system;
    final CharTypes characters;
    /** Cost of a left context id (row) after a right one (column). */
    final ShortBuffer matrix;

    final int columns;
    final int rows;
    /** Entries for unknown words of each category. */
    final long[][] unknown;
    /** State of {@link #system} after a first character below U+10000. */
    final int[] first = new int[Character.MIN_SUPPLEMENTARY_CODE_POINT];

    private final String hash;
    private final String[] partsOfSpeech;
    private final Queue<Lattice> idle = new ConcurrentLinkedQueue<>();

    /**
     * The dictionary in a folder, opened once as long as its files do not change.
     *
     * @throws ModelException where it cannot be used, saying why
     */
    public static MecabDictionary of(Path folder) {
        checkFiles(folder);
        StringBuilder key = new StringBuilder();
        for (String name : FILES) {
            Path file = folder.resolve(name);
            try {
                if (Files.exists(file)) {
                    key.append(file.toRealPath())
                            .append('|')
                            .append(Files.size(file))
                            .append('|')
                            .append(Files.getLastModifiedTime(file))
                            .append('\n');
                }
            } catch (IOException e) {
                throw new ModelException(file + ": cannot be read on host " + ModelException.host() + ": " + e, e);
            }
        }
        return OPEN.computeIfAbsent(key.toString(), files -> new MecabDictionary(folder));
    }

    private MecabDictionary(Path folder) {
        system = new Lexicon(DictionaryFile.map(folder.resolve(SYSTEM)), Lexicon.SYSTEM);
        characters = new CharTypes(DictionaryFile.map(folder.resolve(CHARACTERS)));
        DictionaryFile costs = DictionaryFile.map(folder.resolve(MATRIX));
        if (costs.size() < Integer.BYTES) {
            costs.checkSize(Integer.BYTES, "at least");
        }
        columns = Short.toUnsignedInt(costs.bytes().getShort(0));
        rows = Short.toUnsignedInt(costs.bytes().getShort(Short.BYTES));
        if (columns != system.leftSize || rows != system.rightSize) {
            throw costs.wrong(
                    "the " + system.leftSize + " x " + system.rightSize + " context ids of " + SYSTEM,
                    columns + " x " + rows,
                    "take both from one dictionary");
        }
        costs.checkSize(
                Integer.BYTES + (long) Short.BYTES * columns * rows, "as for " + columns + " x " + rows + " ids");
        matrix = costs.slice(Integer.BYTES, (int) costs.size() - Integer.BYTES).asShortBuffer();
        DictionaryFile unknownFile = DictionaryFile.map(folder.resolve(UNKNOWN));
        Lexicon unknownWords = new Lexicon(unknownFile, Lexicon.UNKNOWN);
        unknown = unknown(unknownFile, unknownWords);
        partsOfSpeech = partsOfSpeech(List.of(system, unknownWords));
        for (int character = 0; character < first.length; character++) {
            first[character] = system.stepOver(system.root(), character);
        }
        checkSettings(folder.resolve(SETTINGS));
        hash = Fingerprint.of(
                folder,
                FILES.stream()
                        .filter(name -> Files.exists(folder.resolve(name)))
                        .toList());
    }

    /** {@link Fingerprint} of those of the {@link #FILES} that are there. */
    public String hash() {
        return hash;
    }

    /** The words of a text, without the white space between them. */
    public Words words(String text) {
        Lattice lattice = idle.poll();
        if (lattice == null) {
            lattice = new Lattice(this);
        }
        Words words = lattice.words(text);
        if (lattice.isSmall()) {
            idle.add(lattice);
        }
        return words;
    }

    /** The part of speech of all words of a right context id; null where they have several, or none. */
    public String partOfSpeech(char context) {
        return partsOfSpeech[context];
    }

    private String[] partsOfSpeech(List<Lexicon> lexicons) {
        byte[][] known = new byte[columns][];
        boolean[] several = new boolean[columns];
        for (Lexicon lexicon : lexicons) {
            for (int i = 0; i < lexicon.entries(); i++) {
                int context = Lexicon.right(lexicon.entry(i));
                byte[] field = lexicon.partOfSpeech(i);
                several[context] |= known[context] != null && !Arrays.equals(known[context], field);
                known[context] = field;
            }
        }
        return IntStream.range(0, columns)
                .mapToObj(context -> known[context] == null || several[context] || known[context].length == 0
                        ? null
                        : new String(known[context], StandardCharsets.UTF_8))
                .toArray(String[]::new);
    }

    private static void checkFiles(Path folder) {
        List<String> missing = NEEDED.stream()
                .filter(name -> !Files.isRegularFile(folder.resolve(name)))
                .toList();
        if (!missing.isEmpty()) {
            throw new ModelException(folder + ": expected a dictionary that MeCab has compiled, with "
                    + String.join(", ", NEEDED) + "; found no " + String.join(", no ", missing) + remedy(folder));
        }
    }

    private static String remedy(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<String> names =
                    files.map(file -> file.getFileName().toString()).toList();
            if (names.stream().anyMatch(name -> name.endsWith(".csv") || name.equals("matrix.def"))) {
                return "; it holds the source of a dictionary: compile it with mecab-dict-index -d " + folder
                        + " -o FOLDER -f utf-8 -t utf-8, and name that folder";
            }
            if (names.stream().anyMatch(name -> name.startsWith("system.dic"))) {
                return "; system.dic is of another program (vibrato, Sudachi): take the dictionary's edition for MeCab";
            }
        } catch (IOException e) {
            return "; the folder cannot be listed: " + e;
        }
        return "; UniDic has it, as NINJAL or Debian's package unidic-mecab bring it";
    }

    private long[][] unknown(DictionaryFile file, Lexicon lexicon) {
        if (lexicon.leftSize != columns || lexicon.rightSize != rows) {
            throw file.wrong(
                    columns + " x " + rows + " context ids, as " + SYSTEM + " has",
                    lexicon.leftSize + " x " + lexicon.rightSize,
                    "take both from one dictionary");
        }
        return characters.categories.stream()
                .map(category -> {
                    int state = lexicon.root();
                    for (byte next : category.getBytes(StandardCharsets.ISO_8859_1)) {
                        state = state < 0 ? state : lexicon.step(state, next & 0xff);
                    }
                    int entries = state < 0 ? Lexicon.NONE : lexicon.entries(state);
                    if (entries < 0 || Lexicon.count(entries) == 0) {
                        throw file.wrong(
                                "entries for each category of " + CHARACTERS,
                                "none for " + category,
                                "take both from one dictionary");
                    }
                    long[] words = new long[Lexicon.count(entries)];
                    for (int i = 0; i < words.length; i++) {
                        words[i] = lexicon.entry(Lexicon.first(entries) + i);
                    }
                    return words;
                })
                .toArray(long[][]::new);
    }

    /** The one setting of a dictionary that would bring other words; no other one decides about words. */
    private static void checkSettings(Path settings) {
        try {
            if (Files.exists(settings)
                    && Files.readAllLines(settings, StandardCharsets.ISO_8859_1).stream()
                            .anyMatch(line -> line.matches("\\s*userdic\\s*=\\s*\\S.*"))) {
                throw new ModelException(
                        settings + ": names a user dictionary (userdic), which is not read; compile its "
                                + "entries into " + SYSTEM + " with mecab-dict-index, or remove the line");
            }
        } catch (IOException e) {
            throw new ModelException(settings + ": cannot be read: " + e, e);
        }
    }
}
