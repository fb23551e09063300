/**
 * A function in plain Java that serves the container contract: an HTTP/1.1 server on the Unix
 * socket that {@code FN_LISTENER} names.
 *
 * <p>Starting points: {@link dev.fncluster.testfunction.Main} starts it, {@link
 * dev.fncluster.testfunction.EchoFunction} is what the samples and the benchmark run, {@link
 * dev.fncluster.testfunction.KnobFunction} does what a test asks for.
 */
@NullMarked
package dev.fncluster.testfunction;

import org.jspecify.annotations.NullMarked;
