// Memory for weights and for values on their way through a network.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

namespace inkfield::recognizer {

/// Memory that begins on a cache line; grows only, contents are lost when it does. Much of it lies in large
/// pages where Linux gives them: a system may take longer to hand out hundreds of small pages than a network
/// takes for what it does in them.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(ByteBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~ByteBuffer() { release(); }

  /// Throws std::bad_alloc; then it is empty.
  void at_least(std::size_t count);
  [[nodiscard]] std::byte* data() const { return data_; }

 private:
  void release() noexcept;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Arrays of numbers in one piece of memory. They stay where they are when this is moved.
class ArrayMemory {
 public:
  template <typename T>
  static constexpr std::size_t bytes_of(std::size_t count) {
    return (count * sizeof(T) + kCacheLine - 1) / kCacheLine * kCacheLine;
  }

  ArrayMemory() = default;
  /// For arrays of so many bytes together, each counted by `bytes_of`.
  explicit ArrayMemory(std::size_t bytes) { memory_.at_least(bytes); }

  /// Of zeros. Must fit in what is left.
  template <typename T>
  std::span<T> take(std::size_t count) {
    const std::span<T> array(reinterpret_cast<T*>(memory_.data() + taken_), count);
    std::fill(array.begin(), array.end(), T{});
    taken_ += bytes_of<T>(count);
    return array;
  }

 private:
  static constexpr std::size_t kCacheLine = 64;
  ByteBuffer memory_;
  std::size_t taken_ = 0;
};

}  // namespace inkfield::recognizer
