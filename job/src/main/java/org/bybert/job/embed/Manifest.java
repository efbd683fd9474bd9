package org.bybert.job.embed;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bybert.job.embed.EmbedOptions.OutputMode;
import org.bybert.job.embed.EmbedOptions.Repartition;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.ModelReference.SettingOrigin;

/**
 * What a run is made of. Only with the same may an unfinished one be continued; the number of units belongs to the run
 * that began, whatever the task slots of the one that continues it.
 *
 * @param codeVersion  of this software, see {@link org.bybert.encoder.Version}
 * @param input        as it was named
 * @param inputFiles   fingerprint of the files' paths, lengths and times of change; null for a table without files
 * @param model        as it was named
 * @param modelOptions values that replace those of the model's files
 * @param modelSettings as the model was opened, and where each comes from; decides nothing. Null from older programs
 * @param modelFiles   fingerprint of the model's files
 * @param options      that decide what is written
 * @param spread       as it was asked for
 * @param units        0 where rows are not spread
 * @param rows         of the input
 * @param bytes        of the input's texts, in UTF-8
 */
record Manifest(
        String codeVersion,
        String input,
        String inputFiles,
        String model,
        Map<String, String> modelOptions,
        Map<String, SettingOrigin> modelSettings,
        String modelFiles,
        Map<String, String> options,
        int spread,
        int units,
        long rows,
        long bytes) {

    /** What keeps a run from being continued as another, in words; sizes are not compared. */
    List<String> differences(Manifest now) {
        List<String> found = new ArrayList<>();
        compare(found, "code version", codeVersion, now.codeVersion);
        if (!Objects.equals(inputFiles, now.inputFiles)) {
            found.add("the input's files (" + input + ") are not those of the run"
                    + (input.equals(now.input) ? ": names, lengths or times of change" : " (now " + now.input + ")"));
        }
        if (!modelFiles.equals(now.modelFiles)) {
            found.add("the model's files (" + model + ") are not those of the run"
                    + (model.equals(now.model) ? "" : " (now " + now.model + ")"));
        }
        compare(found, "--model-option", modelOptions, now.modelOptions);
        new TreeMap<>(options).forEach((key, value) -> compare(found, "--" + key, value, now.options.get(key)));
        // Auto takes the number of units that the run has.
        if (now.spread != Repartition.AUTO && now.spread != units) {
            compare(found, "--repartition", units, now.spread == Repartition.OFF ? "off" : now.spread);
        }
        return found;
    }

    private static void compare(List<String> found, String name, Object before, Object now) {
        if (!Objects.equals(before, now)) {
            found.add(name + ": " + before + ", now " + now);
        }
    }

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
         * @throws UserError with {@link EmbedCommand#OUTPUT_TAKEN} where the output must stay as it is
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
                throw new UserError(
                        EmbedCommand.OUTPUT_TAKEN,
                        "--resume: --output holds a"
                                + (complete ? "" : "n unfinished") + " run of something else: "
                                + String.join("; ", differences)
                                + ". Run with what it was begun with, " + WAYS_OUT);
            }
            throw new UserError(
                    EmbedCommand.OUTPUT_TAKEN,
                    "--output: the folder holds "
                            + (complete ? "results" : "an unfinished run, which --resume continues") + "; " + WAYS_OUT);
        }
    }
}
