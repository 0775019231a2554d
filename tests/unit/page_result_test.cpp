// When a person has to look at a page.
#include "plugin/page/page_result.h"

#include <gtest/gtest.h>

namespace inkfield::page {
namespace {

PageResult page_of(std::initializer_list<FieldState> states) {
  PageResult result;
  result.state = PageState::read;
  for (const FieldState state : states) {
    FieldResult field;
    field.state = state;
    result.fields.push_back(field);
  }
  return result;
}

TEST(PageResult_AcceptedAndEmptyFields, NeedNobody) {
  EXPECT_FALSE(page_of({FieldState::accepted, FieldState::empty}).needs_review());
}

TEST(PageResult_OneFieldInDoubt_NeedsReview, Review) {
  EXPECT_TRUE(page_of({FieldState::accepted, FieldState::review}).needs_review());
}

TEST(PageResult_OneFieldInDoubt_NeedsReview, Failed) {
  EXPECT_TRUE(page_of({FieldState::failed, FieldState::accepted}).needs_review());
}

TEST(PageResult_NoFormFound, NeedsReviewUnlessBlank) {
  PageResult result;
  result.state = PageState::unknown_form;
  EXPECT_TRUE(result.needs_review());
  result.state = PageState::ambiguous_form;
  EXPECT_TRUE(result.needs_review());
  result.state = PageState::blank;
  EXPECT_FALSE(result.needs_review());
}

}  // namespace
}  // namespace inkfield::page
