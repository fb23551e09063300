package dev.fncluster.api.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.TooLongHttpHeaderException;

/**
 * The headers of a request as they are decoded, up to a number: a header of four bytes takes twenty
 * times that room here, so the size of a head alone would bound too little. For one event loop.
 */
final class CountedHeaders extends DefaultHttpHeaders {
  /** How many headers a request may have, and how many trailers. */
  static final int MAX = 1000;

  static final HttpHeadersFactory FACTORY =
      new HttpHeadersFactory() {
        @Override
        public HttpHeaders newHeaders() {
          return new CountedHeaders();
        }

        @Override
        public HttpHeaders newEmptyHeaders() {
          return new CountedHeaders();
        }
      };

  private int count;

  private CountedHeaders() {}

  @Override
  public HttpHeaders add(CharSequence name, Object value) {
    if (++count > MAX) {
      throw new TooLongHttpHeaderException("more than " + MAX + " headers");
    }
    return super.add(name, value);
  }
}
