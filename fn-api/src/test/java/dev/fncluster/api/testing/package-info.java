/** What the tests of all modules share. */
@NullMarked
package dev.fncluster.api.testing;

import org.jspecify.annotations.NullMarked;
