// A host that makes every mistake: nulls, wrong sizes, wrong strides, hostile templates and models.

#include <gtest/gtest.h>

#include <climits>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "tests/abi/drawn_form.h"

namespace {

using namespace inkfield;

class HostileCalls : public ::testing::Test {
 protected:
  HostileCalls() : engine_(Library::linked(), options()), page_(drawing::drawn_page()) {
    EXPECT_EQ(api_.session_create(engine_.get(), &session_, nullptr), INKFIELD_OK);
  }
  ~HostileCalls() override { api_.session_destroy(session_); }
  static EngineOptions options() {
    EngineOptions options;
    options.templates_json = drawing::drawn_template();
    return options;
  }
  inkfield_status read(const inkfield_image& image) {
    inkfield_result* result = nullptr;
    const inkfield_status status = api_.read_page(session_, &image, nullptr, &result, nullptr);
    EXPECT_EQ(status == INKFIELD_OK, result != nullptr);
    api_.result_destroy(result);
    return status;
  }
  Engine engine_;
  drawing::DrawnPage page_;
  inkfield_session* session_ = nullptr;
  const inkfield_api& api_ = engine_.library().api();
};

TEST_F(HostileCalls, NullEverywhere_IsInvalidArgument) {
  inkfield_engine_options options{};
  options.struct_size = sizeof options;
  inkfield_engine* engine = nullptr;
  EXPECT_EQ(api_.engine_create(nullptr, &engine, nullptr), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(api_.engine_create(&options, nullptr, nullptr), INKFIELD_INVALID_ARGUMENT);
  api_.engine_retain(nullptr);
  api_.engine_release(nullptr);
  EXPECT_EQ(api_.engine_form_count(nullptr), 0U);
  EXPECT_EQ(api_.engine_fault_count(nullptr), 0U);
  inkfield_form_info form{};
  form.struct_size = sizeof form;
  EXPECT_EQ(api_.engine_form(nullptr, 0, &form), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(api_.engine_form(engine_.get(), 0, nullptr), INKFIELD_INVALID_ARGUMENT);
  inkfield_fault fault{};
  fault.struct_size = sizeof fault;
  EXPECT_EQ(api_.engine_fault(nullptr, 0, &fault), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(api_.engine_fault(engine_.get(), 0, nullptr), INKFIELD_INVALID_ARGUMENT);

  inkfield_session* session = nullptr;
  EXPECT_EQ(api_.session_create(nullptr, &session, nullptr), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(api_.session_create(engine_.get(), nullptr, nullptr), INKFIELD_INVALID_ARGUMENT);
  api_.session_destroy(nullptr);

  const inkfield_image image = page_.image();
  inkfield_result* result = nullptr;
  EXPECT_EQ(api_.read_page(nullptr, &image, nullptr, &result, nullptr), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(api_.read_page(session_, nullptr, nullptr, &result, nullptr), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(api_.read_page(session_, &image, nullptr, nullptr, nullptr), INKFIELD_INVALID_ARGUMENT);

  api_.result_destroy(nullptr);
  inkfield_page_info info{};
  info.struct_size = sizeof info;
  inkfield_field field{};
  field.struct_size = sizeof field;
  inkfield_candidate candidate{};
  candidate.struct_size = sizeof candidate;
  inkfield_character character{};
  character.struct_size = sizeof character;
  EXPECT_EQ(api_.result_page(nullptr, &info), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(api_.result_field(nullptr, 0, &field), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(api_.result_candidate(nullptr, 0, 0, &candidate), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(api_.result_character(nullptr, 0, 0, &character), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(api_.result_json(nullptr), nullptr);

  inkfield_faults* faults = nullptr;
  EXPECT_EQ(api_.check_template(nullptr, 0, nullptr, &faults, nullptr), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(api_.check_template("{}", 2, nullptr, nullptr, nullptr), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(api_.faults_count(nullptr), 0U);
  EXPECT_EQ(api_.faults_get(nullptr, 0, &fault), INKFIELD_INVALID_ARGUMENT);
  api_.faults_destroy(nullptr);
}

TEST_F(HostileCalls, NullInExtensions_IsInvalidArgument) {
  const auto& files = engine_.library().extension<inkfield_files_api>(INKFIELD_EXT_FILES);
  inkfield_document* document = nullptr;
  EXPECT_EQ(files.document_open(nullptr, "x", &document, nullptr), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(files.document_open(engine_.get(), nullptr, &document, nullptr), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(files.document_open(engine_.get(), "x", nullptr, nullptr), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(files.document_open_memory(engine_.get(), nullptr, 5, &document, nullptr),
            INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(files.document_page_count(nullptr), 0U);
  files.document_close(nullptr);
  inkfield_image image{};
  image.struct_size = sizeof image;
  EXPECT_EQ(files.document_page(nullptr, 0, &image, nullptr), INKFIELD_INVALID_ARGUMENT);

  const auto& fields = engine_.library().extension<inkfield_read_field_api>(INKFIELD_EXT_READ_FIELD);
  const inkfield_image page = page_.image();
  inkfield_result* result = nullptr;
  EXPECT_EQ(fields.read_field(nullptr, &page, "{}", 2, nullptr, &result, nullptr), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(fields.read_field(session_, nullptr, "{}", 2, nullptr, &result, nullptr),
            INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(fields.read_field(session_, &page, nullptr, 2, nullptr, &result, nullptr),
            INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(fields.read_field(session_, &page, "{}", 2, nullptr, nullptr, nullptr),
            INKFIELD_INVALID_ARGUMENT);

  const auto& model = engine_.library().extension<inkfield_model_api>(INKFIELD_EXT_MODEL);
  EXPECT_EQ(model.describe(nullptr, nullptr, 0, nullptr, nullptr), INKFIELD_INVALID_ARGUMENT);
  std::uint64_t required = 7;
  char small[4];
  EXPECT_EQ(model.describe(nullptr, small, sizeof small, &required, nullptr), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(required, 7U);
}

TEST_F(HostileCalls, StructSizeOfNoKnownVersion_IsRefused) {
  for (const std::uint32_t size : {0U, 4U, 55U, 100'000U, UINT32_MAX}) {
    inkfield_image image = page_.image();
    image.struct_size = size;
    EXPECT_EQ(read(image), INKFIELD_INVALID_ARGUMENT) << size;
    inkfield_form_info form{};
    form.struct_size = size == 55U ? 47U : size;
    EXPECT_EQ(api_.engine_form(engine_.get(), 0, &form), INKFIELD_INVALID_ARGUMENT) << size;
    inkfield_error error{};
    error.struct_size = size == 55U ? 23U : size;
    inkfield_engine* engine = nullptr;
    EXPECT_EQ(api_.engine_create(nullptr, &engine, &error), INKFIELD_INVALID_ARGUMENT) << size;
  }
}

TEST_F(HostileCalls, StructOfANewerHost_IsUnderstoodIfItsNewPartIsZero) {
  struct Newer {
    inkfield_image image;
    std::uint64_t later;
  };
  Newer newer{page_.image(), 0};
  newer.image.struct_size = sizeof newer;
  EXPECT_EQ(read(newer.image), INKFIELD_OK);
  newer.later = 1;
  EXPECT_EQ(read(newer.image), INKFIELD_INVALID_ARGUMENT);

  struct NewerForm {
    inkfield_form_info form;
    std::uint64_t later;
    std::uint64_t beyond;
  };
  NewerForm form{};
  std::memset(&form, 0x77, sizeof form);
  form.form.struct_size = sizeof(inkfield_form_info) + 8;
  ASSERT_EQ(api_.engine_form(engine_.get(), 0, &form.form), INKFIELD_OK);
  EXPECT_STREQ(form.form.id, "drawn");
  EXPECT_EQ(form.form.struct_size, sizeof(inkfield_form_info) + 8);
  EXPECT_EQ(form.later, 0U) << "what an older library does not know reads as zero";
  EXPECT_EQ(form.beyond, 0x7777777777777777U) << "written past the host's struct";
}

TEST_F(HostileCalls, SizesAndStridesThatLie_AreRefused) {
  const auto changed = [&](auto change) {
    inkfield_image image = page_.image();
    change(image);
    return read(image);
  };
  EXPECT_EQ(changed([](inkfield_image& i) { i.width_px = 0; }), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(changed([](inkfield_image& i) { i.height_px = -5; }), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(changed([](inkfield_image& i) { i.width_px = INT_MIN; }), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(changed([](inkfield_image& i) { i.width_px = i.height_px = INT_MAX; }), INKFIELD_LIMIT_EXCEEDED);
  EXPECT_EQ(changed([](inkfield_image& i) { i.pixels = nullptr; }), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(changed([](inkfield_image& i) { i.pixels_bytes = 0; }), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(changed([](inkfield_image& i) { --i.pixels_bytes; }), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(changed([](inkfield_image& i) { i.stride_bytes = -i.width_px; }), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(changed([](inkfield_image& i) { i.stride_bytes = i.width_px - 1; }), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(changed([](inkfield_image& i) { i.stride_bytes = i.width_px + 1; }), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(changed([](inkfield_image& i) { i.stride_bytes = INT64_MAX; }), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(changed([](inkfield_image& i) { i.stride_bytes = INT64_MIN; }), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(changed([](inkfield_image& i) { i.format = INKFIELD_PIXELS_RGBA32; }), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(changed([](inkfield_image& i) { i.format = 0; }), INKFIELD_INVALID_ARGUMENT);
  EXPECT_EQ(changed([](inkfield_image& i) {
              i.dpi_x = -1e300;
              i.dpi_y = 0.0 / 1e-300;
            }),
            INKFIELD_OK);
}

TEST_F(HostileCalls, OddPictures_GetAnAnswer) {
  const struct {
    int width;
    int height;
    std::uint8_t value;
  } pictures[] = {{1, 1, 0},         {1, 1, 255},    {2, 3, 128},  {1, 4000, 0},
                  {40'000, 20, 255}, {40'000, 3, 0}, {300, 300, 0}};
  for (const auto& picture : pictures) {
    const std::vector<std::uint8_t> pixels(
        static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height), picture.value);
    const inkfield_image image =
        make_image(INKFIELD_PIXELS_GRAY8, pixels.data(), pixels.size(), picture.width, picture.height);
    EXPECT_EQ(read(image), INKFIELD_OK) << picture.width << " x " << picture.height;
    for (const char* kind : {"handwritten_number", "printed_text", "checkbox"}) {
      const std::string field = std::string(R"({"inkfield_field": 1, "kind": ")") + kind + "\"}";
      inkfield_result* result = nullptr;
      const auto& fields = engine_.library().extension<inkfield_read_field_api>(INKFIELD_EXT_READ_FIELD);
      EXPECT_EQ(fields.read_field(session_, &image, field.c_str(), 0, nullptr, &result, nullptr), INKFIELD_OK)
          << kind << " " << picture.width << " x " << picture.height;
      inkfield_field read{};
      read.struct_size = sizeof read;
      ASSERT_EQ(api_.result_field(result, 0, &read), INKFIELD_OK);
      if (read.kind != INKFIELD_KIND_CHECKBOX) {
        EXPECT_NE(read.state, INKFIELD_FIELD_ACCEPTED) << kind << " " << read.text;
      }
      api_.result_destroy(result);
    }
  }
}

TEST_F(HostileCalls, Noise_IsNeverAFormNorAnAcceptedField) {
  std::uint32_t state = 12345;
  for (std::uint8_t& value : page_.gray) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<std::uint8_t>(state >> 24U);
  }
  const inkfield_image image = page_.image();
  Session session(engine_);
  EXPECT_NE(session.read_page(image).page().state, INKFIELD_PAGE_READ);
  for (const char* kind : {"handwritten_number", "printed_text"}) {
    const auto field =
        session.read_field(image, std::string(R"({"inkfield_field": 1, "kind": ")") + kind + "\"}").field(0);
    EXPECT_NE(field.state, INKFIELD_FIELD_ACCEPTED) << kind << ": " << field.text;
  }
}

TEST_F(HostileCalls, BadTemplates_AreFaultsWithPointers) {
  const std::string good = drawing::drawn_template();
  const auto replaced = [&](const std::string& what, const std::string& with) {
    std::string text = good;
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), with);
  };
  EXPECT_TRUE(check_template(engine_.library(), good).empty());
  const std::vector<std::string> bad = {
      "",
      "null",
      "7",
      "[]",
      "{",
      "{}",
      good + "x",
      "\xEF\xBB\xBF{",
      std::string(100'000, '['),
      std::string(1000, '\0'),
      replaced("\"width_mm\": 100", "\"width_mm\": \"wide\""),          // a wrong type
      replaced("\"kind\": \"checkbox\"", "\"kimd\": \"checkbox\""),     // an unknown key
      replaced("\"x_mm\": 62", "\"x_mm\": 620"),                        // off the page
      replaced("\"id\": \"box\"", "\"id\": \"number\""),                // an id twice
      replaced("\"id\": \"box\"", "\"id\": \"box\", \"id\": \"bax\""),  // a key twice
      replaced("\"height_mm\": 60", "\"height_mm\": 1e400"),            // no number at all
      replaced("\"count\": 4", "\"count\": -4"),
      replaced("\"count\": 4", "\"count\": 4000000000"),
  };
  for (const std::string& text : bad) {
    inkfield_faults* faults = nullptr;
    const inkfield_status status =
        api_.check_template(text.data(), text.size(), "bad.json", &faults, nullptr);
    EXPECT_EQ(status, INKFIELD_INVALID_TEMPLATE) << text.substr(0, 60);
    ASSERT_NE(faults, nullptr);
    EXPECT_GT(api_.faults_count(faults), 0U) << text.substr(0, 60);
    inkfield_fault fault{};
    fault.struct_size = sizeof fault;
    ASSERT_EQ(api_.faults_get(faults, 0, &fault), INKFIELD_OK);
    EXPECT_STREQ(fault.source, "bad.json");
    EXPECT_STRNE(fault.message, "");
    EXPECT_EQ(api_.faults_get(faults, 100'000, &fault), INKFIELD_NOT_FOUND);
    api_.faults_destroy(faults);
  }
}

TEST_F(HostileCalls, ModelCutShortAnywhere_IsInvalidModel) {
  std::ifstream file(INKFIELD_SOURCE_DIR "/config/models/inkfield-open.onnx", std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(file), {}};
  ASSERT_GT(whole.size(), 1000U);
  for (const double share : {0.0001, 0.01, 0.2, 0.5, 0.9, 0.999}) {
    EngineOptions options;
    options.model_bytes =
        whole.substr(0, static_cast<std::size_t>(static_cast<double>(whole.size()) * share) + 1);
    try {
      const Engine engine(Library::linked(), options);
      ADD_FAILURE() << "a model cut to " << share << " was taken";
    } catch (const Error& e) {
      EXPECT_EQ(e.status(), INKFIELD_INVALID_MODEL) << e.what();
    }
  }
}

TEST_F(HostileCalls, ManyDifferentFieldDefinitions_AreAllRead) {
  Session session(engine_);
  for (int i = 1; i <= 100; ++i) {  // more than a session keeps
    const std::string field =
        R"({"inkfield_field": 1, "id": "f)" + std::to_string(i) + R"(", "kind": "checkbox"})";
    EXPECT_EQ(session.read_field(page_.image(), field).field(0).id, "f" + std::to_string(i));
  }
}

}  // namespace
