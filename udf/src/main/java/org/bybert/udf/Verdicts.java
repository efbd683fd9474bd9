package org.bybert.udf;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.bybert.encoder.Version;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.encoder.detect.Measured;
import org.bybert.encoder.model.ModelFolder;
import org.bybert.udf.source.HostFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What was measured about models, kept beside the copies of models that this host has, so that it is measured once: for
 * the same files, options, preset and program. A file that cannot be read, or is another program's, is measured again; one
 * that cannot be written is done without.
 *
 * @param environment may name the folder, see {@link HostFolder#of}
 * @param program     that measures
 */
record Verdicts(Map<String, String> environment, Version program) {

    private static final Logger LOG = LoggerFactory.getLogger(Verdicts.class);
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String FOLDER = "verdicts";

    /** Those of this JVM. */
    private static final Map<Kept, Measured> KNOWN = new ConcurrentHashMap<>();

    private static final Set<Measured> LOGGED = ConcurrentHashMap.newKeySet();

    /**
     * What a verdict is about.
     *
     * @param model   fingerprint of the files
     * @param options that replace values
     * @param preset  what it knows
     * @param open    settings that nobody gives
     */
    record Kept(String program, String model, Map<String, String> options, String preset, List<String> open) {}

    /** The content of a file. */
    record Verdict(Kept about, Measured measured) {}

    static Verdicts ofThisHost() {
        return new Verdicts(System.getenv(), Version.current());
    }

    /** @param fingerprint of the model's files */
    Measured of(ModelFolder model, List<String> open, String fingerprint) {
        Kept about = new Kept(
                program.toString(),
                fingerprint,
                model.overrides(),
                model.preset().toString(),
                open);
        return KNOWN.computeIfAbsent(about, wanted -> {
            Path file = file(wanted);
            Measured kept = file == null ? null : read(file, wanted);
            if (kept != null) {
                return kept;
            }
            Measured measured = Measured.of(model, open);
            if (file != null) {
                write(file, new Verdict(wanted, measured));
            }
            return measured;
        });
    }

    /** For those who have no terminal: once per JVM. */
    static void log(String model, Measured measured) {
        if (LOGGED.add(measured)) {
            measured.findings()
                    .forEach(finding -> LOG.atLevel(finding.decided() ? Level.INFO : Level.WARN)
                            .log("{}: {}", model, finding.sentence()));
        }
    }

    /** Null where there is no place for it, or the program may be another one by the same name. */
    private Path file(Kept about) {
        if (program.number() == null || program.dirty()) {
            return null;
        }
        try {
            byte[] rest = (about.options() + about.preset() + about.open()).getBytes(StandardCharsets.UTF_8);
            return HostFolder.of(environment)
                    .resolve(FOLDER)
                    .resolve(about.model() + "-" + Fingerprint.sha256(rest).substring(0, 16) + ".json");
        } catch (IOException e) {
            LOG.info("what was measured is not kept: {}", e.toString());
            return null;
        }
    }

    private static Measured read(Path file, Kept wanted) {
        if (!Files.exists(file)) {
            return null;
        }
        try {
            Verdict verdict = MAPPER.readValue(Files.readAllBytes(file), Verdict.class);
            if (wanted.equals(verdict.about()) && verdict.measured() != null) {
                return verdict.measured();
            }
            LOG.info("{}: about another program or model; measured again", file);
        } catch (IOException e) {
            LOG.warn("{}: cannot be read; measured again: {}", file, e.toString());
        }
        return null;
    }

    private static void write(Path file, Verdict verdict) {
        Path unfinished = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            Files.createDirectories(file.getParent());
            Files.write(unfinished, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(verdict));
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.info("{}: cannot be written; it is measured again the next time: {}", file, e.toString());
        }
    }
}
