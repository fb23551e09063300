/**
 * What a container driver is, and what it is asked for: implemented here for the Docker engine, and
 * by plugins. Depends on nothing else of the runner.
 */
@NullMarked
package dev.fncluster.runner.driver;

import org.jspecify.annotations.NullMarked;
