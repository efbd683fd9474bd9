package org.bybert.encoder.text;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bybert.encoder.error.ModelException;

/** The encodings this version can read, by name. */
public final class ByteEncodings {

    private static final Map<String, ByteEncoding> BY_NAME = new LinkedHashMap<>();

    static {
        for (ByteEncoding encoding : List.of(new Utf8(), PositionalCode.MIXED_RADIX, PositionalCode.BIT_PREFIX)) {
            BY_NAME.put(encoding.name(), encoding);
        }
    }

    private ByteEncodings() {
    }

    public static Set<String> names() {
        return BY_NAME.keySet();
    }

    /**
     * @param where names the source of {@code name} in the error
     * @throws ModelException where there is no such encoding
     */
    public static ByteEncoding named(String name, String where) {
        ByteEncoding encoding = BY_NAME.get(name);
        if (encoding == null) {
            throw new ModelException(where + ": byte_encoding: expected one of " + names() + ", found \"" + name + "\"");
        }
        return encoding;
    }
}
