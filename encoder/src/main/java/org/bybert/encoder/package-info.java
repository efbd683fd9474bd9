/** The door: a byBERT-JP model opened from a folder, its sessions and their answers. Knows no Spark. */
package org.bybert.encoder;
