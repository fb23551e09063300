package dev.fncluster.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class IdGeneratorTest {
  @Test
  void timeThenMachineThenCounter() {
    IdGenerator ids = new IdGenerator(0, () -> 0);
    assertThat(ids.next()).isEqualTo("00000000000000000000000001");
    assertThat(ids.next()).isEqualTo("00000000000000000000000002");

    IdGenerator full = new IdGenerator(-1, () -> 0xFFFF_FFFF_FFFFL);
    assertThat(full.next()).startsWith("7ZZZZZZZZZZZZZZZZZZ").hasSize(26);
  }

  @Test
  void sortsByTime() {
    AtomicLong now = new AtomicLong(1_000);
    IdGenerator ids = new IdGenerator(0xFFFF_FFFF_FFFFL, now::get);
    String early = ids.next();
    now.incrementAndGet();
    assertThat(ids.next()).isGreaterThan(early);
  }

  @Test
  void machineIsPartOfTheId() {
    IdGenerator one = new IdGenerator(1, () -> 5);
    IdGenerator other = new IdGenerator(2, () -> 5);
    assertThat(one.next()).isNotEqualTo(other.next());
    assertThat(IdGenerator.forThisMachine(8080).next()).matches("[0-9A-HJKMNP-TV-Z]{26}");
  }
}
