package org.bybert.encoder.checkpoint;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Golden;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.kernel.ScalarKernels;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to a header, the model opens or is refused: no other exception, no crash, no endless loop. */
class HeaderFuzzTest {

    private static final int TRIES = 400;

    @TempDir
    Path folder;

    private byte[] header;

    @BeforeEach
    void copyGolden() throws IOException {
        for (String name : List.of("config.json", "tokenizer_config.json", "model.safetensors")) {
            Files.copy(Golden.folder("utf8-bf16").resolve(name), folder.resolve(name));
        }
        byte[] file = Files.readAllBytes(folder.resolve("model.safetensors"));
        long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        header = Arrays.copyOf(file, (int) (8 + length));
    }

    @Test
    void flippedBits() throws IOException {
        Random random = new Random(1);
        for (int attempt = 0; attempt < TRIES; attempt++) {
            byte[] damaged = header.clone();
            for (int n = random.nextInt(3); n >= 0; n--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            open(damaged, "flip " + attempt);
        }
    }

    @Test
    void overwrittenBytes() throws IOException {
        Random random = new Random(2);
        for (int attempt = 0; attempt < TRIES; attempt++) {
            byte[] damaged = header.clone();
            int length = 1 + random.nextInt(16);
            int at = random.nextInt(damaged.length - length);
            for (int i = 0; i < length; i++) {
                damaged[at + i] = (byte) random.nextInt(256);
            }
            open(damaged, "overwrite " + attempt);
        }
    }

    /** Damage that leaves the header JSON, and so reaches the checks behind the parser. */
    @Test
    void exchangedDigitsAndLetters() throws IOException {
        Random random = new Random(3);
        int opened = 0;
        for (int attempt = 0; attempt < TRIES; attempt++) {
            byte[] damaged = header.clone();
            for (int n = random.nextInt(2); n >= 0; n--) {
                int at = 8 + random.nextInt(damaged.length - 8);
                if (Character.isDigit(damaged[at])) {
                    damaged[at] = (byte) "0123456789-.eE,".charAt(random.nextInt(15));
                } else if (Character.isLetter(damaged[at])) {
                    damaged[at] = (byte) ('A' + random.nextInt(26));
                }
            }
            opened += open(damaged, "exchange " + attempt) ? 1 : 0;
        }
        assertTrue(opened > 0 && opened < TRIES, opened + " of " + TRIES + " opened");
    }

    private boolean open(byte[] damaged, String attempt) throws IOException {
        try (RandomAccessFile file =
                new RandomAccessFile(folder.resolve("model.safetensors").toFile(), "rw")) {
            file.write(damaged);
        }
        try {
            ByBert.open(folder, Map.of(), null, new ScalarKernels());
            return true;
        } catch (ModelException e) {
            return false;
        } catch (Throwable e) {
            return fail(attempt, e);
        }
    }
}
