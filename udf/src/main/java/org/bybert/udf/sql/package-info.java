/**
 * The functions of Spark SQL: {@link org.bybert.udf.sql.ByBertExtensions} for every session,
 * {@link org.bybert.udf.sql.ByBertFunctions} for one.
 */
package org.bybert.udf.sql;
