// Choosing the form that a page is: every template is looked for, and the answer must be sure or none.
#include "plugin/pipeline/form_registration.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "plugin/pipeline/page_evidence.h"
#include "plugin/pipeline/registration_reference.h"
#include "plugin/pipeline/registration_search.h"

namespace inkfield::pipeline {
namespace {

// A form whose print is found to less than this is another form, or too badly damaged to trust any zone on it.
// Cheques of two banks share their standard's date and amount boxes: 0.70 on the other's page, 0.95 and more on their own.
constexpr double kLeastMatch = 0.78;
constexpr double kLeastVisible = 0.7;
constexpr double kMostResidualMm = 0.45;
constexpr int kLeastPieces = 3;
// Natural logarithms. Every place that was tried is a chance to be wrong; what is left over must be safe.
constexpr double kEvidenceMargin = 3;
constexpr double kRivalMargin = 2.5;

double surplus(const Fit& fit) { return fit.evidence - kEvidenceMargin - std::log(std::max(1.0, fit.tried)); }

bool accepted(const Fit& fit) {
  return fit.found && fit.match >= kLeastMatch && fit.visible >= kLeastVisible && fit.residual_mm <= kMostResidualMm &&
         fit.pieces >= kLeastPieces && surplus(fit) > 0;
}

double confidence_of(const Fit& fit) {
  const double by_evidence = 1 - std::exp(-std::max(0.0, surplus(fit)) / 3);
  const double by_match = 1 / (1 + std::exp(-(fit.match - kLeastMatch + 0.06) * 30));
  return std::clamp(by_evidence * by_match, 0.0, 1.0);
}

page::RegisteredForm registered_form(const Fit& fit, const PrintReference& reference, const PrintEvidence& print) {
  const page::Point center{reference.width_mm / 2, reference.height_mm / 2};
  page::RegisteredForm form;
  form.source_px_from_mm = print.source_from_upright.after(fit.pose);
  form.residual_mm = fit.residual_mm;
  form.mirrored = is_mirrored(form.source_px_from_mm, center);
  // The direction that a line of print runs in; a mirrored one is read from its end.
  const page::Point from = form.source_px_from_mm(page::Point{center.x - 1, center.y});
  const page::Point to = form.source_px_from_mm(page::Point{center.x + 1, center.y});
  const double sign = form.mirrored ? -1 : 1;
  form.rotation_degrees = std::atan2(sign * (to.y - from.y), sign * (to.x - from.x)) * 180 / std::numbers::pi;
  form.scale_px_per_mm = scale_at(form.source_px_from_mm, center);
  form.match = fit.match;
  return form;
}

std::string percent(double share) { return std::to_string(static_cast<int>(std::lround(100 * std::clamp(share, 0.0, 1.0)))) + " %"; }

std::string why_not(const Fit& fit) {
  if (!fit.found) return "no form's print was found on the page";
  if (fit.match < kLeastMatch) return "of the form that fits best only " + percent(fit.match) + " of the print was found";
  if (fit.visible < kLeastVisible) return "of the form that fits best only " + percent(fit.visible) + " lies within the picture";
  if (fit.residual_mm > kMostResidualMm) return "the form that fits best is distorted too much to find its fields";
  return "the form that fits best could fit by chance";
}

}  // namespace

struct FormReference::Impl {
  PrintReference reference;
};

FormReference::FormReference(const config::FormTemplate& form, const page::GrayImage& blank)
    : impl_(std::make_unique<Impl>(Impl{make_reference(form, blank)})) {}
FormReference::~FormReference() = default;
FormReference::FormReference(FormReference&&) noexcept = default;

struct PageEvidence::Impl {
  PrintEvidence print;
};

PageEvidence::PageEvidence(const page::GrayImage& gray) : impl_(std::make_unique<Impl>(Impl{find_print(gray, true)})) {}
PageEvidence::~PageEvidence() = default;
bool PageEvidence::blank() const { return impl_->print.blank; }

FormMatch find_form(const PageEvidence& evidence, const std::vector<const FormReference*>& forms,
                    const std::function<void()>& checkpoint) {
  FormMatch match;
  const PrintEvidence& print = evidence.impl().print;
  if (forms.empty()) {
    match.reason = "no templates are loaded";
    return match;
  }
  if (print.blank) {
    match.reason = "the page is blank";
    return match;
  }
  std::vector<Fit> fits;
  fits.reserve(forms.size());
  for (const FormReference* form : forms) fits.push_back(search_form(form->impl().reference, print, checkpoint));

  int best = -1;
  int best_refused = 0;
  for (int i = 0; i < static_cast<int>(fits.size()); ++i) {
    const Fit& fit = fits[static_cast<std::size_t>(i)];
    if (accepted(fit) && (best < 0 || fit.evidence > fits[static_cast<std::size_t>(best)].evidence)) best = i;
    if (fit.match > fits[static_cast<std::size_t>(best_refused)].match) best_refused = i;
  }
  if (best < 0) {
    const Fit& fit = fits[static_cast<std::size_t>(best_refused)];
    match.confidence = fit.found ? std::min(0.5, confidence_of(fit)) : 0;
    if (fit.found) match.registered = registered_form(fit, forms[static_cast<std::size_t>(best_refused)]->impl().reference, print);
    match.reason = why_not(fit);
    return match;
  }
  const Fit& chosen = fits[static_cast<std::size_t>(best)];
  match.form_index = best;
  match.confidence = confidence_of(chosen);
  match.registered = registered_form(chosen, forms[static_cast<std::size_t>(best)]->impl().reference, print);
  double rival_evidence = 0;
  for (int i = 0; i < static_cast<int>(fits.size()); ++i) {
    const Fit& fit = fits[static_cast<std::size_t>(i)];
    if (i == best || !accepted(fit) || chosen.evidence - fit.evidence > kRivalMargin) continue;
    if (match.rival_index < 0 || fit.evidence > rival_evidence) {
      match.rival_index = i;
      rival_evidence = fit.evidence;
    }
  }
  if (match.rival_index >= 0) match.confidence = std::min(match.confidence, 0.5);
  return match;
}

}  // namespace inkfield::pipeline
