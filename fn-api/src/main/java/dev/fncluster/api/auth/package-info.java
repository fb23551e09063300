/**
 * Who may do what: bearer tokens, their scopes, and how they are checked. Knows nothing of HTTP
 * servers.
 *
 * <p>Starting points: {@link dev.fncluster.api.auth.Authenticator}, which tells whose token it is,
 * and {@link dev.fncluster.api.auth.Caller}, which tells what that one may do.
 *
 * <pre>
 *   Authenticator ─┬▶ TokenTable: the file of hashed tokens
 *                  └▶ JwtVerifier: tokens of an identity provider ─▶ JwtKeys: its keys
 * </pre>
 */
@NullMarked
package dev.fncluster.api.auth;

import org.jspecify.annotations.NullMarked;
