// Every status code provoked at least once, errors as the host gets them, and outputs untouched on failure.

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/abi/drawn_form.h"

namespace {

using namespace inkfield;

EngineOptions drawn_options() {
  EngineOptions options;
  options.templates_json = drawing::drawn_template();
  return options;
}

/// The status of whatever `call` throws.
template <class Call>
inkfield_status status_of(Call&& call) {
  try {
    call();
  } catch (const Error& e) {
    EXPECT_STRNE(e.what(), "") << "a failure must say why";
    return e.status();
  }
  return INKFIELD_OK;
}

class Statuses : public ::testing::Test {
 protected:
  Statuses() : engine_(Library::linked(), drawn_options()), session_(engine_), page_(drawing::drawn_page()) {}
  Engine engine_;
  Session session_;
  drawing::DrawnPage page_;
  const inkfield_api& api_ = engine_.library().api();
};

TEST_F(Statuses, GoodPage_IsOk) {
  EXPECT_EQ(session_.read_page(page_.image()).page().state, INKFIELD_PAGE_READ);
}

TEST_F(Statuses, UnknownPixelFormat_IsInvalidArgument) {
  inkfield_image image = page_.image();
  image.format = 99;
  EXPECT_EQ(status_of([&] { session_.read_page(image); }), INKFIELD_INVALID_ARGUMENT);
}

TEST_F(Statuses, BadTemplate_IsInvalidTemplateWhenStrict) {
  EngineOptions options = drawn_options();
  options.templates_json = R"({"inkfield_template": 1, "id": 5})";
  options.strict = true;
  EXPECT_EQ(status_of([&] { Engine(Library::linked(), options); }), INKFIELD_INVALID_TEMPLATE);
}

TEST_F(Statuses, BadTemplate_IsLeftOutAndReportedOtherwise) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("inkfield-statuses-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "a_bad.json") << "{\"inkfield_template\": 1, \"idd\": \"x\"}";
  std::ofstream(folder / "b_good.json") << drawing::drawn_template("from_file");
  std::ofstream(folder / ".hidden.json") << "no JSON at all";
  EngineOptions options = drawn_options();
  options.template_paths = {folder.string()};
  const Engine engine(Library::linked(), options);
  const auto forms = engine.forms();
  ASSERT_EQ(forms.size(), 2U);
  EXPECT_EQ(forms[0].id, "from_file");
  EXPECT_EQ(forms[1].id, "drawn");
  EXPECT_EQ(forms[1].source, "memory");
  const auto faults = engine.faults();
  ASSERT_FALSE(faults.empty());
  EXPECT_EQ(faults[0].source, (folder / "a_bad.json").string());
  std::filesystem::remove_all(folder);
}

TEST_F(Statuses, BadTemplateInAnArray_LeavesTheOthers) {
  EngineOptions options;
  options.templates_json = R"([{"inkfield_template": 1, "idd": "x"},)" + drawing::drawn_template() + "]";
  const Engine engine(Library::linked(), options);
  ASSERT_EQ(engine.forms().size(), 1U);
  EXPECT_EQ(engine.forms()[0].id, "drawn");
  EXPECT_FALSE(engine.faults().empty());
}

TEST_F(Statuses, FormIdTwice_IsAFault) {
  EngineOptions options;
  options.templates_json = "[" + drawing::drawn_template() + "," + drawing::drawn_template() + "]";
  const Engine engine(Library::linked(), options);
  EXPECT_LE(engine.forms().size(), 1U);
  EXPECT_FALSE(engine.faults().empty());
  options.strict = true;
  EXPECT_EQ(status_of([&] { Engine(Library::linked(), options); }), INKFIELD_INVALID_TEMPLATE);
}

TEST_F(Statuses, BadFieldDefinition_IsInvalidTemplate) {
  EXPECT_EQ(
      status_of([&] { session_.read_field(page_.image(), R"({"inkfield_field": 1, "kind": "poem"})"); }),
      INKFIELD_INVALID_TEMPLATE);
}

TEST_F(Statuses, BytesThatAreNoModel_AreInvalidModel) {
  EngineOptions options = drawn_options();
  options.model_bytes = "these are not the bytes of a network";
  EXPECT_EQ(status_of([&] { Engine(Library::linked(), options); }), INKFIELD_INVALID_MODEL);
}

TEST_F(Statuses, BytesThatAreNoImage_AreInvalidImage) {
  EXPECT_EQ(status_of([&] { engine_.open_memory("hello", 5); }), INKFIELD_INVALID_IMAGE);
}

TEST_F(Statuses, PageOverTheBudget_IsLimitExceeded) {
  EngineOptions options = drawn_options();
  options.max_page_pixels = 1000;
  const Engine engine(Library::linked(), options);
  Session session(engine);
  EXPECT_EQ(status_of([&] { session.read_page(page_.image()); }), INKFIELD_LIMIT_EXCEEDED);
}

TEST_F(Statuses, WhatIsNotThere_IsNotFound) {
  ReadOptions options;
  options.form_id = "no_such_form";
  EXPECT_EQ(status_of([&] { session_.read_page(page_.image(), options); }), INKFIELD_NOT_FOUND);
  options = {};
  options.field_ids = {"number", "no_such_field"};
  EXPECT_EQ(status_of([&] { session_.read_page(page_.image(), options); }), INKFIELD_NOT_FOUND);
  options = {};
  options.explain_folder = "/no/such/folder";
  EXPECT_EQ(status_of([&] { session_.read_page(page_.image(), options); }), INKFIELD_NOT_FOUND);
  EXPECT_EQ(status_of([&] { engine_.open("/no/such/image.png"); }), INKFIELD_NOT_FOUND);
  EXPECT_EQ(status_of([&] { describe_model(engine_.library(), "/no/such/model.onnx"); }), INKFIELD_NOT_FOUND);
  EngineOptions missing;
  missing.template_paths = {"/no/such/templates"};
  EXPECT_EQ(status_of([&] { Engine(Library::linked(), missing); }), INKFIELD_NOT_FOUND);
  missing = {};
  missing.model_path = "no_such_name";
  EXPECT_EQ(status_of([&] { Engine(Library::linked(), missing); }), INKFIELD_NOT_FOUND);
  const Result result = session_.read_page(page_.image());
  EXPECT_EQ(status_of([&] { result.field(3); }), INKFIELD_NOT_FOUND);
}

TEST_F(Statuses, HostSaysStop_IsCancelled) {
  ReadOptions options;
  options.progress = [](double, const char*) { return false; };
  EXPECT_EQ(status_of([&] { session_.read_page(page_.image(), options); }), INKFIELD_CANCELLED);
  // The session is as good as before.
  EXPECT_EQ(session_.read_page(page_.image()).page().state, INKFIELD_PAGE_READ);
}

TEST_F(Statuses, Progress_RunsForwardsFrom0To1) {
  double last = -1;
  int calls = 0;
  ReadOptions options;
  options.progress = [&](double fraction, const char* stage) {
    EXPECT_GE(fraction, last);
    EXPECT_LE(fraction, 1.0);
    EXPECT_STRNE(stage, "");
    last = fraction;
    ++calls;
    return true;
  };
  session_.read_page(page_.image(), options);
  EXPECT_GT(calls, 3);
  EXPECT_GT(last, 0.5);
}

TEST_F(Statuses, TimeRunsOut_IsDeadlineExceeded) {
  ReadOptions options;
  options.deadline_ms = 5;
  options.progress = [](double, const char*) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return true;
  };
  EXPECT_EQ(status_of([&] { session_.read_page(page_.image(), options); }), INKFIELD_DEADLINE_EXCEEDED);
  options = {};
  options.deadline_ms = 60'000;
  EXPECT_EQ(status_of([&] { session_.read_page(page_.image(), options); }), INKFIELD_OK);
}

class StatusesInLittleMemory : public Statuses {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the sanitizers reserve address space of their own";
#endif
  }
  // Of a page of 196 million untouched zeros; a copy of them does not fit into what is left.
  inkfield_status status_of_large_page(inkfield_pixel_format format, std::size_t pixels_a_byte) {
    constexpr int kSide = 14'000;
    const std::size_t bytes = std::size_t{kSide} * kSide / pixels_a_byte;
    void* pixels = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pixels == MAP_FAILED) throw std::runtime_error("no room for the page");
    std::ifstream statm("/proc/self/statm");
    rlim_t used_pages = 0;
    statm >> used_pages;
    rlimit before{};
    getrlimit(RLIMIT_AS, &before);
    rlimit tight = before;
    tight.rlim_cur = used_pages * 4096 + (50U << 20U);
    setrlimit(RLIMIT_AS, &tight);
    const inkfield_status status = status_of([&] { session_.read_page(make_image(format, pixels, bytes, kSide, kSide)); });
    setrlimit(RLIMIT_AS, &before);
    munmap(pixels, bytes);
    return status;
  }
};

