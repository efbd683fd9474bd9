package org.bybert.job.embed;

import java.util.BitSet;
import java.util.stream.LongStream;
import org.bybert.job.terminal.Progress;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.Texts;

/** Progress in bytes of text; units that are done count with the bytes they were planned with. */
final class EmbedProgress extends Progress {

    private final UnitPlan plan;
    private int doneUnits;

    /**
     * @param tokensAccumulator id of the accumulator that counts tokens, of which a byte is one
     * @param done              units that an earlier run has done
     */
    EmbedProgress(Terminal terminal, UnitPlan plan, long tokensAccumulator, BitSet done) {
        super(
                terminal,
                tokensAccumulator,
                plan.totalBytes(),
                done.stream()
                        .filter(unit -> plan.isSpread())
                        .mapToLong(unit -> plan.bytes()[unit])
                        .sum());
        this.plan = plan;
        this.doneUnits = done.cardinality();
    }

    synchronized void unitDone(UnitMarker marker) {
        add(plan.isSpread() ? plan.bytes()[marker.unit()] : marker.counts().bytes());
        doneUnits++;
    }

    @Override
    protected String amount(long n) {
        return Texts.bytes(n);
    }

    @Override
    protected String rate(double n) {
        return Texts.bytes((long) n);
    }

    @Override
    protected String more() {
        return plan.isSpread()
                ? ", " + doneUnits + " of "
                        + LongStream.of(plan.rows()).filter(rows -> rows > 0).count() + " units"
                : "";
    }

    /** The windows of a text that is split overlap. */
    @Override
    protected long inTask(long n) {
        return Math.min(n, plan.bytes()[0]);
    }
}
