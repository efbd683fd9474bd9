package org.bybert.udf.batch;

import java.util.Arrays;
import java.util.List;
import org.bybert.encoder.Pooler;
import org.bybert.encoder.Session;

/** One vector per text. */
record EmbedTask(BatchOptions options) implements TextTask<float[]> {

    @Override
    public List<float[]> run(Session session, List<int[]> rows) {
        return Arrays.asList(session.embed(rows, options.pooling(), false));
    }

    @Override
    public Joining<float[]> joining() {
        return new WindowPooling(options.pooling());
    }

    @Override
    public float[] finish(float[] vector) {
        if (options.normalize()) {
            Pooler.normalize(vector);
        }
        return vector;
    }

    @Override
    public String problem(float[] vector) {
        for (float value : vector) {
            if (!Float.isFinite(value)) {
                return "not finite: the model's values overflow on this text";
            }
        }
        return null;
    }
}
