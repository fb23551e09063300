package dev.fncluster.runnerpool.grpc;

import com.google.protobuf.ByteString;
import dev.fncluster.proto.CallFinished;
import dev.fncluster.proto.CallResultStart;
import dev.fncluster.proto.DataFrame;
import dev.fncluster.proto.HttpHeader;
import dev.fncluster.proto.HttpRespMeta;
import dev.fncluster.proto.RunnerMsg;

/** What runners say. */
public final class RunnerMessages {
  /** The call went well, in five milliseconds. */
  public static final RunnerMsg OK =
      finished(CallFinished.newBuilder().setSuccess(true).setExecutionDuration(5_000_000));

  /** The call was refused for want of room. */
  public static final RunnerMsg BUSY = failure(503, "Timed out - server too busy", false);

  private RunnerMessages() {}

  private static RunnerMsg finished(CallFinished.Builder finished) {
    return RunnerMsg.newBuilder().setFinished(finished).build();
  }

  /** The call failed; {@code user} says whether the function is to blame. */
  static RunnerMsg failure(int code, String text, boolean user) {
    return finished(
        CallFinished.newBuilder().setErrorCode(code).setErrorStr(text).setErrorUser(user));
  }

  /** The answer begins; its headers are names and values by turns. */
  static RunnerMsg head(int status, String... headers) {
    HttpRespMeta.Builder meta = HttpRespMeta.newBuilder().setStatusCode(status);
    for (int i = 0; i < headers.length; i += 2) {
      meta.addHeaders(HttpHeader.newBuilder().setKey(headers[i]).setValue(headers[i + 1]));
    }
    return RunnerMsg.newBuilder()
        .setResultStart(CallResultStart.newBuilder().setHttp(meta))
        .build();
  }

  /** A piece of the answer. */
  static RunnerMsg data(String text) {
    return RunnerMsg.newBuilder()
        .setData(DataFrame.newBuilder().setData(ByteString.copyFromUtf8(text)))
        .build();
  }
}
