/** The runner agent: executes calls in hot containers on this node. */
@NullMarked
package dev.fncluster.runner;

import org.jspecify.annotations.NullMarked;
