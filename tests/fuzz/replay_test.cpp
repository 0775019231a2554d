// Puts every file of a target's crashes folder through the target: none may crash again. Sanitizers make this
// stricter (preset asan-ubsan). Compiled once for each target, with its source beside it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

TEST(FuzzReplay, EveryOldCrash_NoLongerCrashes) {
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator(INKFIELD_CRASHES_FOLDER))
    files.push_back(file.path());
  std::sort(files.begin(), files.end());
  ASSERT_FALSE(files.empty()) << INKFIELD_CRASHES_FOLDER << " holds no file";
  for (const auto& path : files) {
    SCOPED_TRACE(path);
    std::ifstream file(path, std::ios::binary);
    ASSERT_TRUE(file);
    const std::vector<char> content((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(content.data()), content.size()),
              0);
  }
}

}  // namespace
