// Choosing among many forms, editions of one form, forms that the host names, and pages that are no form of ours.
#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/pipeline/form_registration.h"
#include "tests/unit/registration_drawn_pages.h"

namespace inkfield::pipeline {
namespace {

using page::GrayImage;

class Catalogue {
 public:
  int add(const config::FormTemplate& form, const GrayImage& blank = {}) {
    references_.push_back(std::make_unique<FormReference>(form, blank));
    index_.add(*references_.back());
    return static_cast<int>(references_.size()) - 1;
  }
  [[nodiscard]] const FormIndex& index() const { return index_; }
  [[nodiscard]] FormMatch choose(const GrayImage& gray) const { return choose_form(PageEvidence(gray), index_, [] {}); }
  [[nodiscard]] FormMatch confirm(const GrayImage& gray, int named) const { return confirm_form(PageEvidence(gray), index_, named, [] {}); }

 private:
  std::vector<std::unique_ptr<FormReference>> references_;
  FormIndex index_;
};

// A template that nobody ever printed, on a sheet like the others'.
config::FormTemplate paper_form(unsigned seed) {
  std::mt19937 random(seed);
  const auto between = [&](double low, double high) { return low + (high - low) * static_cast<double>(random() % 1000) / 1000; };
  config::FormTemplate form;
  form.id = "paper" + std::to_string(seed);
  form.width_mm = 150;
  form.height_mm = 210;
  for (int i = 0; i < 9; ++i) {
    const double length = between(25, 110);
    const bool frame = i % 3 == 0;
    form.find_by.landmarks.push_back({frame ? config::LandmarkKind::rectangle : config::LandmarkKind::line,
                                      {between(8, 142 - length), between(10, 180), length, frame ? between(8, 25) : 0.24}, ""});
  }
  return form;
}

ScanSettings office_scan() {
  ScanSettings settings;
  settings.dpi = 150;
  settings.degrees = 1.5;
  settings.noise = 6;
  return settings;
}

TEST(ChooseForm, AmongEightyForms_IsTheOneShown) {
  Catalogue catalogue;
  for (unsigned i = 0; i < 40; ++i) catalogue.add(paper_form(i));
  const DrawnForm by_lines = draw_form(FormStyle::landmarks, 2);
  const DrawnForm by_marks = draw_form(FormStyle::marks, 1);
  const DrawnForm by_picture = draw_form(FormStyle::blank_picture, 0);
  const int lines = catalogue.add(by_lines.form);
  const int marks = catalogue.add(by_marks.form);
  const int picture = catalogue.add(by_picture.form, blank_picture(by_picture, 8));
  for (unsigned i = 40; i < 77; ++i) catalogue.add(paper_form(i));
  for (const auto& [drawn, number] : {std::pair{&by_lines, lines}, std::pair{&by_marks, marks}, std::pair{&by_picture, picture}}) {
    const FormMatch match = catalogue.choose(scan(*drawn, office_scan()).gray);
    EXPECT_EQ(match.form_index, number) << match.reason;
    EXPECT_TRUE(match.rivals.empty());
  }
}

// What the picture's edge cuts off is not missing from the page.
TEST(ChooseForm, MarkCutByThePicturesEdge_IsNotCountedAgainstIt) {
  const DrawnForm drawn = draw_form(FormStyle::marks, 0);
  Catalogue catalogue;
  catalogue.add(drawn.form);
  ScanSettings settings = office_scan();
  settings.degrees = 7;
  settings.margin_mm = -7;  // the turned page's corners lie further in on two sides, and are cut on the others
  const FormMatch match = catalogue.choose(scan(drawn, settings).gray);
  EXPECT_EQ(match.form_index, 0) << match.reason;
  EXPECT_GT(match.registered.match, 0.97);
}

TEST(ChooseForm, NoneLoaded_SaysSo) {
  const FormMatch match = Catalogue().choose(scan(draw_form(FormStyle::landmarks, 0), office_scan()).gray);
  EXPECT_EQ(match.form_index, -1);
  EXPECT_NE(match.reason, "");
}

TEST(ChooseForm, PageOfAnotherForm_IsRefused) {
  Catalogue catalogue;
  for (unsigned i = 0; i < 40; ++i) catalogue.add(paper_form(i));
  const DrawnForm other = draw_form(FormStyle::blank_picture, 1);
  catalogue.add(other.form, blank_picture(other, 8));
  const FormMatch match = catalogue.choose(scan(draw_form(FormStyle::landmarks, 0), office_scan()).gray);
  EXPECT_EQ(match.form_index, -1) << "match " << match.registered.match << ", evidence " << match.evidence;
  EXPECT_NE(match.reason, "");
}

// Ten forms with the same marks, one of them with nothing else.
TEST(ChooseForm, PrintThatManyFormsShare_IsNotEnough) {
  const DrawnForm drawn = draw_form(FormStyle::marks, 0);
  config::FormTemplate marks_only = drawn.form;
  marks_only.fields.clear();
  Catalogue alone;
  alone.add(marks_only);
  const GrayImage gray = scan(drawn, office_scan()).gray;
  EXPECT_EQ(alone.choose(gray).form_index, 0);
  Catalogue catalogue;
  catalogue.add(marks_only);
  for (unsigned i = 0; i < 9; ++i) {
    config::FormTemplate form = paper_form(i);
    form.find_by.corner_marks = marks_only.find_by.corner_marks;
    catalogue.add(form);
  }
  const FormMatch match = catalogue.choose(gray);
  EXPECT_EQ(match.form_index, -1);
  EXPECT_NE(match.reason.find("many forms"), std::string::npos) << match.reason;
  EXPECT_EQ(catalogue.confirm(gray, 0).form_index, 0) << "named, it is believed";
}

// Seven forms list only what the eighth has too. They fit best, and none of them can be told; then the eighth has its turn.
TEST(ChooseForm, ThoseThatFitBestAreRefused_OthersAreLookedAt) {
  const DrawnForm drawn = draw_form(FormStyle::landmarks, 0);
  config::FormTemplate poorer = drawn.form;
  poorer.fields.clear();
  const config::RectMm frame = poorer.find_by.landmarks.front().zone;
  for (const double y : {frame.y_mm, frame.bottom_mm()}) poorer.find_by.landmarks.push_back({config::LandmarkKind::line, {frame.x_mm, y - 0.12, frame.width_mm, 0.24}, ""});
  Catalogue catalogue;
  for (int i = 0; i < 7; ++i) catalogue.add(poorer);
  DrawnForm richer = drawn;
  richer.form.find_by.landmarks = poorer.find_by.landmarks;
  // Some of what it lists was never printed, so it fits less well.
  richer.form.find_by.landmarks.push_back({config::LandmarkKind::line, {30, 140, 70, 0.24}, ""});
  const int whole = catalogue.add(richer.form);
  const FormMatch match = catalogue.choose(scan(drawn, office_scan()).gray);
  EXPECT_EQ(match.form_index, whole) << match.reason;
}

// Letters of one kind or the other where editions carry their code.
DrawnForm edition(int number) {
  DrawnForm drawn = draw_form(FormStyle::blank_picture, 0);
  drawn.form.id = "edition" + std::to_string(number);
  for (int i = 0; i < 5; ++i) {
    const double x = 100 + 2.2 * i;
    drawn.print.push_back({x, 198, 0.35, 2.4});
    const bool left = ((number * 11 + i) % 3) == 0;
    drawn.print.push_back({left ? x - 0.9 : x, number == 0 ? 198 : 200.1, 1.2, 0.35});
    if (number == 1) drawn.print.push_back({x + 0.9, 198.6, 0.35, 1.6});
  }
  return drawn;
}

TEST(Editions, PrintedCodeDiffers_AreToldApart) {
  Catalogue catalogue;
  for (int i = 0; i < 2; ++i) catalogue.add(edition(i).form, blank_picture(edition(i), 8));
  ScanSettings settings = office_scan();
  settings.dpi = 200;
  for (int shown = 0; shown < 2; ++shown) {
    const FormMatch match = catalogue.choose(scan(edition(shown), settings).gray);
    EXPECT_EQ(match.form_index, shown);
    EXPECT_TRUE(match.rivals.empty());
  }
}

TEST(Editions, CodeBlackedOut_AreRivals) {
  Catalogue catalogue;
  for (int i = 0; i < 2; ++i) catalogue.add(edition(i).form, blank_picture(edition(i), 8));
  DrawnForm hidden = edition(0);
  hidden.print.push_back({95, 196, 20, 6});
  ScanSettings settings = office_scan();
  settings.dpi = 200;
  const FormMatch match = catalogue.choose(scan(hidden, settings).gray);
  ASSERT_GE(match.form_index, 0) << match.reason;
  ASSERT_EQ(match.rivals.size(), 1U);
  EXPECT_EQ(match.rivals[0], match.rival_index);
  EXPECT_EQ(match.form_index + match.rivals[0], 1);
}

// The blank picture draws the line thicker than it is printed: most of its pixels lie beside the page's line.
TEST(Editions, OneFineLineMore_AreToldApart) {
  DrawnForm newer = draw_form(FormStyle::blank_picture, 0);
  const DrawnForm older = newer;
  DrawnForm printed = newer;
  newer.print.push_back({60, 199.65, 32, 0.7});
  printed.print.push_back({60, 199.93, 32, 0.15});
  Catalogue catalogue;
  catalogue.add(older.form, blank_picture(older, 8));
  catalogue.add(newer.form, blank_picture(newer, 8));
  for (const double shift : {0.0, 0.1}) {
    ScanSettings settings = office_scan();
    settings.dpi = 240;
    settings.degrees = 0.6;
    settings.margin_mm = 3 + shift;
    for (int shown = 0; shown < 2; ++shown) {
      const FormMatch match = catalogue.choose(scan(shown == 0 ? older : printed, settings).gray);
      EXPECT_EQ(match.form_index, shown);
      EXPECT_TRUE(match.rivals.empty()) << "margin " << settings.margin_mm;
    }
  }
}

TEST(NamedForm, PageAgrees_NothingContradicts) {
  Catalogue catalogue;
  const DrawnForm drawn = draw_form(FormStyle::landmarks, 0);
  const int named = catalogue.add(drawn.form);
  catalogue.add(draw_form(FormStyle::landmarks, 1).form);
  const FormMatch match = catalogue.confirm(scan(drawn, office_scan()).gray, named);
  EXPECT_EQ(match.form_index, named);
  EXPECT_EQ(match.contradicted_by, -1);
  EXPECT_FALSE(match.poor);
}

TEST(NamedForm, PageIsAnother_IsToldWhich) {
  Catalogue catalogue;
  const int named = catalogue.add(draw_form(FormStyle::landmarks, 1).form);
  const DrawnForm shown = draw_form(FormStyle::landmarks, 0);
  const int other = catalogue.add(shown.form);
  const FormMatch match = catalogue.confirm(scan(shown, office_scan()).gray, named);
  EXPECT_EQ(match.contradicted_by, other);
  EXPECT_EQ(match.form_index, -1);
}

TEST(NamedForm, OfTwoEditionsAlike_IsBelieved) {
  Catalogue catalogue;
  const DrawnForm drawn = draw_form(FormStyle::landmarks, 0);
  catalogue.add(drawn.form);
  catalogue.add(drawn.form);
  const GrayImage gray = scan(drawn, office_scan()).gray;
  for (int named = 0; named < 2; ++named) {
    const FormMatch match = catalogue.confirm(gray, named);
    EXPECT_EQ(match.form_index, named);
    EXPECT_EQ(match.contradicted_by, -1);
    EXPECT_TRUE(match.rivals.empty());
  }
}

TEST(NamedForm, SomePrintMissing_IsReadAndCalledPoor) {
  Catalogue catalogue;
  DrawnForm drawn = draw_form(FormStyle::landmarks, 0);
  const GrayImage gray = scan(drawn, office_scan()).gray;
  // The template says that more is printed than is.
  for (int i = 0; i < 4; ++i) drawn.form.find_by.landmarks.push_back({config::LandmarkKind::line, {30.0, 140.0 + 6.3 * i, 70, 0.24}, ""});
  const int named = catalogue.add(drawn.form);
  EXPECT_EQ(catalogue.choose(gray).form_index, -1);
  const FormMatch match = catalogue.confirm(gray, named);
  EXPECT_EQ(match.form_index, named) << match.reason << " " << match.registered.match;
  EXPECT_TRUE(match.poor);
}

class StrangePage : public testing::Test {
 protected:
  void SetUp() override {
    for (unsigned i = 0; i < 20; ++i) catalogue_.add(paper_form(i));
    catalogue_.add(drawn_.form);
    const DrawnForm by_picture = draw_form(FormStyle::blank_picture, 1);
    catalogue_.add(by_picture.form, blank_picture(by_picture, 8));
  }
  void expect_refused(const GrayImage& gray) {
    const FormMatch match = catalogue_.choose(gray);
    EXPECT_EQ(match.form_index, -1) << "match " << match.registered.match << ", evidence " << match.evidence;
    EXPECT_NE(match.reason, "");
  }
  DrawnForm drawn_ = draw_form(FormStyle::landmarks, 0);
  Catalogue catalogue_;
};

TEST_F(StrangePage, NoiseBlackStripsSpecksAndGrids_AreRefused) {
  std::mt19937 random(8);
  GrayImage noise(900, 1200);
  for (std::uint8_t& value : noise.pixels) value = static_cast<std::uint8_t>(random() & 255U);
  expect_refused(noise);
  expect_refused(GrayImage(900, 1200, 0));
  expect_refused(GrayImage(1, 20000, 0));
  expect_refused(GrayImage(20000, 1, 90));
  GrayImage specks(1240, 1754);
  for (int i = 0; i < 20000; ++i) {
    const auto x = static_cast<int>(random() % 1236);
    const auto y = static_cast<int>(random() % 1750);
    for (int k = 0; k < 3; ++k) std::fill(specks.row(y + k) + x, specks.row(y + k) + x + 3, std::uint8_t{0});
  }
  expect_refused(specks);
  for (const int step : {14, 31, 60}) {
    GrayImage boxes(1240, 1754);
    for (int y = 0; y < 1754; ++y) {
      for (int x = 0; x < 1240; ++x) {
        if (x % step < 2 || y % step < 2) boxes.row(y)[x] = 0;
      }
    }
    expect_refused(boxes);
  }
}

TEST_F(StrangePage, TornInHalf_IsRefused) {
  const GrayImage whole = scan(drawn_, office_scan()).gray;
  GrayImage upper(whole.width_px, whole.height_px * 2 / 5);
  std::copy(whole.pixels.begin(), whole.pixels.begin() + static_cast<std::ptrdiff_t>(upper.pixels.size()), upper.pixels.begin());
  expect_refused(upper);
}

// Two sheets on one glass: either may be found, but where it is found it must lie on one of them.
TEST_F(StrangePage, TwoFormsInOneScan_OneIsFoundWhereItLies) {
  const ScannedPage one = scan(drawn_, office_scan());
  const int width = one.gray.width_px;
  GrayImage both(2 * width, one.gray.height_px);
  for (int y = 0; y < both.height_px; ++y) {
    std::copy(one.gray.row(y), one.gray.row(y) + width, both.row(y));
    std::copy(one.gray.row(y), one.gray.row(y) + width, both.row(y) + width);
  }
  const FormMatch match = catalogue_.choose(both);
  if (match.form_index < 0) {
    EXPECT_NE(match.reason, "");
    return;
  }
  const page::Point middle = match.registered.source_px_from_mm(page::Point{75, 105});
  const page::Point truth = one.px_from_mm(page::Point{75, 105});
  EXPECT_NEAR(std::fmod(middle.x, width), truth.x, 3);
  EXPECT_NEAR(middle.y, truth.y, 3);
}

TEST_F(StrangePage, Checkpoint_IsAskedOftenAndMayEndAnyPart) {
  const GrayImage gray = scan(drawn_, office_scan()).gray;
  int calls = 0;
  const auto count = [&calls] { ++calls; };
  static_cast<void>(choose_form(PageEvidence(gray, count), catalogue_.index(), count));
  EXPECT_GT(calls, 12);
  struct Stop {};
  for (const int last : {1, 2, calls / 2, calls - 1}) {
    int left = last;
    const auto stop = [&left] {
      if (--left == 0) throw Stop();
    };
    EXPECT_THROW(static_cast<void>(choose_form(PageEvidence(gray, stop), catalogue_.index(), stop)), Stop) << "at call " << last;
  }
}

}  // namespace
}  // namespace inkfield::pipeline
