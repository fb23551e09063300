package dev.fncluster.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.lb.LbViews;
import dev.fncluster.runner.RunnerViews;
import dev.fncluster.runner.docker.DockerViews;
import dev.fncluster.runner.status.StatusViews;
import dev.fncluster.stats.BucketSets;
import io.opencensus.stats.Aggregation;
import io.opencensus.stats.View;
import io.opencensus.tags.TagKey;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The views as the contract with other Fn servers has them: names, kinds, units, tags and bounds.
 * What is exported with {@code FN_METRICS_NAMES=fn} are these names.
 */
final class ContractViewsTest {
  private static final String LATENCY = "1 10 50 100 250 500 1000 10000 60000 120000";
  private static final String LB_LATENCY =
      "1 10 50 100 250 500 1000 1500 2000 2500 3000 4000 5000 6000 8000 10000 60000 120000";
  private static final String ATTEMPTS = "2 3 4 8 16 32 64 128 256";
  private static final String IO =
      "131072 524288 1048576 2097152 4194304 8388608 16777216 33554432 67108864 134217728";
  private static final String MEMORY =
      "134217728 268435456 536870912 1073741824 2147483648 4294967296 8589934592";
  private static final String CPU = "10 20 30 40 50 60 70 80 90 100";
  private static final Map<String, String> BOUNDS =
      Map.of("L", LATENCY, "LB", LB_LATENCY, "N", ATTEMPTS, "IO", IO, "MEM", MEMORY, "CPU", CPU);

  private static final Map<String, View> VIEWS = new HashMap<>();

  static {
    Stream.of(
            LbViews.create(List.of(), BucketSets.DEFAULT),
            RunnerViews.all(),
            StatusViews.all(),
            DockerViews.all())
        .flatMap(Collection::stream)
        .forEach(view -> VIEWS.put(view.getName().asString().replace('/', '_'), view));
  }

  @ParameterizedTest
  @CsvSource({
    "api_request_count,count,1,method path",
    "api_response_count,count,1,blame fn_fdk_version method path status",
    "api_latency,L,ms,blame fn_fdk_version method path status",
    "calls,sum,1,",
    "completed,sum,1,",
    "canceled,sum,1,",
    "timeouts,sum,1,",
    "errors,sum,1,",
    "server_busy,sum,1,",
    "util_cpu_used,last,1,",
    "util_cpu_avail,last,1,",
    "util_mem_used,last,By,",
    "util_mem_avail,last,By,",
    "lb_runner_sched_latency,LB,ms,",
    "lb_runner_exec_latency,LB,ms,",
    "lb_call_latency,LB,ms,call_status",
    "lb_placer_attempt_count,N,1,",
    "lb_placer_rp_error_count,count,1,",
    "lb_placer_rp_empty_count,count,1,",
    "lb_placer_client_timeout_count,count,1,",
    "lb_placer_client_cancelled_count,count,1,",
    "lb_placer_timeout_count,count,1,",
    "lb_placer_placed_error_count,count,1,",
    "lb_placer_placed_abort_count,count,1,",
    "lb_placer_placed_ok_count,count,1,",
    "lb_placer_retry_busy_count,count,1,",
    "lb_placer_retry_error_count,count,1,",
    "lb_placer_latency,LB,ms,",
    "status_call,count,1,cached network success",
    "container_wait_total,sum,1,app_id fn_id image_name",
    "container_start_total,sum,1,app_id fn_id image_name",
    "container_idle_total,sum,1,app_id fn_id image_name",
    "container_paused_total,sum,1,app_id fn_id image_name",
    "container_busy_total,sum,1,app_id fn_id image_name",
    "container_wait_duration_seconds,L,ms,app_id fn_id image_name",
    "container_start_duration_seconds,L,ms,app_id fn_id image_name",
    "container_idle_duration_seconds,L,ms,app_id fn_id image_name",
    "container_paused_duration_seconds,L,ms,app_id fn_id image_name",
    "container_busy_duration_seconds,L,ms,app_id fn_id image_name",
    "container_evictions,count,1,app_id container_state fn_id image_name",
    "container_uds_init_latency,L,ms,app_id container_uds_state fn_id image_name",
    "docker_stats_net_rx,IO,By,",
    "docker_stats_net_tx,IO,By,",
    "docker_stats_disk_read,IO,By,",
    "docker_stats_disk_write,IO,By,",
    "docker_stats_mem_limit,MEM,By,",
    "docker_stats_mem_usage,MEM,By,",
    "docker_stats_cpu_user,CPU,1,",
    "docker_stats_cpu_total,CPU,1,",
    "docker_stats_cpu_kernel,CPU,1,",
    "docker_api_latency,L,ms,api_name api_status",
    "docker_api_retries,count,1,api_name api_status",
    "docker_exits,count,1,api_name exit_status",
    "docker_events,count,1,event_action event_type",
    "image_cleaner_busy_img_count,last,1,",
    "image_cleaner_busy_img_size,last,By,",
    "image_cleaner_idle_img_count,last,1,",
    "image_cleaner_idle_img_size,last,By,",
    "image_cleaner_max_img_size,last,By,",
    "docker_instance_id,last,1,"
  })
  void isAsInTheContract(String name, String kind, String unit, String tags) {
    View view = VIEWS.get(name);
    assertThat(view).as(name).isNotNull();
    assertThat(view.getMeasure().getUnit()).isEqualTo(unit);
    assertThat(new TreeSet<>(view.getColumns().stream().map(TagKey::getName).toList()))
        .isEqualTo(tags == null ? new TreeSet<>() : new TreeSet<>(List.of(tags.split(" "))));
    String found =
        view.getAggregation()
            .match(
                sum -> "sum",
                count -> "count",
                distribution -> bounds(distribution),
                last -> "last",
                other -> "other");
    assertThat(found).isEqualTo(BOUNDS.getOrDefault(kind, kind));
  }

