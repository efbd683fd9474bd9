package org.bybert.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SplitMix64Test {

    /** First outputs for seed 1234567, as published with the reference implementation in C. */
    @Test
    void numbersAreThoseOfTheReferenceImplementation() {
        SplitMix64 random = new SplitMix64(1234567);
        assertEquals(Long.parseUnsignedLong("6457827717110365317"), random.nextLong());
        assertEquals(Long.parseUnsignedLong("3203168211198807973"), random.nextLong());
        assertEquals(Long.parseUnsignedLong("9817491932198370423"), random.nextLong());
    }

    @Test
    void seedAndIdBothCount() {
        long number = SplitMix64.of(1, "a").nextLong();
        assertEquals(number, SplitMix64.of(1, "a").nextLong());
        assertNotEquals(number, SplitMix64.of(2, "a").nextLong());
        assertNotEquals(number, SplitMix64.of(1, "b").nextLong());
    }

    @Test
    void boundedNumbersCoverTheirRange() {
        SplitMix64 random = new SplitMix64(7);
        int[] seen = new int[10];
        for (int i = 0; i < 10_000; i++) {
            seen[random.nextInt(10)]++;
        }
        for (int count : seen) {
            assertTrue(count > 850 && count < 1150, "count " + count);
        }
    }
}
