package org.bybert.job.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.bybert.encoder.checkpoint.Presets;
import org.junit.jupiter.api.Test;

class InputsTest {

    @Test
    void mixedLengthsAreTheSameInEveryRunAndCoverTheirRange() {
        int[] lengths = Inputs.mixed(2000);
        assertArrayEquals(lengths, Inputs.mixed(2000));
        assertArrayEquals(Arrays.copyOf(lengths, 100), Inputs.mixed(100));
        assertEquals(Inputs.SHORTEST, Arrays.stream(lengths).min().orElseThrow());
        assertEquals(Inputs.LONGEST, Arrays.stream(lengths).max().orElseThrow());
    }

    @Test
    void batchesAreFullAndKeepTheOrder() {
        int[] mixed = Inputs.mixed(3 * Inputs.BATCH_TOKENS / Inputs.SHORTEST);
        List<int[]> rows = Inputs.rows(Presets.installed().of("100m").config(), mixed);
        List<List<int[]>> batches = Inputs.batches(rows, Inputs.BATCH_TOKENS).subList(0, 3);
        assertEquals(3, batches.size());
        for (List<int[]> batch : batches) {
            int tokens = batch.stream().mapToInt(row -> row.length).sum();
            assertTrue(
                    tokens <= Inputs.BATCH_TOKENS && tokens > Inputs.BATCH_TOKENS - Inputs.LONGEST, tokens + " tokens");
        }
        int[] all = batches.stream()
                .flatMap(List::stream)
                .mapToInt(row -> row.length)
                .toArray();
        assertArrayEquals(Inputs.mixed(all.length), all);
    }

    @Test
    void rowsHaveTheirLengthsAndIdsOfTheVocabulary() {
        List<int[]> rows = Inputs.rows(Presets.installed().of("100m").config(), 5, 1, 200);
        assertArrayEquals(
                new int[] {5, 1, 200}, rows.stream().mapToInt(row -> row.length).toArray());
        assertTrue(rows.stream().flatMapToInt(Arrays::stream).allMatch(id -> id >= 0 && id < 288));
        assertArrayEquals(
                rows.get(2),
                Inputs.rows(Presets.installed().of("100m").config(), 5, 1, 200).get(2));
    }
}
