package org.bybert.job;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Commands as the README gives them. */
public final class Readme {

    private Readme() {}

    /**
     * @param heading under which they stand
     * @return the arguments of each call of the launcher in the first block below it
     */
    public static List<List<String>> commands(String heading) throws IOException {
        String readme = Files.readString(Commands.samples().resolveSibling("README.md"));
        Matcher block = Pattern.compile("\n#+ " + Pattern.quote(heading) + "\n.*?\n```\n(.*?)\n```", Pattern.DOTALL)
                .matcher(readme);
        if (!block.find()) {
            throw new IllegalStateException("README.md has no commands under " + heading);
        }
        return Stream.of(block.group(1).replaceAll("\\\\\n *", "").split("\n"))
                .filter(line -> line.startsWith("job/bin/bybert "))
                .map(line -> List.of(line.substring("job/bin/bybert ".length()).split(" +")))
                .toList();
    }
}
