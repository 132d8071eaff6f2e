// Sorted keys and the places that they name in one order, where each place comes behind its keys: it is
// cut into chunks of equal work, however often a place is named, or if never, as one cuts the merging of
// two lists (Merrill and Garland, Merge-based parallel sparse matrix-vector multiplication, 2016).
#pragma once
#include "common.cuh"

/** A boundary between chunks: the key and the place that come next. */
struct Cut {
  long long key;
  long long place;
  bool torn;  // whether keys of that place lie before
};

/** The chunk that a place ends in, which began in chunk `first`; or −1. */
struct alignas(8) Torn {
  int first;
  unsigned place;
};

/**
 * What both steps of the sorted sum know: chunks have `length` keys and places. A row has `packs`
 * packs of SIZE elements.
 */
struct Sorted {
  long long count;   // of keys
  long long places;  // in y
  long long outer;
  long long packs;
  long long length;
  long long chunks;

  /** Columns of packs that a chunk's rows have: those of all outer blocks. */
  __device__ long long columns() const { return outer * packs; }
  /** Where a column begins in x or y, of `rows` rows: its further packs lie `packs` apart. */
  __device__ long long begin(long long column, long long rows) const {
    return column / packs * rows * packs + column % packs;
  }
  /** Where a chunk's sums of the place that ends in it (0), or goes on (1), are kept. */
  __device__ long long in_partials(long long chunk, int which, int size) const {
    return (chunk * 2 + which) * size * columns();
  }
  /** The first of the keys from `low` to before `high` that is at least `place`. */
  __device__ long long find(const unsigned* key, long long low, long long high,
                            long long place) const {
    while (low < high) {
      long long middle = (low + high) / 2;
      if (key[middle] < place) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
  /**
   * Where a chunk begins, which is between two other cuts: before the keys of a place of which it
   * would leave `length` or fewer behind.
   */
  __device__ Cut cut(const unsigned* key, long long chunk, const Cut& from, const Cut& to) const {
    long long before = chunk < chunks ? chunk * length : count + places;
    long long low = from.key;
    long long high = to.key < before ? to.key : before;
    while (low < high) {  // key k is number k + key[k] of all
      long long middle = (low + high) / 2;
      if (middle + key[middle] < before) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    // Where the cut behind was moved, so would this one be.
    long long place = before - low < to.place ? before - low : to.place;
    long long earliest = low - length > from.key ? low - length : from.key;
    bool torn = earliest > from.key ? key[earliest - 1] == place
                                    : from.torn && from.place == place;
    return Cut{torn ? low : find(key, earliest, low, place), place, torn};
  }
};
