/**
 * What others may implement to change what a node does. They are given to the builder of a node, or
 * come from a jar in the folder for plugins.
 */
@NullMarked
package dev.fncluster.api.extension;

import org.jspecify.annotations.NullMarked;
