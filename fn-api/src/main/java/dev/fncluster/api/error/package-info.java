/** The errors a caller can see: codes, public texts and who is to blame. */
@NullMarked
package dev.fncluster.api.error;

import org.jspecify.annotations.NullMarked;
