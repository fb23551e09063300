/** Holds the house's rules: who may know whom, and what no class may do. */
@NullMarked
package dev.fncluster.systemtests.architecture;

import org.jspecify.annotations.NullMarked;
