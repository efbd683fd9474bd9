/** Words as MeCab cuts them, by a dictionary that MeCab has compiled. Internal. */
package org.bybert.udf.mecab;
