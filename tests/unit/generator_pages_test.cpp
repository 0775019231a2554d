// Pages follow from their seed; degradations do what their names say.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "tests/generator/form_printing.h"
#include "tests/generator/generated_page.h"
#include "tests/scratch_folder.h"
#include "tests/unit/generator_templates.h"

namespace inkfield::generator {
namespace {

double mean_of(const Picture& picture, const config::RectMm& area) {
  const double px_per_mm = picture.dpi / 25.4;
  double sum = 0;
  int count = 0;
  for (int y = static_cast<int>(area.y_mm * px_per_mm); y < static_cast<int>(area.bottom_mm() * px_per_mm); ++y) {
    for (int x = static_cast<int>(area.x_mm * px_per_mm); x < static_cast<int>(area.right_mm() * px_per_mm); ++x) {
      sum += picture.row(y)[static_cast<std::ptrdiff_t>(x) * picture.channels];
      ++count;
    }
  }
  return sum / count;
}

Picture flat(int value, int channels = 1) {
  Picture picture;
  picture.width_px = 60;
  picture.height_px = 40;
  picture.channels = channels;
  picture.dpi = picture.dpi_tag = 300;
  picture.samples.assign(picture.row_bytes() * 40, static_cast<std::uint8_t>(value));
  return picture;
}

TEST(GeneratedPage, SameSeed_SamePixels) {
  const config::FormTemplate form = template_of(SampleForm::lab);
  const GeneratedPage one = generate_page(SampleForm::lab, form, Severity::bad, 100, 3);
  const GeneratedPage two = generate_page(SampleForm::lab, form, Severity::bad, 100, 3);
  EXPECT_EQ(one.picture.samples, two.picture.samples);
  EXPECT_NE(one.picture.samples, generate_page(SampleForm::lab, form, Severity::bad, 100, 4).picture.samples);
}

TEST(GeneratedPage, WrittenField_HasInkInItsZoneAndEmptyOneNone) {
  const config::FormTemplate form = template_of(SampleForm::lab);
  const Picture blank = blank_page(SampleForm::lab, form, 150);
  int empty = 0;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const GeneratedPage page = generate_page(SampleForm::lab, form, Severity::clean, 150, seed);
    Picture gray = page.picture;
    to_gray(gray);
    for (const FieldValue& value : page.values) {
      const config::Field& field = field_of(form, value.field_id);
      const double darker = mean_of(blank, field.zone) - mean_of(gray, field.zone);
      if (value.written.empty() || value.written == "unchecked") {
        EXPECT_LT(darker, 6) << value.field_id;  // paper is a little darker than the blank's white
        ++empty;
      } else {
        EXPECT_GT(darker, 6) << value.field_id;
      }
    }
  }
  EXPECT_GT(empty, 0);
}

TEST(BlankPage, CommittedPicture_IsWhatTheGeneratorDraws) {
  const config::FormTemplate form = template_of(SampleForm::lab);
  const tests::ScratchFolder scratch;
  const std::string path = scratch.file("blank.png");
  const Picture blank = blank_page(SampleForm::lab, form, 150);
  EXPECT_EQ(blank.width_px, 874);
  EXPECT_EQ(blank.height_px, 1240);
  write_picture(blank, path, FileKind::png);
  EXPECT_EQ(std::system(("cmp -s '" + path + "' '" + form.find_by.blank_image + "'").c_str()), 0)
      << "run inkfield-generate --blank --form lab --out examples/forms/blank and look at the difference";
}

TEST(Placement, UpsideDown_PutsTheTopAtTheBottom) {
  const config::FormTemplate form = template_of(SampleForm::census);
  Placement placement;
  placement.dpi = 60;
  placement.angle_degrees = 180;
  Canvas canvas(form.width_mm, form.height_mm, placement, kWhite);
  print_form(SampleForm::census, form, {}, canvas);
  const Picture turned = canvas.picture();
  const config::PointMm mark = form.find_by.corner_marks.back().center;
  EXPECT_LT(mean_of(turned, {form.width_mm - mark.x_mm - 2, form.height_mm - mark.y_mm - 2, 4, 4}), 60);
}

TEST(Degradation, Fade_KeepsPaperAndLightensInk) {
  Picture ink = flat(55);
  fade(ink, 0.5);
  EXPECT_EQ(ink.samples[0], 155);
  Picture paper = flat(255);
  fade(paper, 0.5);
  EXPECT_EQ(paper.samples[0], 255);
}

TEST(Degradation, Noise_HasTheDeviationAskedFor) {
  Picture picture = flat(128);
  Random random(1);
  add_noise(picture, 8, random);
  double sum = 0;
  for (const std::uint8_t sample : picture.samples) {
    sum += (sample - 128.0) * (sample - 128.0);
  }
  EXPECT_NEAR(sum / static_cast<double>(picture.samples.size()), 64, 10);
}

TEST(Degradation, Blur_SpreadsAPointAndKeepsItsSum) {
  Picture picture = flat(0);
  picture.row(20)[30] = 240;
  blur(picture, 0.8);
  EXPECT_LT(picture.row(20)[30], 240);
  EXPECT_GT(picture.row(20)[31], 0);
  EXPECT_NEAR(std::accumulate(picture.samples.begin(), picture.samples.end(), 0), 240, 30);
}

TEST(Degradation, Bilevel_LeavesTwoValues) {
  Picture picture = flat(100, 3);
  to_bilevel(picture, 128);
  EXPECT_TRUE(picture.bilevel);
  EXPECT_EQ(picture.channels, 1);
  EXPECT_TRUE(std::all_of(picture.samples.begin(), picture.samples.end(), [](std::uint8_t sample) { return sample == 0; }));
}

}  // namespace
}  // namespace inkfield::generator
