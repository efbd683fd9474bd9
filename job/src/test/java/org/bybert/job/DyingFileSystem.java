package org.bybert.job;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Local files of which the process dies before the operation that is its turn: it and all after it fail. Under
 * {@code hdfs:} a rename is one step; under {@code store:} it is as on object stores: a copy and a delete for each
 * file, folders are deleted in pages, and a file is there when it has been written.
 */
public abstract class DyingFileSystem extends RawLocalFileSystem {

    /** How many objects a store deletes in one request. */
    private static final int PAGE = 2;

    private static final Object TURN = new Object();
    private static int left = -1;
    private static int done;

    private final boolean atomic;

    /** As {@code fs.hdfs.impl}. */
    public static final class Hdfs extends DyingFileSystem {
        public Hdfs() {
            super(true);
        }
    }

    /** As {@code fs.store.impl}. */
    public static final class Store extends DyingFileSystem {
        public Store() {
            super(false);
        }
    }

    private DyingFileSystem(boolean atomic) {
        this.atomic = atomic;
    }

    public static void addTo(Configuration hadoop) {
        hadoop.set("fs.hdfs.impl", Hdfs.class.getName());
        hadoop.set("fs.store.impl", Store.class.getName());
    }

    /** @param operations that succeed before the process dies; -1 for all */
    public static void diesAfter(int operations) {
        synchronized (TURN) {
            left = operations;
            done = 0;
        }
    }

    public static boolean hasDied() {
        synchronized (TURN) {
            return left >= 0 && done > left;
        }
    }

    /** @param counts whether it changes something */
    private static void turn(boolean counts) throws IOException {
        synchronized (TURN) {
            if (left >= 0 && done >= left && (counts || done > left)) {
                done = left + 1;
                throw new IOException("this process is dead");
            }
            done += counts ? 1 : 0;
        }
    }

    @Override
    public String getScheme() {
        return atomic ? "hdfs" : "store";
    }

    @Override
    public URI getUri() {
        return URI.create(getScheme() + ":///");
    }

    @Override
    protected OutputStream createOutputStreamWithMode(Path file, boolean append, FsPermission permission)
            throws IOException {
        turn(true);
        // Without Hadoop's native library a permission costs a process.
        if (atomic) {
            return new FilterOutputStream(super.createOutputStreamWithMode(file, append, null)) {
                @Override
                public void write(byte[] bytes, int from, int length) throws IOException {
                    turn(true);
                    out.write(bytes, from, length);
                }
            };
        }
        return new ByteArrayOutputStream() {
            private boolean closed;

            @Override
            public void close() throws IOException {
                if (!closed) {
                    closed = true;
                    turn(true);
                    try (OutputStream whole = DyingFileSystem.super.createOutputStreamWithMode(file, append, null)) {
                        writeTo(whole);
                    }
                }
            }
        };
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
        if (atomic) {
            turn(true);
            return super.rename(from, to);
        }
        turn(false);
        if (!exists(from) || exists(to) && getFileStatus(to).isFile()) {
            return false;
        }
        // Into a folder that is there, as Hadoop has it.
        copy(from, exists(to) ? new Path(to, from.getName()) : to);
        return delete(from, true);
    }

    private void copy(Path from, Path to) throws IOException {
        if (getFileStatus(from).isFile()) {
            turn(true);
            super.mkdirs(to.getParent());
            byte[] content = new byte[(int) getFileStatus(from).getLen()];
            try (var in = open(from);
                    OutputStream out = super.createOutputStreamWithMode(to, false, null)) {
                in.readFully(0, content);
                out.write(content);
            }
            return;
        }
        super.mkdirs(to);
        for (FileStatus child : listStatus(from)) {
            copy(child.getPath(), new Path(to, child.getPath().getName()));
        }
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        turn(false);
        if (atomic || !exists(path) || getFileStatus(path).isFile()) {
            turn(exists(path));
            return super.delete(path, recursive);
        }
        int deleted = 0;
        var files = listFiles(path, true);
        while (files.hasNext()) {
            turn(deleted++ % PAGE == 0);
            super.delete(files.next().getPath(), false);
        }
        return super.delete(path, recursive);
    }

    @Override
    public boolean mkdirs(Path path) throws IOException {
        turn(!exists(path));
        return super.mkdirs(path);
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
        turn(false);
        return Stream.of(super.listStatus(path)).map(DyingFileSystem::plain).toArray(FileStatus[]::new);
    }

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
        turn(false);
        return plain(super.getFileStatus(path));
    }

    /** The local one starts a process to learn its permissions. */
    private static FileStatus plain(FileStatus file) {
        return new FileStatus(
                file.getLen(), file.isDirectory(), 1, file.getBlockSize(), file.getModificationTime(), file.getPath());
    }
}
