package org.bybert.udf.sql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.bybert.encoder.Session;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.udf.Models;
import org.bybert.udf.OpenModel;
import org.bybert.udf.batch.Answer;
import org.bybert.udf.batch.KilledTask;
import org.bybert.udf.sql.plan.TextFunction;
import org.bybert.udf.words.Span;

/**
 * {@code bybert_score}: the mean log-likelihood per byte of a text whose words are masked in turn.
 *
 * <p>Let the text have words {@code w}, each a run of bytes; white space belongs to none. For each word one copy of the
 * text is read in which all bytes of this word, and nothing else, are masked. The score is
 * <pre>
 *   Σ_w Σ_(byte b of w) ln P(b | the copy for w)  /  number of bytes of all words
 * </pre>
 * where P is the softmax over the whole vocabulary at the byte's position: 0 or below, and the higher the better. (With
 * the unit {@code byte} this is the pseudo-log-likelihood of Salazar et al. 2020, "Masked Language Model Scoring", per
 * byte.) It costs one forward pass of the text per word. Copies are read in batches of at most
 * {@link org.bybert.udf.batch.BatchOptions#batchBytes} tokens, or one by one where a copy is longer, so that memory does
 * not grow with the number of words; the sum is kept in double precision in the order of the text, whatever the batches.
 */
record ScoreFunction(CallSettings settings) implements TextFunction {

    @Override
    public DataType resultType() {
        return DataTypes.DoubleType;
    }

    /** Null for a text that is refused, blank, or overflows the model. */
    @Override
    public Object answer(String text) {
        WordText words = WordText.of(text, settings);
        String error = words.error();
        Double score = null;
        if (error == null) {
            OpenModel model = Models.get(settings.reference());
            double mean = model.withSession(session -> mean(words, session));
            score = Double.isFinite(mean) ? mean : null;
            error = score == null ? "not finite: the model's scores overflow on this text" : null;
        }
        settings.metrics().addRow(new Answer<>(score, words.bytes(), null, words.truncated(), error));
        return score;
    }

    private double mean(WordText words, Session session) {
        int perBatch = Math.max(1, settings.texts().batchBytes() / words.ids().length);
        double sum = 0;
        int bytes = 0;
        for (int from = 0; from < words.units().size(); from += perBatch) {
            KilledTask.check();
            List<Span> units = words.units().subList(from, Math.min(words.units().size(), from + perBatch));
            for (double logProbability : logProbabilities(words.ids(), units, session)) {
                sum += logProbability;
                bytes++;
            }
        }
        return sum / bytes;
    }

    private double[] logProbabilities(int[] gold, List<Span> units, Session session) {
        int first = settings.tokenizer().prefixLength();
        int count = units.stream().mapToInt(Span::length).sum();
        int[] positions = new int[count];
        int[] tokens = new int[count];
        List<int[]> copies = new ArrayList<>(units.size());
        int next = 0;
        for (Span unit : units) {
            int[] copy = gold.clone();
            Arrays.fill(copy, first + unit.start(), first + unit.end(), settings.tokenizer().maskId());
            for (int at = first + unit.start(); at < first + unit.end(); at++) {
                positions[next] = copies.size() * gold.length + at;
                tokens[next++] = gold[at];
            }
            copies.add(copy);
        }
        RaggedBatch batch = RaggedBatch.of(copies);
        double[] result = session.logProbabilities(batch, positions, tokens);
        settings.metrics().addBatch(copies);
        return result;
    }
}
