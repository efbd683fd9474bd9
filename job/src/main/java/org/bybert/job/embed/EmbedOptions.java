package org.bybert.job.embed;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.job.data.Columns;
import org.bybert.job.data.Source;
import org.bybert.udf.ModelReference;

/**
 * What one run of {@code bybert embed} is to do.
 *
 * @param keep        columns that are kept, or null for all
 * @param partitionBy columns that become folders
 * @param repartition into how many units of work
 * @param maxFailed   share of rows that may fail
 */
record EmbedOptions(
        ModelReference model,
        Source input,
        Columns columns,
        List<String> keep,
        BatchOptions batch,
        Precision precision,
        String output,
        OutputFormat format,
        List<String> partitionBy,
        Repartition repartition,
        OutputMode mode,
        double maxFailed,
        boolean acceptUndecided) {

    enum OutputFormat {
        PARQUET,
        ORC,
        JSONL
    }

    /**
     * What an existing output means.
     *
     * @param overwrite  it is replaced
     * @param partitions only the partitions that are computed are replaced
     * @param resume     an unfinished run is continued
     * @param breakLock  another job's lock is ignored
     */
    record OutputMode(boolean overwrite, boolean partitions, boolean resume, boolean breakLock) {}

    /**
     * Into how many units the rows are spread.
     *
     * @param units number of units; {@link #AUTO} to choose it by bytes, {@link #OFF} to leave rows where they are
     */
    record Repartition(int units) {

        static final int AUTO = 0;
        static final int OFF = -1;

        /** Bytes of text per unit where that gives enough units. */
        private static final long UNIT_BYTES = 1 << 20;
        /** Units per task slot at least, so that slots finish together. */
        private static final int PER_SLOT = 4;

        private static final int MOST = 8192;

        /** @throws IllegalArgumentException where the value is none of {@code auto}, {@code off} and a number */
        static Repartition parse(String value) {
            if (value.equalsIgnoreCase("auto") || value.equalsIgnoreCase("off")) {
                return new Repartition(value.equalsIgnoreCase("auto") ? AUTO : OFF);
            }
            if (!value.matches("[1-9][0-9]{0,4}") || Integer.parseInt(value) > Buckets.COUNT) {
                throw new IllegalArgumentException(
                        "expected auto, off or a number from 1 to " + Buckets.COUNT + ", found \"" + value + '"');
            }
            return new Repartition(Integer.parseInt(value));
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

    /**
     * The options that decide what is written where; a run can be continued only with the same.
     *
     * @param preset with which the model is opened
     */
    Map<String, String> deciding(Preset preset) {
        Map<String, String> map = new TreeMap<>();
        map.put("preset", preset.id());
        map.put("format", String.valueOf(input.reading().format()));
        map.put("encoding", String.valueOf(input.reading().encoding()));
        map.put("delimiter", String.valueOf(input.reading().delimiter()));
        map.put("text-column", String.valueOf(columns.text()));
        map.put("text-expr", String.valueOf(columns.expression()));
        map.put("id-column", String.valueOf(columns.id()));
        map.put("keep", keep == null ? "all" : keep.toString());
        map.put("pooling", lower(batch.pooling()));
        map.put("normalize", String.valueOf(batch.normalize()));
        map.put("max-bytes", String.valueOf(batch.maxBytes()));
        map.put("long-text", lower(batch.longText()));
        map.put("special-tokens", lower(batch.specials()));
        map.put("precision", lower(precision));
        map.put("output-format", lower(format));
        map.put("partition-by", partitionBy.toString());
        map.put("partition-overwrite", String.valueOf(mode.partitions()));
        return map;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
