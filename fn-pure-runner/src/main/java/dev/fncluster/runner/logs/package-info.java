/**
 * What functions write to their standard output and error: from containers to the node's own log
 * and to collectors.
 *
 * <p>Starting points: {@link dev.fncluster.runner.logs.ContainerLog} makes lines of bytes and says
 * which call they belong to, {@link dev.fncluster.runner.logs.FunctionLogs} hands them out, {@link
 * dev.fncluster.runner.logs.LogStreamer} serves collectors.
 *
 * <p>Invariants: whoever reads from a container never waits for whoever takes its lines; every
 * queue is bounded, and every line that is dropped is counted.
 */
@NullMarked
package dev.fncluster.runner.logs;

import org.jspecify.annotations.NullMarked;
