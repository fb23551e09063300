/**
 * The SQL store behind the management API.
 *
 * <p>Starting point: {@link dev.fncluster.datastore.Datastores#open}. The tables are those of other
 * implementations at their schema version 26, so that their databases can be taken over. {@link
 * dev.fncluster.datastore.Dialect} holds all that differs between engines.
 */
@NullMarked
package dev.fncluster.datastore;

import org.jspecify.annotations.NullMarked;
