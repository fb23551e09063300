/** The images of an engine: looking at them, pulling them, and removing those that nobody needs. */
@NullMarked
package dev.fncluster.runner.docker.image;

import org.jspecify.annotations.NullMarked;
