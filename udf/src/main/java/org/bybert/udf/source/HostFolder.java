package org.bybert.udf.source;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.Set;

/** The folder in which this host keeps what it need not bring or measure again. */
public final class HostFolder {

    private HostFolder() {}

    /**
     * A folder in which nobody else can write, as what others could write must not be opened: that of
     * {@code BYBERT_CACHE} where it is this user's alone, made where it is missing; else, and without the variable, the
     * folder {@code bybert-USER} in it or among the temporary ones.
     *
     * @param environment may name it
     * @throws IOException where that one is somebody else's
     */
    public static Path of(Map<String, String> environment) throws IOException {
        String named = environment.getOrDefault("BYBERT_CACHE", "");
        Path folder = Path.of(named.isBlank() ? System.getProperty("java.io.tmpdir") : named)
                .toAbsolutePath();
        if (!named.isBlank() && make(folder)) {
            return folder;
        }
        Path own = folder.resolve("bybert-" + System.getProperty("user.name").replaceAll("[^A-Za-z0-9._-]", "_"));
        if (!make(own)) {
            throw new IOException(own + " is not this user's alone: expected that it belongs to this user and that "
                    + "others may not write, found " + Files.getOwner(own) + " "
                    + PosixFilePermissions.toString(Files.getPosixFilePermissions(own)) + "; remove it or close it "
                    + "(chmod 700)");
        }
        return own;
    }

    /** Whether the folder is this user's alone, or the administrator's. */
    private static boolean make(Path folder) throws IOException {
        if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectories(folder);
            return true;
        }
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
        return !permissions.contains(PosixFilePermission.GROUP_WRITE)
                && !permissions.contains(PosixFilePermission.OTHERS_WRITE)
                && isTrusted(Files.getOwner(folder), folder);
    }

    /** By a file made there: the name of a user is unknown in some containers, and others map users. */
    private static boolean isTrusted(UserPrincipal owner, Path folder) throws IOException {
        if (owner.getName().equals("root") || !Files.isWritable(folder)) {
            return owner.getName().equals("root");
        }
        Path probe = Files.createTempFile(folder, "bybert", "");
        try {
            return Files.getOwner(probe).equals(owner);
        } finally {
            Files.delete(probe);
        }
    }
}
