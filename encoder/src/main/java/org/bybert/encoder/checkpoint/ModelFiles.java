package org.bybert.encoder.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.bybert.encoder.error.ModelException;

/** Which files of a folder make up a model: those that opening it reads, and no others. */
public final class ModelFiles {

    public static final String CONFIG = "config.json";
    public static final String TOKENIZER = "tokenizer_config.json";
    /** Of tokenizers that Rust reads. */
    public static final String FAST_TOKENIZER = "tokenizer.json";

    public static final String ADDED_TOKENS = "added_tokens.json";
    public static final String SPECIAL_TOKENS = "special_tokens_map.json";

    private ModelFiles() {}

    /** The file that has to be fetched before {@link #list} can name all others, where a place holds one. */
    public static Optional<String> index(Predicate<String> has) {
        return Optional.of(Checkpoint.INDEX).filter(index -> has.test(index) && !has.test(Checkpoint.SINGLE));
    }

    /**
     * Names of the model's files in a place that may be far away.
     *
     * @param has   whether the place holds a file
     * @param local a folder with the place's {@link #index}, where it has one
     * @return in alphabetical order; without files that a model should have and the place has not
     */
    public static List<String> list(Predicate<String> has, Path local) {
        Set<String> names = new TreeSet<>(
                List.of(CONFIG, TOKENIZER, FAST_TOKENIZER, ADDED_TOKENS, SPECIAL_TOKENS, Checkpoint.SINGLE));
        index(has).ifPresent(index -> {
            names.add(index);
            names.addAll(Checkpoint.weightMap(local.resolve(index)).values());
        });
        names.removeIf(has.negate());
        return new ArrayList<>(names);
    }

    /** Names of the model's files in a local folder. */
    public static List<String> list(Path folder) {
        return list(name -> Files.isRegularFile(folder.resolve(name)), folder);
    }

    /**
     * Files that a model cannot be opened without and a folder does not have, and links of it that lead nowhere; not
     * whether the files are right. A tokenizer need not be there, as a preset may stand for it.
     */
    public static List<String> lacking(Path folder) {
        Predicate<String> has = name -> Files.isRegularFile(folder.resolve(name));
        Set<String> names = new TreeSet<>(List.of(CONFIG));
        try {
            names.addAll(index(has)
                    .map(index -> Checkpoint.weightMap(folder.resolve(index)).values())
                    .orElse(List.of(Checkpoint.SINGLE)));
        } catch (ModelException e) {
            names.add(Checkpoint.SINGLE);
        }
        for (String name : List.of(TOKENIZER, Checkpoint.INDEX)) {
            if (Files.isSymbolicLink(folder.resolve(name))) {
                names.add(name);
            }
        }
        names.removeIf(has);
        return names.stream()
                .map(name ->
                        name + (Files.isSymbolicLink(folder.resolve(name)) ? " (a link to a file that is gone)" : ""))
                .toList();
    }
}
