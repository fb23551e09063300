/** Hot containers: their life, their socket, and the drivers that make them. */
@NullMarked
package dev.fncluster.runner.container;

import org.jspecify.annotations.NullMarked;
