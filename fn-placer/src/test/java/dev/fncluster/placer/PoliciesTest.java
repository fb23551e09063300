package dev.fncluster.placer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fncluster.api.settings.Settings;
import dev.fncluster.runnerpool.PlacementPolicy;
import dev.fncluster.runnerpool.PlacementRequest;
import dev.fncluster.runnerpool.RunnerView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoliciesTest {
  @ParameterizedTest
  @CsvSource({
    "'', 4dccf8f6e62ea9ad",
    "a, 604b22e2a73bf95d",
    "fn_id, 6c06d289862e8ff3",
    "01D1H0PNWANG8G00RZJ0000003, 6b214049aa0e910a",
    "01M85QA27NR00040J6MC000011, f194715a25713703",
    "01CWVSNBD0NG8G00RZJ0000001, e66f612a28007537"
  })
  void hashIsThatOfOtherLoadBalancers(String fnId, String hash) {
    assertThat(ConsistentHashPolicy.hash(fnId)).isEqualTo(Long.parseUnsignedLong(hash, 16));
  }

  @Test
  void hashIsThatOfItsInventors() {
    // The example of the paper: key 00..0f, input 00..0e.
    byte[] input = new byte[15];
    for (int i = 0; i < input.length; i++) {
      input[i] = (byte) i;
    }
    assertThat(new SipHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L).hash(input))
        .isEqualTo(0xa129ca6149be45e5L);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 0 0 2 2 2 6 6 6 21",
    "a, 0 0 2 2 2 6 6 6 90",
    "fn_id, 0 0 2 2 2 6 6 6 21",
    "01D1H0PNWANG8G00RZJ0000003, 0 0 2 2 2 6 6 14 62",
    "01M85QA27NR00040J6MC000011, 0 0 2 2 2 2 2 15 99",
    "01CWVSNBD0NG8G00RZJ0000001, 0 0 0 3 3 3 8 8 38"
  })
  void compatibleBucketIsThatOfOtherLoadBalancers(String fnId, String expected) {
    int[] sizes = {1, 2, 3, 4, 5, 8, 10, 16, 100};
    List<String> found = new ArrayList<>();
    for (int size : sizes) {
      found.add(Integer.toString(Bucket.COMPATIBLE.of(ConsistentHashPolicy.hash(fnId), size)));
    }
    assertThat(String.join(" ", found)).isEqualTo(expected);
  }

  @Test
  void jumpBucketIsBalancedAndMovesNoMoreThanItMust() {
    int keys = 100_000;
    int[] inTen = new int[10];
    int moved = 0;
    for (int i = 0; i < keys; i++) {
      long hash = ConsistentHashPolicy.hash("fn-" + i);
      int before = Bucket.JUMP.of(hash, 10);
      int after = Bucket.JUMP.of(hash, 11);
      inTen[before]++;
      if (before != after) {
        moved++;
        assertThat(after).isEqualTo(10);
      }
    }
    for (int count : inTen) {
      assertThat(count).isBetween(9_500, 10_500);
    }
    assertThat(moved).isBetween(keys / 11 - 1_000, keys / 11 + 1_000);
  }

  @Test
  void noBucketsNoHome() {
    assertThat(Bucket.JUMP.of(1, 0)).isEqualTo(-1);
    assertThat(Bucket.COMPATIBLE.of(1, 0)).isEqualTo(-1);
  }

  @Property(tries = 300)
  void everyPolicyTriesEveryRunnerOnceAndDependsOnItsArgumentsOnly(
      @ForAll @IntRange(min = 1, max = 200) int size,
      @ForAll @StringLength(max = 30) String fnId,
      @ForAll long randomness) {
    List<RunnerView> runners = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      runners.add(new View("runner-" + i));
    }
    PlacementRequest request = new PlacementRequest(fnId, "", randomness);
    for (String algorithm : PlacerSettings.ALGORITHMS) {
      PlacementPolicy policy =
          PlacerSettings.from(Settings.of(Map.of("FN_PLACER", algorithm))).policy();
      List<Integer> order = order(policy, request, runners);
      assertThat(order).hasSize(size).doesNotHaveDuplicates();
      assertThat(order).allMatch(index -> index >= 0 && index < size);
      assertThat(order(policy, request, runners)).isEqualTo(order);
    }
  }

  @Test
  void homeOfAFnDoesNotDependOnChance() {
    List<RunnerView> runners = List.of(new View("a"), new View("b"), new View("c"));
    PlacementPolicy policy = ConsistentHashPolicy.balanced();
    assertThat(order(policy, new PlacementRequest("fn", "", 1), runners))
        .isEqualTo(order(policy, new PlacementRequest("fn", "", 2), runners));
  }

  private static List<Integer> order(
      PlacementPolicy policy, PlacementRequest request, List<RunnerView> runners) {
    List<Integer> order = new ArrayList<>();
    policy.order(request, runners).forEachRemaining((int index) -> order.add(index));
    return order;
  }

  private record View(String address) implements RunnerView {
    @Override
    public int callsUnderWay() {
      return 0;
    }
  }
}
