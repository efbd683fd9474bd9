package org.bybert.encoder;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Writes a JSON file of a golden checkpoint somewhere else, with one thing changed. */
public final class EditedJson {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private EditedJson() {}

    /** Writes {@code name} of the UTF-8 golden checkpoint into {@code folder}. */
    public static void write(Path folder, String name, Consumer<ObjectNode> edit) {
        try {
            ObjectNode json = (ObjectNode)
                    MAPPER.readTree(Golden.folder("utf8-bf16").resolve(name).toFile());
            edit.accept(json);
            MAPPER.writeValue(folder.resolve(name).toFile(), json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
