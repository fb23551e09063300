/** What programs that embed a runner may give it. Depends on nothing else of the runner. */
@NullMarked
package dev.fncluster.runner.extension;

import org.jspecify.annotations.NullMarked;
