package org.bybert.udf;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.encoder.checkpoint.ModelFiles;
import org.bybert.encoder.error.ModelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of this JVM: each is opened when the first task asks for it, once, and shared by all task threads. What is
 * wrong with a model is remembered and gives every task the same error; an opening that was interrupted, or that the
 * network, a disk or a lack of memory ended, is tried again by the next task.
 *
 * <p>A task holds its models until it ends. Of the others the least recently used are let go where more than
 * {@link #MAX} are open.
 */
public final class Models {

    /**
     * The system property, and behind {@code spark.} the key of Spark's configuration, that says how many models a JVM
     * keeps open: 1 or more, 2 by default. Executors learn it when the application starts.
     */
    public static final String MAX = "bybert.models.max";

    private static final Logger LOG = LoggerFactory.getLogger(Models.class);
    /** In the order of their last use; guarded by itself, as {@link #REFUSED}. */
    private static final Map<ModelReference.Content, Opening> MODELS = new LinkedHashMap<>(8, 0.75f, true);

    private static final Map<ModelReference.Content, Integer> ATTEMPTS = new ConcurrentHashMap<>();
    private static final Map<ModelReference.Content, Integer> DROPS = new ConcurrentHashMap<>();
    /** Why a model is not opened again, by what was asked for: a good copy may be at another place. */
    private static final Map<ModelReference, Throwable> REFUSED = new HashMap<>();

    private static final Map<ModelReference.Content, ByBert.Description> DESCRIPTIONS = new ConcurrentHashMap<>();

    /**
     * Names this class loader among those of the JVM. Statics are one per class loader, and a Spark session with jars
     * of its own has its own, whose classes cannot share objects with others. A system property per open model, which
     * is one per JVM and keeps no class loader alive, names the one that opened it first.
     */
    private static final String LOADER =
            Models.class.getClassLoader().getClass().getSimpleName() + "@"
                    + Integer.toHexString(System.identityHashCode(Models.class.getClassLoader()));

    private Models() {}

    /**
     * One model of this JVM, which its task threads share.
     *
     * @param fingerprint what this JVM read; null where the reference was not resolved and nothing had to be compared
     * @param openMillis  time it took to open the model, in milliseconds
     */
    public record Open(ByBert encoder, String fingerprint, long openMillis) {}

    /** A model that is open or being opened, with the tasks that hold it. */
    private static final class Opening {

        private final ModelReference reference;
        private final FutureTask<Open> model;
        private final Set<TaskContext> tasks = new HashSet<>();
        private volatile Thread opener;

        Opening(ModelReference reference) {
            this.reference = reference;
            model = new FutureTask<>(() -> {
                opener = Thread.currentThread();
                return open(reference);
            });
        }

        boolean isIdle() {
            return model.isDone() && tasks.isEmpty();
        }
    }

    /**
     * The opened model; tasks that come while it is being opened wait for it. Within a task it is not let go before the
     * task ends.
     *
     * @throws ModelException where it cannot be opened
     */
    public static Open get(ModelReference reference) {
        while (true) {
            Opening opening = hold(reference);
            opening.model.run();
            try {
                return opening.model.get();
            } catch (ExecutionException e) {
                forget(opening, e.getCause());
                // An interruption was meant for the task that opened; another place may have the same model.
                boolean mine = opening.opener == Thread.currentThread();
                if (mine || opening.reference.equals(reference) && !isInterruption(e.getCause())) {
                    throw failure(reference, e.getCause());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw failure(reference, e);
            }
        }
    }

    /**
     * What a model says about itself, read without its weights, once per JVM.
     *
     * @throws ModelException where the folder does not hold a usable model
     */
    public static ByBert.Description describe(ModelReference reference) {
        return DESCRIPTIONS.computeIfAbsent(reference.content(), content -> reference.check());
    }

    /** How often this JVM has tried to open a model. */
    public static int attempts(ModelReference reference) {
        return ATTEMPTS.getOrDefault(reference.content(), 0);
    }

    /** How often this JVM has let a model go for another one. */
    static int drops(ModelReference reference) {
        return DROPS.getOrDefault(reference.content(), 0);
    }

    /**
     * How many models a JVM keeps open, see {@link #MAX}.
     *
     * @throws IllegalArgumentException where that is no number, or below 1
     */
    public static int max() {
        SparkEnv env = SparkEnv.get();
        String text = env == null ? null : env.conf().get("spark." + MAX, null);
        String value = text == null ? System.getProperty(MAX, "2") : text;
        if (!value.strip().matches("0*[1-9][0-9]{0,8}")) {
            throw new IllegalArgumentException((text == null ? "system property " : "spark.") + MAX
                    + ": expected a whole number of at least 1, found '" + value + "'");
        }
        return Integer.parseInt(value.strip());
    }

    private static Opening hold(ModelReference reference) {
        TaskContext task = TaskContext.get();
        Opening opening;
        boolean isNew;
        synchronized (MODELS) {
            opening = MODELS.get(reference.content());
            if (opening == null && REFUSED.containsKey(reference)) {
                throw failure(reference, REFUSED.get(reference));
            }
            if (opening == null) {
                // Before, not after: there may not be memory for one more.
                dropIdle(max() - 1);
                opening = new Opening(reference);
                MODELS.put(reference.content(), opening);
            }
            isNew = task != null && opening.tasks.add(task);
        }
        if (isNew) {
            Opening held = opening;
            task.addTaskCompletionListener((TaskCompletionListener) ended -> release(held, ended));
        }
        return opening;
    }

    private static void release(Opening opening, TaskContext task) {
        synchronized (MODELS) {
            opening.tasks.remove(task);
            dropIdle(max());
        }
    }

    private static void dropIdle(int wanted) {
        Iterator<Map.Entry<ModelReference.Content, Opening>> models =
                MODELS.entrySet().iterator();
        while (MODELS.size() > wanted && models.hasNext()) {
            Map.Entry<ModelReference.Content, Opening> model = models.next();
            if (model.getValue().isIdle()) {
                models.remove();
                DROPS.merge(model.getKey(), 1, Integer::sum);
                System.getProperties().remove(property(model.getKey()), LOADER);
            }
        }
    }

    private static void forget(Opening opening, Throwable reason) {
        ModelReference reference = opening.reference;
        synchronized (MODELS) {
            MODELS.remove(reference.content(), opening);
            if (willFailAgain(reason)) {
                REFUSED.put(reference, reason);
            }
            if (reason instanceof OutOfMemoryError) {
                LOG.error("{}: no memory; the models that no task holds are let go", reference.model(), reason);
                dropIdle(0);
            }
        }
    }

    /** A new exception per task: one shared instance would collect the suppressed errors of all of them. */
    private static ModelException failure(ModelReference reference, Throwable reason) {
        if (isInterruption(reason)) {
            return new ModelException(reference.model() + ": interrupted while the model was being opened", reason);
        }
        if (reason instanceof OutOfMemoryError) {
            // Not as a cause, for which Spark ends the JVM: the allocation failed, the JVM is as well as before.
            return new ModelException(reference.model() + ": the model cannot be opened: " + reason
                    + "; give the JVM more memory (spark.executor.memory, in local mode spark.driver.memory)");
        }
        return new ModelException(
                reason instanceof ModelException
                        ? reason.getMessage()
                        : reference.model() + ": the model cannot be opened: " + reason,
                reason);
    }

    /** What the files hold is the same the next time, unlike the state of a network, a disk or a thread. */
    private static boolean willFailAgain(Throwable reason) {
        return reason instanceof ModelException
                && causes(reason)
                        .noneMatch(cause -> cause instanceof Error
                                || cause instanceof InterruptedException
                                || cause instanceof IOException && !(cause instanceof JsonProcessingException));
    }

    private static boolean isInterruption(Throwable reason) {
        return causes(reason)
                .anyMatch(
                        cause -> cause instanceof InterruptedException || cause instanceof ClosedByInterruptException);
    }

    private static Stream<Throwable> causes(Throwable reason) {
        return Stream.iterate(reason, cause -> cause != null, Throwable::getCause);
    }

    private static Open open(ModelReference reference) throws InterruptedException {
        int attempt = ATTEMPTS.merge(reference.content(), 1, Integer::sum);
        long start = System.nanoTime();
        try {
            Path folder = reference.path();
            String fingerprint = verify(reference, folder);
            ByBert encoder = reference.open(folder);
            Open model = new Open(encoder, fingerprint, (System.nanoTime() - start) / 1_000_000);
            LOG.info("opened {} in {} ms, {} kernels", reference.model(), model.openMillis(), encoder.kernels());
            note(reference, folder, attempt == 1);
            return model;
        } catch (RuntimeException e) {
            TaskContext task = TaskContext.get();
            boolean killed = Thread.currentThread().isInterrupted() || task != null && task.isInterrupted();
            if (killed && !isInterruption(e)) {
                // Whatever the code on the way makes of it, and says.
                throw (InterruptedException) new InterruptedException(String.valueOf(e.getMessage())).initCause(e);
            }
            throw e;
        }
    }

    /** Notes an open model; warns where another class loader of this JVM has the weights, too. */
    private static void note(ModelReference reference, Path folder, boolean warn) {
        Object other = System.getProperties().putIfAbsent(property(reference.content()), LOADER);
        if (warn && other != null && !other.equals(LOADER)) {
            LOG.warn(
                    "{}: this class loader ({}) opened its own copy of {} MB; another one of this JVM ({}) has opened "
                            + "the model, too, and the two cannot share it. It happens where sessions bring the jar (artifacts "
                            + "of Spark Connect, ADD JAR): put the jar on the executors' class path "
                            + "(spark.executor.extraClassPath).",
                    reference.model(),
                    LOADER,
                    megabytes(folder),
                    other);
        }
    }

    private static String property(ModelReference.Content content) {
        return "bybert.models.open." + Fingerprint.sha256(content.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static long megabytes(Path folder) {
        long bytes = ModelFiles.list(folder).stream()
                .mapToLong(file -> folder.resolve(file).toFile().length())
                .sum();
        return (bytes + 500_000) / 1_000_000;
    }

    /** The fingerprint of what is there, or null where none is expected. */
    private static String verify(ModelReference reference, Path folder) {
        if (reference.fingerprint() == null) {
            return null;
        }
        String found = Fingerprint.of(folder);
        if (!found.equals(reference.fingerprint())) {
            throw new ModelException(folder + ": not the driver's model: expected fingerprint "
                    + reference.fingerprint() + ", found " + found + " on host " + ModelException.host()
                    + "; give every host the same config.json, tokenizer_config.json and weights");
        }
        return found;
    }
}
