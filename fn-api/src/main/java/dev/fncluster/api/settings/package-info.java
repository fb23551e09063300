/** Typed settings from the environment, files and flags. */
@NullMarked
package dev.fncluster.api.settings;

import org.jspecify.annotations.NullMarked;
