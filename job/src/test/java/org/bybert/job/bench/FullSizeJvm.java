package org.bybert.job.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.Session;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.job.inspect.Inspector;

/** The fresh JVM of {@link FullSizeProof}: opens the model folder it is given, answers, and says what it needed. */
final class FullSizeJvm {

    private static final int LONG_BYTES = 4096;
    private static final List<String> SENTENCES = List.of(
            "山あいの村では、雪がとけると水車がまた回りはじめる。",
            "港の倉庫には、<mask><mask><mask>の箱が三百も積まれていた。",
            "Tokyo駅から12番線の列車に乗り、5時40分に着いた。",
            "古い地図を広げると、今はない川の名が<mask><mask>書かれている。",
            "𠮷野さんは🍊を二つ買って、妹に一つ渡した。");

    /**
     * @param openedBytes peak memory of the process once the model was open
     * @param peakBytes   and at the end
     * @param finite      whether every score and every vector is
     * @param answers     SHA-256 over all filled texts, scores and vectors, bit by bit
     */
    record Report(long openedBytes, long peakBytes, int longTokens, boolean finite, String answers) {}

    private final Session session;
    private final MessageDigest digest;
    private boolean finite = true;

    private FullSizeJvm(Session session) throws NoSuchAlgorithmException {
        this.session = session;
        this.digest = MessageDigest.getInstance("SHA-256");
    }

    public static void main(String[] args) throws IOException, NoSuchAlgorithmException {
        ByBert encoder = ByBert.open(Path.of(args[0]));
        long opened = Inspector.peakMemory();
        ByteTokenizer tokenizer = encoder.tokenizer();
        int[] longText = tokenizer.encode(longText(tokenizer));
        FullSizeJvm jvm = new FullSizeJvm(encoder.newSession());
        // One pass over the long text takes most of the time, and this one most memory.
        jvm.fill(List.of(longText));
        List<int[]> sentences = SENTENCES.stream().map(tokenizer::encode).toList();
        jvm.fill(sentences);
        jvm.embed(sentences);
        System.out.println(new JsonMapper()
                .writeValueAsString(new Report(
                        opened,
                        Inspector.peakMemory(),
                        longText.length,
                        jvm.finite,
                        HexFormat.of().formatHex(jvm.digest.digest()))));
    }

    /** {@value #LONG_BYTES} bytes (a mask counts as one): whole sentences, then full stops that are one byte each. */
    private static String longText(ByteTokenizer tokenizer) {
        StringBuilder text = new StringBuilder();
        while (tokenizer.encode(text.toString()).length < LONG_BYTES) {
            text.append(String.join("", SENTENCES));
        }
        String cut = tokenizer.truncate(text.toString(), LONG_BYTES);
        return cut + ".".repeat(LONG_BYTES - tokenizer.encode(cut).length);
    }

    private void fill(List<int[]> rows) {
        for (FilledText filled : session.fillMask(rows)) {
            digest.update(filled.text().getBytes(StandardCharsets.UTF_8));
            digest.update(Double.toHexString(filled.score()).getBytes(StandardCharsets.US_ASCII));
            finite &= filled.masks() == 0 || Double.isFinite(filled.score()) && filled.score() > 0;
        }
    }

    private void embed(List<int[]> rows) {
        List<Integer> bits = new ArrayList<>();
        for (float[] vector : session.embed(rows, Pooling.MEAN)) {
            for (float value : vector) {
                bits.add(Float.floatToRawIntBits(value));
                finite &= Float.isFinite(value);
            }
        }
        digest.update(bits.toString().getBytes(StandardCharsets.US_ASCII));
    }
}
