// Only the ink that matters: cards whose print, stamps, holes and backs must not be taken for writing, read through the plugin as a host
// does. Each set states the least that must be accepted; what is accepted must be right.
#include <gtest/gtest.h>

#include <inkfield/inkfield.hpp>
#include <map>
#include <string>
#include <vector>

#include "tests/generator/card_form.h"
#include "tests/generator/degradation.h"
#include "tests/scratch_folder.h"

namespace inkfield::generator {
namespace {

struct Read {
  int fields = 0;
  int right = 0;
  int accepted = 0;
  int wrong = 0;          ///< among the accepted
  int empty_kept = 0;     ///< fields with nothing written that came out empty, without a person
  int empty = 0;
  int number_accepted = 0;
};

class Reader {
 public:
  explicit Reader(const std::string& json) : library_(Library::load(find_library())), engine_(library_, options(json)), session_(engine_) {}

  void read(const DamagedPage& page, bool colour, Read& sum) {
    Picture picture = page.picture;
    if (!colour) to_gray(picture);
    const inkfield_image image = make_image(picture.channels == 3 ? INKFIELD_PIXELS_RGB24 : INKFIELD_PIXELS_GRAY8, picture.samples.data(), picture.samples.size(), picture.width_px,
                                            picture.height_px);
    const Result result = session_.read_page(image);
    std::map<std::string, Field> fields;
    for (const Field& field : result.fields()) fields[field.id] = field;
    for (const FieldValue& value : page.values) {
      ++sum.fields;
      const auto found = fields.find(value.field_id);
      if (found == fields.end()) continue;
      const Field& field = found->second;
      const std::string text = field.normalized.empty() ? field.text : field.normalized;
      const bool right = field.state != INKFIELD_FIELD_FAILED && text == value.normalized;
      const bool accepted = field.state == INKFIELD_FIELD_ACCEPTED || field.state == INKFIELD_FIELD_EMPTY;
      sum.right += right ? 1 : 0;
      sum.accepted += accepted ? 1 : 0;
      sum.wrong += accepted && !right ? 1 : 0;
      sum.number_accepted += value.field_id == "number" && accepted ? 1 : 0;
      if (value.written.empty()) {
        ++sum.empty;
        sum.empty_kept += accepted && right ? 1 : 0;
      }
      if (!right || !accepted) {
        std::printf("%s: read '%s' raw '%s' (%.4f of %.4f), written '%s': %s\n", value.field_id.c_str(), field.text.c_str(), field.raw_text.c_str(), field.confidence, field.threshold,
                    value.written.c_str(), field.reason.c_str());
      }
    }
  }

 private:
  static EngineOptions options(const std::string& json) {
    EngineOptions options;
    options.templates_json = json;
    options.strict = true;
    return options;
  }
  Library library_;
  Engine engine_;
  Session session_;
};

PageDamage office_scan() {
  PageDamage damage = damage_alone(Damage::skew, 1);
  damage.of(Damage::dpi) = 200;
  damage.of(Damage::noise) = 3;
  return damage;
}

Read read_cards(const std::string& json, const CardStyle& style, bool colour = true) {
  Reader reader(json);
  Read sum;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) reader.read(filled_card(style, office_scan(), seed), colour, sum);
  std::printf("%d fields: %d right, %d accepted, %d of them wrong; %d of %d empty ones empty\n", sum.fields, sum.right, sum.accepted, sum.wrong, sum.empty_kept, sum.empty);
  return sum;
}

std::string blank_of(const CardStyle& style, const tests::ScratchFolder& scratch) {
  const std::string path = scratch.file("blank.png");
  write_picture(blank_card(style, 150), path, FileKind::png);
  return path;
}

constexpr Colour kRed{0.93, 0.42, 0.38};
constexpr Colour kGreen{0.45, 0.92, 0.52};
constexpr Colour kBlue{0.45, 0.62, 0.95};

TEST(DropOut_RedCardWithGuides, ScannedInColour_PrintIsNoInk) {
  CardStyle style;
  style.print = kRed;
  style.guides = true;
  style.guide = kRed;
  const Read dropped = read_cards(card_template_json("red", ""), style);
  EXPECT_EQ(dropped.wrong, 0);
  EXPECT_GE(dropped.right, dropped.fields - 1);
  EXPECT_GE(dropped.accepted, dropped.fields - 4);
  EXPECT_EQ(dropped.empty_kept, dropped.empty);
  // That the key does it: without it, or without colour, the guides are ink.
  const Read printed = read_cards(card_template_json("", ""), style);
  EXPECT_EQ(printed.wrong, 0);
  EXPECT_LT(printed.accepted, dropped.accepted - 5);
  const Read gray = read_cards(card_template_json("red", ""), style, false);
  EXPECT_EQ(gray.wrong, 0);
  EXPECT_EQ(gray.accepted, printed.accepted);
}

TEST(DropOut_RedCard, EveryColourLayout_ReadsTheSame) {
  CardStyle style;
  style.print = kRed;
  style.guides = true;
  style.guide = kRed;
  const DamagedPage page = filled_card(style, office_scan(), 2);
  const Picture& picture = page.picture;
  const Library library = Library::load(find_library());
  EngineOptions options;
  options.templates_json = card_template_json("red", "");
  const Engine engine(library, options);
  Session session(engine);
  std::string first;
  for (const inkfield_pixel_format format : {INKFIELD_PIXELS_RGB24, INKFIELD_PIXELS_BGR24, INKFIELD_PIXELS_RGBA32, INKFIELD_PIXELS_BGRA32}) {
    const bool swapped = format == INKFIELD_PIXELS_BGR24 || format == INKFIELD_PIXELS_BGRA32;
    const bool alpha = format == INKFIELD_PIXELS_RGBA32 || format == INKFIELD_PIXELS_BGRA32;
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < picture.samples.size(); i += 3) {
      for (std::size_t channel = 0; channel < 3; ++channel) bytes.push_back(picture.samples[i + (swapped ? 2 - channel : channel)]);
      if (alpha) bytes.push_back(255);
    }
    const std::string json = session.read_page(make_image(format, bytes.data(), bytes.size(), picture.width_px, picture.height_px)).json();
    if (first.empty()) first = json;
    EXPECT_EQ(json, first) << format;
  }
}

