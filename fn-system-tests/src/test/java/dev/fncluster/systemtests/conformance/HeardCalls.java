package dev.fncluster.systemtests.conformance;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.CallListener;
import dev.fncluster.api.model.Call;

/** Tells of calls, and stops those that a header says. */
record HeardCalls(String node, Heard heard) implements CallListener {
  @Override
  public void before(Call call) throws Exception {
    heard.calls().add(node + " before " + call.id());
    String order = call.headers().first("X-" + node);
    if (order != null) {
      switch (order) {
        case "throw" -> throw new IllegalStateException("secret");
        case "refuse" -> throw new ServiceException(418, "no tea");
        case "hang" -> Misbehaviour.hang();
        default -> {}
      }
    }
  }

  @Override
  public void after(Call call) {
    heard.calls().add(node + " after " + call.id() + " " + call.status() + " " + call.error());
    if (call.headers().first("X-" + node) != null) {
      throw new IllegalStateException("nobody cares");
    }
  }
}
