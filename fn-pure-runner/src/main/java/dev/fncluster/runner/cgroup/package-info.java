/**
 * Linux control groups of both versions: where they are, and freezing the processes in one.
 * Starting point: {@link dev.fncluster.runner.cgroup.Cgroups}.
 */
@NullMarked
package dev.fncluster.runner.cgroup;

import org.jspecify.annotations.NullMarked;
