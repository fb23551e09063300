package dev.fncluster.api.http;

import dev.fncluster.api.error.ServiceException;

/** Errors of the HTTP front end itself. */
final class HttpErrors {
  private HttpErrors() {}

  static ServiceException malformedBody() {
    return new ServiceException(400, "Malformed request body");
  }

  static ServiceException bodyTooSlow() {
    return new ServiceException(408, "Request body was not sent in time");
  }

  static ServiceException expectationFailed() {
    return new ServiceException(417, "Unknown expectation, only 100-continue is supported");
  }
}
