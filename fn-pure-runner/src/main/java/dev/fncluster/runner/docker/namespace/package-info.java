/** Network namespaces that are ready before a container needs one. */
@NullMarked
package dev.fncluster.runner.docker.namespace;

import org.jspecify.annotations.NullMarked;
