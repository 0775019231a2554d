// A host asks for int8: what it gets, and what it is told where that is not to be had.

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <vector>

#include "recognizer/engine/int8_ranges.h"
#include "recognizer/engine/network.h"
#include "recognizer/normalization.h"
#include "recognizer/synthesis/handwriting.h"
#include "tests/abi/drawn_form.h"
#include "tests/unit/recognizer_onnx_builder.h"

namespace {

using namespace inkfield;

const std::string kSource = INKFIELD_SOURCE_DIR;

std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

/// The status of making an engine, and its message.
std::pair<inkfield_status, std::string> made_with(const EngineOptions& options) {
  try {
    Engine(Library::linked(), options);
  } catch (const Error& error) {
    return {error.status(), error.what()};
  }
  return {INKFIELD_OK, ""};
}

/// The shipped network, with ranges measured on synthetic lines if its file has none.
std::string shipped_model() {
  std::ifstream file(kSource + "/config/models/inkfield-open.onnx", std::ios::binary);
  std::string onnx((std::istreambuf_iterator<char>(file)), {});
  const auto network = recognizer::Network::from_onnx(
      {reinterpret_cast<const std::uint8_t*>(onnx.data()), onnx.size()});
  if (!network.facts().int8_ranges.empty()) return onnx;
  recognizer::Int8Ranges ranges(network);
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    synthesis::Random random(seed);
    const auto style = synthesis::WriterStyle::careful(random);
    synthesis::InkCanvas canvas(600, 100);
    synthesis::draw(synthesis::write_text(seed % 2 == 0 ? "0,123/-" : "456789", style, random), {40, 30, 70}, canvas);
    const auto input = recognizer::normalize_line(canvas.view(), 60);
    ranges.add(input.pixels, 1, input.width_px);
  }
  std::string entry;
  protozero::pbf_writer pair(entry);
  pair.add_string(1, "inkfield.int8");
  pair.add_string(2, ranges.metadata());
  protozero::pbf_writer(onnx).add_message(14, entry);  // what is appended to a message is merged into it
  return onnx;
}

TEST(Precision, UnknownValue_IsInvalidArgument) {
  for (const inkfield_precision precision : {3, -1, 8, 1 << 30}) {
    EngineOptions options;
    options.precision = precision;
    const auto [status, message] = made_with(options);
    EXPECT_EQ(status, INKFIELD_INVALID_ARGUMENT);
    EXPECT_NE(message.find("options.precision is " + std::to_string(precision)), std::string::npos) << message;
  }
}

TEST(Precision, Int8_IsTheDefaultWhereTheFileHasRanges) {
  const drawing::DrawnPage page = drawing::drawn_page();
  EngineOptions options;
  options.templates_json = drawing::drawn_template();
  options.model_bytes = shipped_model();
  const auto read = [&](inkfield_precision precision) {
    options.precision = precision;
    return Session(Engine(Library::linked(), options)).read_page(page.image()).json();
  };
  EXPECT_EQ(read(0), read(INKFIELD_PRECISION_INT8));
  EXPECT_NE(read(0), read(INKFIELD_PRECISION_FLOAT32));
}

TEST(Precision, Int8WithoutRanges_IsUnavailableAndNamesTheCure) {
  EngineOptions options;
  options.model_bytes = text_of(recognizer::test::small_line_network().bytes());
  EXPECT_EQ(made_with(options).first, INKFIELD_OK);
  options.precision = INKFIELD_PRECISION_INT8;
  const auto [status, message] = made_with(options);
  EXPECT_EQ(status, INKFIELD_UNAVAILABLE);
  EXPECT_NE(message.find("export it with ranges"), std::string::npos) << message;
  EXPECT_NE(message.find("--ranges"), std::string::npos) << message;
}

TEST(Precision, Int8WithFalseRanges_IsInvalidModel) {
  EngineOptions options;
  options.precision = INKFIELD_PRECISION_INT8;
  options.model_bytes = text_of(recognizer::test::small_line_network()
                                    .metadata("inkfield.int8", R"({"version":1,"ranges":{"nothing":1}})")
                                    .bytes());
  EXPECT_EQ(made_with(options).first, INKFIELD_INVALID_MODEL);
}

TEST(Precision, Int8OnSampleForms_ReadsWhatFloat32Reads) {
  EngineOptions options;
  options.template_paths = {kSource + "/examples/forms"};
  options.model_bytes = shipped_model();
  options.precision = INKFIELD_PRECISION_FLOAT32;
  const Engine floats(Library::linked(), options);
  options.precision = INKFIELD_PRECISION_INT8;
  const Engine bytes(Library::linked(), options);
  int accepted = 0;
  int other_confidences = 0;
  for (const char* name : {"cheque_clean.png", "lab_clean.png", "census_clean.png"}) {
    Document document = floats.open(kSource + "/examples/forms/" + name);
    const inkfield_image page = document.page(0);
    const auto wanted = Session(floats).read_page(page).fields();
    const auto found = Session(bytes).read_page(page).fields();
    ASSERT_EQ(found.size(), wanted.size()) << name;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].kind != INKFIELD_KIND_HANDWRITTEN_NUMBER) continue;
      other_confidences += found[i].confidence != wanted[i].confidence ? 1 : 0;
      if (wanted[i].state != INKFIELD_FIELD_ACCEPTED || found[i].state != INKFIELD_FIELD_ACCEPTED) continue;
      ++accepted;
      EXPECT_EQ(found[i].text, wanted[i].text) << name << ' ' << wanted[i].id;
    }
  }
  EXPECT_GE(accepted, 10);
  EXPECT_GT(other_confidences, 0) << "int8 was not used";
}

}  // namespace
