/** The container driver for Docker engines. */
@NullMarked
package dev.fncluster.runner.docker;

import org.jspecify.annotations.NullMarked;
