/** Runners, pools of them, and what places calls on them. */
@NullMarked
package dev.fncluster.runnerpool;

import org.jspecify.annotations.NullMarked;
