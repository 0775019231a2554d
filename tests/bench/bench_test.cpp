// That inkfield-bench runs, that its peers give our scores and that its JSON holds what others read. No time
// is asserted.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/scratch_folder.h"

namespace {

struct Finished {
  int status = -1;
  std::string out;
};

Finished bench(const std::string& arguments, const char* program = INKFIELD_BENCH_PROGRAM) {
  Finished finished;
  const std::string line = std::string("\"") + program + "\" " + arguments + " 2>&1";
  FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) return finished;
  char piece[4096];
  for (std::size_t got = 0; (got = fread(piece, 1, sizeof piece, pipe)) > 0;) finished.out.append(piece, got);
  const int status = pclose(pipe);
  finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return finished;
}

/// What a run with `--json -` printed; null if there is none.
nlohmann::json report_of(const Finished& run) {
  const auto begin = run.out.find("\n{");
  const auto end = run.out.rfind("\n}");
  if (begin == std::string::npos || end == std::string::npos) return nullptr;
  return nlohmann::json::parse(run.out.substr(begin, end + 3 - begin));
}

/// The report of a run in which everybody gave the same scores; null after a failed expectation.
nlohmann::json agreed_report(const Finished& run) {
  EXPECT_EQ(run.status, 0) << run.out;
  const auto json = report_of(run);
  EXPECT_FALSE(json.is_null()) << run.out;
  EXPECT_TRUE(json.is_null() || json.at("agrees").get<bool>());
  return json;
}

TEST(Bench_SmokeRun, WithWhateverPeers_AgreesAndReports) {
  const auto json = agreed_report(bench("--smoke --json -"));
  ASSERT_FALSE(json.is_null());
  EXPECT_TRUE(json.at("peak_fraction_f32").is_number());
  EXPECT_TRUE(json.at("peers").is_array());
  for (const auto& row : json["peers"]) {
    EXPECT_TRUE(row.at("name").is_string() && row.at("net").is_string() && row.at("precision").is_string());
    EXPECT_TRUE(row.at("batch").is_number_integer());
    EXPECT_GT(row.at("ratio").get<double>(), 0.0);
  }
  EXPECT_GE(json.at("rows").size(), 4U);         // two networks, two batches
  EXPECT_GE(json.at("first_digit").size(), 2U);  // ours, two networks
}

#if defined(__x86_64__)
/// A run held to fewer instructions than the processor has; calls `check_peak` with its rate in int8.
template <typename Check>
void expect_held_to(const Finished& run, const char* kernels, Check check_peak) {
  const auto json = agreed_report(run);
  ASSERT_FALSE(json.is_null());
  EXPECT_EQ(json.at("kernels"), kernels);
  for (const auto& peak : json.at("peak")) {
    EXPECT_EQ(peak.at("vectors"), "AVX2, fused");
    check_peak(peak.at("int8_multiply_adds_per_second").get<double>());
  }
}

TEST(Bench_SmokeRun, WithoutAmx_OursRunsOnlyWhatWasNotAskedFor) {
  const auto json = agreed_report(bench("--smoke --no-amx --json -"));
  ASSERT_FALSE(json.is_null());
  EXPECT_NE(json.at("kernels"), "amx");
}

TEST(Bench_SmokeRun, WithoutAvx512_OursAndThePeakEndAtAvx2) {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
    GTEST_SKIP() << "this processor has no AVX2";
  expect_held_to(bench("--smoke --no-avx512 --json -"), "avx2", [](double int8) { EXPECT_EQ(int8, 0.0); });
}

TEST(Bench_SmokeRun, AvxVnni_OursAndThePeakUseItAndNoMore) {
  const auto run = bench("--smoke --avx-vnni --json -");
  if (run.out.find("no AVX-VNNI") != std::string::npos) {
    EXPECT_NE(run.status, 0);
    GTEST_SKIP() << "this processor has no AVX-VNNI";
  }
  expect_held_to(run, "avx_vnni", [](double int8) { EXPECT_GT(int8, 0.0); });
}
#endif

TEST(Bench_Usage, WrongWord_SaysHow) {
  const auto run = bench("--nonsense 3");
  EXPECT_EQ(run.status, 2);
  EXPECT_NE(run.out.find("usage:"), std::string::npos);
  EXPECT_EQ(bench("--rounds 0").status, 2);
  EXPECT_EQ(bench("--json").status, 2);
  EXPECT_EQ(bench("--help").status, 0);
}

#ifdef INKFIELD_DEGRADATION_PROGRAM
TEST(Degradation_OneOfficeScan, TableAndPicture_HoldBothReaders) {
  const inkfield::tests::ScratchFolder scratch;
  const std::string svg = scratch.file("degradation.svg");
  const std::string file = scratch.file("degradation.json");
  const auto run = bench("--alone 0 --together 1 --tesseract 1 --severities 1 --svg " + svg + " --json " + file, INKFIELD_DEGRADATION_PROGRAM);
  ASSERT_EQ(run.status, 0) << run.out;
  EXPECT_NE(run.out.find("tesseract"), std::string::npos);
  std::ifstream json_file(file);
  const auto json = nlohmann::json::parse(json_file);
  const auto& together = json.at("series").at(1);
  EXPECT_EQ(together.at("damage"), "all together");
  const auto& ours = together.at("inkfield").at(1);
  EXPECT_GE(ours.at("fields").get<int>(), 4);
  EXPECT_GE(ours.at("accepted").get<int>(), 1);
  EXPECT_EQ(ours.at("accepted_wrong").get<int>(), 0);
  EXPECT_GE(together.at("tesseract").at(1).at("fields").get<int>(), 3);
  std::ifstream picture(svg);
  std::string text((std::istreambuf_iterator<char>(picture)), std::istreambuf_iterator<char>());
  EXPECT_NE(text.find("Tesseract"), std::string::npos);
  EXPECT_NE(text.find("</svg>"), std::string::npos);
}

TEST(Degradation_Usage, SeverityFive_IsRefused) { EXPECT_NE(bench("--severities 5", INKFIELD_DEGRADATION_PROGRAM).status, 0); }
#endif

}  // namespace