TEST(DropOut_GreenAndBlueCards, ScannedInColour_PrintIsNoInk) {
  for (const auto& [name, colour] : {std::pair<const char*, Colour>{"green", kGreen}, {"blue", kBlue}}) {
    CardStyle style;
    style.print = colour;
    style.guides = true;
    style.guide = colour;
    const Read read = read_cards(card_template_json(name, ""), style);
    EXPECT_EQ(read.wrong, 0) << name;
    EXPECT_GE(read.accepted, read.fields - 5) << name;
    EXPECT_EQ(read.empty_kept, read.empty) << name;
  }
}

TEST(BlankImage_GrayGuidesInBoxes, AreSubtracted) {
  CardStyle style;
  style.guides = true;
  const tests::ScratchFolder scratch;
  const Read known = read_cards(card_template_json("", blank_of(style, scratch)), style);
  EXPECT_EQ(known.wrong, 0);
  EXPECT_GE(known.accepted, known.fields - 6);
  EXPECT_EQ(known.empty_kept, known.empty);
  const Read unknown = read_cards(card_template_json("", ""), style);
  EXPECT_EQ(unknown.wrong, 0);
  EXPECT_LT(unknown.empty_kept, known.empty_kept);
}

TEST(BlankImage_DarkGuidesUnderTheWriting, StrokesStayWhereTheyCross) {
  CardStyle style;
  style.guides = true;
  style.guide = {0.35, 0.35, 0.35};
  const tests::ScratchFolder scratch;
  const Read known = read_cards(card_template_json("", blank_of(style, scratch)), style);
  EXPECT_EQ(known.wrong, 0);
  EXPECT_GE(known.right, known.fields - 8);
  EXPECT_EQ(known.empty_kept, known.empty);
}

TEST(SecurityWaves_UnderTheFields, AreNoInk) {
  CardStyle style;
  style.waves = true;
  const Read read = read_cards(card_template_json("", ""), style);
  EXPECT_EQ(read.wrong, 0);
  EXPECT_GE(read.accepted, read.fields - 8);
}

TEST(BackShinesThrough, MirroredWriting_IsNoInk) {
  CardStyle style;
  style.back = true;
  const Read read = read_cards(card_template_json("", ""), style);
  EXPECT_EQ(read.wrong, 0);
  EXPECT_GE(read.accepted, read.fields - 6);
}

TEST(Stamp_OverTheNumber, GoesToAPersonAndSpoilsNothingElse) {
  CardStyle style;
  style.stamp = true;
  const Read read = read_cards(card_template_json("", ""), style);
  EXPECT_EQ(read.wrong, 0);
  EXPECT_GE(read.accepted, read.fields - 6 - 6);
}

TEST(PunchHole_ThroughABox, GoesToAPersonAndSpoilsNothingElse) {
  CardStyle style;
  style.holes = true;
  const Read read = read_cards(card_template_json("", ""), style);
  EXPECT_EQ(read.wrong, 0);
  EXPECT_EQ(read.number_accepted, 0) << "its first digit is gone";
  EXPECT_GE(read.accepted, read.fields - 6 - 6);
}

}  // namespace
}  // namespace inkfield::generator
