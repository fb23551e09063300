package dev.fncluster.runner.logs;

import dev.fncluster.proto.LogResponseMsg;
import dev.fncluster.proto.LogResponseMsg.Container;
import dev.fncluster.proto.LogResponseMsg.Container.Request;
import dev.fncluster.proto.LogResponseMsg.Container.Request.Line;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lines as the message for collectors: by container, by call, in their order. Stateless. */
final class LogMessages {
  private LogMessages() {}

  static LogResponseMsg of(List<LogLine> lines) {
    Map<String, Map<String, Request.Builder>> requests = new LinkedHashMap<>();
    Map<String, Container.Builder> containers = new LinkedHashMap<>();
    for (LogLine line : lines) {
      containers.computeIfAbsent(line.containerId(), id -> container(line));
      requests
          .computeIfAbsent(line.containerId(), id -> new LinkedHashMap<>())
          .computeIfAbsent(line.callId(), id -> Request.newBuilder().setRequestId(id))
          .addData(line(line));
    }
    LogResponseMsg.Builder message = LogResponseMsg.newBuilder();
    containers.forEach((id, container) -> {
      requests.getOrDefault(id, Map.of()).values().forEach(container::addData);
      message.addData(container);
    });
    return message.build();
  }

  private static Container.Builder container(LogLine line) {
    return Container.newBuilder()
        .setApplicationId(line.appId())
        .setFunctionId(line.fnId())
        .setContainerId(line.containerId());
  }

  private static Line line(LogLine line) {
    return Line.newBuilder()
        .setTimestamp(line.timestampMillis())
        .setSource(
            switch (line.source()) {
              case STDOUT -> Line.Source.STDOUT;
              case STDERR -> Line.Source.STDERR;
            })
        .setData(line.data())
        .build();
  }
}
