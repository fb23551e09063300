package dev.fncluster.api.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SimpleSecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jwt.proc.ExpiredJWTException;
import java.io.IOException;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the tokens of an identity provider, and remembers for a while whose good ones are.
 * Thread-safe.
 */
final class JwtVerifier implements AutoCloseable {
  /** So long a good token is not checked again at most; keys may have been withdrawn since. */
  static final Duration REMEMBERED = Duration.ofMinutes(5);

  private static final Logger log = LoggerFactory.getLogger(JwtVerifier.class);
  private static final int MAX_REMEMBERED = 10_000;

  private final JwtSettings settings;
  private final JwtKeys keys;
  private final InstantSource clock;
  private final Set<JWSAlgorithm> algorithms;
  private final JwtClaims claims;
  private final Cache<TokenHash, Good> good =
      Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).executor(Runnable::run).build();

  /** Whose a token is, and until when that need not be checked again by {@code keys}. */
  private record Good(Caller caller, Instant until, KeySet keys) {}

  JwtVerifier(JwtSettings settings, JwtKeys keys, InstantSource clock) {
    this.settings = settings;
    this.keys = keys;
    this.clock = clock;
    algorithms =
        settings.algorithms().stream().map(JWSAlgorithm::parse).collect(Collectors.toSet());
    claims = new JwtClaims(settings);
  }

  void start() throws IOException {
    keys.start();
  }

  /** Whether a token may be one of these: three parts with dots between them. */
  static boolean mayBe(String token) {
    int first = token.indexOf('.');
    int second = token.indexOf('.', first + 1);
    return first > 0 && second > 0 && token.indexOf('.', second + 1) < 0;
  }

  /** Whose token it is, if it was checked a short time ago, else null. Never blocks. */
  @SuppressWarnings("ReferenceEquality") // Other keys are another object.
  @Nullable Caller known(TokenHash hash) {
    Good found = good.getIfPresent(hash);
    return found != null
            && clock.instant().isBefore(found.until())
            && found.keys() == keys.current()
        ? found.caller()
        : null;
  }

  /**
   * Checks a token. Blocks: it counts a lot, and may ask for keys.
   *
   * @throws dev.fncluster.api.error.ServiceException 401 when it is not good, 503 when that can't
   *     be told
   */
  Caller verify(String token) {
    SignedJWT jwt;
    try {
      jwt = SignedJWT.parse(token);
    } catch (ParseException e) {
      throw refused(e);
    }
    if (!algorithms.contains(jwt.getHeader().getAlgorithm())) {
      throw refused(new BadJOSEException("algorithm not allowed"));
    }
    KeySet with = keys.current();
    if (!with.has(jwt.getHeader().getKeyID())) {
      keys.refresh();
      with = keys.current();
    }
    try {
      JWTClaimsSet found = processor(with).process(jwt, null);
      Caller caller = claims.caller(found);
      Instant until = clock.instant().plus(REMEMBERED);
      Instant end = found.getExpirationTime().toInstant();
      good.put(TokenHash.of(token), new Good(caller, end.isBefore(until) ? end : until, with));
      return caller;
    } catch (ExpiredJWTException e) {
      throw AuthErrors.expired();
    } catch (BadJOSEException | JOSEException | IllegalArgumentException e) {
      throw refused(e);
    }
  }

  @Override
  public void close() {
    keys.close();
  }

  private DefaultJWTProcessor<SimpleSecurityContext> processor(KeySet with) {
    DefaultJWTProcessor<SimpleSecurityContext> processor = new DefaultJWTProcessor<>();
    processor.setJWSTypeVerifier(
        new DefaultJOSEObjectTypeVerifier<>(
            JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
    processor.setJWSKeySelector(
        new JWSVerificationKeySelector<>(algorithms, new ImmutableJWKSet<>(with.keys())));
    processor.setJWTClaimsSetVerifier(new ClaimsVerifier());
    return processor;
  }

  // Says nothing of the token: only why it was not taken, and only to whoever looks for it.
  private static RuntimeException refused(Exception why) {
    log.atDebug().addKeyValue("why", why.getClass().getSimpleName()).log("a token was refused");
    return AuthErrors.unknown();
  }

  private final class ClaimsVerifier extends DefaultJWTClaimsVerifier<SimpleSecurityContext> {
    private ClaimsVerifier() {
      super(
          Set.of(settings.audience()),
          new JWTClaimsSet.Builder().issuer(settings.issuer()).build(),
          Set.of("exp"),
          Set.of());
      setMaxClockSkew((int) settings.leeway().toSeconds());
    }

    @Override
    protected Date currentTime() {
      return Date.from(clock.instant());
    }
  }
}
