/** What memory and CPU the node has, and who has reserved it. */
@NullMarked
package dev.fncluster.runner.resource;

import org.jspecify.annotations.NullMarked;
