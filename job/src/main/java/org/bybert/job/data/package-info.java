/** From files and tables of whatever format to rows, with what is wrong with each. */
package org.bybert.job.data;
