/** Slots: which call gets which container, and when another one is launched. */
@NullMarked
package dev.fncluster.runner.slot;

import org.jspecify.annotations.NullMarked;
