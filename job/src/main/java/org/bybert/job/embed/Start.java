package org.bybert.job.embed;

import java.util.List;
import org.bybert.job.UserError;
import org.bybert.job.embed.EmbedOptions.OutputMode;

/** What a run finds in its output and does about it. */
enum Start {
    /** There is nothing, or only what stays beside new partitions. */
    FRESH,
    /** The results of an earlier run make way. */
    REPLACE,
    /** An unfinished run is continued. */
    CONTINUE,
    /** The same run is complete. */
    NOTHING;

    static final String WAYS_OUT = "name another folder, or replace all that is in it with --overwrite";

    /**
     * @param earlier  of the run that the output holds, or null
     * @param complete whether that one has ended
     * @throws UserError with {@link ExitCode#OUTPUT_TAKEN} where the output must stay as it is
     */
    static Start of(Manifest earlier, Manifest wanted, boolean complete, OutputMode mode) {
        if (earlier == null) {
            return FRESH;
        }
        if (mode.overwrite()) {
            return REPLACE;
        }
        List<String> differences = earlier.differences(wanted);
        if (mode.resume() && differences.isEmpty()) {
            return complete ? NOTHING : CONTINUE;
        }
        if (mode.partitions() && complete) {
            return FRESH;
        }
        if (mode.resume()) {
            throw new UserError(EmbedCommand.OUTPUT_TAKEN, "--resume: --output holds a" + (complete ? "" : "n unfinished")
                    + " run of something else: " + String.join("; ", differences)
                    + ". Run with what it was begun with, " + WAYS_OUT);
        }
        throw new UserError(EmbedCommand.OUTPUT_TAKEN, "--output: the folder holds " + (complete ? "results"
                : "an unfinished run, which --resume continues") + "; " + WAYS_OUT);
    }
}
