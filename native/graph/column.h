#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "base/pages.h"

namespace heapscope::graph {

// A long array of plain values, its own or a view of mapped memory. Unlike std::vector it leaves
// new values unset, and large blocks are the system's: they grow by moving pages instead of
// copying, and what is freed is gone.
template <typename T>
class Column {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Column() = default;
  explicit Column(size_t size) { Resize(size); }
  Column(size_t size, T value) : Column(size) { std::fill_n(data_, size, value); }
  Column(Column&& other) noexcept { *this = std::move(other); }
  Column& operator=(Column&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~Column() { Free(); }

  // Memory that somebody else keeps.
  static Column View(const T* data, size_t size) {
    Column view;
    view.data_ = const_cast<T*>(data);
    view.size_ = size;
    return view;
  }

  // All bytes zero; the pages come zeroed, and untouched, from the system.
  static Column Zeroed(size_t size) {
    Column column;
    if (size == 0) return column;
    if (size > SIZE_MAX / sizeof(T)) throw std::bad_alloc();
    const size_t bytes = size * sizeof(T);
    column.data_ = static_cast<T*>(bytes >= pages::kLeast ? pages::Allocate(bytes)
                                                          : std::calloc(size, sizeof(T)));
    if (column.data_ == nullptr) throw std::bad_alloc();
    column.size_ = column.capacity_ = size;
    return column;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  size_t bytes() const { return size_ * sizeof(T); }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t index) { return data_[index]; }
  const T& operator[](size_t index) const { return data_[index]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& back() { return data_[size_ - 1]; }

  void push_back(T value) {
    if (size_ == capacity_) Grow(size_ + 1);
    data_[size_++] = value;
  }
  void pop_back() { --size_; }
  void clear() { size_ = 0; }

  void Append(const T* values, size_t count) {
    if (count == 0) return;
    if (capacity_ - size_ < count) Grow(size_ + count);
    std::memcpy(data_ + size_, values, count * sizeof(T));
    size_ += count;
  }

  // Room for `count` more, to be written through end() and made known with Extend.
  void Require(size_t count) {
    if (capacity_ - size_ < count) Grow(size_ + count);
  }
  void Extend(size_t count) { size_ += count; }

  void Resize(size_t size) {
    if (size > capacity_) Reallocate(size);
    size_ = size;
  }

  void Shrink() {
    if (capacity_ > size_) Reallocate(size_);
  }

  void Free() {
    if (capacity_ != 0) Release(data_, capacity_ * sizeof(T));
    data_ = nullptr;
    size_ = capacity_ = 0;
  }

 private:
  void Grow(size_t least) { Reallocate(std::max<size_t>({least, capacity_ * 2, 64})); }

  static void Release(T* block, size_t bytes) {
    if (bytes >= pages::kLeast) {
      pages::Free(block, bytes);
    } else {
      std::free(block);
    }
  }

  void Reallocate(size_t capacity) {
    if (capacity == 0) return Free();
    if (capacity > SIZE_MAX / sizeof(T)) throw std::bad_alloc();
    const size_t had = capacity_ * sizeof(T);
    const size_t wanted = capacity * sizeof(T);
    void* moved = nullptr;
    if (had < pages::kLeast && wanted < pages::kLeast) {
      moved = std::realloc(static_cast<void*>(had == 0 ? nullptr : data_), wanted);
    } else if (had >= pages::kLeast && wanted >= pages::kLeast) {
      moved = pages::Resize(data_, had, wanted);
    } else {
      moved = wanted >= pages::kLeast ? pages::Allocate(wanted) : std::malloc(wanted);
      if (moved != nullptr && had != 0) {
        std::memcpy(moved, static_cast<const void*>(data_), std::min(had, wanted));
        Release(data_, had);
      }
    }
    if (moved == nullptr) throw std::bad_alloc();
    data_ = static_cast<T*>(moved);
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;  // 0 for a view
};

}  // namespace heapscope::graph
