/** The placers: a shared loop of attempts, and the orders in which it tries runners. */
@NullMarked
package dev.fncluster.placer;

import org.jspecify.annotations.NullMarked;
