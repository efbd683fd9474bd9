/** Where calls of the model stand in Catalyst's plans, and the rules that move them. Internal. */
package org.bybert.udf.sql.plan;
