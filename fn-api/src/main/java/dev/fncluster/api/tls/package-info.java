/**
 * Certificates and keys in PEM files: which ones, reading them, and reading them again when they
 * change.
 *
 * <p>Starting points: {@link dev.fncluster.api.tls.PemSettings}, {@link
 * dev.fncluster.api.tls.ReloadedTls}.
 */
@NullMarked
package dev.fncluster.api.tls;

import org.jspecify.annotations.NullMarked;
