package org.bybert.encoder.hub;

/**
 * A file on the hub.
 *
 * @param etag SHA-256 of a large file, Git's blob id of a small one; its name among the cache's blobs
 * @param size in bytes, or -1 where the server does not tell
 */
record RemoteFile(String name, String etag, long size) {

    boolean isSha256() {
        return etag.matches("[0-9a-f]{64}");
    }

    boolean isGitBlob() {
        return etag.matches("[0-9a-f]{40}");
    }
}
