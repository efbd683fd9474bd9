package org.bybert.job.bench;

import java.util.ArrayList;
import java.util.List;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Session;
import org.bybert.udf.batch.BatchOptions;

/** The encoder alone on the batches that Spark's tasks make of the same texts, whose token ids are ready. */
final class BareEncoder implements Runnable {

    private final Session session;
    private final BatchOptions options;
    private final List<List<int[]>> batches = new ArrayList<>();

    BareEncoder(ByBert encoder, List<String> texts, BatchOptions options) {
        this.session = encoder.newSession();
        this.options = options;
        int part = (texts.size() + LocalSpark.PARTS - 1) / LocalSpark.PARTS;
        for (int start = 0; start < texts.size(); start += part) {
            pack(encoder, texts.subList(start, Math.min(start + part, texts.size())));
        }
    }

    private void pack(ByBert encoder, List<String> texts) {
        List<int[]> batch = new ArrayList<>();
        int tokens = 0;
        for (String text : texts) {
            int[] ids = encoder.tokenizer().encode(text);
            if (!batch.isEmpty() && tokens + ids.length > options.batchBytes()) {
                batches.add(batch);
                batch = new ArrayList<>();
                tokens = 0;
            }
            batch.add(ids);
            tokens += ids.length;
        }
        batches.add(batch);
    }

    @Override
    public void run() {
        batches.forEach(this::embed);
    }

    void embedFirst() {
        embed(batches.get(0));
    }

    private void embed(List<int[]> batch) {
        session.embed(batch, options.pooling(), options.normalize());
    }
}
