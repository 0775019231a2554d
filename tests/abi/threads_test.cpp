// Two threads with a session each on one engine; run under the thread sanitizer too.

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/abi/drawn_form.h"

namespace {

using namespace inkfield;

TEST(Threads, SessionEach_ReadTheSame) {
  EngineOptions options;
  options.templates_json = drawing::drawn_template();
  const Engine engine(Library::linked(), options);
  const drawing::DrawnPage page = drawing::drawn_page();
  const std::string expected = Session(engine).read_page(page.image()).json();
  std::vector<std::string> seen(2);
  {
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < seen.size(); ++t) {
      threads.emplace_back([&, t] {
        Session session(engine);
        for (int i = 0; i < 3; ++i) seen[t] = session.read_page(page.image()).json();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(seen[0], expected);
  EXPECT_EQ(seen[1], expected);
}

TEST(Threads, EnginesMadeAtOnce_AllWork) {
  const drawing::DrawnPage page = drawing::drawn_page();
  std::atomic<int> read{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      EngineOptions options;
      options.templates_json = drawing::drawn_template();
      const Engine engine(Library::linked(), options);
      if (Session(engine).read_page(page.image()).page().state == INKFIELD_PAGE_READ) ++read;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(read.load(), 3);
}

TEST(Threads, ResultSharedByTwo_RendersOnce) {
  EngineOptions options;
  options.templates_json = drawing::drawn_template();
  const Engine engine(Library::linked(), options);
  const drawing::DrawnPage page = drawing::drawn_page();
  const Result result = Session(engine).read_page(page.image());
  std::string one;
  std::string two;
  std::thread other([&] { one = result.json(); });
  two = result.json();
  other.join();
  EXPECT_EQ(one, two);
}

TEST(Threads, OneSessionInTwoThreads_SecondCallIsRefused) {
  EngineOptions options;
  options.templates_json = drawing::drawn_template();
  const Engine engine(Library::linked(), options);
  Session session(engine);
  const drawing::DrawnPage page = drawing::drawn_page();
  inkfield_status second = INKFIELD_OK;
  ReadOptions inner;
  inner.progress = [&](double, const char*) {
    if (second == INKFIELD_OK) {
      std::thread other([&] {
        try {
          session.read_page(page.image());
        } catch (const Error& e) {
          second = e.status();
        }
      });
      other.join();
    }
    return true;
  };
  session.read_page(page.image(), inner);
  EXPECT_EQ(second, INKFIELD_INVALID_ARGUMENT);
}

}  // namespace
