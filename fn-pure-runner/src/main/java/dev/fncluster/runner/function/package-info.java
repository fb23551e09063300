/** The client of a function: HTTP over the Unix socket of its container. */
@NullMarked
package dev.fncluster.runner.function;

import org.jspecify.annotations.NullMarked;
