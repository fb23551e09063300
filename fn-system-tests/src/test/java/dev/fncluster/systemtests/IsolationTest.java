package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a function can't do, seen from outside its container and from within. */
@Tag("docker")
@ExtendWith(ClusterExtension.class)
final class IsolationTest {
  @Test
  void confinesTheContainer(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createKnobs(body -> {});
    assertThat(cluster.client().invoke(fn, "{}").statusCode()).isEqualTo(200);

    JsonNode container = containerOf(cluster, fn);

    JsonNode host = container.get("HostConfig");
    assertThat(container.at("/Config/User").asText()).isEqualTo("1000:1000");
    assertThat(texts(host.get("CapDrop")))
        .hasSize(1)
        .first()
        .asString()
        .isEqualToIgnoringCase("all");
    assertThat(texts(host.get("CapAdd"))).isEmpty();
    assertThat(texts(host.get("SecurityOpt")))
        .anyMatch(option -> option.startsWith("no-new-privileges"));
    assertThat(host.get("Privileged").asBoolean()).isFalse();
    assertThat(host.get("ReadonlyRootfs").asBoolean()).isTrue();
    assertThat(host.get("PidsLimit").asInt()).isEqualTo(50);
    assertThat(host.get("Memory").asLong()).isEqualTo(128L << 20);
    assertThat(host.get("MemorySwap").asLong()).isEqualTo(host.get("Memory").asLong());
    assertThat(host.get("Tmpfs").has("/tmp")).isTrue();
    assertThat(host.get("Init").asBoolean()).isTrue();
    assertThat(host.at("/LogConfig/Type").asText()).isEqualTo("none");
    assertThat(texts(host.get("Binds")))
        .hasSize(1)
        .first()
        .asString()
        .containsPattern(":/tmp/iofs(:rw)?$");
    assertThat(ulimit(host, "nofile")).isEqualTo(350);
    assertThat(ulimit(host, "memlock")).isEqualTo(65536);
    assertThat(ulimit(host, "sigpending")).isEqualTo(5000);
    assertThat(ulimit(host, "msgqueue")).isEqualTo(819200);
  }

  @Test
  void runsTheFunctionWithoutPrivileges(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createKnobs(body -> {});

    String status = readFile(cluster, fn, "/proc/self/status");

    assertThat(status)
        .containsPattern("Uid:\\s+1000\\s+1000\\s+1000\\s+1000")
        .containsPattern("Gid:\\s+1000\\s+1000\\s+1000\\s+1000")
        .containsPattern("CapEff:\\s+0000000000000000")
        .containsPattern("CapBnd:\\s+0000000000000000")
        .containsPattern("NoNewPrivs:\\s+1");
  }

  @Test
  void letsTheFunctionWriteToItsOwnTmpOnly(Cluster cluster) {
    FnClient.CreatedFn fn = cluster.client().createKnobs(body -> {});

    List<String> mounts = readFile(cluster, fn, "/proc/mounts").lines().toList();

    assertThat(mounts)
        .anyMatch(line -> line.contains(" / ") && line.split(" ")[3].startsWith("ro,"));
    assertThat(mounts)
        .anySatisfy(line -> {
          assertThat(line).startsWith("tmpfs /tmp tmpfs ");
          assertThat(line.split(" ")[3].split(",")).contains("rw", "nosuid", "nodev", "noexec");
        });
    assertThat(createFile(cluster, fn, "/tmp/own").isEmpty()).isTrue();
    assertThat(
            createFile(cluster, fn, "/function/other")
                .at("/~1function~1other.create_error")
                .asText())
        .isNotEmpty();
  }

  private static JsonNode containerOf(Cluster cluster, FnClient.CreatedFn fn) {
    return cluster.containers().stream()
        .map(Containers::inspect)
        .filter(container -> texts(container.at("/Config/Env")).contains("FN_FN_ID=" + fn.id()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no container of function " + fn.id()));
  }

  private static String readFile(Cluster cluster, FnClient.CreatedFn fn, String name) {
    HttpResponse<String> response = cluster.client().invoke(fn, "{\"readFile\":\"" + name + "\"}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    JsonNode content = FnClient.json(response).get("data").get(name + ".read_output");
    assertThat(content).as(response.body()).isNotNull();
    return content.asText();
  }

  private static JsonNode createFile(Cluster cluster, FnClient.CreatedFn fn, String name) {
    HttpResponse<String> response =
        cluster.client().invoke(fn, "{\"createFile\":\"" + name + "\"}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return FnClient.json(response).get("data");
  }

  private static long ulimit(JsonNode host, String name) {
    for (JsonNode limit : host.get("Ulimits")) {
      if (limit.get("Name").asText().equals(name)) {
        assertThat(limit.get("Hard").asLong()).isEqualTo(limit.get("Soft").asLong());
        return limit.get("Soft").asLong();
      }
    }
    throw new AssertionError("no limit of " + name + " in " + host.get("Ulimits"));
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }
}
