/** The load balancer's agent: takes calls and has them placed on runners. */
@NullMarked
package dev.fncluster.lb;

import org.jspecify.annotations.NullMarked;