TEST_F(StatusesInLittleMemory, PageThatMustBeConverted_IsOutOfMemory) {
  EXPECT_EQ(status_of_large_page(INKFIELD_PIXELS_BILEVEL_BLACK_IS_1, 8), INKFIELD_OUT_OF_MEMORY);
}

TEST_F(StatusesInLittleMemory, GrayPage_IsReadWithoutACopy) { EXPECT_EQ(status_of_large_page(INKFIELD_PIXELS_GRAY8, 1), INKFIELD_OK); }

TEST_F(Statuses, NoLanguageData_IsUnavailable) {
  EngineOptions options = drawn_options();
  options.tessdata_folder = "/no/such/tessdata";
  const Engine engine(Library::linked(), options);  // a host without printed fields needs none
  EXPECT_EQ(status_of([&] { Session(engine).read_page(page_.image()); }), INKFIELD_UNAVAILABLE);
  options.templates_json.clear();
  const Engine without_printed(Library::linked(), options);
  Session session(without_printed);
  EXPECT_EQ(status_of([&] {
              session.read_field(page_.image(), R"({"inkfield_field": 1, "kind": "printed_text"})");
            }),
            INKFIELD_UNAVAILABLE);
}

TEST_F(Statuses, DamagedLanguageData_IsUnavailable) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("inkfield-tessdata-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  EngineOptions options = drawn_options();
  options.tessdata_folder = folder.string();
  for (const std::string& content : {std::string(), std::string(100, '\xFF'), std::string("\x18\0\0\0", 4)}) {
    std::ofstream(folder / "eng.traineddata", std::ios::binary | std::ios::trunc) << content;
    const Engine engine(Library::linked(), options);
    EXPECT_EQ(status_of([&] { const Session session(engine); }), INKFIELD_UNAVAILABLE);
  }
  std::filesystem::remove_all(folder);
}

