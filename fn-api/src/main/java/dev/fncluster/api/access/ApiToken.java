package dev.fncluster.api.access;

import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * What a load balancer shows API nodes, read again when one of them refuses it: a file may hold a
 * newer one by then. Thread-safe.
 */
public final class ApiToken {
  static final Setting<Optional<String>> TOKEN =
      Setting.optionalText(
              "FN_RUNNER_API_TOKEN",
              "The token with scope lookup that a load balancer shows API nodes that ask for one;"
                  + " FN_RUNNER_API_TOKEN_FILE is read again when one of them refuses it.")
          .secret();

  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

  private final Supplier<Optional<String>> source;
  private volatile Optional<String> current;

  private ApiToken(Supplier<Optional<String>> source) {
    this.source = source;
    current = source.get();
  }

  /**
   * The token that {@code settings} name, or none.
   *
   * @throws SettingException when it can't be one, or its file can't be read
   */
  static ApiToken of(Settings settings) {
    return new ApiToken(() -> checked(settings.get(TOKEN)));
  }

  /** What stands in the {@code Authorization} header of requests, if anything. */
  Optional<String> header() {
    return current.map(token -> "Bearer " + token);
  }

  /**
   * Reads the token again. Blocks for as long as a file takes.
   *
   * @throws SettingException when it can't be read; the one before goes on to hold
   */
  void renew() {
    current = source.get();
  }

  // Nothing of it is in the message: a token that is wrong in one letter is a secret still.
  private static Optional<String> checked(Optional<String> token) {
    if (token.isPresent() && !FORM.matcher(token.get()).matches()) {
      throw new SettingException(
          TOKEN.name() + " is no token; expected one line of letters, digits and ._~+/-");
    }
    return token;
  }

  /** Without the token. */
  @Override
  public String toString() {
    return current.isPresent() ? "ApiToken[***]" : "ApiToken[]";
  }
}
