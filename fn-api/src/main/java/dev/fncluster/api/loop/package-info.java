/** The event loops of a node, and how code finds the one it runs on. */
@NullMarked
package dev.fncluster.api.loop;

import org.jspecify.annotations.NullMarked;
