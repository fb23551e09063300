/** Apps, fns, triggers and calls, and their JSON. */
@NullMarked
package dev.fncluster.api.model;

import org.jspecify.annotations.NullMarked;
