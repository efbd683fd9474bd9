package org.bybert.udf.masked;

import java.io.Serializable;
import org.bybert.udf.words.SegmenterReference;
import org.bybert.udf.words.Unit;

/**
 * How masked-word accuracy is measured.
 *
 * @param maskRate share of the units of each example that is masked at once
 * @param seed     of the choice of units; together with an example's id it decides which are masked
 * @param unit     what is masked as a whole
 * @param segmenter cuts the words of examples that bring none
 * @param maxBytes longer examples are left out of the measurement (the paper's <i>cnt.</i>); 0 stands for the model's
 *                 longest text, see {@link #of}
 * @param rowLimit examples of more bytes are failures, not work: attention takes the square of the length; 0 for none
 * @param passes   most forward passes of a second way to fill the masks, {@link org.bybert.encoder.MaskPredict}, which is
 *                 measured beside that of the paper; 1 for none
 */
public record MaskedWordSettings(
        double maskRate, long seed, Unit unit, SegmenterReference segmenter, int maxBytes, int rowLimit, int passes)
        implements Serializable {

    /** No limit: the paper's <i>all</i>. */
    public static final int ALL = Integer.MAX_VALUE;

    public MaskedWordSettings {
        if (!(maskRate > 0 && maskRate <= 1)) {
            throw new IllegalArgumentException("mask rate: expected above 0 and at most 1, found " + maskRate);
        }
        if (maxBytes < 0 || rowLimit < 0) {
            throw new IllegalArgumentException(
                    "byte limits: expected 0 or more, found " + maxBytes + " and " + rowLimit);
        }
        if (passes < 1) {
            throw new IllegalArgumentException("passes: expected 1 or more, found " + passes);
        }
        if (passes > 1 && unit == Unit.BYTE) {
            throw new IllegalArgumentException(
                    "passes: each writes whole characters; expected 1 with the unit byte, found " + passes);
        }
        rowLimit = rowLimit == 0 ? ALL : rowLimit;
    }

    /** For a model whose longest text has so many bytes. */
    public MaskedWordSettings of(int longest) {
        return new MaskedWordSettings(
                maskRate, seed, unit, segmenter, maxBytes == 0 ? longest : maxBytes, rowLimit, passes);
    }

    /** The same with other masks. */
    public MaskedWordSettings withSeed(long other) {
        return new MaskedWordSettings(maskRate, other, unit, segmenter, maxBytes, rowLimit, passes);
    }

    /**
     * With a dictionary that is fixed and has been opened here, where words are cut.
     *
     * @throws org.bybert.encoder.error.ModelException where it cannot be used
     */
    public MaskedWordSettings resolve() {
        return unit == Unit.WORD
                ? new MaskedWordSettings(maskRate, seed, unit, segmenter.resolve(), maxBytes, rowLimit, passes)
                : this;
    }
}
