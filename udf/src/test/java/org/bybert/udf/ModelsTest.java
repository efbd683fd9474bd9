package org.bybert.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bybert.encoder.checkpoint.ModelFiles;
import org.bybert.encoder.error.ModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsTest {

    @Test
    void aModelIsOpenedOnceHoweverManyTasksAskAtOnce() throws Exception {
        ModelReference reference = new ModelReference(TestModel.folder().toString(), Map.of("rope_theta", "10000"));
        List<Models.Open> models = race(16, () -> Models.get(reference));
        models.forEach(model -> assertSame(models.get(0), model));
        assertEquals(1, Models.attempts(reference));
    }

    @Test
    void aFailedOpenIsTheSameErrorForEveryTaskAndIsNotTriedAgain() throws Exception {
        ModelReference missing =
                new ModelReference(TestModel.folder().resolve("missing").toString(), Map.of());
        List<String> messages = race(
                8,
                () -> assertThrows(ModelException.class, () -> Models.get(missing))
                        .getMessage());
        messages.forEach(message -> assertEquals(messages.get(0), message));
        assertTrue(messages.get(0).contains("model folder not found on host"), messages.get(0));
        assertThrows(ModelException.class, () -> Models.get(missing));
        assertEquals(1, Models.attempts(missing));
    }

    @Test
    void aPlaceThatIsGoneSaysNothingOfTheSameModelElsewhere(@TempDir Path folder) throws IOException {
        Map<String, String> options = Map.of("rope_theta", "12345");
        for (String name : ModelFiles.list(TestModel.folder())) {
            Files.copy(TestModel.folder().resolve(name), folder.resolve(name));
        }
        ModelReference gone = new ModelReference(folder.toString(), options).resolve();
        for (String name : ModelFiles.list(TestModel.folder())) {
            Files.delete(folder.resolve(name));
        }
        Files.delete(folder);
        String message =
                assertThrows(ModelException.class, () -> Models.get(gone)).getMessage();
        assertEquals(
                message,
                assertThrows(ModelException.class, () -> Models.get(gone)).getMessage());
        assertEquals(1, Models.attempts(gone));
        ModelReference there = new ModelReference(TestModel.folder().toString(), options).resolve();
        assertEquals(gone.fingerprint(), Models.get(there).fingerprint());
    }

    /** A host whose folder is at the same path but not the same. */
    @Test
    void otherBytesThanTheDriversAreNotOpened(@TempDir Path folder) throws IOException {
        for (String name : ModelFiles.list(TestModel.folder())) {
            Files.copy(TestModel.folder().resolve(name), folder.resolve(name));
        }
        ModelReference resolved = new ModelReference(folder.toString(), Map.of()).resolve();
        assertEquals(resolved.fingerprint(), Models.get(resolved).fingerprint());
        assertEquals(TestModel.reference().resolve().fingerprint(), resolved.fingerprint());

        ModelReference again = new ModelReference(folder.toString(), Map.of("weights", "f32")).resolve();
        Files.writeString(folder.resolve("tokenizer_config.json"), " ", StandardOpenOption.APPEND);
        String message =
                assertThrows(ModelException.class, () -> Models.get(again)).getMessage();
        assertTrue(message.contains("expected fingerprint " + resolved.fingerprint() + ", found "), message);
        assertTrue(message.contains(folder.toString()) && message.contains("on host"), message);
    }

    @Test
    void optionsMakeAnotherModel() {
        ModelReference plain = TestModel.reference();
        ModelReference withoutEos = new ModelReference(plain.model(), Map.of("add_eos_token", "false"));
        assertNotSame(Models.get(plain), Models.get(withoutEos));
        assertEquals(0, Models.get(withoutEos).encoder().tokenizer().encode("").length);
        assertEquals(1, Models.get(plain).encoder().tokenizer().encode("").length);
    }

    @Test
    void anIdleSessionIsUsedAgain() {
        Models.Open model = Models.get(TestModel.reference());
        Object first = model.encoder().withSession(session -> session);
        assertSame(first, model.encoder().withSession(session -> session));
        model.encoder().withSession(outer -> {
            assertNotSame(outer, model.encoder().<Object>withSession(inner -> inner));
            return null;
        });
    }

    private static <T> List<T> race(int threads, Callable<T> task) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CyclicBarrier start = new CyclicBarrier(threads);
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(pool.submit(() -> {
                    start.await();
                    return task.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }
}
