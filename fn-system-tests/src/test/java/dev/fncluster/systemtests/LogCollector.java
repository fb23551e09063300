package dev.fncluster.systemtests;

import dev.fncluster.proto.LogRequestMsg;
import dev.fncluster.proto.LogResponseMsg;
import dev.fncluster.proto.RunnerProtocolGrpc;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Collects what functions write from one runner: the example of docs/log-streaming.md. */
final class LogCollector implements StreamObserver<LogResponseMsg>, AutoCloseable {
  private static final LogRequestMsg START =
      LogRequestMsg.newBuilder().setStart(LogRequestMsg.Start.getDefaultInstance()).build();
  private static final LogRequestMsg READY =
      LogRequestMsg.newBuilder().setReady(LogRequestMsg.Ready.getDefaultInstance()).build();
  private static final LogRequestMsg ACK =
      LogRequestMsg.newBuilder().setAck(LogRequestMsg.Ack.getDefaultInstance()).build();

  private final Consumer<LogResponseMsg> store;
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private final StreamObserver<LogRequestMsg> runner;

  /** Begins to collect: {@code store} gets all that is written from now on. */
  LogCollector(Channel channel, Consumer<LogResponseMsg> store) {
    this.store = store;
    runner = RunnerProtocolGrpc.newStub(channel).streamLogs(this);
    runner.onNext(START);
    runner.onNext(READY);
  }

  @Override
  public void onNext(LogResponseMsg lines) {
    store.accept(lines);
    // Only now: what was not acknowledged may be lost when this process ends.
    runner.onNext(ACK);
  }

  @Override
  public void onError(Throwable failure) {
    // The runner has stopped, or can't be reached: connect again after a while.
    end.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    end.complete(null);
  }

  /** Done when the stream has ended. */
  CompletableFuture<Void> end() {
    return end;
  }

  @Override
  public void close() {
    runner.onCompleted();
  }
}
