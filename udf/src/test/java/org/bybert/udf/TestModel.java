package org.bybert.udf;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The bundled model. */
public final class TestModel {

    private TestModel() {}

    public static Path folder() {
        return Path.of(System.getProperty("bybert.data-samples"))
                .resolve("bybert-jp-mini")
                .normalize();
    }

    /** A copy of a model that was trained with {@code bit-prefix} and an end-of-sequence token, without saying so. */
    public static Path stripped(String name, Path copy) throws IOException {
        Path trained = folder().toAbsolutePath()
                .getParent()
                .resolveSibling("encoder/src/test/resources/trained")
                .resolve(name);
        Files.createDirectories(copy);
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(trained.resolve(file), copy.resolve(file));
        }
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode json = (ObjectNode)
                mapper.readTree(trained.resolve("tokenizer_config.json").toFile());
        json.remove(List.of("byte_encoding", "add_bos_token", "add_eos_token"));
        mapper.writeValue(copy.resolve("tokenizer_config.json").toFile(), json);
        return copy;
    }

    public static ModelReference reference() {
        return new ModelReference(folder().toString(), Map.of());
    }
}
