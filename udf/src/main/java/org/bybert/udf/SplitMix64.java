package org.bybert.udf;

import java.nio.charset.StandardCharsets;
import org.bybert.encoder.checkpoint.Fingerprint;

/**
 * A small random generator whose numbers are the same on every JVM: SplitMix64 (Steele, Lea and Flood 2014, "Fast
 * splittable pseudorandom number generators").
 */
public final class SplitMix64 {

    private long state;

    public SplitMix64(long seed) {
        this.state = seed;
    }

    /** A generator of its own for one example: it depends on the run's seed and the example's id, on nothing else. */
    public static SplitMix64 of(long seed, String id) {
        String hash = Fingerprint.sha256(id.getBytes(StandardCharsets.UTF_8));
        return new SplitMix64(seed ^ Long.parseUnsignedLong(hash, 0, 16, 16));
    }

    public long nextLong() {
        state += 0x9e3779b97f4a7c15L;
        long z = state;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /** Uniform in [0, 1), 53 bits. */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    /** Uniform in [0, bound); the bias of the multiplication is below {@code bound / 2^53}. */
    public int nextInt(int bound) {
        return (int) (nextDouble() * bound);
    }
}