TEST_F(Statuses, LanguageThatIsAPath_IsInvalidArgument) {
  for (const char* languages : {"../eng", "/etc/passwd", "eng++deu", "eng;rm"}) {
    EngineOptions options = drawn_options();
    options.languages = languages;
    EXPECT_EQ(status_of([&] { Engine(Library::linked(), options); }), INKFIELD_INVALID_ARGUMENT) << languages;
  }
}

TEST_F(Statuses, FolderInPlaceOfAFile_IsIoError) {
  EXPECT_EQ(status_of([&] { engine_.open("/tmp"); }), INKFIELD_IO_ERROR);
}

TEST_F(Statuses, CallbackThatThrows_IsInternalAndDoesNotEscape) {
  inkfield_read_options options{};
  options.struct_size = sizeof options;
  options.progress = [](void*, double, const char*) -> std::int32_t {
    throw std::runtime_error("a host's mistake");
  };
  inkfield_session* session = nullptr;
  ASSERT_EQ(api_.session_create(engine_.get(), &session, nullptr), INKFIELD_OK);
  const inkfield_image image = page_.image();
  inkfield_result* result = nullptr;
  EXPECT_EQ(api_.read_page(session, &image, &options, &result, nullptr), INKFIELD_INTERNAL);
  EXPECT_EQ(result, nullptr);
  api_.session_destroy(session);
}

TEST_F(Statuses, CallbackThatThrowsInTheWrapper_ComesOut) {
  ReadOptions options;
  options.progress = [](double, const char*) -> bool { throw std::domain_error("the host's own"); };
  EXPECT_THROW(session_.read_page(page_.image(), options), std::domain_error);
}

TEST_F(Statuses, Failure_LeavesOutputsUntouched) {
  auto* marker = reinterpret_cast<inkfield_engine*>(0x1234);
  inkfield_engine* engine = marker;
  inkfield_engine_options options{};
  options.struct_size = sizeof options;
  options.template_paths = "/no/such/templates";
  EXPECT_EQ(api_.engine_create(&options, &engine, nullptr), INKFIELD_NOT_FOUND);
  EXPECT_EQ(engine, marker);

  const Result result = session_.read_page(page_.image());
  inkfield_form_info form{};
  std::memset(&form, 0x5A, sizeof form);
  form.struct_size = sizeof form;
  const inkfield_form_info before = form;
  EXPECT_EQ(api_.engine_form(engine_.get(), 7, &form), INKFIELD_NOT_FOUND);
  EXPECT_EQ(std::memcmp(&form, &before, sizeof form), 0);
}

