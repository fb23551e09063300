/**
 * The control plane: apps, fns and triggers behind the {@code /v2} routes.
 *
 * <pre>
 *   request ─▶ routes ─▶ ResourceReader ─▶ rules ─▶ Datastore ─▶ EndpointAnnotator ─▶ ResourceWriter
 * </pre>
 *
 * <p>Starting points: {@link dev.fncluster.api.management.ManagementApi} puts the routes on a
 * server, {@link dev.fncluster.api.management.Datastore} is what a store has to do.
 *
 * <p>What a client sends is read into the same records that are stored, with empty texts, maps and
 * zeros for what it left out.
 */
@NullMarked
package dev.fncluster.api.management;

import org.jspecify.annotations.NullMarked;
