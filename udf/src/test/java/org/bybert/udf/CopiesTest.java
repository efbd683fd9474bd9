package org.bybert.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.Test;

class CopiesTest {

    /** As Spark loads the classes of a session that brings the jar itself. */
    private static final class SessionLoader extends ClassLoader {

        SessionLoader() {
            super(CopiesTest.class.getClassLoader());
        }

        @Override
        protected synchronized Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            Class<?> known = findLoadedClass(name);
            if (known != null || !name.startsWith("org.bybert.")) {
                return known == null ? super.loadClass(name, resolve) : known;
            }
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        void open(String folder, Map<String, String> options) throws ReflectiveOperationException {
            Class<?> type = loadClass(ModelReference.class.getName());
            Object reference = type.getConstructor(String.class, Map.class).newInstance(folder, options);
            Object resolved = type.getMethod("resolve").invoke(reference);
            loadClass(Models.class.getName()).getMethod("get", type).invoke(null, resolved);
        }
    }

    @Test
    void aSecondClassLoaderSaysOnceThatItHasItsOwnCopy() throws Exception {
        List<String> warnings = new CopyOnWriteArrayList<>();
        AbstractAppender appender = new AbstractAppender("warnings", null, null, true, Property.EMPTY_ARRAY) {
            @Override
            public void append(LogEvent event) {
                warnings.add(event.getMessage().getFormattedMessage());
            }
        };
        appender.start();
        Logger log = (Logger) LogManager.getLogger(Models.class);
        log.addAppender(appender);
        log.setLevel(Level.WARN);
        try {
            String folder = TestModel.folder().toString();
            Map<String, String> options = Map.of("rope_theta", "30000");
            Models.get(new ModelReference(folder, options).resolve());
            assertEquals(List.of(), warnings);
            SessionLoader session = new SessionLoader();
            session.open(folder, options);
            session.open(folder, options);
            assertEquals(1, warnings.size(), warnings.toString());
            assertTrue(warnings.get(0).contains(folder + ": this class loader (SessionLoader@"), warnings.get(0));
            assertTrue(warnings.get(0).matches(".* its own copy of [1-9][0-9]* MB; .*"), warnings.get(0));
            assertTrue(warnings.get(0).contains("spark.executor.extraClassPath"), warnings.get(0));
        } finally {
            log.removeAppender(appender);
        }
    }
}
