package dev.fncluster.api.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import org.junit.jupiter.api.Test;

class EventLoopsTest {
  @Test
  void everyThreadKnowsItsLoop() throws Exception {
    try (EventLoops loops = EventLoops.create(2, "test")) {
      for (EventLoop loop : loops.loops()) {
        assertThat(loop.submit(EventLoops::current).get()).isSameAs(loop);
      }
      assertThat(EventLoops.current()).isNull();
    }
  }
}
