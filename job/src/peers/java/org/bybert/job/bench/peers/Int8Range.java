package org.bybert.job.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How large quantised weights may be. An x86 CPU without VNNI adds two products of bytes in 16 bits, which saturate:
 * with weights of 8 bits its answers have nothing to do with the model's. Weights of 7 bits are as fast and never
 * saturate (ONNX Runtime's own quantiser calls it {@code reduce_range}).
 */
final class Int8Range {

    private static final Path CPU_FLAGS = Path.of("/proc/cpuinfo");
    private static final String X86 = "amd64";
    private static final int SEVEN_BITS = 63;

    /** The largest weight on this CPU; where its flags cannot be read, the one that is right on every CPU. */
    static final int LARGEST = saturates() ? SEVEN_BITS : Byte.MAX_VALUE;

    private Int8Range() {}

    private static boolean saturates() {
        if (!System.getProperty("os.arch").equals(X86)) {
            return false;
        }
        try {
            return !Files.readString(CPU_FLAGS).contains("vnni");
        } catch (IOException e) {
            return true;
        }
    }
}
