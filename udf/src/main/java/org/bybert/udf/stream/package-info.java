/** What a stream was computed with, kept in its checkpoint: a restart with something else is refused. */
package org.bybert.udf.stream;
