package org.bybert.udf.mecab;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.bybert.encoder.error.ModelException;

/** One file of a dictionary, mapped into memory: little-endian, read-only, shared by all threads. */
record DictionaryFile(Path path, ByteBuffer bytes) {

    /** @throws ModelException where it cannot be mapped, or is too large for it */
    static DictionaryFile map(Path path) {
        try (FileChannel file = FileChannel.open(path)) {
            if (file.size() > Integer.MAX_VALUE) {
                throw new ModelException(path + ": expected at most 2 GB, which Java maps at once, found " + file.size()
                        + " bytes; use a smaller dictionary, such as UniDic's");
            }
            ByteBuffer bytes = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size());
            return new DictionaryFile(path, bytes.order(ByteOrder.LITTLE_ENDIAN));
        } catch (IOException e) {
            throw new ModelException(path + ": cannot be read on host " + ModelException.host() + ": " + e, e);
        }
    }

    long size() {
        return bytes.capacity();
    }

    ByteBuffer slice(int start, int length) {
        return bytes.slice(start, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The text of a field that zeros fill up. */
    String text(int start, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = start; i < start + length && bytes.get(i) != 0; i++) {
            text.append((char) (bytes.get(i) & 0xff));
        }
        return text.toString();
    }

    /** @throws ModelException where the size is another one */
    void checkSize(long expected, String why) {
        if (size() != expected) {
            throw new ModelException(path + ": expected " + expected + " bytes, " + why + ", found " + size()
                    + "; it is truncated or of another kind: copy or install the dictionary again");
        }
    }

    ModelException wrong(String expected, Object found, String remedy) {
        return new ModelException(path + ": expected " + expected + ", found " + found + "; " + remedy);
    }
}
