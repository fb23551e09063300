/** Names of images, and the credentials for the registries that they come from. Knows no engine. */
@NullMarked
package dev.fncluster.runner.docker.registry;

import org.jspecify.annotations.NullMarked;
