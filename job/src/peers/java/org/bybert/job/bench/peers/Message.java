package org.bybert.job.bench.peers;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A protocol buffer message that is written field by field; field numbers are those of {@code onnx.proto3}. */
final class Message {

    private interface Field {
        void write(CodedOutputStream out) throws IOException;
    }

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

    private Message add(Field field) {
        try {
            field.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException("memory can be written", e);
        }
        return this;
    }

    Message number(int field, long value) {
        return add(o -> o.writeInt64(field, value));
    }

    Message number(int field, float value) {
        return add(o -> o.writeFloat(field, value));
    }

    Message text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message bytes(int field, byte[] value) {
        return add(o -> o.writeByteArray(field, value));
    }

    Message message(int field, Message value) {
        return bytes(field, value.toBytes());
    }

    byte[] toBytes() {
        add(CodedOutputStream::flush);
        return bytes.toByteArray();
    }
}
