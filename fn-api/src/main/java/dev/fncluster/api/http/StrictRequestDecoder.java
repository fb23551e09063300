package dev.fncluster.api.http;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;

/**
 * Takes requests apart and refuses those that two servers could understand in two ways.
 *
 * <p>A header that goes on in the next line is joined with one blank, which the protocol allows:
 * who gets the request sees one line.
 */
final class StrictRequestDecoder extends HttpRequestDecoder {
  StrictRequestDecoder(int maxHeadSize) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(maxHeadSize)
            .setMaxHeaderSize(maxHeadSize)
            .setMaxChunkSize(64 * 1024)
            .setHeadersFactory(CountedHeaders.FACTORY)
            .setTrailersFactory(CountedHeaders.FACTORY)
            .setAllowDuplicateContentLengths(false)
            .setStrictLineParsing(true));
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("both Transfer-Encoding and Content-Length");
  }

  @Override
  protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
    requireOneBlank(line, start);
    return super.splitSecondWordInitialLine(line, start, length);
  }

  @Override
  protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
    requireOneBlank(line, start);
    if (length == 0 || line[start] != 'H') {
      // The codec would read it without regard to case.
      throw new IllegalArgumentException("no protocol in the request line");
    }
    return super.splitThirdWordInitialLine(line, start, length);
  }

  // There is a word before this one, so both places are within the line.
  private static void requireOneBlank(byte[] line, int start) {
    if (line[start - 1] != ' ' || line[start - 2] == ' ' || line[start - 2] == '\t') {
      throw new IllegalArgumentException("the words of the request line need one blank between");
    }
  }
}
