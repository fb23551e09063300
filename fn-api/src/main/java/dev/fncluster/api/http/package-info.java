/** The HTTP front end. It knows nothing of runners. */
@NullMarked
package dev.fncluster.api.http;

import org.jspecify.annotations.NullMarked;
