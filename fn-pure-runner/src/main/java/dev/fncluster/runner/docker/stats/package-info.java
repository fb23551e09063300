/** What containers use of processor, memory, disk and network, sampled once a second. */
@NullMarked
package dev.fncluster.runner.docker.stats;

import org.jspecify.annotations.NullMarked;
