// Memory of networks: where it begins, what it holds, and that much of it is asked for in large pages.
#include "recognizer/engine/byte_buffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <new>
#include <sstream>
#include <string>
#include <utility>

namespace inkfield::recognizer {
namespace {

constexpr std::size_t kMuch = std::size_t{3} << 20U;

std::uintptr_t address(const void* at) { return reinterpret_cast<std::uintptr_t>(at); }

TEST(ByteBuffer, BeginsOnACacheLine_AndHoldsWhatItWasAskedFor) {
  ByteBuffer buffer;
  for (const std::size_t count : {std::size_t{1}, std::size_t{1000}, std::size_t{700'000}, kMuch}) {
    buffer.at_least(count);
    EXPECT_EQ(address(buffer.data()) % 64, 0U) << count;
    std::fill_n(buffer.data(), count, std::byte{7});
    EXPECT_EQ(buffer.data()[count - 1], std::byte{7});
  }
}

TEST(ByteBuffer, NeverShrinks) {
  ByteBuffer buffer;
  buffer.at_least(kMuch);
  const std::byte* const before = buffer.data();
  buffer.at_least(10);
  EXPECT_EQ(buffer.data(), before);
}

TEST(ByteBuffer, TooMuch_IsBadAlloc_AndLeavesItUsable) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer ends a program that asks for this much";
#endif
  ByteBuffer buffer;
  buffer.at_least(kMuch);
  EXPECT_THROW(buffer.at_least(SIZE_MAX), std::bad_alloc);
  EXPECT_THROW(buffer.at_least(SIZE_MAX / 2), std::bad_alloc);
  buffer.at_least(100);
  ASSERT_NE(buffer.data(), nullptr);
  buffer.data()[99] = std::byte{1};
}

TEST(ByteBuffer, IsLeftEmpty_WhenItIsMovedFrom) {
  ByteBuffer buffer;
  buffer.at_least(kMuch);
  std::byte* const data = buffer.data();
  ByteBuffer taken(std::move(buffer));
  EXPECT_EQ(taken.data(), data);
  EXPECT_EQ(buffer.data(), nullptr);  // NOLINT(bugprone-use-after-move)
  ByteBuffer assigned;
  assigned = std::move(taken);
  EXPECT_EQ(assigned.data(), data);
}

TEST(ArrayMemory, GivesZerosOnCacheLines_ThatStayWhenItIsMoved) {
  for (const std::size_t count : {std::size_t{3}, std::size_t{1'000'003}}) {
    ArrayMemory memory(ArrayMemory::bytes_of<std::int8_t>(count) + ArrayMemory::bytes_of<float>(count));
    const auto bytes = memory.take<std::int8_t>(count);
    const auto floats = memory.take<float>(count);
    ASSERT_EQ(floats.size(), count);
    EXPECT_EQ(address(floats.data()) % 64, 0U);
    EXPECT_GE(address(floats.data()), address(bytes.data()) + count);
    EXPECT_EQ(std::count(bytes.begin(), bytes.end(), 0), static_cast<std::ptrdiff_t>(count));
    EXPECT_EQ(std::count(floats.begin(), floats.end(), 0.0F), static_cast<std::ptrdiff_t>(count));
    floats.back() = 4.0F;
    const ArrayMemory moved = std::move(memory);
    EXPECT_EQ(floats.back(), 4.0F);
  }
}

// What Linux says of the mapping that an address lies in, "" if it says nothing.
std::string mapping_flags(std::uintptr_t wanted) {
  std::ifstream file("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::uintptr_t first = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    if (words >> std::hex >> first >> dash >> end && dash == '-') inside = first <= wanted && wanted < end;
    if (inside && line.starts_with("VmFlags:")) return line + " ";
  }
  return "";
}

TEST(ByteBuffer, Much_IsAskedForInLargePages) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer's allocator gives all memory";
#endif
  if (!std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled"))
    GTEST_SKIP() << "this system has no large pages";
  ByteBuffer buffer;
  buffer.at_least(kMuch);
  const std::string flags = mapping_flags(address(buffer.data()));
  if (flags.empty()) GTEST_SKIP() << "this system tells nothing of its mappings";
  EXPECT_THAT(flags, testing::HasSubstr(" hg "));
}

}  // namespace
}  // namespace inkfield::recognizer
