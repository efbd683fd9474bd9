/** Models as tasks name and share them: which one, opened how, held how long in each JVM, and what executors report. */
package org.bybert.udf;
