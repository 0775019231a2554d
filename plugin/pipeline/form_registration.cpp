// Choosing the form that a page is: every template is looked for, and the answer must be sure or none.
#include "plugin/pipeline/form_registration.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "plugin/pipeline/page_evidence.h"
#include "plugin/pipeline/registration_differences.h"
#include "plugin/pipeline/registration_index.h"
#include "plugin/pipeline/registration_local.h"
#include "plugin/pipeline/registration_reference.h"
#include "plugin/pipeline/registration_search.h"

namespace inkfield::pipeline {
namespace {

// A form whose print is found to less than this is another form, or too badly damaged to trust any zone on it.
// Cheques of two banks share their standard's date and amount boxes: 0.70 on the other's page, 0.95 and more on their own.
constexpr double kLeastMatch = 0.78;
constexpr double kLeastNamedMatch = 0.6;  // of a form that the host named
constexpr double kLeastVisible = 0.7;
constexpr double kMostResidualMm = 0.45;
constexpr int kLeastPieces = 3;
// Natural logarithms. Every place that was tried is a chance to be wrong; what is left over must be safe.
constexpr double kEvidenceMargin = 3;
// Where some print is missing, what was found must say more: a stranger of few lines once matched 0.85 of a template with 11 to
// spare, while bad copies of the right form that lost as much had 15 and more.
constexpr double kEvidenceForMissing = 90;
// Editions of one form share most print: their evidence lies this close together, and their difference decides.
constexpr double kEditionShare = 0.75;
// Of the places that the index names: how good against the best one, how many forms, how many places of each are drawn
// near; then how many forms are measured, which takes ten times as long.
constexpr double kIndexedShare = 0.6;
constexpr std::size_t kFormsNear = 8;
constexpr int kPlacesNear = 3;
constexpr double kNearShare = 0.8;
constexpr std::size_t kFormsSettled = 4;
constexpr std::size_t kPlacesSettledAgain = 12;  // of a page that would be refused
// Print that so many forms list in one place, and such a share of all, is the house's and not the form's. Editions are fewer.
constexpr std::size_t kCommonForms = 8;
constexpr double kCommonShare = 0.05;

double surplus(const Fit& fit) { return fit.evidence - kEvidenceMargin - std::log(std::max(1.0, fit.tried)); }

bool accepted(const Fit& fit) {
  return fit.found && !fit.common && fit.match >= kLeastMatch && fit.visible >= kLeastVisible && fit.residual_mm <= kMostResidualMm &&
         fit.pieces >= kLeastPieces && surplus(fit) > kEvidenceForMissing * (1 - fit.match);
}

// The host's word stands for what the page's print does not say, as long as there is something to line up with.
bool believable(const Fit& fit) {
  return fit.found && fit.match >= kLeastNamedMatch && fit.visible >= kLeastVisible && fit.residual_mm <= kMostResidualMm && fit.pieces >= kLeastPieces && surplus(fit) > 0;
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
  if (fit.common) return "what was found of the form that fits best is printed on many forms; its template should list something that no other has";
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

PageEvidence::PageEvidence(recognizer::ImageView gray, const std::function<void()>& checkpoint)
    : impl_(std::make_unique<Impl>(Impl{find_print(gray, true, checkpoint)})) {}
PageEvidence::~PageEvidence() = default;
bool PageEvidence::blank() const { return impl_->print.blank; }

struct FormIndex::Impl {
  RegistrationIndex index;
  std::vector<const PrintReference*> references;
  std::unordered_map<std::string, std::size_t> listed;  // by how many forms each piece of print is listed

  // The same kind of print at the same place, to a millimetre.
  static std::string place_of(const PrintElement& piece) {
    const auto mm = [](double value) { return std::to_string(std::lround(value)) + ","; };
    const PrintSample& a = piece.samples.front();
    const PrintSample& b = piece.samples.back();
    return mm(a.x_mm) + mm(a.y_mm) + mm(b.x_mm) + mm(b.y_mm) + std::to_string(static_cast<int>(a.kind));
  }

  // What is printed on many forms, such as their corner marks, does not say which of them a page is.
  [[nodiscard]] double own_evidence(const PrintReference& reference, const Fit& fit) const {
    double own = 0;
    for (std::size_t i = 0; i < fit.said.size(); ++i) {
      if (fit.said[i] <= 0) continue;
      const auto found = listed.find(place_of(reference.elements[i]));
      const std::size_t count = found != listed.end() ? found->second : 1;
      if (count < kCommonForms || static_cast<double>(count) < kCommonShare * static_cast<double>(references.size())) own += fit.said[i];
    }
    return own;
  }
};

FormIndex::FormIndex() : impl_(std::make_unique<Impl>()) {}
FormIndex::~FormIndex() = default;
FormIndex::FormIndex(FormIndex&&) noexcept = default;
void FormIndex::add(const FormReference& form) {
  impl_->index.add(form.impl().reference);
  impl_->references.push_back(&form.impl().reference);
  std::unordered_set<std::string> places;
  for (const PrintElement& piece : form.impl().reference.elements) places.insert(Impl::place_of(piece));
  for (const std::string& place : places) ++impl_->listed[place];
}

namespace {

struct FormFit {
  int form = -1;
  const PrintReference* reference = nullptr;
  Fit fit;
};

void take(const FormFit& form, const PrintEvidence& print, FormMatch& match) {
  match.form_index = form.form;
  match.confidence = confidence_of(form.fit);
  match.evidence = surplus(form.fit);
  match.registered = registered_form(form.fit, *form.reference, print);
  for (const Pose& pose : correct_by_field(*form.reference, print, form.fit.pose)) {
    match.registered.field_px_from_mm.push_back(print.source_from_upright.after(pose));
  }
}

FormMatch decide(const std::vector<FormFit>& fits, const PrintEvidence& print) {
  FormMatch match;
  const FormFit* best = nullptr;
  const FormFit* best_refused = nullptr;
  for (const FormFit& f : fits) {
    if (accepted(f.fit) && (best == nullptr || f.fit.evidence > best->fit.evidence)) best = &f;
    if (best_refused == nullptr || f.fit.match > best_refused->fit.match) best_refused = &f;
  }
  // The winner is held against the other editions; whichever the difference speaks for stays.
  const auto edition = [&](const FormFit& f) { return accepted(f.fit) && f.fit.evidence > kEditionShare * best->fit.evidence; };
  std::vector<const FormFit*> rivals;
  if (best != nullptr) {
    const FormFit* leader = best;
    for (const FormFit& f : fits) {
      if (&f == leader || !edition(f)) continue;
      if (weigh_difference(*f.reference, f.fit.pose, *leader->reference, leader->fit.pose, print) > kLeastDifference) leader = &f;
    }
    for (const FormFit& f : fits) {
      if (&f == leader || !edition(f)) continue;
      if (weigh_difference(*leader->reference, leader->fit.pose, *f.reference, f.fit.pose, print) < kLeastDifference) rivals.push_back(&f);
    }
    best = leader;
  }
  if (best == nullptr) {
    const Fit none;
    const Fit& fit = best_refused != nullptr ? best_refused->fit : none;
    match.confidence = fit.found ? std::min(0.5, confidence_of(fit)) : 0;
    if (fit.found) match.registered = registered_form(fit, *best_refused->reference, print);
    match.evidence = surplus(fit);
    match.reason = why_not(fit);
    return match;
  }
  take(*best, print, match);
  std::stable_sort(rivals.begin(), rivals.end(), [](const FormFit* a, const FormFit* b) { return a->fit.evidence > b->fit.evidence; });
  for (const FormFit* rival : rivals) match.rivals.push_back(rival->form);
  if (!match.rivals.empty()) {
    match.rival_index = match.rivals.front();
    match.confidence = std::min(match.confidence, 0.5);
  }
  return match;
}

}  // namespace

FormMatch find_form(const PageEvidence& evidence, const std::vector<const FormReference*>& forms, const std::function<void()>& checkpoint) {
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
  std::vector<FormFit> fits;
  for (const FormReference* form : forms) {
    const PrintReference& reference = form->impl().reference;
    fits.push_back({static_cast<int>(fits.size()), &reference, search_form(reference, print, checkpoint)});
  }
  return decide(fits, print);
}

namespace {

struct NearPlace {
  std::size_t form = 0;
  Place place;
};

// Of the places that the index names, a few of a few forms, drawn near; best first.
std::vector<NearPlace> draw_near(const std::vector<IndexedPlace>& places, const std::vector<const PrintReference*>& references, const PrintEvidence& print,
                                 const std::function<void()>& checkpoint) {
  std::vector<NearPlace> near;
  std::vector<std::pair<std::size_t, int>> forms;  // and how many places of each
  for (const IndexedPlace& place : places) {
    if (place.score < kIndexedShare * places.front().score) break;
    auto at = std::find_if(forms.begin(), forms.end(), [&](const auto& form) { return form.first == place.form; });
    if (at == forms.end()) {
      if (forms.size() >= kFormsNear) continue;
      at = forms.insert(forms.end(), {place.form, 0});
    }
    if (++at->second > kPlacesNear) continue;
    checkpoint();
    near.push_back({place.form, bring_near(*references[place.form], print, place.pose)});
  }
  std::stable_sort(near.begin(), near.end(), [](const NearPlace& a, const NearPlace& b) { return a.place.score > b.place.score; });
  return near;
}

// Of the fits of one form, the one that says most.
void keep_better(std::vector<FormFit>& fits, FormFit fit) {
  const auto at = std::find_if(fits.begin(), fits.end(), [&](const FormFit& f) { return f.form == fit.form; });
  if (at == fits.end()) fits.push_back(std::move(fit));
  else if (fit.fit.evidence > at->fit.evidence) *at = std::move(fit);
}

}  // namespace

FormMatch choose_form(const PageEvidence& evidence, const FormIndex& index, const std::function<void()>& checkpoint) {
  FormMatch match;
  const PrintEvidence& print = evidence.impl().print;
  const std::vector<const PrintReference*>& references = index.impl().references;
  if (references.empty()) {
    match.reason = "no templates are loaded";
    return match;
  }
  if (print.blank) {
    match.reason = "the page is blank";
    return match;
  }
  double tried = 1;
  const std::vector<IndexedPlace> places = index.impl().index.ask(print, tried, checkpoint);
  const std::vector<NearPlace> near = draw_near(places, references, print, checkpoint);
  std::vector<FormFit> fits;
  const auto settle_at = [&](const NearPlace& at) {
    const PrintReference& reference = *references[at.form];
    Fit fit = settle(reference, print, at.place.pose, checkpoint);
    fit.tried = std::max(1.0, tried);
    fit.common = accepted(fit) && index.impl().own_evidence(reference, fit) < kEvidenceMargin;
    keep_better(fits, {static_cast<int>(at.form), &reference, fit});
  };
  std::vector<bool> settled(references.size(), false);
  std::vector<NearPlace> others;
  for (const NearPlace& at : near) {
    if (!settled[at.form] && fits.size() < kFormsSettled && at.place.score >= kNearShare * near.front().place.score) {
      settled[at.form] = true;
      settle_at(at);
    } else {
      others.push_back(at);
    }
  }
  if (std::none_of(fits.begin(), fits.end(), [](const FormFit& f) { return accepted(f.fit); })) {
    // Which place is the best one shows only when it is settled; so a page that would be refused is looked at once more.
    // Forms that had no turn come first, each with the best of its places.
    std::stable_partition(others.begin(), others.end(), [&](const NearPlace& at) {
      const bool first = !settled[at.form];
      settled[at.form] = true;
      return first;
    });
    if (others.size() > kPlacesSettledAgain) others.resize(kPlacesSettledAgain);
    for (const NearPlace& at : others) settle_at(at);
  }
  return decide(fits, print);
}

FormMatch confirm_form(const PageEvidence& evidence, const FormIndex& index, int named, const std::function<void()>& checkpoint) {
  const PrintEvidence& print = evidence.impl().print;
  const PrintReference& reference = *index.impl().references.at(static_cast<std::size_t>(named));
  FormMatch match;
  const FormMatch chosen = choose_form(evidence, index, checkpoint);
  if (chosen.form_index == named) {
    // What rivals it is settled by the host's word.
    match = chosen;
    match.rivals.clear();
    match.rival_index = -1;
    return match;
  }
  const FormFit own{named, &reference, search_form(reference, print, checkpoint)};
  const bool taken = accepted(own.fit) || believable(own.fit);
  if (taken) take(own, print, match);
  else match = decide({own}, print);
  match.poor = taken && !accepted(own.fit);
  const bool rivals = std::find(chosen.rivals.begin(), chosen.rivals.end(), named) != chosen.rivals.end();
  if (chosen.form_index >= 0 && !rivals) match.contradicted_by = chosen.form_index;
  return match;
}

}  // namespace inkfield::pipeline
