// Large pages are asked for, never relied on: without them the same memory comes in small ones.
#include "recognizer/engine/byte_buffer.h"

#include <cstdint>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

// A sanitizer watches the edges of what the allocator gives, not those of a mapping.
#if defined(__linux__) && defined(MADV_HUGEPAGE) && !defined(__SANITIZE_ADDRESS__)
#define INKFIELD_LARGE_PAGES
#endif

namespace inkfield::recognizer {
namespace {

constexpr std::align_val_t kCacheLine{64};

#ifdef INKFIELD_LARGE_PAGES
constexpr std::size_t kLargePage = std::size_t{2} << 20U;
/// From here on a large page costs less than the small ones do, even where those are cheap.
constexpr std::size_t kLeastMapped = std::size_t{512} << 10U;

constexpr std::size_t mapped_bytes(std::size_t count) {
  return (count + kLargePage - 1) / kLargePage * kLargePage;
}

std::byte* map_large_pages(std::size_t count) {
  // A mapping begins anywhere; what lies outside whole large pages goes back.
  const std::size_t bytes = mapped_bytes(count);
  if (bytes < count || bytes + kLargePage < bytes) throw std::bad_alloc();
  void* const all =
      mmap(nullptr, bytes + kLargePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) throw std::bad_alloc();
  auto* const first = static_cast<std::byte*>(all);
  const std::size_t before = (kLargePage - reinterpret_cast<std::uintptr_t>(all) % kLargePage) % kLargePage;
  if (before > 0) munmap(first, before);
  munmap(first + before + bytes, kLargePage - before);
  madvise(first + before, bytes, MADV_HUGEPAGE);
  return first + before;
}
#endif

}  // namespace

void ByteBuffer::at_least(std::size_t count) {
  if (count <= size_) return;
  release();
#ifdef INKFIELD_LARGE_PAGES
  if (count >= kLeastMapped) {
    data_ = map_large_pages(count);
    size_ = mapped_bytes(count);
    return;
  }
#endif
  data_ = static_cast<std::byte*>(::operator new(count, kCacheLine));
  size_ = count;
}

void ByteBuffer::release() noexcept {
  if (data_ == nullptr) return;
#ifdef INKFIELD_LARGE_PAGES
  if (size_ >= kLeastMapped) {
    munmap(data_, size_);
  } else {
    ::operator delete(data_, kCacheLine);
  }
#else
  ::operator delete(data_, kCacheLine);
#endif
  data_ = nullptr;
  size_ = 0;
}

}  // namespace inkfield::recognizer
