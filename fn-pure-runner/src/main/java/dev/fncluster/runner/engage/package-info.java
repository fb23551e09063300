/** The gRPC service of a pure runner. */
@NullMarked
package dev.fncluster.runner.engage;

import org.jspecify.annotations.NullMarked;
