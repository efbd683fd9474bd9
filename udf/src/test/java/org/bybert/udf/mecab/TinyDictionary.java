package org.bybert.udf.mecab;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Compiles a few entries into the files of a MeCab dictionary, which MeCab itself can read, too. */
public final class TinyDictionary {

    private static final int MAGIC = 0xef718f77;
    private static final String FEATURE = "*\0";

    /** An entry, also one for unknown words. */
    private record Entry(int left, int right, int cost) {}

    private final Map<String, List<Entry>> words = new TreeMap<>();
    private final Map<String, List<Entry>> unknown = new TreeMap<>();
    private final Map<String, Integer> categories = new LinkedHashMap<>();
    private final int[] characters = new int[0xffff];
    private final int ids;
    private final short[] matrix;

    String charset = "UTF-8";
    int version = 102;

    /** @param ids number of left, and of right, context ids */
    public TinyDictionary(int ids) {
        this.ids = ids;
        matrix = new short[ids * ids];
    }

    /** Two ids without a cost; Japanese letters in runs, other characters one by one, and words that a test knows. */
    public static TinyDictionary sample() {
        TinyDictionary dictionary = new TinyDictionary(2);
        dictionary.category("DEFAULT", false, true, 0).unknown("DEFAULT", 1, 1, 5000);
        dictionary.category("SPACE", false, true, 0, ' ', '\t').unknown("SPACE", 1, 1, 5000);
        dictionary.category("NUMERIC", true, false, 1, range('0', '9')).unknown("NUMERIC", 1, 1, 1000);
        dictionary.category("ALPHA", true, false, 1, range('A', 'Z')).unknown("ALPHA", 1, 1, 1000);
        dictionary.category("HIRAGANA", false, true, 2, range('ぁ', 'ん')).unknown("HIRAGANA", 1, 1, 4000);
        return dictionary
                .word("川", 1, 1, 500)
                .word("の", 1, 1, 100)
                .word("水", 1, 1, 500)
                .word("水は", 1, 1, 2000)
                .word("は", 1, 1, 100)
                .word("冷たい", 1, 1, 800)
                .word("。", 1, 1, 50);
    }

    private static int[] range(int first, int last) {
        return IntStream.rangeClosed(first, last).toArray();
    }

    public TinyDictionary word(String spelling, int left, int right, int cost) {
        words.computeIfAbsent(spelling, s -> new ArrayList<>()).add(new Entry(left, right, cost));
        return this;
    }

    public TinyDictionary unknown(String category, int left, int right, int cost) {
        unknown.computeIfAbsent(category, s -> new ArrayList<>()).add(new Entry(left, right, cost));
        return this;
    }

    /** The first category is that of all characters that are in no other one; further ones may share characters. */
    public TinyDictionary category(String name, boolean competes, boolean groups, int length, int... members) {
        int category = categories.size();
        categories.put(name, category);
        int own = category << 18 | length << 26 | (groups ? 1 << 30 : 0) | (competes ? 1 << 31 : 0);
        if (category == 0) {
            Arrays.fill(characters, own | 1);
        }
        for (int member : members) {
            int shared = (characters[member] >>> 18 & 0xff) == 0 ? 0 : characters[member] & 0x3ffff;
            characters[member] = own | shared | 1 << category;
        }
        return this;
    }

    /** The cost of a left context id after a right one. */
    public TinyDictionary connect(int right, int left, int cost) {
        matrix[right + ids * left] = (short) cost;
        return this;
    }

    public Path write(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.write(folder.resolve("sys.dic"), lexicon(0, words));
            Files.write(folder.resolve("unk.dic"), lexicon(2, unknown));
            ByteBuffer costs = ByteBuffer.allocate(4 + 2 * matrix.length).order(ByteOrder.LITTLE_ENDIAN);
            costs.putShort((short) ids).putShort((short) ids).asShortBuffer().put(matrix);
            Files.write(folder.resolve("matrix.bin"), costs.array());
            ByteBuffer types = ByteBuffer.allocate(4 + 32 * categories.size() + 4 * characters.length)
                    .order(ByteOrder.LITTLE_ENDIAN);
            types.putInt(categories.size());
            categories.keySet().forEach(name -> types.put(padded(name)));
            types.asIntBuffer().put(characters);
            Files.write(folder.resolve("char.bin"), types.array());
            Files.writeString(folder.resolve("dicrc"), "cost-factor = 700\nbos-feature = BOS/EOS\n");
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] padded(String name) {
        return Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), 32);
    }

    private byte[] lexicon(int type, Map<String, List<Entry>> entries) {
        Trie trie = new Trie();
        ByteArrayOutputStream tokens = new ByteArrayOutputStream();
        int first = 0;
        for (Map.Entry<String, List<Entry>> word : entries.entrySet()) {
            trie.add(
                    word.getKey().getBytes(StandardCharsets.UTF_8),
                    first << 8 | word.getValue().size());
            for (Entry entry : word.getValue()) {
                ByteBuffer token = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
                token.putShort((short) entry.left()).putShort((short) entry.right());
                token.putShort((short) 0).putShort((short) entry.cost());
                tokens.writeBytes(token.array());
                first++;
            }
        }
        byte[] units = trie.units();
        int size = 72 + units.length + tokens.size() + FEATURE.length();
        ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(size ^ MAGIC)
                .putInt(version)
                .putInt(type)
                .putInt(first)
                .putInt(ids)
                .putInt(ids);
        file.putInt(units.length).putInt(tokens.size()).putInt(FEATURE.length()).putInt(0);
        file.put(padded(charset)).put(units).put(tokens.toByteArray());
        file.put(FEATURE.getBytes(StandardCharsets.US_ASCII));
        return file.array();
    }

    /** A trie, and the double array that is made of it by trying places one after the other. */
    private static final class Trie {

        private final TreeMap<Integer, Trie> children = new TreeMap<>();
        private int value = -1;

        void add(byte[] key, int newValue) {
            Trie node = this;
            for (byte next : key) {
                node = node.children.computeIfAbsent(next & 0xff, b -> new Trie());
            }
            node.value = newValue;
        }

        byte[] units() {
            List<int[]> units = new ArrayList<>();
            unit(units, 0)[0] = place(units);
            for (int i = 0; i < 257; i++) {
                units.add(new int[2]);
            }
            ByteBuffer bytes = ByteBuffer.allocate(8 * units.size()).order(ByteOrder.LITTLE_ENDIAN);
            units.forEach(unit -> bytes.putInt(unit[0]).putInt(unit[1]));
            return bytes.array();
        }

        private static int[] unit(List<int[]> units, int at) {
            while (units.size() <= at) {
                units.add(new int[2]);
            }
            return units.get(at);
        }

        private int place(List<int[]> units) {
            int base = 1;
            while (!fits(units, base)) {
                base++;
            }
            // All are taken before any child looks for a place of its own.
            int taken = base;
            if (value >= 0) {
                unit(units, base)[1] = base;
                unit(units, base)[0] = -value - 1;
            }
            children.keySet().forEach(next -> unit(units, taken + next + 1)[1] = taken);
            children.forEach((next, child) -> {
                int state = child.place(units);
                unit(units, taken + next + 1)[0] = state;
            });
            return base;
        }

        private boolean fits(List<int[]> units, int base) {
            // No other state may have this base, with or without a value.
            return unit(units, base)[1] == 0
                    && units.stream().noneMatch(unit -> unit[0] == base || unit[1] == base)
                    && children.keySet().stream().allMatch(next -> unit(units, base + next + 1)[1] == 0);
        }
    }
}
