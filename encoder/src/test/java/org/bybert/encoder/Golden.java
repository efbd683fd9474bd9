package org.bybert.encoder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.checkpoint.Safetensors;
import org.bybert.encoder.checkpoint.Safetensors.TensorInfo;

/** The checkpoints in test resources and what they must compute. */
public final class Golden {

    public static final List<String> NAMES = List.of("utf8-bf16", "qkvbias-f16", "sharded-f32");

    private final Path file;
    private final Map<String, TensorInfo> tensors;

    private Golden(Path file) {
        this.file = file;
        this.tensors = Safetensors.readHeader(file);
    }

    public static Path folder(String name) {
        return Path.of("src/test/resources/golden").resolve(name);
    }

    public static Golden expected(String name) {
        return new Golden(folder(name).resolve("expected.safetensors"));
    }

    public int cases() {
        int cases = 0;
        while (tensors.containsKey(cases + ".input_ids")) {
            cases++;
        }
        return cases;
    }

    /** The rows of one case without their padding. */
    public List<int[]> rows(int index) {
        ByteBuffer ids = bytes(index + ".input_ids");
        ByteBuffer mask = bytes(index + ".attention_mask");
        List<Long> shape = tensors.get(index + ".input_ids").shape();
        List<int[]> rows = new ArrayList<>();
        for (int row = 0; row < shape.get(0); row++) {
            List<Integer> kept = new ArrayList<>();
            for (int i = 0; i < shape.get(1); i++) {
                int at = Math.toIntExact(row * shape.get(1) + i) * 8;
                if (mask.getLong(at) == 1) {
                    kept.add((int) ids.getLong(at));
                }
            }
            rows.add(kept.stream().mapToInt(Integer::intValue).toArray());
        }
        return rows;
    }

    /** A tensor of floats and, last in its shape, the width of a row. */
    public float[] floats(String name) {
        ByteBuffer data = bytes(name);
        float[] values = new float[data.remaining() / 4];
        data.asFloatBuffer().get(values);
        return values;
    }

    public List<Long> shape(String name) {
        return tensors.get(name).shape();
    }

    private ByteBuffer bytes(String name) {
        TensorInfo tensor = tensors.get(name);
        try {
            return ByteBuffer.wrap(Files.readAllBytes(file), (int) tensor.begin(), (int) tensor.bytes())
                    .slice()
                    .order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
