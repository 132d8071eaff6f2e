package org.adjoint.backend.cuda;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Blocks that only some may take, and that come back here when they are given back; once it is
 * closed, they no longer do. Guarded by its {@link Allocator}.
 */
final class Pool {
  private final Map<Long, ArrayDeque<Block>> free = new HashMap<>();
  private boolean open = true;

  boolean isOpen() {
    return open;
  }

  /** A free block of just this size, the latest that came back; null if there is none. */
  @Nullable Block poll(long bytes) {
    ArrayDeque<Block> blocks = free.get(bytes);
    return blocks == null ? null : blocks.poll();
  }

  void push(Block block) {
    free.computeIfAbsent(block.bytes(), size -> new ArrayDeque<>()).push(block);
  }

  /** Hands those free blocks that {@code which} says to {@code to}. */
  void drain(Predicate<Block> which, Consumer<Block> to) {
    for (ArrayDeque<Block> blocks : free.values()) {
      blocks.removeIf(block -> {
        boolean leaves = which.test(block);
        if (leaves) {
          to.accept(block);
        }
        return leaves;
      });
    }
  }

  void close() {
    open = false;
  }
}
