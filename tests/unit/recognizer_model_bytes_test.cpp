// A model's bytes in memory and in a file: the same values, and clear words when the file lets the reader down.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "recognizer/engine/int8_ranges.h"
#include "recognizer/engine/model_bytes.h"
#include "recognizer/engine/network.h"
#include "recognizer/engine/onnx_reader.h"
#include "recognizer/error.h"
#include "tests/scratch_folder.h"
#include "tests/unit/recognizer_onnx_builder.h"

namespace inkfield::recognizer {
namespace {

namespace fs = std::filesystem;
using onnx::ModelBytes;
using testing::AllOf;
using testing::HasSubstr;

class ModelFile : public testing::Test {
 protected:
  std::string write(const std::vector<std::uint8_t>& bytes) const {
    const fs::path path = folder_ / "model.onnx";
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path;
  }

  tests::ScratchFolder scratch_;
  const std::filesystem::path& folder_ = scratch_.path();
};

std::vector<std::uint8_t> counted(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return bytes;
}

// Far more weights than are copied while a model is read.
test::OnnxBuilder wide_network(float last_weight) {
  auto weights = test::seeded_values(std::size_t{64} * 1 * 8 * 8, 5);
  weights.back() = last_weight;
  test::OnnxBuilder onnx;
  onnx.input("ink", {-1, 1, 8, 8})
      .weights("w", {64, 1, 8, 8}, weights)
      .weights("v", {10, 64, 1, 1}, test::seeded_values(640, 6))
      .node("Conv", {"ink", "w"}, {"middle"})
      .node("Conv", {"middle", "v"}, {"scores"})
      .output("scores")
      .metadata("inkfield.alphabet", "0123456789")
      .metadata("inkfield.blank", "none");
  return onnx;
}

TEST_F(ModelFile, ViewsAndCopies_GiveWhatTheFileHolds) {
  const auto bytes = counted(20000);
  const std::string path = write(bytes);
  ModelBytes file = ModelBytes::of_file(path);
  ASSERT_EQ(file.size(), bytes.size());
  EXPECT_EQ(file.in_memory(), nullptr);
  for (const std::size_t first : {0U, 10U, 4090U, 4095U, 4096U, 3U, 9000U, 19980U, 12000U}) {
    for (const std::size_t count : {1U, 20U, 5000U}) {
      const std::size_t most = std::min<std::size_t>(count, bytes.size() - first);
      const char* seen = file.view(first, most);
      EXPECT_TRUE(std::equal(seen, seen + most, reinterpret_cast<const char*>(bytes.data()) + first)) << first << ' ' << most;
      std::vector<char> copied(most);
      file.copy(first, most, copied.data());
      EXPECT_TRUE(std::equal(copied.begin(), copied.end(), reinterpret_cast<const char*>(bytes.data()) + first)) << first;
    }
  }
}

TEST_F(ModelFile, ThatShrinksWhileItIsRead_IsAnError) {
  const std::string path = write(counted(20000));
  ModelBytes file = ModelBytes::of_file(path);
  file.view(0, 100);
  fs::resize_file(path, 10000);
  std::vector<char> to(6000);
  try {
    file.copy(8000, 6000, to.data());
    FAIL() << "read what is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io_error);
    EXPECT_THAT(error.what(), AllOf(HasSubstr(path), HasSubstr("Copy it again")));
  }
  EXPECT_THROW(file.view(15000, 10), Error);
}

TEST_F(ModelFile, FolderOrNothing_IsAnErrorThatSaysSo) {
  const auto complaint = [](const auto& read, ErrorKind kind) -> std::string {
    try {
      read();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind);
      return error.what();
    }
    return "accepted";
  };
  const std::string folder = folder_.string();
  const std::string missing = (folder_ / "missing.onnx").string();
  EXPECT_THAT(complaint([&] { ModelBytes::of_file(folder); }, ErrorKind::io_error), HasSubstr("is a folder"));
  EXPECT_THAT(complaint([&] { onnx::read_file(folder); }, ErrorKind::io_error), HasSubstr("is a folder"));
  EXPECT_THAT(complaint([&] { ModelBytes::of_file(missing); }, ErrorKind::not_found),
              HasSubstr("No such file"));
  EXPECT_THAT(complaint([&] { onnx::read_file(missing); }, ErrorKind::not_found), HasSubstr("No such file"));
}

TEST_F(ModelFile, Pipe_IsReadToItsEnd) {
  const std::string pipe = (folder_ / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const auto bytes = counted(200'000);
  std::thread writer([&] {
    std::ofstream(pipe, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  });
  ModelBytes file = ModelBytes::of_file(pipe);
  writer.join();
  ASSERT_EQ(file.size(), bytes.size());
  EXPECT_TRUE(
      std::equal(bytes.begin(), bytes.end(), reinterpret_cast<const std::uint8_t*>(file.in_memory())));
}

TEST_F(ModelFile, GivesTheSameNetworkAsMemory) {
  const auto bytes = wide_network(0.5F).bytes();
  const Network in_memory = Network::from_onnx(bytes);
  const Network of_file = Network::from_file(write(bytes));
  const auto ink = test::seeded_values(64, 3);
  std::vector<float> expected;
  std::vector<float> scores;
  Network::Scratch scratch;
  in_memory.run(ink, 1, 8, scratch, expected);
  of_file.run(ink, 1, 8, scratch, scores);
  EXPECT_EQ(scores, expected);
}

TEST_F(ModelFile, WeightThatIsNotFinite_AnywhereInIt_IsRefused) {
  const Network sound = Network::from_onnx(wide_network(0.5F).bytes());
  Int8Ranges ranges(sound);
  ranges.add(std::vector<float>(64, 1.0F), 1, 8);
  for (const float last : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const auto bytes = wide_network(last).metadata("inkfield.int8", ranges.metadata()).bytes();
    for (const Precision precision : {Precision::float32, Precision::int8}) {
      try {
        (void)Network::from_file(write(bytes), {.precision = precision});
        FAIL() << "accepted " << last;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_model);
        EXPECT_THAT(error.what(), AllOf(HasSubstr("'w'"), HasSubstr("not finite")));
      }
      EXPECT_THROW((void)Network::from_onnx(bytes, {.precision = precision}), Error);
    }
  }
}

}  // namespace
}  // namespace inkfield::recognizer
