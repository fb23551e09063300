package dev.fncluster.api.auth;

import static dev.fncluster.api.auth.IdentityProvider.claims;
import static dev.fncluster.api.auth.IdentityProvider.ec;
import static dev.fncluster.api.auth.IdentityProvider.rsa;
import static dev.fncluster.api.auth.IdentityProvider.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
@SuppressWarnings("NullAway.Init")
final class JwtVerifierTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final ECKey KEY = ec("k1");
  private static final ECKey OTHER_KEY = ec("k2");
  private static final RSAKey RSA = rsa("r1", 2048);
  private static final Duration BOUND = Duration.ofSeconds(60);

  private final AtomicLong nanos = new AtomicLong();
  private volatile Instant now = NOW;
  private IdentityProvider provider;
  private JwtVerifier verifier;

  @BeforeEach
  void begin() throws IOException {
    provider = new IdentityProvider(KEY, RSA);
    verifier = verifier(Map.of());
    awaitKeys();
  }

  @AfterEach
  void end() {
    verifier.close();
    provider.close();
  }

  @Test
  void aGoodTokenIsItsOwners() {
    Caller caller = verifier.verify(token(KEY, claims(NOW, "openid fn:read fn:invoke").build()));

    assertThat(caller.scopes()).containsExactlyInAnyOrder(Scope.READ, Scope.INVOKE);
    assertThat(caller.apps()).isEmpty();
    assertThat(verifier.verify(token(RSA, claims(NOW, "fn:admin").build())).scopes())
        .containsExactly(Scope.ADMIN);
  }

  @Test
  void claimsMayBeLists() {
    Caller caller =
        verifier.verify(
            token(
                KEY,
                claims(NOW, "")
                    .claim("scope", List.of("fn:admin", "admin", "fn:root"))
                    .claim("fn_apps", List.of("A", "B"))
                    .build()));

    assertThat(caller.scopes()).containsExactly(Scope.ADMIN);
    assertThat(caller.apps()).contains(Set.of("A", "B"));
  }

  @Test
  void anEmptyListOfAppsIsNoApp() {
    Caller caller =
        verifier.verify(token(KEY, claims(NOW, "fn:read").claim("fn_apps", List.of()).build()));
    assertThat(caller.apps()).contains(Set.of());
  }

  @Test
  void claimsMayHaveOtherNames() throws IOException {
    verifier.close();
    verifier =
        verifier(
            Map.of(
                "FN_AUTH_JWT_SCOPE_CLAIM", "roles",
                "FN_AUTH_JWT_SCOPE_PREFIX", "",
                "FN_AUTH_JWT_APPS_CLAIM", "only"));
    awaitKeys();
    Caller caller =
        verifier.verify(
            token(KEY, claims(NOW, "fn:admin").claim("roles", "read").claim("only", "A").build()));
    assertThat(caller.scopes()).containsExactly(Scope.READ);
    assertThat(caller.apps()).contains(Set.of("A"));
  }

  static List<String> bad() throws JOSEException {
    JWTClaimsSet good = claims(NOW, "fn:admin").build();
    SignedJWT mac = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), good);
    mac.sign(new MACSigner(KEY.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8)));
    SignedJWT named =
        new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(), good);
    named.sign(new MACSigner(KEY.toECPublicKey().getEncoded()));
    SignedJWT jump =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256)
                .keyID("k1")
                .jwk(OTHER_KEY.toPublicJWK())
                .jwkURL(URI.create("http://127.0.0.1:1/keys"))
                .build(),
            good);
    jump.sign(new ECDSASigner(OTHER_KEY));
    SignedJWT typed =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256)
                .keyID("k1")
                .type(new JOSEObjectType("logout+jwt"))
                .build(),
            good);
    typed.sign(new ECDSASigner(KEY));
    String signed = token(KEY, good);
    String body = signed.substring(0, signed.lastIndexOf('.') + 1);
    return List.of(
        new PlainJWT(good).serialize(),
        body,
        body + "AAAA",
        signed.substring(0, signed.length() - 4) + "AAAA",
        mac.serialize(),
        named.serialize(),
        jump.serialize(),
        typed.serialize(),
        token(OTHER_KEY, good),
        token(RSA, JWSAlgorithm.RS512, good),
        token(KEY, claims(NOW, "fn:admin").issuer("https://other.test").build()),
        token(KEY, claims(NOW, "fn:admin").issuer(null).build()),
        token(KEY, claims(NOW, "fn:admin").audience("other").build()),
        token(KEY, claims(NOW, "fn:admin").audience((String) null).build()),
        token(KEY, claims(NOW, "fn:admin").expirationTime(null).build()),
        token(KEY, claims(NOW, "fn:admin").notBeforeTime(Date.from(NOW.plusSeconds(31))).build()),
        token(KEY, claims(NOW, "").claim("scope", 7).build()),
        token(KEY, claims(NOW, "fn:admin").claim("fn_apps", Map.of()).build()),
        token(KEY, claims(NOW, "fn:admin").claim("fn_apps", List.of(1)).build()),
        "a.b.c",
        "..",
        "eyJhbGciOiJub25lIn0.e30.");
  }

  @ParameterizedTest
  @MethodSource("bad")
  void badTokensAreRefusedAlike(String token) {
    assertThatThrownBy(() -> verifier.verify(token))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(401);
              assertThat(e.publicMessage()).isEqualTo("Invalid token");
              assertThat(e.getCause()).isNull();
            });
    assertThat(verifier.known(TokenHash.of(token))).isNull();
  }

  @Test
  void timesHaveSomeLeeway() {
    String token = token(KEY, claims(NOW, "fn:read").build());
    now = NOW.plusSeconds(629);
    assertThat(verifier.verify(token).scopes()).containsExactly(Scope.READ);
    String early =
        token(KEY, claims(NOW, "fn:read").notBeforeTime(Date.from(now.plusSeconds(29))).build());
    assertThat(verifier.verify(early).scopes()).containsExactly(Scope.READ);

    now = NOW.plusSeconds(631);
    assertThatThrownBy(() -> verifier.verify(token))
        .isInstanceOf(ServiceException.class)
        .hasMessage("Token has expired");
  }

  @Test
  void goodTokensAreRememberedForAWhile() {
    String token = token(KEY, claims(NOW, "fn:read").build());
    TokenHash hash = TokenHash.of(token);
    assertThat(verifier.known(hash)).isNull();
    Caller caller = verifier.verify(token);

    now = NOW.plusSeconds(299);
    assertThat(verifier.known(hash)).isSameAs(caller);
    now = NOW.plusSeconds(300);
    assertThat(verifier.known(hash)).isNull();
  }

  @Test
  void noTokenIsRememberedBeyondItsEnd() {
    String token =
        token(KEY, claims(NOW, "fn:read").expirationTime(Date.from(NOW.plusSeconds(10))).build());
    verifier.verify(token);

    now = NOW.plusSeconds(9);
    assertThat(verifier.known(TokenHash.of(token))).isNotNull();
    now = NOW.plusSeconds(10);
    assertThat(verifier.known(TokenHash.of(token))).isNull();
  }

  @Test
  void aNewKeyIsLookedForAtOnceButNotTooOften() {
    int before = provider.asked.get();
    String token = token(OTHER_KEY, claims(NOW, "fn:read").build());
    provider.publish(OTHER_KEY);
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> verifier.verify(token)).hasMessage("Invalid token");
    }
    assertThat(provider.asked.get()).isEqualTo(before);

    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    assertThat(verifier.verify(token).scopes()).containsExactly(Scope.READ);
    assertThat(provider.asked.get()).isEqualTo(before + 1);
  }

  @Test
  void whatAWithdrawnKeySignedIsForgotten() {
    String token = token(KEY, claims(NOW, "fn:read").build());
    verifier.verify(token);
    provider.publish(OTHER_KEY);
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    verifier.verify(token(OTHER_KEY, claims(NOW, "fn:read").build()));

    assertThat(verifier.known(TokenHash.of(token))).isNull();
    assertThatThrownBy(() -> verifier.verify(token)).hasMessage("Invalid token");
  }

  @Test
  void keysThatAreReadAgainAndAreTheSameMakeNothingForgotten() {
    String token = token(KEY, claims(NOW, "fn:read").build());
    Caller caller = verifier.verify(token);
    int before = provider.asked.get();

    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    String ofNoKey = token(OTHER_KEY, claims(NOW, "fn:read").build());
    assertThatThrownBy(() -> verifier.verify(ofNoKey)).hasMessage("Invalid token");

    assertThat(provider.asked.get()).isEqualTo(before + 1);
    assertThat(verifier.known(TokenHash.of(token))).isSameAs(caller);
  }

  @Test
  void whileKeysCannotBeReadTheKnownOnesHoldForADay() {
    provider.answer(500);
    String token = token(KEY, claims(NOW, "fn:read").build());
    nanos.addAndGet(Duration.ofHours(23).toNanos());
    assertThatThrownBy(() -> verifier.verify(token(OTHER_KEY, claims(NOW, "fn:read").build())))
        .hasMessage("Invalid token");
    assertThat(verifier.verify(token).scopes()).containsExactly(Scope.READ);

    nanos.addAndGet(Duration.ofHours(2).toNanos());
    assertThatThrownBy(() -> verifier.verify(token))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(503));
    assertThatThrownBy(() -> verifier.known(TokenHash.of(token))).hasMessageContaining("now");
  }

  @Test
  void withoutKeysNothingCanBeTold() throws IOException {
    verifier.close();
    provider.answer(404);
    verifier = verifier(Map.of());

    assertThatThrownBy(() -> verifier.verify(token(KEY, claims(NOW, "fn:read").build())))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(503));
  }

  @Test
  void weakAndSecretKeysAreNotUsed() {
    RSAKey weak = rsa("weak", 1024);
    String json =
        "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"s\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ\"},"
            + weak.toPublicJWK().toJSONString()
            + ","
            + KEY.toPublicJWK().toJSONString()
            + "]}";
    KeySet keys = KeySet.parse(json.getBytes(StandardCharsets.UTF_8));
    assertThat(keys.has("k1")).isTrue();
    assertThat(keys.has("weak")).isFalse();
    assertThat(keys.has("s")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{}", "{\"keys\":[]}", "{\"keys\":[{}]}", "{\"keys\":7}"})
  void setsWithoutKeysAreRefused(String json) {
    assertThatThrownBy(() -> KeySet.parse(json.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "FN_AUTH_JWT_ALGORITHMS, HS256",
    "FN_AUTH_JWT_ALGORITHMS, 'RS256,none'",
    "FN_AUTH_JWT_ISSUER,     ''",
    "FN_AUTH_JWT_AUDIENCE,   ''",
    "FN_AUTH_JWT_LEEWAY,     11m",
    "FN_AUTH_JWKS_REFRESH,   1s",
    "FN_AUTH_JWKS_URL,       http://id.test/keys",
    "FN_AUTH_JWKS_URL,       ftp://id.test/keys",
    "FN_AUTH_JWKS_URL,       nonsense",
    "FN_AUTH_JWKS_PATH,      /keys"
  })
  void wrongSettingsAreRefused(String name, String value) {
    Map<String, String> values = settings(Map.of(name, value));
    assertThatThrownBy(() -> JwtSettings.from(Settings.of(values)))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining(name);
  }

  @ParameterizedTest
  @CsvSource({
    "FN_AUTH_JWT_ISSUER,     https://id.example.com",
    "FN_AUTH_JWT_AUDIENCE,   https://fn.example.com",
    "FN_AUTH_JWT_ALGORITHMS, RS256",
    "FN_AUTH_JWT_LEEWAY,     nonsense",
    "FN_AUTH_JWKS_REFRESH,   60s",
    "FN_AUTH_JWT_APPS_CLAIM, apps"
  })
  void whoForgetsTheKeysIsNotLeftOpen(String name, String value) {
    assertThatThrownBy(() -> JwtSettings.from(Settings.of(Map.of(name, value))))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining(name);
  }

  @Test
  void withoutKeysNoneAreTaken() {
    assertThat(JwtSettings.from(Settings.of(Map.of()))).isEqualTo(Optional.empty());
    // As templates leave them that set nothing.
    Map<String, String> nothing =
        Map.of("FN_AUTH_JWKS_URL", "", "FN_AUTH_JWT_ISSUER", "", "FN_AUTH_JWT_SCOPE_PREFIX", "fn:");
    assertThat(JwtSettings.from(Settings.of(nothing))).isEqualTo(Optional.empty());
  }

  private void awaitKeys() {
    String token = token(KEY, claims(NOW, "fn:read").jwtID("first").build());
    await()
        .atMost(BOUND)
        // Until keys were read, nothing can be checked.
        .ignoreExceptionsInstanceOf(ServiceException.class)
        .untilAsserted(() -> assertThat(verifier.verify(token)).isNotNull());
  }

  private JwtVerifier verifier(Map<String, String> more) throws IOException {
    JwtSettings settings = JwtSettings.from(Settings.of(settings(more))).orElseThrow();
    JwtVerifier made =
        new JwtVerifier(
            settings,
            new UrlKeys(settings.keysUrl().orElseThrow(), settings.refresh(), nanos::get),
            new InstantSource() {
              @Override
              public Instant instant() {
                return now;
              }
            });
    made.start();
    return made;
  }

  private Map<String, String> settings(Map<String, String> more) {
    Map<String, String> values = new HashMap<>();
    values.put("FN_AUTH_JWKS_URL", provider.url());
    values.put("FN_AUTH_JWT_ISSUER", IdentityProvider.ISSUER);
    values.put("FN_AUTH_JWT_AUDIENCE", IdentityProvider.AUDIENCE);
    values.putAll(more);
    return values;
  }
}
