// Finds a form again in a picture of it: which template it is, and where its millimetres lie.
//
// A template's corner marks, landmarks and blank image become one reference of what is printed; the page is
// searched coarse to fine for the transform under which that print is found. Handwriting and stamps on the page
// do not count against a match; print that is missing does.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/form_template.h"
#include "plugin/page/raster.h"
#include "plugin/page/registered_form.h"

namespace inkfield::pipeline {

/// The reference of one template, made once when an engine is created. Immutable.
class FormReference {
 public:
  /// `blank` is the decoded blank image of the form, or empty. Throws Error(invalid_template) when what the
  /// template lists cannot fix the page's position.
  FormReference(const config::FormTemplate& form, const page::GrayImage& blank);
  ~FormReference();
  FormReference(FormReference&&) noexcept;
  struct Impl;
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// What all templates need to know of one page, computed once a page.
class PageEvidence {
 public:
  /// `checkpoint` throws to stop.
  explicit PageEvidence(
      recognizer::ImageView gray, const std::function<void()>& checkpoint = [] {});
  ~PageEvidence();
  struct Impl;
  [[nodiscard]] const Impl& impl() const { return *impl_; }
  [[nodiscard]] bool blank() const;  ///< nothing on it

 private:
  std::unique_ptr<Impl> impl_;
};

/// All templates by how their lines lie, so that a page need not be compared with each of them. Filled before the first
/// read; the references must outlive it.
class FormIndex {
 public:
  FormIndex();
  ~FormIndex();
  FormIndex(FormIndex&&) noexcept;
  void add(const FormReference& form);
  struct Impl;
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

struct FormMatch {
  int form_index = -1;  ///< into the list given; -1: none fits
  double confidence = 0;
  page::RegisteredForm registered;
  int rival_index = -1;     ///< another form that fits as well; the page is ambiguous between the two
  std::vector<int> rivals;  ///< all of those, best first
  int contradicted_by = -1;  ///< of a form that the host named: another that the page clearly fits better
  bool poor = false;         ///< of a form that the host named: less of its print was found than one that was chosen must show
  double evidence = 0;      ///< natural logarithm: how much likelier the page is that form than anything, all places that were tried paid for
  std::string reason;       ///< why none fits, for people
};

/// Chooses among the forms of an index, in the order that they were added. Looks closely at the few that its lines name.
FormMatch choose_form(const PageEvidence& evidence, const FormIndex& index, const std::function<void()>& checkpoint);

/// Registers the page with form number `named` of the index, which the host knows it to be: a poorer match will do, and the answer says
/// what on the page speaks against it.
FormMatch confirm_form(const PageEvidence& evidence, const FormIndex& index, int named, const std::function<void()>& checkpoint);

/// Looks for each of `forms` in full, or for the only one. `checkpoint` throws to stop.
FormMatch find_form(const PageEvidence& evidence, const std::vector<const FormReference*>& forms,
                    const std::function<void()>& checkpoint);

}  // namespace inkfield::pipeline