TEST_F(Statuses, Message_IsCutBetweenCharacters) {
  std::string path = "/no/such/";
  for (int i = 0; i < 20; ++i) path += "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x96\x8B";  // two, three and four bytes
  inkfield_engine_options options{};
  options.struct_size = sizeof options;
  options.template_paths = path.c_str();
  std::uint64_t needed = 0;
  for (std::uint32_t size = 0; size < 260; ++size) {
    std::string buffer(size + 1, '\x7E');
    inkfield_error error{};
    error.struct_size = sizeof error;
    error.buffer = size == 0 ? nullptr : buffer.data();
    error.buffer_bytes = size;
    inkfield_engine* engine = nullptr;
    EXPECT_EQ(api_.engine_create(&options, &engine, &error), INKFIELD_NOT_FOUND);
    EXPECT_EQ(buffer[size], '\x7E') << "written past the buffer";
    if (needed == 0) needed = error.required_bytes;
    EXPECT_EQ(error.required_bytes, needed);
    if (size == 0) continue;
    const std::string text(buffer.c_str());
    EXPECT_LT(text.size(), size);
    // The last character is whole: count the bytes that its first one announces.
    if (!text.empty()) {
      std::size_t first = text.size() - 1;
      while ((static_cast<unsigned char>(text[first]) & 0xC0U) == 0x80U) --first;
      const auto lead = static_cast<unsigned char>(text[first]);
      const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      EXPECT_EQ(text.size() - first, length) << size;
    }
  }
  EXPECT_GT(needed, path.size());
}

TEST_F(Statuses, Log_CarriesCorrelationIdAndNoValues) {
  std::string log;
  EngineOptions options = drawn_options();
  options.log_level = INKFIELD_LOG_DEBUG;
  options.log = [&](inkfield_log_level, const std::string& message) { log += message + "\n"; };
  const Engine engine(Library::linked(), options);
  Session session(engine);
  ReadOptions read;
  read.correlation_id = "batch-9";
  const Result result = session.read_page(page_.image(), read);
  EXPECT_NE(log.find("[batch-9]"), std::string::npos) << log;
  const std::string value = result.field(0).raw_text;
  ASSERT_GE(value.size(), 3U);
  EXPECT_EQ(log.find(value), std::string::npos) << log;

  log.clear();
  options.log_field_values = true;
  const Engine talkative(Library::linked(), options);
  Session(talkative).read_page(page_.image(), read);
  const std::string text = result.field(0).text;
  if (!text.empty()) {
    EXPECT_NE(log.find("\"" + text + "\""), std::string::npos) << log;
  }
}

TEST_F(Statuses, ExplainFolder_HoldsPicturesAndNothingOutside) {
  const auto parent =
      std::filesystem::temp_directory_path() / ("inkfield-explain-" + std::to_string(getpid()));
  const auto folder = parent / "inner";
  std::filesystem::create_directories(folder);
  ReadOptions options;
  options.explain_folder = folder.string();
  session_.read_page(page_.image(), options);
  int pictures = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_EQ(entry.path().extension(), ".png");
    ++pictures;
    Document document = engine_.open(entry.path().string());
    EXPECT_GT(document.page(0).width_px, 0);
  }
  EXPECT_GT(pictures, 3);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(parent), {}), 1);
  std::filesystem::remove_all(parent);
}

TEST_F(Statuses, SubsetOfFields_IsAllThatIsRead) {
  ReadOptions options;
  options.field_ids = {"box"};
  options.form_id = "drawn";
  const auto fields = session_.read_page(page_.image(), options).fields();
  ASSERT_EQ(fields.size(), 1U);
  EXPECT_EQ(fields[0].id, "box");
  EXPECT_EQ(fields[0].text, "checked");
}

TEST_F(Statuses, ModelDescription_SaysWhatTheShippedModelIs) {
  const std::string told = describe_model(engine_.library(), "");
  EXPECT_NE(told.find("\"runnable\":true"), std::string::npos);
  EXPECT_NE(told.find("\"name\":\"open\""), std::string::npos);
  EXPECT_NE(told.find("\"layers\":["), std::string::npos);
  EXPECT_NE(told.find("\"missing\":[]"), std::string::npos);
  EXPECT_NE(told.find("\"use\":\"reads free lines"), std::string::npos);
  EXPECT_NE(told.find("\"int8\":{\"possible\":true"), std::string::npos);
}

TEST_F(Statuses, ModelThatIsNone_IsDescribedAsNotRunnable) {
  const auto file =
      std::filesystem::temp_directory_path() / ("inkfield-no-model-" + std::to_string(getpid()) + ".onnx");
  std::ofstream(file) << "this is no network";
  const std::string told = describe_model(engine_.library(), file.string());
  EXPECT_NE(told.find("\"runnable\":false"), std::string::npos);
  EXPECT_EQ(told.find("\"why_not\":\"\""), std::string::npos);
  EXPECT_NE(told.find("\"missing\":[{\"where\":\"file\""), std::string::npos);
  std::filesystem::remove(file);
}

}  // namespace
