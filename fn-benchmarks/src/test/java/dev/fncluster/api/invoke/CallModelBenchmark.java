package dev.fncluster.api.invoke;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.model.Call;
import dev.fncluster.api.model.CallJson;
import dev.fncluster.api.model.CallReader;
import dev.fncluster.api.model.Headers;
import dev.fncluster.benchmarks.SampleCalls;
import dev.fncluster.proto.ClientMsg;
import dev.fncluster.proto.TryCall;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The model of a call on its way from a load balancer to a runner. */
@State(Scope.Benchmark)
public class CallModelBenchmark {
  private final CallTemplate template = new CallTemplate(SampleCalls.app(), SampleCalls.fn());
  private final Call call = SampleCalls.complete(template.newCall());
  private final String json = CallJson.write(call);
  private final CallReader reader = new CallReader();
  private final byte[] message = encode(call).toByteArray();
  private final HttpRequestHead request =
      new HttpRequestHead(
          "POST",
          "/t/orders/price",
          "/t/orders/price",
          Map.of(),
          SampleCalls.requestHeaders(),
          "http",
          "fn.example.com");

  /** Of what is known of app and fn. */
  @Benchmark
  public Call newCallOfTemplate() {
    return template.newCall();
  }

  /** To JSON. */
  @Benchmark
  public byte[] writeJson() {
    return CallJson.writeBytes(call);
  }

  /** From JSON, as a runner reads it that has had calls of the fn before. */
  @Benchmark
  public Call readJson() {
    return reader.read(json, template.slotHashId());
  }

  /** From JSON of any form. */
  @Benchmark
  public Call parseJson() {
    return CallJson.read(json);
  }

  /** To the first message of a stream. */
  @Benchmark
  public byte[] writeTryCall() {
    return encode(call).toByteArray();
  }

  /** From the first message of a stream. */
  @Benchmark
  public Call readTryCall() throws InvalidProtocolBufferException {
    TryCall read = ClientMsg.parseFrom(message).getTry();
    return reader.read(read.getModelsCallJson(), read.getSlotHashId());
  }

  /** The headers of a client, as a trigger's function gets them. */
  @Benchmark
  public Headers headersOfTrigger() {
    return TriggerHandler.encode(request);
  }

  private ClientMsg encode(Call of) {
    return ClientMsg.newBuilder()
        .setTry(
            TryCall.newBuilder()
                .setModelsCallJsonBytes(UnsafeByteOperations.unsafeWrap(CallJson.writeBytes(of)))
                .setSlotHashId(template.slotHashId()))
        .build();
  }
}
