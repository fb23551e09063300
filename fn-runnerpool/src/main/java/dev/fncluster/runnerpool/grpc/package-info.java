/** Runners in other processes, reached over gRPC. */
@NullMarked
package dev.fncluster.runnerpool.grpc;

import org.jspecify.annotations.NullMarked;
