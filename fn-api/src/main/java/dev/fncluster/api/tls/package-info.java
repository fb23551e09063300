/**
 * Certificates and keys in PEM files: which ones, reading them, and reading them again when they
 * change.
 *
 * <p>Starting points: {@link dev.fncluster.api.tls.PemSettings}, {@link
 * dev.fncluster.api.tls.ReloadedTls}; for programs that bring certificates in other ways, {@link
 * dev.fncluster.api.tls.TlsContexts}.
 */
@NullMarked
package dev.fncluster.api.tls;

import org.jspecify.annotations.NullMarked;
