// Objects outlive what they should outlive, and nothing grows.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/abi/drawn_form.h"

namespace {

using namespace inkfield;
using drawing::resident_kB;

EngineOptions drawn_options() {
  EngineOptions options;
  options.templates_json = drawing::drawn_template();
  return options;
}

TEST(Lifetime, LoadReadClose50Times_MemoryStaysFlat) {
  const drawing::DrawnPage page = drawing::drawn_page();
  const auto once = [&] {
    const Engine engine(Library::linked(), drawn_options());
    EXPECT_EQ(Session(engine).read_page(page.image()).page().state, INKFIELD_PAGE_READ);
  };
  for (int i = 0; i < 10; ++i) once();  // caches of the allocator and of the libraries fill
  const long before = resident_kB();
  for (int i = 0; i < 50; ++i) once();
    // One leaked network or OCR object a round would be 50 times 1 to 18 MB. The sanitizers' quarantine also
    // grows.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  (void)before;
#else
  EXPECT_LT(resident_kB() - before, 20'000);
#endif
}

TEST(Lifetime, Session_KeepsItsEngine) {
  std::optional<Engine> engine(std::in_place, Library::linked(), drawn_options());
  Session session(*engine);
  engine.reset();
  EXPECT_EQ(session.read_page(drawing::drawn_page().image()).page().form_id, "drawn");
}

TEST(Lifetime, Result_OutlivesSessionAndEngine) {
  std::optional<Result> result;
  {
    const Engine engine(Library::linked(), drawn_options());
    result.emplace(Session(engine).read_page(drawing::drawn_page().image()));
  }
  EXPECT_EQ(result->page().form_id, "drawn");
  EXPECT_EQ(result->fields().size(), 3U);
  EXPECT_NE(result->json().find("\"drawn\""), std::string::npos);
}

TEST(Lifetime, RetainedEngine_LivesUntilTheLastRelease) {
  const inkfield_api* api = inkfield_get_api(INKFIELD_ABI_MAJOR);
  const std::string text = drawing::drawn_template();
  inkfield_engine_options options{};
  options.struct_size = sizeof options;
  options.templates_json = text.c_str();  // a length of 0: zero-terminated
  inkfield_engine* engine = nullptr;
  ASSERT_EQ(api->engine_create(&options, &engine, nullptr), INKFIELD_OK);
  api->engine_retain(engine);
  api->engine_release(engine);
  EXPECT_EQ(api->engine_form_count(engine), 1U);
  api->engine_release(engine);
}

TEST(Lifetime, HostsMemory_MayGoOnceTheCallReturns) {
  const auto page = std::make_unique<drawing::DrawnPage>(drawing::drawn_page());
  auto options = std::make_unique<EngineOptions>(drawn_options());
  const Engine engine(Library::linked(), *options);
  options.reset();
  Session session(engine);
  std::optional<Result> result;
  {
    ReadOptions read;
    read.correlation_id = std::string("scan-") + std::to_string(17);
    result.emplace(session.read_page(page->image(), read));
  }
  EXPECT_EQ(result->page().correlation_id, "scan-17");
}

}  // namespace
