/** Freezing and thawing containers, whatever does it. */
@NullMarked
package dev.fncluster.runner.freeze;

import org.jspecify.annotations.NullMarked;
