/** The way to a Docker engine: connections, limits, and what is measured of them. */
@NullMarked
package dev.fncluster.runner.docker.engine;

import org.jspecify.annotations.NullMarked;
