package org.bybert.udf;

import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.encoder.error.Host;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.kernel.KernelChoice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of this JVM: each is opened when the first task asks for it, once, and shared by all task threads. A model
 * that cannot be opened gives every task the same error; it is not tried again in this JVM.
 */
public final class Models {

    private static final Logger LOG = LoggerFactory.getLogger(Models.class);
    private static final ConcurrentHashMap<ModelReference, FutureTask<OpenModel>> MODELS = new ConcurrentHashMap<>();
    private static final ConcurrentHashMap<ModelReference, AtomicInteger> ATTEMPTS = new ConcurrentHashMap<>();

    private Models() {
    }

    /**
     * The opened model; tasks that come while it is being opened wait for it.
     *
     * @throws ModelException where it cannot be opened
     */
    public static OpenModel get(ModelReference reference) {
        FutureTask<OpenModel> opening = MODELS.computeIfAbsent(reference, r -> new FutureTask<>(() -> open(r)));
        opening.run();
        try {
            return opening.get();
        } catch (ExecutionException e) {
            // A new exception per task: one shared instance would collect the suppressed errors of all of them.
            throw new ModelException(e.getCause() instanceof ModelException ? e.getCause().getMessage()
                    : reference.model() + ": the model cannot be opened: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelException(reference.model() + ": interrupted while the model was being opened", e);
        }
    }

    /** How often this JVM has tried to open a model. */
    public static int attempts(ModelReference reference) {
        AtomicInteger attempts = ATTEMPTS.get(reference);
        return attempts == null ? 0 : attempts.get();
    }

    private static OpenModel open(ModelReference reference) {
        ATTEMPTS.computeIfAbsent(reference, r -> new AtomicInteger()).incrementAndGet();
        long start = System.nanoTime();
        Path folder = reference.path();
        String fingerprint = verify(reference, folder);
        ByBert encoder = ByBert.open(folder, reference.options(), reference.preset(), KernelChoice.kernels());
        OpenModel model = new OpenModel(encoder, fingerprint, (System.nanoTime() - start) / 1_000_000);
        LOG.info("opened {} in {} ms, {} kernels", reference.model(), model.openMillis(), encoder.kernels());
        return model;
    }

    /** The fingerprint of what is there, or null where none is expected. */
    private static String verify(ModelReference reference, Path folder) {
        if (reference.fingerprint() == null) {
            return null;
        }
        String found = Fingerprint.of(folder);
        if (!found.equals(reference.fingerprint())) {
            throw new ModelException(folder + ": not the driver's model: expected fingerprint " + reference.fingerprint()
                    + ", found " + found + " on host " + Host.name()
                    + "; give every host the same config.json, tokenizer_config.json and weights");
        }
        return found;
    }
}
