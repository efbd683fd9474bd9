package org.bybert.encoder.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.Locale;
import java.util.Map;

/** Writes tensors into one safetensors file or into shards with their index. */
public final class SafetensorsWriter {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Map<String, Entry> tensors = new LinkedHashMap<>();

    private record Entry(Dtype dtype, long[] shape, byte[] data) {}

    /** Adds or replaces a tensor. */
    public SafetensorsWriter put(String name, Dtype dtype, float[] values, long... shape) {
        ByteBuffer data = ByteBuffer.allocate(values.length * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            switch (dtype) {
                case F32 -> data.putFloat(value);
                case BF16 -> data.putShort(bfloat(value));
                case F16 -> data.putShort(half(value));
                case I64 -> data.putLong((long) value);
                default -> throw new IllegalArgumentException("no test needs " + dtype);
            }
        }
        tensors.put(name, new Entry(dtype, shape, data.array()));
        return this;
    }

    public SafetensorsWriter remove(String name) {
        tensors.remove(name);
        return this;
    }

    public void write(Path file) {
        write(file, List.copyOf(tensors.keySet()));
    }

    /** Deals the tensors out to {@code shards} files in turn. */
    public void writeShards(Path folder, int shards) {
        List<List<String>> names = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            names.add(new ArrayList<>());
        }
        ObjectNode index = MAPPER.createObjectNode();
        ObjectNode weightMap = index.putObject("weight_map");
        int next = 0;
        for (String name : tensors.keySet()) {
            int shard = next++ % shards;
            names.get(shard).add(name);
            weightMap.put(name, shardName(shard, shards));
        }
        for (int shard = 0; shard < shards; shard++) {
            write(folder.resolve(shardName(shard, shards)), names.get(shard));
        }
        try {
            MAPPER.writeValue(folder.resolve("model.safetensors.index.json").toFile(), index);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String shardName(int shard, int shards) {
        return String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", shard + 1, shards);
    }

    private void write(Path file, List<String> names) {
        ObjectNode header = MAPPER.createObjectNode();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (String name : names) {
            Entry tensor = tensors.get(name);
            ObjectNode entry =
                    header.putObject(name).put("dtype", tensor.dtype().name());
            ArrayNode shape = entry.putArray("shape");
            Arrays.stream(tensor.shape()).forEach(shape::add);
            entry.putArray("data_offsets").add(data.size()).add(data.size() + tensor.data().length);
            data.writeBytes(tensor.data());
        }
        write(file, header.toString(), data.toByteArray());
    }

    /** Writes any header before any data: what a damaged file may hold. */
    static void write(Path file, String header, byte[] data) {
        write(file, header.getBytes(StandardCharsets.UTF_8).length, header, data);
    }

    /** As above, with a header length that may be wrong. */
    static void write(Path file, long headerLength, String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(headerLength)
                .put(json)
                .put(data);
        try {
            Files.write(file, bytes.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static short bfloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & 0xffff) != 0) {
            throw new IllegalArgumentException(value + " is not exact in BF16");
        }
        return (short) (bits >>> 16);
    }

    private static short half(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int exponent = Float.isFinite(value) ? Math.getExponent(value) + 15 : 31;
        if (value == 0) {
            return (short) sign;
        }
        if ((bits & 0x1fff) != 0 || exponent < 1 || Float.isFinite(value) && exponent > 30) {
            throw new IllegalArgumentException(value + " is not a normal number in F16");
        }
        return (short) (sign | exponent << 10 | bits >>> 13 & 0x3ff);
    }
}
