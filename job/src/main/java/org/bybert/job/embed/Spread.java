package org.bybert.job.embed;

/**
 * How rows are spread over units.
 *
 * @param units number of units; {@link #AUTO} to choose it by bytes, {@link #OFF} to leave rows where they are
 */
record Spread(int units) {

    static final int AUTO = 0;
    static final int OFF = -1;

    /** Bytes of text per unit where that gives enough units. */
    private static final long UNIT_BYTES = 1 << 20;
    /** Units per task slot at least, so that slots finish together. */
    private static final int PER_SLOT = 4;
    private static final int MOST = 8192;

    /** @throws IllegalArgumentException where the value is none of {@code auto}, {@code off} and a number */
    static Spread parse(String value) {
        if (value.equalsIgnoreCase("auto")) {
            return new Spread(AUTO);
        }
        if (value.equalsIgnoreCase("off")) {
            return new Spread(OFF);
        }
        if (!value.matches("[1-9][0-9]{0,4}") || Integer.parseInt(value) > Buckets.COUNT) {
            throw new IllegalArgumentException("expected auto, off or a number from 1 to " + Buckets.COUNT
                    + ", found \"" + value + '"');
        }
        return new Spread(Integer.parseInt(value));
    }

    boolean isOff() {
        return units == OFF;
    }

    /** Number of units for so many bytes on so many task slots. */
    int units(long bytes, int slots) {
        if (units != AUTO) {
            return units;
        }
        long bySize = Math.min(MOST, (bytes + UNIT_BYTES - 1) / UNIT_BYTES);
        return (int) Math.max(bySize, (long) PER_SLOT * slots);
    }
}
