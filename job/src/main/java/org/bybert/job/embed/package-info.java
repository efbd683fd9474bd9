/** {@code bybert embed}: one vector per row of a data set, in units that are committed one by one. */
package org.bybert.job.embed;
