package org.bybert.job.data;

import org.bybert.job.UserError;

/**
 * One evaluation set.
 *
 * @param name shown in the results
 * @param path file, folder or glob that Hadoop can read
 */
public record DataSet(String name, String path) {

    public static DataSet parse(String argument) {
        int equals = argument.indexOf('=');
        if (equals <= 0 || equals == argument.length() - 1) {
            throw new UserError("--data: expected NAME=PATH, found \"" + argument + '"');
        }
        String name = argument.substring(0, equals);
        if (!name.matches("[\\p{L}\\p{N}._-]+")) {
            throw new UserError("--data: expected a name of letters, digits, '.', '_' and '-', found \"" + name + '"');
        }
        return new DataSet(name, argument.substring(equals + 1));
    }
}
