/** Runners, pools, bodies and sinks for tests, without any network. */
@NullMarked
package dev.fncluster.runnerpool.fake;

import org.jspecify.annotations.NullMarked;
