@NullMarked
package dev.fncluster.testfunction;

import org.jspecify.annotations.NullMarked;
