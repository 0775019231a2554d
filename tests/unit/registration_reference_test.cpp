// Which templates can be found again at all.
#include <gtest/gtest.h>

#include "plugin/pipeline/form_registration.h"
#include "recognizer/error.h"
#include "tests/unit/registration_drawn_pages.h"

namespace inkfield::pipeline {
namespace {

config::FormTemplate bare_form() {
  config::FormTemplate form;
  form.id = "bare";
  form.width_mm = 100;
  form.height_mm = 50;
  return form;
}

TEST(FormReference, NothingListed_Throws) { EXPECT_THROW(FormReference(bare_form(), {}), Error); }

TEST(FormReference, TextAlone_ThrowsAndNamesTheForm) {
  config::FormTemplate form = bare_form();
  for (int i = 0; i < 5; ++i) form.find_by.landmarks.push_back({config::LandmarkKind::text, {10, 5.0 + 8 * i, 40, 3}, "words"});
  try {
    const FormReference reference(form, {});
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_template);
    EXPECT_NE(std::string(error.what()).find("bare"), std::string::npos);
  }
}

TEST(FormReference, WhiteBlankPicture_Throws) {
  EXPECT_THROW(FormReference(bare_form(), page::GrayImage(800, 400, 255)), Error);
  EXPECT_THROW(FormReference(bare_form(), page::GrayImage(1, 1, 0)), Error);
}

TEST(FormReference, DrawnForms_AreEnough) {
  for (int layout = 0; layout < 3; ++layout) {
    EXPECT_NO_THROW(FormReference(draw_form(FormStyle::marks, layout).form, {}));
    EXPECT_NO_THROW(FormReference(draw_form(FormStyle::landmarks, layout).form, {}));
    const DrawnForm drawn = draw_form(FormStyle::blank_picture, layout);
    EXPECT_NO_THROW(FormReference(drawn.form, blank_picture(drawn, 8)));
  }
}

}  // namespace
}  // namespace inkfield::pipeline
