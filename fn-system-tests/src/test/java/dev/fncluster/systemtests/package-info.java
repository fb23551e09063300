/**
 * Tests of whole clusters: every node is a process of its own, started from the runnable jar, every
 * function runs in a container. They carry the tag {@code docker} and run with the Maven profile
 * {@code system-tests}.
 *
 * <p>Starting points: {@link dev.fncluster.systemtests.Cluster} starts and stops the nodes, {@link
 * dev.fncluster.systemtests.FnClient} talks to them, {@link
 * dev.fncluster.systemtests.ClusterExtension} shares one cluster among the tests that leave it as
 * it was.
 */
@NullMarked
package dev.fncluster.systemtests;

import org.jspecify.annotations.NullMarked;
