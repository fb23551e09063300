/** Database servers of the tests' own, from Debian's packages. */
@NullMarked
package dev.fncluster.datastore.server;

import org.jspecify.annotations.NullMarked;
