package dev.fncluster.placer;

import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;

/** All indexes below a number once, upwards from a first one and around. Not thread-safe. */
final class RingOrder implements PrimitiveIterator.OfInt {
  private final int size;
  private int next;
  private int left;

  /** From {@code first} (0 to {@code size} - 1) on. */
  RingOrder(int first, int size) {
    this.size = size;
    this.next = first;
    this.left = size;
  }

  @Override
  public boolean hasNext() {
    return left > 0;
  }

  @Override
  public int nextInt() {
    if (left == 0) {
      throw new NoSuchElementException();
    }
    left--;
    int index = next;
    next = index + 1 == size ? 0 : index + 1;
    return index;
  }
}
