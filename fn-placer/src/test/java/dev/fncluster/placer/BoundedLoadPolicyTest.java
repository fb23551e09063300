package dev.fncluster.placer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.runnerpool.PlacementRequest;
import dev.fncluster.runnerpool.RunnerView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BoundedLoadPolicyTest {
  private final BoundedLoadPolicy policy = new BoundedLoadPolicy(125, 4);

  @Property(tries = 300)
  void neverBeginsBeyondTheShareAndTriesAllOthersFirst(
      @ForAll @Size(min = 1, max = 60) List<@IntRange(max = 50) Integer> loads,
      @ForAll @IntRange(max = 1_000) int fn) {
    List<View> runners = views(loads);
    long share = policy.share(loads.stream().mapToLong(each -> each).sum(), loads.size());
    List<View> order = order("fn-" + fn, runners);
    assertThat(order).hasSameElementsAs(runners).doesNotHaveDuplicates();
    assertThat(order.getFirst().load()).isLessThan((int) share);
    boolean beyond = false;
    for (View each : order) {
      assertThat(each.load() >= share || !beyond).as("%s of share %s", order, share).isTrue();
      beyond = each.load() >= share;
    }
  }

  @Property(tries = 200)
  void orderIsThatOfAddressesAndNotOfPositionsAndOthersKeepItWhenOneGoes(
      @ForAll @IntRange(min = 2, max = 60) int size,
      @ForAll @IntRange(max = 1_000) int fn,
      @ForAll long seed) {
    List<View> runners = views(Collections.nCopies(size, 0));
    List<View> order = order("fn-" + fn, runners);
    List<View> shuffled = new ArrayList<>(runners);
    Collections.shuffle(shuffled, new Random(seed));
    assertThat(order("fn-" + fn, shuffled)).isEqualTo(order);
    View gone = shuffled.removeFirst();
    order.remove(gone);
    assertThat(order("fn-" + fn, shuffled)).isEqualTo(order);
  }

  @Test
  void homesAreEvenAndOverflowScatters() {
    List<View> runners = views(Collections.nCopies(10, 0));
    Map<String, Integer> homes = new HashMap<>();
    Map<String, Integer> seconds = new HashMap<>();
    int fns = 20_000;
    for (int i = 0; i < fns; i++) {
      List<View> order = order("fn-" + i, runners);
      homes.merge(order.get(0).address(), 1, Integer::sum);
      if (order.get(0).address().equals("runner-3:9190")) {
        seconds.merge(order.get(1).address(), 1, Integer::sum);
      }
    }
    assertThat(homes).hasSize(10);
    assertThat(homes.values()).allSatisfy(count -> assertThat(count).isBetween(1_800, 2_200));
    assertThat(seconds).hasSize(9);
    assertThat(seconds.values()).allSatisfy(count -> assertThat(count).isBetween(150, 300));
  }

  @Test
  void fewCallsStayTogether() {
    List<View> runners = views(List.of(3, 0, 0));
    for (int i = 0; i < 100; i++) {
      List<View> idle = order("fn-" + i, views(List.of(0, 0, 0)));
      assertThat(order("fn-" + i, runners))
          .extracting(View::address)
          .isEqualTo(idle.stream().map(View::address).toList());
    }
  }

  /** Hashes are kept of a list that can't change, and of none that can. */
  @Test
  void aListThatHasChangedIsSeenAsItIsNow() {
    List<View> runners = views(Collections.nCopies(8, 0));
    List<View> fixed = List.copyOf(runners);
    for (int i = 0; i < 50; i++) {
      List<View> order = order("fn-" + i, runners);
      assertThat(order("fn-" + i, fixed)).isEqualTo(order);
      Collections.reverse(runners);
      assertThat(order("fn-" + i, runners)).isEqualTo(order);
      assertThat(order("fn-" + i, List.copyOf(runners))).isEqualTo(order);
      assertThat(order("fn-" + i, fixed)).isEqualTo(order);
    }
  }

  @Test
  void senselessBoundsAreRefused() {
    assertThatThrownBy(() -> new BoundedLoadPolicy(100, 4))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new BoundedLoadPolicy(125, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private List<View> order(String fnId, List<View> runners) {
    List<View> order = new ArrayList<>();
    policy
        .order(new PlacementRequest(fnId, "", 0), runners)
        .forEachRemaining((int index) -> order.add(runners.get(index)));
    return order;
  }

  private static List<View> views(List<Integer> loads) {
    List<View> views = new ArrayList<>();
    for (int i = 0; i < loads.size(); i++) {
      views.add(new View("runner-" + i + ":9190", loads.get(i)));
    }
    return views;
  }

  private record View(String address, int load) implements RunnerView {
    @Override
    public int callsUnderWay() {
      return load;
    }
  }
}
