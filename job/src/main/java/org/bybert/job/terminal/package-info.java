/** What all commands share: common options, what a person sees, and failures told in one line. */
package org.bybert.job.terminal;
