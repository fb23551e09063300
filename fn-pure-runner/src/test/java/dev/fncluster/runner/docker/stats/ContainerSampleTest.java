package dev.fncluster.runner.docker.stats;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

final class ContainerSampleTest {
  private static ContainerSample sample(String json) throws Exception {
    return ContainerSample.read(new ObjectMapper().readTree(json.replace('\'', '"'))).orElseThrow();
  }

  @Test
  void addsUpInterfacesAndDisks() throws Exception {
    ContainerSample sample =
        sample(
            "{'read':'2026-01-01T00:00:00Z','networks':{'eth0':{'rx_bytes':1,'tx_bytes':2},"
                + "'eth1':{'rx_bytes':10,'tx_bytes':20}},'blkio_stats':{'io_service_bytes_recursive':["
                + "{'op':'Read','value':3},{'op':'read','value':4},{'op':'WRITE','value':5},"
                + "{'op':'Sync','value':9}]},'memory_stats':{'limit':100,'usage':60}}");
    assertThat(sample.netReceived()).isEqualTo(11);
    assertThat(sample.netSent()).isEqualTo(22);
    assertThat(sample.diskRead()).isEqualTo(7);
    assertThat(sample.diskWritten()).isEqualTo(5);
    assertThat(sample.memoryLimit()).isEqualTo(100);
    assertThat(sample.memoryUsed()).isEqualTo(60);
  }

  private static String cpu(long total, long user, long kernel, long system, String processors) {
    return "{'read':'2026-01-01T00:00:00Z','cpu_stats':{'cpu_usage':{'total_usage':%d,'usage_in_usermode':%d,'usage_in_kernelmode':%d%s},'system_cpu_usage':%d,'online_cpus':2}}"
        .formatted(total, user, kernel, processors, system);
  }

  @Test
  void processorUseIsPercentOfOneProcessor() throws Exception {
    ContainerSample before = sample(cpu(1000, 600, 400, 10_000, ""));
    ContainerSample after = sample(cpu(2000, 1100, 900, 14_000, ""));
    assertThat(after.since(before)).isEqualTo(new ContainerSample.CpuUse(50, 25, 25));
    assertThat(before.since(before)).isEqualTo(new ContainerSample.CpuUse(0, 0, 0));
    ContainerSample four = sample(cpu(2000, 1100, 900, 14_000, ",'percpu_usage':[1,2,3,4]"));
    assertThat(four.since(before).total()).as("four processors").isEqualTo(100);
  }

  @Test
  void aSampleWithoutATimeIsNone() throws Exception {
    ObjectMapper json = new ObjectMapper();
    assertThat(ContainerSample.read(json.readTree("{\"read\":\"0001-01-01T00:00:00Z\"}")))
        .isEmpty();
    assertThat(ContainerSample.read(json.readTree("{}"))).isEmpty();
  }
}
