/** How a model reaches a host: from a folder, the job's archives, the hub or a store that Hadoop reads. Internal. */
package org.bybert.udf.source;
