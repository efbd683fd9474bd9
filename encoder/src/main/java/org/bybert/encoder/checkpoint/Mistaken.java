package org.bybert.encoder.checkpoint;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What people have put where a file of a model should be, told by its first bytes. */
final class Mistaken {

    /** So many bytes tell. */
    static final int HEAD = 512;

    static final String JSON = "JSON text";

    private static final String CONVERT = "; convert it to safetensors first";
    private static final String UNPACK = "; unpack it";
    /** By first bytes in hexadecimal digits. */
    private static final Map<String, String> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put(
                hex("version https://git-lfs"),
                "a Git LFS pointer in place of the file; run git lfs pull where it was "
                        + "cloned, or fetch the file from the hub");
        KINDS.put("1f8b", "gzip data" + UNPACK);
        KINDS.put("28b52ffd", "Zstandard data" + UNPACK);
        KINDS.put("fd377a585a00", "xz data" + UNPACK);
        KINDS.put(hex("BZh"), "bzip2 data" + UNPACK);
        KINDS.put("504b0304", "a zip archive, as PyTorch's files (.bin, .pt) are" + CONVERT);
        KINDS.put("8002", "pickled Python data, as PyTorch's files (.bin, .pt) are" + CONVERT);
        KINDS.put("89484446", "HDF5 data, as TensorFlow's files are" + CONVERT);
        KINDS.put(hex("GGUF"), "a GGUF file" + CONVERT);
        KINDS.put("fffe", "UTF-16 text");
        KINDS.put("feff", "UTF-16 text");
    }

    private Mistaken() {}

    private static String hex(String ascii) {
        return HexFormat.of().formatHex(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * What a file is that is not what it should be, and what to do; empty where its bytes do not tell.
     *
     * @param head its first bytes, {@link #HEAD} of them or all
     */
    static String of(byte[] head) {
        String text = new String(head, StandardCharsets.UTF_8)
                .replace("\uFEFF", "")
                .strip()
                .toLowerCase(Locale.ROOT);
        if (text.isEmpty()) {
            return "an empty file; fetch it again";
        }
        if (text.startsWith("<!doctype") || text.startsWith("<html") || text.startsWith("<?xml")) {
            return "a web page, of an error or a login or about the file; fetch the file itself";
        }
        String digits = HexFormat.of().formatHex(Arrays.copyOf(head, Math.min(head.length, HEAD)));
        return KINDS.entrySet().stream()
                .filter(kind -> digits.startsWith(kind.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(text.startsWith("{") ? JSON : "");
    }
}
