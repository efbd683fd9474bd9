package org.bybert.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.encoder.checkpoint.ModelFiles;
import org.bybert.encoder.error.ModelException;
import org.bybert.udf.sql.ByBertExtensions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the models of an executor when queries are cancelled, fail, or ask for one model after the other. */
class ModelsOnSparkTest {

    @TempDir
    static java.nio.file.Path temporary;

    private static String temporaryBefore;
    private static SparkSession spark;
    private static final AtomicInteger NEXT = new AtomicInteger(20_000);

    @BeforeAll
    static void startSpark() {
        spark = SparkSession.builder()
                .config("spark.sql.extensions", ByBertExtensions.class.getName())
                .config("spark.hadoop.fs.slow.impl", SlowStore.class.getName())
                .getOrCreate();
        // Where copies of the store's models are kept.
        temporaryBefore = System.setProperty("java.io.tmpdir", temporary.toString());
    }

    @AfterAll
    static void stopSpark() {
        System.setProperty("java.io.tmpdir", temporaryBefore);
        spark.stop();
    }

    @AfterEach
    void noTrouble() {
        SlowStore.trouble = SlowStore.NONE;
    }

    /** In client mode YARN brings archives to its containers alone. */
    @Test
    void aDriverOutsideOfYarnUnpacksTheArchive() throws IOException {
        java.nio.file.Path archive = temporary.resolve("model.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            for (String name : ModelFiles.list(TestModel.folder())) {
                zip.putNextEntry(new ZipEntry("mini/" + name));
                Files.copy(TestModel.folder().resolve(name), zip);
            }
        }
        System.setProperty("spark.yarn.dist.archives", archive.toUri() + "#packed,file:/no/such.zip#none");
        try {
            ModelReference packed = new ModelReference("packed", Map.of());
            assertTrue(packed.comesWithJob());
            assertEquals(Fingerprint.of(TestModel.folder()), packed.resolve().fingerprint());
            assertEquals(packed.path(), new ModelReference("packed/mini", Map.of()).path());
            String message = assertThrows(ModelException.class, () -> new ModelReference("none", Map.of()).resolve())
                    .getMessage();
            assertTrue(message.startsWith("file:/no/such.zip: the archive of none cannot be unpacked"), message);
        } finally {
            System.clearProperty("spark.yarn.dist.archives");
        }
    }

    /** A model that no test has opened, as the driver knows it. */
    private static ModelReference another() {
        return slow(NEXT.getAndIncrement());
    }

    private static ModelReference slow(int theta) {
        String folder = "slow://" + TestModel.folder();
        return new ModelReference(folder, Map.of("rope_theta", String.valueOf(theta))).resolve();
    }

    private static List<Row> embed(ModelReference reference) {
        return spark.sql("SELECT bybert_embed('海', model => '" + reference.model() + "', model_options => "
                        + "map('rope_theta', '" + reference.options().get("rope_theta") + "'))")
                .collectAsList();
    }

    private static <T> CompletableFuture<T> inJobGroup(String group, Callable<T> query) {
        return CompletableFuture.supplyAsync(() -> {
            spark.sparkContext().setJobGroup(group, group, true);
            try {
                return query.call();
            } catch (Exception e) {
                throw new CompletionException(e);
            } finally {
                spark.sparkContext().clearJobGroup();
            }
        });
    }

    private static void waitForEver(CountDownLatch begun) throws IOException {
        begun.countDown();
        try {
            Thread.sleep(60_000);
        } catch (InterruptedException e) {
            throw new InterruptedIOException("the store was interrupted");
        }
    }

    @Test
    void aCancelledQueryLeavesTheModelToTheNext() throws Exception {
        ModelReference reference = another();
        CountDownLatch begun = new CountDownLatch(1);
        SlowStore.trouble = () -> waitForEver(begun);
        CompletableFuture<List<Row>> cancelled = inJobGroup("cancelled", () -> embed(reference));
        assertTrue(begun.await(60, TimeUnit.SECONDS));
        spark.sparkContext().cancelJobGroup("cancelled");
        assertThrows(Exception.class, () -> cancelled.get(60, TimeUnit.SECONDS));
        SlowStore.trouble = SlowStore.NONE;
        assertNotNull(embed(reference).get(0).get(0));
        assertEquals(2, Models.attempts(reference));
    }

    @Test
    void aTaskThatWaitsForACancelledOneOpensTheModelItself() throws Exception {
        ModelReference reference = another();
        CountDownLatch begun = new CountDownLatch(1);
        SlowStore.trouble = () -> waitForEver(begun);
        CompletableFuture<List<Row>> cancelled = inJobGroup("first", () -> embed(reference));
        assertTrue(begun.await(60, TimeUnit.SECONDS));
        CompletableFuture<List<Row>> waiting = inJobGroup("second", () -> embed(reference));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (spark.sparkContext().statusTracker().getJobIdsForGroup("second").length == 0
                || spark.sparkContext().statusTracker().getActiveStageIds().length < 2) {
            assertTrue(System.nanoTime() < deadline);
            Thread.sleep(20);
        }
        Thread.sleep(500);
        SlowStore.trouble = SlowStore.NONE;
        spark.sparkContext().cancelJobGroup("first");
        assertThrows(Exception.class, () -> cancelled.get(60, TimeUnit.SECONDS));
        assertNotNull(waiting.get(60, TimeUnit.SECONDS).get(0).get(0));
        assertEquals(2, Models.attempts(reference));
    }

    @Test
    void aStoreThatFailsOrMemoryThatIsShortIsTriedAgain() {
        ModelReference reference = another();
        SlowStore.trouble = () -> {
            throw new IOException("connection reset");
        };
        assertTrue(assertThrows(Exception.class, () -> embed(reference))
                .getMessage()
                .contains("connection reset"));
        SlowStore.trouble = () -> {
            throw new OutOfMemoryError("Java heap space");
        };
        assertTrue(assertThrows(Exception.class, () -> embed(reference))
                .getMessage()
                .contains("Java heap space"));
        SlowStore.trouble = SlowStore.NONE;
        assertNotNull(embed(reference).get(0).get(0));
        assertEquals(3, Models.attempts(reference));
    }

    @Test
    void aSettingOfHadoopsMakesNoSecondCopy() {
        ModelReference reference = another();
        embed(reference);
        spark.sparkContext().hadoopConfiguration().set("some.setting", "changed");
        embed(reference);
        assertEquals(1, Models.attempts(reference));
        ModelReference elsewhere = new ModelReference(TestModel.folder().toString(), reference.options()).resolve();
        assertSame(Models.get(reference), Models.get(elsewhere));
    }

    @Test
    void theModelThatWasUsedLeastRecentlyIsLetGo() throws Exception {
        ModelReference first = another();
        embed(first);
        WeakReference<Models.Open> model = new WeakReference<>(Models.get(first));
        ModelReference second = another();
        embed(second);
        embed(first);
        assertEquals(1, Models.attempts(first));
        embed(another());
        assertEquals(1, Models.drops(second));
        embed(another());
        assertEquals(1, Models.drops(first));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (model.get() != null) {
            assertTrue(System.nanoTime() < deadline, "the model is still reachable");
            System.gc();
            Thread.sleep(50);
        }
        embed(first);
        assertEquals(2, Models.attempts(first));
    }

    @Test
    void aTaskKeepsItsModelsUntilItEnds() {
        List<ModelReference> references = List.of(another(), another(), another());
        MapPartitionsFunction<Integer, Boolean> task = rows -> {
            List<Models.Open> before = references.stream().map(Models::get).toList();
            return List.of(before.equals(references.stream().map(Models::get).toList()))
                    .iterator();
        };
        assertEquals(
                List.of(true),
                spark.createDataset(List.of(1), Encoders.INT())
                        .mapPartitions(task, Encoders.BOOLEAN())
                        .collectAsList());
        references.forEach(reference -> assertEquals(1, Models.attempts(reference)));
        assertEquals(1, references.stream().mapToInt(Models::drops).sum());
    }

    @Test
    void howManyAreKeptIsFixedWhenTheApplicationStarts() {
        spark.sql("SET spark.bybert.models.max=many");
        try {
            String message =
                    assertThrows(AnalysisException.class, () -> embed(slow(1))).getMessage();
            assertTrue(message.contains("spark.bybert.models.max: "), message);
            assertTrue(message.contains("when the application starts"), message);
        } finally {
            spark.sql("RESET spark.bybert.models.max");
        }
        assertEquals(2, Models.max());
        System.setProperty(Models.MAX, "0");
        try {
            assertTrue(assertThrows(IllegalArgumentException.class, Models::max)
                    .getMessage()
                    .contains("bybert.models.max: expected a whole number of at least 1, found '0'"));
        } finally {
            System.clearProperty(Models.MAX);
        }
        assertNull(System.getProperty(Models.MAX));
    }
}
