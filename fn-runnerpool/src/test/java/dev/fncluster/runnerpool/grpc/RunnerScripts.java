package dev.fncluster.runnerpool.grpc;

import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.RunnerMsg;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.function.Consumer;

/** Common scripts of runners. */
public final class RunnerScripts {
  private RunnerScripts() {}

  /** Does {@code action} when the call has come, with or without its body. */
  static ScriptedRunnerServer.Script afterTry(Consumer<ServerCall<ClientMsg, RunnerMsg>> action) {
    return (stream, message) -> {
      if (message.hasTry()) {
        action.accept(stream);
      }
      stream.request(1);
    };
  }

  /** Does {@code action} when all of the body has come. */
  public static ScriptedRunnerServer.Script afterBody(
      Consumer<ServerCall<ClientMsg, RunnerMsg>> action) {
    return (stream, message) -> {
      if (message.getData().getEof()) {
        action.accept(stream);
      }
      stream.request(1);
    };
  }

  /** Sends the headers and some messages. */
  public static void send(ServerCall<ClientMsg, RunnerMsg> stream, RunnerMsg... messages) {
    stream.sendHeaders(new Metadata());
    for (RunnerMsg each : messages) {
      stream.sendMessage(each);
    }
  }

  /** Ends the session. */
  public static void end(ServerCall<ClientMsg, RunnerMsg> stream, Status status) {
    stream.close(status, new Metadata());
  }

  /** Sends the last message, and ends the session well. */
  public static void finish(ServerCall<ClientMsg, RunnerMsg> stream, RunnerMsg message) {
    send(stream, message);
    end(stream, Status.OK);
  }
}
