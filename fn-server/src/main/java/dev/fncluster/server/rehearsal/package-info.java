/**
 * A cluster within this process that carries made-up calls, so that the way of a call is not new to
 * the JVM when real ones come: for the recording of its start-up cache, and before a node reports
 * ready.
 */
@NullMarked
package dev.fncluster.server.rehearsal;

import org.jspecify.annotations.NullMarked;
