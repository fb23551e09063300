/** Runners listed in a file. Starting point: {@link dev.fncluster.runnerpool.file.FileSource}. */
@NullMarked
package dev.fncluster.runnerpool.file;

import org.jspecify.annotations.NullMarked;
