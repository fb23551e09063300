/** How invocations read apps, fns and triggers. */
@NullMarked
package dev.fncluster.api.access;

import org.jspecify.annotations.NullMarked;
