package jarrah.accelerator.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * An order of eviction that knows sizes: Greedy-Dual with frequency (Cherkasova, 1998). An item's worth is {@code L +
 * hits x cost / size}, where L is the worth of the last victim, so that what was hit long ago gives way in the end.
 *
 * <p>With a cost of one (GDSF) many small items are kept, for the greatest share of requests; with the size as cost
 * (LFU with aging) the greatest share of bytes. Hits are counted by the items alone: an item's worth is worked out anew
 * when it comes up as a victim, so that a hit costs nothing here. Not thread-safe: the store's lock guards it.
 */
final class GreedyDual<T> {
    private final PriorityQueue<Node<T>> queue =
            new PriorityQueue<>(Comparator.comparingDouble((Node<T> n) -> n.worth));
    private final ToIntFunction<T> hits;
    private final boolean bySize;
    private double inflation;
    private int dead;

    /** An item's place. */
    static final class Node<T> {
        private final T item;
        private final long size;
        private double worth;
        private int hitsSeen;
        private boolean alive = true;

        private Node(T item, long size) {
            this.item = item;
            this.size = Math.max(1, size);
        }
    }

    /**
     * An empty order.
     *
     * @param hits how often an item was used so far
     * @param bySize whether large items give way first
     */
    GreedyDual(ToIntFunction<T> hits, boolean bySize) {
        this.hits = hits;
        this.bySize = bySize;
    }

    Node<T> add(T item, long size) {
        var node = new Node<>(item, size);
        rank(node);
        return node;
    }

    private void rank(Node<T> node) {
        node.hitsSeen = hits.applyAsInt(node.item);
        double frequency = 1.0 + node.hitsSeen;
        node.worth = inflation + (bySize ? frequency / node.size : frequency);
        queue.add(node);
    }

    /** Takes an item out; its place in the queue is tidied up later. */
    void remove(Node<T> node) {
        if (node.alive) {
            node.alive = false;
            dead++;
            if (dead > 1_000 && dead > queue.size() / 2) {
                List<Node<T>> living = new ArrayList<>(queue);
                living.removeIf(n -> !n.alive);
                queue.clear();
                queue.addAll(living);
                dead = 0;
            }
        }
    }

    /** Takes out and returns the item that is worth least; null if there is none. */
    @Nullable
    T victim() {
        for (Node<T> node = queue.poll(); node != null; node = queue.poll()) {
            if (!node.alive) {
                dead--;
            } else if (hits.applyAsInt(node.item) != node.hitsSeen) {
                inflation = Math.max(inflation, node.worth);
                rank(node);
            } else {
                inflation = Math.max(inflation, node.worth);
                node.alive = false;
                return node.item;
            }
        }
        return null;
    }
}