  @ParameterizedTest
  @CsvSource({
    "calls,calls created in agent",
    "completed,calls completed in agent",
    "canceled,calls canceled in agent",
    "timeouts,calls timed out in agent",
    "errors,calls errored in agent",
    "server_busy,calls where server was too busy in agent",
    "util_cpu_used,agent cpu in use",
    "util_mem_avail,agent memory available",
    "lb_placer_attempt_count,LB Placer Number of Runners Attempted Count",
    "lb_placer_rp_error_count,LB Placer RunnerPool RunnerList Error Count",
    "lb_placer_rp_empty_count,LB Placer RunnerPool RunnerList Empty Count",
    "lb_placer_client_cancelled_count,LB Placer Client Cancel Count",
    "lb_placer_client_timeout_count,LB Placer Client Timeout Count",
    "lb_placer_timeout_count,LB Placer Timeout Count",
    "lb_placer_placed_error_count,LB Placer Placed Call Count With Errors",
    "lb_placer_placed_abort_count,LB Placer Placed Call Count With Client Timeout/Cancel",
    "lb_placer_placed_ok_count,LB Placer Placed Call Count Without Errors",
    "lb_placer_retry_busy_count,LB Placer Retry Count - Too Busy",
    "lb_placer_retry_error_count,LB Placer Retry Count - Errors",
    "lb_placer_latency,LB Placer Latency",
    "docker_stats_net_rx,docker container stats for net_rx"
  })
  void saysWhatOthersSayOfIt(String name, String help) {
    View view = VIEWS.get(name);
    assertThat(view).as(name).isNotNull();
    assertThat(view.getDescription()).isEqualTo(help);
  }

  @Test
  void furtherTagsGoWhereThereAreValuesForThem() {
    TagKey app = TagKey.create("app_id");
    TagKey fn = TagKey.create("fn_id");
    TagKey image = TagKey.create("image_name");
    for (View each : LbViews.create(List.of(app, fn), BucketSets.DEFAULT)) {
      boolean ofCalls =
          !Arrays.asList("api/request_count", "api/refused_connections")
              .contains(each.getName().asString());
      assertThat(each.getColumns().containsAll(List.of(app, fn)))
          .as(each.getName().asString())
          .isEqualTo(ofCalls);
    }
    assertThat(DockerViews.create(List.of(image), BucketSets.DEFAULT))
        .filteredOn(view -> view.getColumns().contains(image))
        .hasSize(9)
        .allMatch(view -> view.getName().asString().startsWith("docker_stats_"));
  }

  private static String bounds(Aggregation.Distribution distribution) {
    return String.join(
        " ",
        distribution.getBucketBoundaries().getBoundaries().stream()
            .map(bound -> Long.toString(bound.longValue()))
            .toList());
  }
}
