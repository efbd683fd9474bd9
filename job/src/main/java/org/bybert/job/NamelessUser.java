package org.bybert.job;

import org.apache.hadoop.security.UserGroupInformation;

/**
 * Gives Hadoop a name for a user whom the system has none for: it asks the system, and fails. An agent, since spark-submit
 * asks Hadoop before any code of a job runs.
 */
public final class NamelessUser {

    private NamelessUser() {}

    /** Called by the JVM, before the main class. */
    public static void premain(String name) {
        UserGroupInformation.setLoginUser(UserGroupInformation.createRemoteUser(name));
    }
}
