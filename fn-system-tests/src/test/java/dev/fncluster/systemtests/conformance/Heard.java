package dev.fncluster.systemtests.conformance;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the extension of an {@link ExtendedCluster} was told, and whom it is to keep. */
record Heard(List<String> calls, List<String> changes, List<String> handedOn, Set<String> kept) {
  Heard() {
    // Calls are apart from the others: load balancers read apps too.
    this(
        new CopyOnWriteArrayList<>(),
        new CopyOnWriteArrayList<>(),
        new CopyOnWriteArrayList<>(),
        ConcurrentHashMap.newKeySet());
  }

  /** What it was told of one call; those of other tests may end meanwhile. */
  List<String> of(String callId) {
    return calls.stream().filter(each -> each.contains(callId)).toList();
  }

  /** Forgets all of it. */
  void forget() {
    calls.clear();
    changes.clear();
    handedOn.clear();
    kept.clear();
  }
}
