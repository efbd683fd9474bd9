/** Internal: the arithmetic behind one interface, its readable definition, and which implementation this JVM uses. */
package org.bybert.encoder.kernel;
