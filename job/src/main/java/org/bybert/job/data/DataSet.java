package org.bybert.job.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One evaluation set.
 *
 * @param name shown in the results
 * @param path file, folder or glob that Hadoop can read
 */
public record DataSet(String name, String path) {

    /** @throws IllegalArgumentException where an argument is not {@code NAME=PATH}, or a name comes twice */
    public static List<DataSet> parse(List<String> arguments) {
        List<DataSet> sets = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (String argument : arguments) {
            DataSet set = parse(argument);
            if (!names.add(set.name())) {
                throw new IllegalArgumentException("expected a different name for each set, found \"" + set.name()
                        + "\" twice");
            }
            sets.add(set);
        }
        return sets;
    }

    private static DataSet parse(String argument) {
        int equals = argument.indexOf('=');
        if (equals <= 0 || equals == argument.length() - 1) {
            throw new IllegalArgumentException("expected NAME=PATH, found \"" + argument + '"');
        }
        String name = argument.substring(0, equals);
        if (!name.matches("[\\p{L}\\p{N}._-]+")) {
            throw new IllegalArgumentException("expected a name of letters, digits, '.', '_' and '-', found \"" + name
                    + '"');
        }
        return new DataSet(name, argument.substring(equals + 1));
    }
}
