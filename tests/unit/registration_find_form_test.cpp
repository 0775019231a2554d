// Drawn forms under known maps: the right one must be found, in the right place, and no other.
#include "plugin/pipeline/form_registration.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/registration_drawn_pages.h"

namespace inkfield::pipeline {
namespace {

using page::Point;

constexpr double kMostMissMm = 0.3;
constexpr double kMostMissByCameraMm = 0.6;

FormReference reference_of(const DrawnForm& drawn, FormStyle style) {
  return FormReference(drawn.form, style == FormStyle::blank_picture ? blank_picture(drawn, 8) : page::GrayImage{});
}

struct Forms {
  std::vector<DrawnForm> drawn;
  std::vector<std::unique_ptr<FormReference>> references;
  std::vector<const FormReference*> list;
  FormIndex index;
  explicit Forms(FormStyle style) {
    for (int layout = 0; layout < 3; ++layout) {
      drawn.push_back(draw_form(style, layout));
      references.push_back(std::make_unique<FormReference>(reference_of(drawn.back(), style)));
      list.push_back(references.back().get());
      index.add(*references.back());
    }
  }
};

double worst_miss_mm(const config::FormTemplate& form, const page::RegisteredForm& registered, const page::Transform& truth, double dpi) {
  double worst = 0;
  for (std::size_t i = 0; i < form.fields.size(); ++i) {
    const config::Field& field = form.fields[i];
    const page::Transform found = registered.at_field(i).source_px_from_mm;
    for (const Point p : page::rectangle(field.zone.x_mm, field.zone.y_mm, field.zone.right_mm(), field.zone.bottom_mm())) {
      const Point a = found(p);
      const Point b = truth(p);
      worst = std::max(worst, std::hypot(a.x - b.x, a.y - b.y) / (dpi / 25.4));
    }
  }
  return worst;
}

FormMatch find(const page::GrayImage& gray, const std::vector<const FormReference*>& list) {
  return find_form(PageEvidence(gray), list, [] {});
}

struct Condition {
  std::string name;
  ScanSettings settings;
};

void PrintTo(const Condition& condition, std::ostream* out) { *out << condition.name; }

std::vector<Condition> conditions() {
  std::vector<Condition> all;
  auto add = [&](const std::string& name, auto change) {
    Condition condition{name, {}};
    condition.settings.dpi = 200;
    condition.settings.seed = static_cast<std::uint32_t>(all.size() + 1);
    change(condition.settings);
    all.push_back(condition);
  };
  add("straight", [](ScanSettings&) {});
  add("dpi150", [](ScanSettings& s) { s.dpi = 150; s.degrees = 1.3; });
  add("dpi300", [](ScanSettings& s) { s.dpi = 300; s.degrees = -0.7; });
  add("dpi600", [](ScanSettings& s) { s.dpi = 600; s.degrees = 2; });
  add("skew10", [](ScanSettings& s) { s.degrees = 10; });
  add("skew_back10", [](ScanSettings& s) { s.degrees = -10; });
  add("upside_down", [](ScanSettings& s) { s.degrees = 183; });
  add("quarter_turn", [](ScanSettings& s) { s.degrees = 92; });
  add("three_quarters", [](ScanSettings& s) { s.degrees = 267; });
  add("dark_surround", [](ScanSettings& s) { s.surround = 10; s.degrees = 4; s.margin_mm = 8; });
  add("cropped", [](ScanSettings& s) { s.margin_mm = -4; s.degrees = 0.5; });
  add("wide_margin", [](ScanSettings& s) { s.margin_mm = 30; s.degrees = -3; });
  add("grain", [](ScanSettings& s) { s.noise = 30; s.degrees = 1; });
  add("faint", [](ScanSettings& s) { s.ink = 140; s.paper = 225; s.surround = 225; s.noise = 6; });
  add("blurred", [](ScanSettings& s) { s.blur_px = 1.5; s.dpi = 300; s.degrees = -1; });
  add("stretched", [](ScanSettings& s) { s.stretch = 1.02; s.degrees = 2; });
  add("skew20", [](ScanSettings& s) { s.degrees = 20; });
  add("mirrored", [](ScanSettings& s) { s.mirrored = true; s.degrees = 3; });
  add("photographed", [](ScanSettings& s) { s.tilt_x = 9; s.tilt_y = -7; s.degrees = 3; s.surround = 90; s.margin_mm = 12; });
  add("photographed_steeply", [](ScanSettings& s) { s.tilt_x = 10; s.tilt_y = -9; s.degrees = 3; s.surround = 90; s.margin_mm = 12; });
  add("photographed_from_below", [](ScanSettings& s) { s.tilt_x = 8; s.tilt_y = 5; s.surround = 90; s.margin_mm = 12; });
  return all;
}

class FindForm : public testing::TestWithParam<Condition> {};

void expect_found(FormStyle style, const Condition& condition) {
  const Forms forms(style);
  for (int layout = 0; layout < 3; ++layout) {
    SCOPED_TRACE("layout " + std::to_string(layout));
    const DrawnForm& drawn = forms.drawn[static_cast<std::size_t>(layout)];
    const ScannedPage page = scan(drawn, condition.settings);
    const PageEvidence evidence(page.gray);
    const FormMatch match = choose_form(evidence, forms.index, [] {});
    ASSERT_EQ(match.form_index, layout) << match.reason;
    EXPECT_EQ(find_form(evidence, forms.list, [] {}).form_index, layout) << "in full";
    EXPECT_EQ(match.rival_index, -1);
    EXPECT_GT(match.confidence, 0.5);
    EXPECT_LT(worst_miss_mm(drawn.form, match.registered, page.px_from_mm, condition.settings.dpi), condition.settings.tilt_x != 0 ? kMostMissByCameraMm : kMostMissMm);
    EXPECT_EQ(match.registered.mirrored, condition.settings.mirrored);
    // A camera's view turns by other angles in other places.
    EXPECT_NEAR(std::remainder(match.registered.rotation_degrees - condition.settings.degrees, 360.0), 0, condition.settings.tilt_x != 0 ? 2.0 : 0.3);
    EXPECT_LT(match.registered.residual_mm, kMostMissMm);
  }
}

TEST_P(FindForm, ByCornerMarks_BadlyScanned_LiesWithinTolerance) { expect_found(FormStyle::marks, GetParam()); }
TEST_P(FindForm, ByLandmarks_BadlyScanned_LiesWithinTolerance) { expect_found(FormStyle::landmarks, GetParam()); }
TEST_P(FindForm, ByBlankPicture_BadlyScanned_LiesWithinTolerance) { expect_found(FormStyle::blank_picture, GetParam()); }

INSTANTIATE_TEST_SUITE_P(Scans, FindForm, testing::ValuesIn(conditions()), [](const auto& each) { return each.param.name; });

// Alone, a template has no rival that would fit better: it must refuse by itself.
TEST(FindFormAlone, PageOfAnotherForm_IsRefused) {
  for (const FormStyle style : {FormStyle::marks, FormStyle::landmarks, FormStyle::blank_picture}) {
    const Forms forms(style);
    for (int shown = 0; shown < 3; ++shown) {
      ScanSettings settings;
      settings.dpi = 200;
      settings.degrees = 1;
      const ScannedPage page = scan(forms.drawn[static_cast<std::size_t>(shown)], settings);
      for (int loaded = 0; loaded < 3; ++loaded) {
        if (loaded == shown) continue;
        const FormMatch match = find(page.gray, {forms.list[static_cast<std::size_t>(loaded)]});
        EXPECT_EQ(match.form_index, -1) << "style " << static_cast<int>(style) << " shows " << shown << " taken for " << loaded << ", match "
                                        << match.registered.match;
        EXPECT_NE(match.reason, "");
      }
    }
  }
}

TEST(FindFormRevisions, TwoTemplatesAlike_AreRivals) {
  const DrawnForm drawn = draw_form(FormStyle::landmarks, 0);
  const FormReference first(drawn.form, {});
  const FormReference second(drawn.form, {});
  const FormMatch match = find(scan(drawn, {}).gray, {&first, &second});
  EXPECT_GE(match.form_index, 0);
  EXPECT_GE(match.rival_index, 0);
  EXPECT_NE(match.rival_index, match.form_index);
}

TEST(FindFormRevisions, OneLineMore_IsToldApart) {
  const DrawnForm older = draw_form(FormStyle::landmarks, 0);
  DrawnForm newer = older;
  newer.print.push_back({20, 149.88, 45, 0.24});
  newer.form.find_by.landmarks.push_back({config::LandmarkKind::line, {20, 149.88, 45, 0.24}, ""});
  const FormReference first(older.form, {});
  const FormReference second(newer.form, {});
  const FormMatch old_page = find(scan(older, {}).gray, {&first, &second});
  EXPECT_EQ(old_page.form_index, 0);
  EXPECT_EQ(old_page.rival_index, -1);
  const FormMatch new_page = find(scan(newer, {}).gray, {&first, &second});
  EXPECT_EQ(new_page.form_index, 1);
  EXPECT_EQ(new_page.rival_index, -1);
}

TEST(FindFormCalls, Checkpoint_ThatThrows_EndsTheSearch) {
  struct Stop {};
  const DrawnForm drawn = draw_form(FormStyle::landmarks, 0);
  const FormReference reference(drawn.form, {});
  const PageEvidence evidence(scan(drawn, {}).gray);
  EXPECT_THROW(static_cast<void>(find_form(evidence, {&reference}, [] { throw Stop(); })), Stop);
}

TEST(FindFormCalls, NoTemplates_SaySo) {
  const PageEvidence evidence(scan(draw_form(FormStyle::landmarks, 0), {}).gray);
  const FormMatch match = find_form(evidence, {}, [] {});
  EXPECT_EQ(match.form_index, -1);
  EXPECT_NE(match.reason, "");
}

}  // namespace
}  // namespace inkfield::pipeline
