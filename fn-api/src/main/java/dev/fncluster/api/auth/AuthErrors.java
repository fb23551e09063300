package dev.fncluster.api.auth;

import dev.fncluster.api.error.ServiceException;

/** Why a request is not served to its caller. None of the texts holds anything of a token. */
public final class AuthErrors {
  private AuthErrors() {}

  /** No token came with the request. */
  public static ServiceException missing() {
    return ServiceException.answer(
        401, "Missing token, expected \"Authorization: Bearer <token>\"");
  }

  /** What came is not one token in the right form. */
  public static ServiceException malformed() {
    return ServiceException.answer(
        401, "Invalid Authorization header, expected one \"Authorization: Bearer <token>\"");
  }

  /** Nobody made this token, or not for this server. */
  public static ServiceException unknown() {
    return ServiceException.answer(401, "Invalid token");
  }

  /** The token's time is over. */
  public static ServiceException expired() {
    return ServiceException.answer(401, "Token has expired");
  }

  /** The token is good, but not for this. */
  public static ServiceException scope(String wanted) {
    return ServiceException.answer(403, "Token has not the scope for this, expected " + wanted);
  }

  /** The token is good, but not for this app. */
  public static ServiceException otherApp() {
    return ServiceException.answer(403, "Token is not for this app");
  }

  /** The token is good, but only for some apps, and this concerns others too. */
  public static ServiceException limited() {
    return ServiceException.answer(403, "Token is for some apps only, this needs one for all apps");
  }

  /** Whether the token is good can't be told now. */
  public static ServiceException unavailable() {
    return ServiceException.answer(503, "Tokens can't be checked now, try again later");
  }
}
