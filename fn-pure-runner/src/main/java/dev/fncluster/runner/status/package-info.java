/** How a runner is: the status image, the health checker, and what is kept of their answers. */
@NullMarked
package dev.fncluster.runner.status;

import org.jspecify.annotations.NullMarked;
