package org.bybert.job.bench.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The encoder in ONNX Runtime: all graph optimisations, one thread, the CPU. */
final class OrtEngine implements AutoCloseable {

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    OrtEngine(Path model) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
            session = environment.createSession(model.toString(), options);
        }
    }

    /** Rows padded to the longest, in memory of the runtime's own kind, so that a run copies no input. */
    final class Batch implements AutoCloseable {

        private final OnnxTensor ids;
        private final OnnxTensor lengths;
        private final int longest;

        Batch(List<int[]> rows) {
            this.longest = rows.stream().mapToInt(row -> row.length).max().orElse(0);
            LongBuffer padded = direct(rows.size() * longest);
            LongBuffer counts = direct(rows.size());
            for (int r = 0; r < rows.size(); r++) {
                for (int i = 0; i < rows.get(r).length; i++) {
                    padded.put(r * longest + i, rows.get(r)[i]);
                }
                counts.put(r, rows.get(r).length);
            }
            try {
                this.ids = OnnxTensor.createTensor(environment, padded, new long[] {rows.size(), longest});
                this.lengths = OnnxTensor.createTensor(environment, counts, new long[] {rows.size()});
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime took no input: " + e.getMessage(), e);
            }
        }

        /** Tokens of a row in this batch, padding included. */
        int longest() {
            return longest;
        }

        /** All layers and the head at every position; the result stays in the runtime. */
        void run() {
            try {
                session.run(inputs()).close();
            } catch (OrtException e) {
                throw failed(e);
            }
        }

        /** As {@link #run}; the logits {@code [rows · longest, vocab]}. */
        float[] logits() {
            try (OrtSession.Result result = session.run(inputs())) {
                FloatBuffer buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
                float[] logits = new float[buffer.remaining()];
                buffer.get(logits);
                return logits;
            } catch (OrtException e) {
                throw failed(e);
            }
        }

        private Map<String, OnnxTensor> inputs() {
            return Map.of("ids", ids, "lengths", lengths);
        }

        @Override
        public void close() {
            ids.close();
            lengths.close();
        }
    }

    private static IllegalStateException failed(OrtException e) {
        return new IllegalStateException("ONNX Runtime failed: " + e.getMessage(), e);
    }

    private static LongBuffer direct(int count) {
        return ByteBuffer.allocateDirect(8 * count)
                .order(ByteOrder.nativeOrder())
                .asLongBuffer();
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
